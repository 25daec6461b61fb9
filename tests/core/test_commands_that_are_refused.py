"""Commands that cannot be done: each is refused by its rule, and changes nothing of a fleet
that drives. Beside each stands the command that only just can be done."""

from dataclasses import replace
from pathlib import Path

import pytest
from floor_players import BOSS_NOTE, LOCAL, SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.state import Review
from fleetapp.fleet.order import ActionKind
from fleetapp.terms.modes import EmergencyStop, LoadState, ReviewAnswer, TaskState
from fleetapp.terms.reasons import Abstain, HoldReason, Refusal

SMALL = Path(__file__).parents[2] / "maps" / "small"


@pytest.fixture
def game():
    """Two robots that drive for tasks FIRST and SECOND, and one that stands idle."""
    game = Game(SMALL, 3)
    for task_id in ("FIRST", "SECOND"):
        game.command(replace(game.pick_task(), task_id=task_id))
    for _ in range(600):
        game.tick()
        drivers = [r for r in game.state.robots.values() if r.order_id and r.task_id]
        if len(drivers) == 2 and all(_drives(game, r) for r in drivers):
            return game
    raise AssertionError("they did not drive")


def _drives(game, robot):
    order = game.state.orders[robot.order_id]
    return order.passed < order.released_to


def ask(game, command, person=SUPERVISOR):
    """The refusal, None if it was done; and what else was decided for it."""
    before = len(game.rows)
    game.command(command, person)
    game.tick()
    rows = game.rows[before:]
    (given,) = [row.seq for row in rows if isinstance(row.message, seen.CommandGiven)]
    decided = [row.message for row in rows if row.cause == given]
    refusals = [m.refusal for m in decided if isinstance(m, made.CommandRefused)]
    others = [m for m in decided if not isinstance(m, made.CommandRefused | made.CommandAccepted)]
    return (refusals or [None])[0], others


def driver(game):
    return next(r for r in game.state.robots.values() if r.task_id)


def idle(game):
    return next(r for r in game.state.robots.values() if not r.task_id)


def stations(game, *kinds):
    return [s.station_id for s in game.floor.site.stations if s.kind.value in kinds]


def submit(game, **changes):
    picks, packs = stations(game, "pick"), stations(game, "pack")
    command = asked.SubmitTask(game.command_id(), picks[0], packs[0], sku="S")
    return replace(command, **changes)


TASKS = [
    ({"sku": None}, Refusal.REASON_MISSING),
    ({"sku": ""}, Refusal.REASON_MISSING),
    ({"sku": None, "label_code": "L1"}, None),
    ({"count": 0}, Refusal.STATION_NOT_FOR_THAT),
    ({"count": 1}, None),
    ({"count": 999}, None),
    ({"count": 1_000}, Refusal.STATION_NOT_FOR_THAT),
    ({"task_id": "FIRST"}, Refusal.DUPLICATE_TASK),
    ({"task_id": "THIRD"}, None),
    ({"after_task_id": "NONE"}, Refusal.UNKNOWN_DEPENDENCY),
    ({"after_task_id": "FIRST"}, None),
    ({"robot_id": "sim/r99"}, Refusal.UNKNOWN_ROBOT),
    ({"robot_id": "sim/r03"}, None),
    ({"from_station": "nowhere"}, Refusal.UNKNOWN_STATION),
    ({"to_station": "nowhere"}, Refusal.UNKNOWN_STATION),
]


@pytest.mark.parametrize(("changes", "refusal"), TASKS, ids=str)
def test_a_task_is_taken_only_if_all_of_it_can_be_meant(game, changes, refusal):
    answer, decided = ask(game, submit(game, **changes), LOCAL)

    assert answer is refusal
    taken = [m for m in decided if isinstance(m, made.TaskAccepted)]
    assert len(taken) == (0 if refusal else 1)
    assert decided == taken


def test_a_task_goes_from_where_goods_lie_to_where_they_are_brought(game):
    for kind in {s.kind.value for s in game.floor.site.stations}:
        place = stations(game, kind)[-1]
        from_there, _ = ask(game, submit(game, from_station=place), LOCAL)
        to_there, _ = ask(game, submit(game, to_station=place), LOCAL)

        wrong = Refusal.STATION_NOT_FOR_THAT
        assert from_there is (None if kind in {"pick", "goods_in"} else wrong), kind
        assert to_there is (None if kind in {"pack", "goods_in", "return"} else wrong), kind


def test_a_station_that_is_nearly_named_is_offered(game):
    name = stations(game, "pick")[0]

    ask(game, submit(game, from_station=name.lower() + "-"), LOCAL)

    (told,) = [r.message for r in game.rows if isinstance(r.message, made.CommandRefused)]
    assert told.message.endswith(f"did you mean {name}?")


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (asked.CancelTask("x", "NONE"), Refusal.UNKNOWN_TASK),
        (asked.RequeueTask("x", "NONE", "again"), Refusal.UNKNOWN_TASK),
        (asked.HoldRobot("x", "sim/r99"), Refusal.UNKNOWN_ROBOT),
        (asked.ReleaseHold("x", "sim/r99", BOSS_NOTE), Refusal.UNKNOWN_ROBOT),
        (asked.ReleaseHold("x", "sim/r01", BOSS_NOTE), Refusal.NOT_HELD),
        (asked.ReleaseAll("x", BOSS_NOTE), Refusal.NOT_STOPPED),
        (asked.AdmitRobot("x", "sim/r99", "plain", "r99"), Refusal.UNKNOWN_ROBOT),
        (asked.AdmitRobot("x", "sim/r01", "submarine", "r01"), Refusal.UNKNOWN_TYPE),
        (asked.AdmitRobot("x", "sim/r01", "plain", "r02"), Refusal.DUPLICATE_ROBOT),
        (asked.RemoveRobot("x", "sim/r99"), Refusal.UNKNOWN_ROBOT),
        (asked.AnswerReview("x", "none", ReviewAnswer.ACCEPT, BOSS_NOTE), Refusal.UNKNOWN_REVIEW),
        (asked.AcknowledgeAlarm("x", "none"), Refusal.UNKNOWN_ALARM),
        (asked.EndHalt("x", "none", BOSS_NOTE), Refusal.UNKNOWN_HALT),
    ],
    ids=str,
)
def test_what_is_not_there_cannot_be_told_and_nothing_is_decided(game, command, refusal):
    answer, decided = ask(game, command)

    assert answer is refusal
    assert decided == []


def test_a_robot_that_drives_its_base_is_not_removed_and_an_idle_one_is(game):
    refusal, decided = ask(game, asked.RemoveRobot("x", driver(game).robot_id))
    assert (refusal, decided) == (Refusal.ROBOT_BUSY, [])

    refusal, _ = ask(game, asked.RemoveRobot("y", idle(game).robot_id))

    assert refusal is None
    assert sum(r.admitted for r in game.state.robots.values()) == 2


def speaks(game, robot):
    maker, serial = robot.robot_id.split("/")
    game.inbox.append(seen.RobotAppeared(robot.robot_id, 0, maker, serial, "2.1"))
    game.inbox.append(game.report(game.players[robot.robot_id]))


def test_a_robot_that_was_removed_is_unknown_until_it_speaks_and_is_admitted_again(game):
    robot = idle(game)
    again = asked.AdmitRobot("z", robot.robot_id, "plain", robot.name)
    ask(game, asked.RemoveRobot("x", robot.robot_id))

    assert robot.robot_id not in game.state.robots
    assert ask(game, asked.RemoveRobot("y", robot.robot_id))[0] is Refusal.UNKNOWN_ROBOT
    assert ask(game, asked.HoldRobot("h", robot.robot_id))[0] is Refusal.UNKNOWN_ROBOT
    assert ask(game, again)[0] is Refusal.UNKNOWN_ROBOT
    speaks(game, robot)
    assert ask(game, replace(again, command_id="v"))[0] is None
    assert game.state.robots[robot.robot_id].admitted


def test_a_robot_that_is_only_noticed_is_forgotten_until_it_speaks(game):
    robot = idle(game)
    ask(game, asked.RemoveRobot("x", robot.robot_id))
    speaks(game, robot)
    game.tick()
    assert game.state.robots[robot.robot_id].shown

    assert ask(game, asked.RemoveRobot("y", robot.robot_id))[0] is None

    assert answers(game)[-1] == f"{robot.serial} is forgotten until it speaks."
    assert robot.robot_id not in game.state.robots


@pytest.mark.parametrize("noticed", [False, True])
@pytest.mark.parametrize(
    "command",
    [
        asked.HoldRobot("x", "sim/r01"),
        asked.ReleaseHold("x", "sim/r01", BOSS_NOTE),
        asked.AdmitRobot("x", "sim/r01", "plain", "r01"),
        asked.RemoveRobot("x", "sim/r01"),
        asked.CancelTask("x", "FIRST"),
        asked.RequeueTask("x", "FIRST", "again"),
        asked.StopAll("x"),
        asked.ReleaseAll("x", BOSS_NOTE),
        asked.AcknowledgeAlarm("x", "robot_held:sim/r01"),
        asked.AnswerReview("x", "rv", ReviewAnswer.ACCEPT, BOSS_NOTE),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_command_breaks_a_rule_where_the_robot_it_is_about_has_gone(game, command, noticed):
    game.state = replace(game.state, reviews={"rv": Review(question_of("sim/r01", "FIRST"))})
    ask(game, asked.HoldRobot("h", "sim/r01"))  # an alarm, and it stands
    ask(game, asked.StopAll("s"))
    robot = game.state.robots["sim/r01"]
    ask(game, asked.RemoveRobot("r", "sim/r01"))
    if noticed:
        speaks(game, robot)
        game.tick()
    assert ("sim/r01" in game.state.robots) is noticed
    before = len(game.rows)

    ask(game, command)

    assert not [r for r in game.rows[before:] if isinstance(r.message, made.RuleBroke)]
    assert game.state.halts == {}


def question_of(robot_id, task_id):
    return made.ReviewOpened(
        0, "rv", robot_id, task_id, "f", "A01", Abstain.LOW_CONFIDENCE, "", "", (), None, 1, 1, 1,
        1, 1, "", "",
    )  # fmt: skip


def test_a_robot_may_keep_its_name_when_it_is_admitted_anew(game):
    robot = idle(game)

    assert ask(game, asked.AdmitRobot("x", robot.robot_id, "plain", robot.name))[0] is None


def test_a_robot_that_is_admitted_during_a_stop_is_stopped_too(game):
    robot = idle(game)
    ask(game, asked.RemoveRobot("x", robot.robot_id))
    ask(game, asked.StopAll("s"))
    speaks(game, robot)
    assert not game.players[robot.robot_id].paused

    _, decided = ask(game, asked.AdmitRobot("y", robot.robot_id, "plain", robot.name))

    (stopped,) = [m for m in decided if isinstance(m, made.FleetStopped)]
    assert stopped.robot_ids == (robot.robot_id,)
    assert game.players[robot.robot_id].paused


def test_a_release_ends_no_hold_whose_emergency_stop_still_shows(game):
    robot = driver(game)
    player = game.players[robot.robot_id]
    stopped = replace(game.report(player), emergency_stop=EmergencyStop.MANUAL)
    game.inbox.append(stopped)
    game.tick()
    assert [h.reason for h in game.state.robots[robot.robot_id].holds] == [
        HoldReason.EMERGENCY_STOP
    ]

    refusal, decided = ask(game, asked.ReleaseHold("x", robot.robot_id, BOSS_NOTE))
    assert (refusal, decided) == (Refusal.EMERGENCY_STOP, [])
    ask(game, asked.HoldRobot("h", robot.robot_id, "to look"))
    ask(game, asked.ReleaseHold("y", robot.robot_id, BOSS_NOTE))
    assert [h.reason for h in game.state.robots[robot.robot_id].holds] == [
        HoldReason.EMERGENCY_STOP
    ]
    game.inbox.append(game.report(player))
    game.tick()
    refusal, _ = ask(game, asked.ReleaseHold("z", robot.robot_id, BOSS_NOTE))

    assert refusal is None
    assert game.state.robots[robot.robot_id].holds == ()


def answers(game):
    kinds = (made.CommandRefused, made.CommandAccepted)
    return [row.message.message for row in game.rows if isinstance(row.message, kinds)]


def reports(game, robot, **changes):
    game.inbox.append(replace(game.report(game.players[robot.robot_id]), **changes))
    game.tick()


FATAL = {"errors": (seen.ErrorSeen("motorFault", "FATAL", "too hot"),)}
STOPPED = {"emergency_stop": EmergencyStop.MANUAL}


@pytest.mark.parametrize(
    ("shows", "refusal", "names"),
    [
        (FATAL, Refusal.FATAL_ERROR, "fatal error"),
        (STOPPED, Refusal.EMERGENCY_STOP, "emergency stop"),
        (FATAL | STOPPED, Refusal.EMERGENCY_STOP, "emergency stop, fatal error"),
    ],
)
def test_a_release_is_refused_with_what_the_robot_still_reports(game, shows, refusal, names):
    robot = driver(game)
    reports(game, robot, **shows)

    assert ask(game, asked.ReleaseHold("x", robot.robot_id, BOSS_NOTE)) == (refusal, [])
    assert answers(game)[-1] == (
        f"{robot.name} stays held: {names}. Clear it at the robot, then release it again."
    )


@pytest.mark.parametrize("shows", [FATAL, STOPPED])
def test_the_answer_to_a_release_names_the_holds_that_stay(game, shows):
    robot = driver(game)
    ask(game, asked.HoldRobot("h", robot.robot_id, "to look"))
    reports(game, robot, **shows)

    assert ask(game, asked.ReleaseHold("x", robot.robot_id, BOSS_NOTE))[0] is None
    (stays,) = game.state.robots[robot.robot_id].holds
    assert answers(game)[-1] == (
        f"No longer held for: by person. {robot.name} stays held: "
        f"{stays.reason.value.replace('_', ' ')}. Clear it at the robot, then release it again."
    )


def test_a_release_during_a_fleet_stop_says_that_the_stop_stays(game):
    robot = driver(game)
    ask(game, asked.HoldRobot("h", robot.robot_id, "to look"))
    ask(game, asked.StopAll("s"))

    ask(game, asked.ReleaseHold("x", robot.robot_id, BOSS_NOTE))

    assert answers(game)[-1] == f"{robot.name} is released. The fleet is still stopped."


def test_the_end_of_a_halt_during_a_fleet_stop_says_that_the_stop_stays(game):
    game.inbox.append(own.RecordDoubted(0, "proof", 9, 8, "row 9 is gone"))
    ask(game, asked.StopAll("s"))
    (halt_id,) = game.state.halts

    ask(game, asked.EndHalt("x", halt_id, BOSS_NOTE))

    assert answers(game)[-1] == "This halt has ended; the fleet is still stopped."


def test_a_robot_that_waits_for_a_stray_and_stays_held_is_told_so_and_not_refused(game):
    robot = driver(game)
    near = replace(game.state.robots[robot.robot_id], stray_id=idle(game).robot_id)
    other = replace(idle(game), node=None)  # not placed again yet
    known = {near.robot_id: near, other.robot_id: other}
    game.state = replace(game.state, robots={**game.state.robots, **known})
    reports(game, robot, **FATAL)

    refusal, decided = ask(game, asked.ReleaseHold("x", robot.robot_id, BOSS_NOTE))

    assert (refusal, [type(m) for m in decided]) == (None, [made.RobotResumed])
    assert answers(game)[-1].startswith(f"{robot.name} stays held: fatal error.")


def run_until(game, task_id, *states):
    for _ in range(6_000):
        if game.state.tasks[task_id].state in states:
            return
        game.tick()
    raise AssertionError(f"{task_id} is {game.state.tasks[task_id].state}")


def test_a_task_is_cancelled_once_and_not_when_it_is_over(game):
    assert ask(game, asked.CancelTask("x", "FIRST"), LOCAL)[0] is None
    assert game.state.tasks["FIRST"].state is TaskState.CANCELLED

    assert ask(game, asked.CancelTask("y", "FIRST"), LOCAL) == (Refusal.ALREADY_ENDED, [])
    assert ask(game, asked.RequeueTask("z", "FIRST", "again")) == (Refusal.ALREADY_ENDED, [])
    run_until(game, "SECOND", TaskState.DONE)
    assert ask(game, asked.CancelTask("v", "SECOND"), LOCAL) == (Refusal.ALREADY_ENDED, [])
    assert ask(game, asked.RequeueTask("w", "SECOND", "again")) == (Refusal.ALREADY_ENDED, [])


def test_a_task_whose_item_may_be_on_board_is_not_queued_again(game):
    run_until(game, "FIRST", TaskState.PICKING)
    assert ask(game, asked.RequeueTask("x", "FIRST", "again")) == (Refusal.ALREADY_ENDED, [])

    run_until(game, "FIRST", TaskState.CARRYING)

    assert ask(game, asked.RequeueTask("y", "FIRST", "again")) == (Refusal.ALREADY_ENDED, [])


def hand_over_is_sent(game, robot_id):
    order = game.state.orders.get(game.state.robots[robot_id].order_id)
    drops = [a.node_index for a in order.actions if a.kind is ActionKind.DROP] if order else []
    return any(index <= order.released_to for index in drops)


def too_far(game, at):
    """Task FIRST where it can only be brought to its end; its robot does nothing any more."""
    if at == "returning":
        run_until(game, "FIRST", TaskState.CARRYING)
        assert ask(game, asked.CancelTask("a", "FIRST"), LOCAL)[0] is None
    elif at == "dropping":
        run_until(game, "FIRST", TaskState.DROPPING)
    else:
        run_until(game, "FIRST", TaskState.CARRYING)
        while not hand_over_is_sent(game, game.state.tasks["FIRST"].robot_id):
            game.tick()
    assert game.state.tasks["FIRST"].state.value == at
    robot = game.state.robots[game.state.tasks["FIRST"].robot_id]
    game.players[robot.robot_id].free_at_ms = 1 << 60
    return robot


@pytest.mark.parametrize("at", ["carrying", "dropping", "returning"])
def test_a_task_that_is_too_far_to_be_given_up_ends_by_the_way_that_its_refusals_name(game, at):
    robot = too_far(game, at)
    way = "hold it and remove it when it stands: the task fails by that, and to cancel it then"

    assert ask(game, asked.CancelTask("x", "FIRST"), LOCAL) == (Refusal.ALREADY_ENDED, [])
    assert f"If {robot.name} cannot do that any more, {way} settles it." in answers(game)[-1]
    assert ask(game, asked.RequeueTask("y", "FIRST", "again")) == (Refusal.ALREADY_ENDED, [])
    assert way in answers(game)[-1]
    assert "cancel it instead" not in answers(game)[-1]

    assert ask(game, asked.HoldRobot("h", robot.robot_id, "broken"))[0] is None
    game.tick()
    assert ask(game, asked.RemoveRobot("r", robot.robot_id, "broken"))[0] is None
    assert game.state.tasks["FIRST"].state is TaskState.FAILED
    assert ask(game, asked.RequeueTask("z", "FIRST", "again")) == (Refusal.ALREADY_ENDED, [])
    assert answers(game)[-1].endswith("its item may be on the robot: cancel it instead.")
    assert ask(game, asked.CancelTask("s", "FIRST"), LOCAL)[0] is None
    assert game.state.tasks["FIRST"].state is TaskState.CANCELLED


@pytest.mark.parametrize("state", [TaskState.PICKING, TaskState.CARRYING])
def test_a_task_that_is_not_queued_again_can_be_cancelled_where_that_is_said(game, state):
    run_until(game, "FIRST", state)

    assert ask(game, asked.RequeueTask("x", "FIRST", "again")) == (Refusal.ALREADY_ENDED, [])
    assert answers(game)[-1].endswith("cancel it instead.")

    assert ask(game, asked.CancelTask("y", "FIRST"), LOCAL)[0] is None


def test_of_a_task_that_is_over_nobody_is_told_to_cancel_it(game):
    run_until(game, "FIRST", TaskState.DONE)
    robot = game.state.robots[game.state.tasks["FIRST"].robot_id]
    reports(game, robot, load=LoadState.LOADED)  # of another task

    assert ask(game, asked.RequeueTask("x", "FIRST", "again")) == (Refusal.ALREADY_ENDED, [])

    assert answers(game)[-1] == "Task FIRST is done: order a new one."


def test_a_robot_that_does_not_come_to_stand_is_removed_once_it_is_switched_off(game):
    robot = driver(game)
    ask(game, asked.RemoveRobot("x", robot.robot_id))
    assert "switch it off and wait until it is silent" in answers(game)[-1]

    known = replace(game.state.robots[robot.robot_id], silent=True)
    game.state = replace(game.state, robots={**game.state.robots, robot.robot_id: known})

    assert ask(game, asked.RemoveRobot("y", robot.robot_id))[0] is None


def test_a_task_before_its_pick_is_queued_again_and_a_queued_one_is_not(game):
    refusal, decided = ask(game, asked.RequeueTask("x", "FIRST", "again"))

    moved = [m.state for m in decided if isinstance(m, made.TaskMoved)]
    assert refusal is None
    assert moved[0] is TaskState.QUEUED
    ask(game, asked.StopAll("s"))
    ask(game, submit(game, task_id="THIRD"), LOCAL)
    assert ask(game, asked.RequeueTask("y", "THIRD", "again")) == (Refusal.ALREADY_ENDED, [])


def test_whoever_is_held_is_held_by_name_and_told_to_whom(game):
    robot = driver(game)

    ask(game, asked.HoldRobot("x", robot.robot_id, "to look"), LOCAL)

    (held,) = game.state.robots[robot.robot_id].holds
    assert (held.reason, held.by, held.note) == (HoldReason.BY_PERSON, LOCAL.name, "to look")
    assert game.players[robot.robot_id].paused
