"""A rule that fails is undone whole, holds its robot and says so; the fleet goes on."""

import enum
import typing
from dataclasses import fields, replace
from pathlib import Path

import pytest
from floor_players import BOSS_NOTE, SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import effects as due
from fleetapp.core import evolve_inputs, guard, legs, places, release, settle, step, waits
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.effects import effects_of
from fleetapp.core.follow import fold
from fleetapp.core.state import State
from fleetapp.engine.snapshots import encode_state
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import AlarmKind, HaltReason, HoldReason, Refusal

SMALL = Path(__file__).parents[2] / "maps" / "small"
BROKEN = "sim/r03"
OBSERVED = [kind for kind in step.ANSWERS if "robot_id" in kind.__dataclass_fields__]
COMMANDS = typing.get_args(asked.Command)


class Fault(Exception):  # noqa: N818 - its name is what the row says
    """What a rule of the test runs into."""


def of(kind, **known):
    """A message of a kind with the plainest values that its fields may have."""
    hints = typing.get_type_hints(kind)
    return kind(**{f.name: known.get(f.name, plainest(hints[f.name])) for f in fields(kind)})


def plainest(hint):
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return next(iter(hint))
    if isinstance(hint, type) and issubclass(hint, str | int):
        return hint()
    return () if typing.get_origin(hint) is tuple else None


def driving(robots=3, tasks=6):
    """Robots that drive for their tasks."""
    game = Game(SMALL, robots)
    for _ in range(tasks):
        game.command(game.pick_task())
    for _ in range(600):
        game.tick()
        passed = {r.message.robot_id for r in game.rows if isinstance(r.message, seen.NodePassed)}
        if passed == set(game.players):
            return game
    raise AssertionError("not in time")


def failing(rule, robot_id=BROKEN):
    """A rule that changes the state and then fails, for one robot."""

    def answer(turn, message):
        about = getattr(message, "robot_id", None)
        if robot_id in (about, None) or about is None:
            turn.draft.change_robot(BROKEN, remedy="half done")
            raise Fault
        rule(turn, message)

    return answer


def broken(game):
    return [row.message for row in game.rows if isinstance(row.message, made.RuleBroke)]


def reasons(game, robot_id=BROKEN):
    return {hold.reason for hold in game.state.robots[robot_id].holds}


def done(game):
    return sum(task.state is TaskState.DONE for task in game.state.tasks.values())


def replayed(game, state=None):
    start = state or State(game.floor, game.state.rules)
    return replace(fold(start, game.rows), dispatch_due=game.state.dispatch_due)


@pytest.mark.parametrize("kind", OBSERVED, ids=lambda kind: kind.__name__)
def test_an_observation_whose_rule_fails_holds_its_robot_and_the_others_finish(kind, monkeypatch):
    game = driving()
    monkeypatch.setitem(step.ANSWERS, kind, failing(step.ANSWERS[kind]))

    game.inbox.append(of(kind, robot_id=BROKEN))
    rows = game.tick()
    for _ in range(3_000):
        game.tick()

    assert [(b.rule, b.fault, b.robot_ids) for b in broken(game)] == [
        (kind.__name__, "Fault", (BROKEN,))
    ]
    assert due.Pause(BROKEN) in [d.effect for d in effects_of(game.state, rows)]
    assert HoldReason.RULE_BROKEN in reasons(game)
    assert game.state.robots[BROKEN].remedy != "half done"
    assert done(game) >= 4
    assert encode_state(replayed(game)) == encode_state(game.state)


def test_a_rule_that_failed_is_tried_again_only_when_a_person_released_the_robot(monkeypatch):
    game = driving()
    calls = []
    rule = step.ANSWERS[seen.RobotReported]

    def answer(turn, message):
        calls.append(message.robot_id)
        if message.robot_id == BROKEN and len(calls) < 5:
            raise Fault
        rule(turn, message)

    monkeypatch.setitem(step.ANSWERS, seen.RobotReported, answer)
    report = game.report(game.players[BROKEN])
    game.inbox.append(report)
    game.tick()
    tried = calls.count(BROKEN)
    for _ in range(20):
        game.inbox.append(report)
        game.tick()
    assert calls.count(BROKEN) == tried

    calls.extend("....")
    game.command(asked.ReleaseHold(game.command_id(), BROKEN, BOSS_NOTE), SUPERVISOR)
    for _ in range(4_000):
        game.tick()

    assert calls.count(BROKEN) > tried
    assert not reasons(game)
    assert done(game) == 6
    assert not [
        a
        for a in game.state.alarms.values()
        if a.raised.kind is AlarmKind.RULE_BROKEN and a.gone_ms is None
    ]


@pytest.mark.parametrize(
    ("module", "name", "rule"),
    [
        (legs, "_next_leg", "next_leg"),
        (release, "_candidate", "wanted_base"),
        (release, "_granted", "release_base"),
        (waits, "_name", "name_wait"),
        (places, "_send", "send_idle"),
    ],
)
def test_a_rule_about_robots_that_fails_for_one_costs_that_one(module, name, rule, monkeypatch):
    game = Game(SMALL, 3)
    for _ in range(6):
        game.command(game.pick_task())
    function = getattr(module, name)

    def fails(turn, about, *rest):
        if about.robot_id == BROKEN:
            turn.draft.change_robot(BROKEN, remedy="half done")
            raise Fault
        return function(turn, about, *rest)

    monkeypatch.setattr(module, name, fails)
    for _ in range(4_000):
        game.tick()

    assert [(b.rule, b.robot_ids) for b in broken(game)] == [(rule, (BROKEN,))]
    assert HoldReason.RULE_BROKEN in reasons(game)
    assert game.state.robots[BROKEN].remedy != "half done"
    assert done(game) >= 5
    assert encode_state(replayed(game)) == encode_state(game.state)


@pytest.mark.parametrize(
    "name", ["match_tasks", "next_legs", "release_bases", "name_waits", "send_idle", "let_go_on",
             "judge_long_waits", "end_questions", "alarm_failed_tasks", "place_again",
             "judge_rule_alarms"]
)  # fmt: skip
def test_a_rule_about_all_that_fails_rests_with_an_alarm_until_a_supervisor_decides(
    name, monkeypatch
):
    game = Game(SMALL, 2)

    def fails(turn):
        turn.draft.change_robot(BROKEN, remedy="half done")
        raise Fault

    with monkeypatch.context() as patch:
        patch.setattr(settle, name, fails)
        game.command(game.pick_task())
        for _ in range(50):
            game.tick()
        halt = game.state.halts[f"rule:{name}"]
        assert (halt.rule, halt.whole) == (name, False)
        assert [b.rule for b in broken(game)] == [name]
        assert all(r.remedy != "half done" for r in game.state.robots.values())
        assert not any(reasons(game, robot_id) for robot_id in game.state.robots)

    game.command(asked.EndHalt(game.command_id(), halt.halt_id, BOSS_NOTE), SUPERVISOR)
    for _ in range(4_000):
        game.tick()

    assert not game.state.halts
    assert done(game) == 1
    assert encode_state(replayed(game)) == encode_state(game.state)


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_a_command_whose_rule_fails_is_answered_and_undone(kind, monkeypatch):
    game = driving()
    monkeypatch.setitem(step.ANSWERS, seen.CommandGiven, failing(step.ANSWERS[seen.CommandGiven]))
    task_id = next(iter(game.state.tasks))

    game.command(of(kind, command_id="x", robot_id=BROKEN, task_id=task_id), SUPERVISOR)
    rows = game.tick()

    (reply,) = [d.effect for d in effects_of(game.state, rows) if isinstance(d.effect, due.Reply)]
    restricts = kind in (asked.StopAll, asked.HoldRobot, asked.CancelTask)
    assert (reply.command_id, reply.accepted) == ("x", restricts)
    assert reply.accepted or reply.reason == Refusal.RULE_BROKEN.value
    assert not game.state.halts
    assert encode_state(replayed(game)) == encode_state(game.state)


def test_a_stop_whose_own_rule_fails_still_tells_every_robot_to_stand_still(monkeypatch):
    game = driving()
    monkeypatch.setitem(step.ANSWERS, seen.CommandGiven, failing(step.ANSWERS[seen.CommandGiven]))

    game.command(asked.StopAll("stop"), SUPERVISOR)
    rows = game.tick()
    game.rows.clear()
    for _ in range(600):
        game.tick()

    told = {d.effect for d in effects_of(game.state, rows) if isinstance(d.effect, due.Pause)}
    assert told == {due.Pause(robot_id) for robot_id in game.players}
    assert all(reasons(game, robot_id) for robot_id in game.players)
    assert not [r for r in game.rows if isinstance(r.message, made.BaseExtended | made.OrderIssued)]


@pytest.mark.parametrize(
    "kind", typing.get_args(own.EngineObservation), ids=lambda kind: kind.__name__
)
def test_an_observation_of_the_engine_whose_rule_fails_halts_all_that_is_permissive(
    kind, monkeypatch
):
    if kind is own.PartBroke:
        pytest.skip("it is about a robot, tested with those")
    game = driving()
    monkeypatch.setitem(step.ANSWERS, kind, failing(step.ANSWERS[kind], robot_id=None))

    game.inbox.append(of(kind))
    game.tick()
    game.rows.clear()
    for _ in range(300):
        game.tick()

    assert game.state.halted
    assert not [r for r in game.rows if isinstance(r.message, made.BaseExtended | made.OrderIssued)]
    assert encode_state(game.state)


def test_robots_of_one_type_that_break_the_same_rule_are_one_alarm(monkeypatch):
    game = driving()

    def fails(_turn, _message):
        raise Fault

    monkeypatch.setitem(step.ANSWERS, seen.Heartbeat, fails)
    game.inbox.extend(seen.Heartbeat(robot_id, 0) for robot_id in game.players)
    game.tick()

    alarms = [a for a in game.state.alarms.values() if a.raised.kind is AlarmKind.RULE_BROKEN]
    assert len(alarms) == 1
    assert not game.state.halts


def test_the_same_fault_in_three_types_halts_the_fleet_until_a_supervisor_goes_on_without_them(
    monkeypatch,
):
    game = driving()
    types = iter(("carrier", "floor-lib", "sdk"))
    for robot_id in game.players:
        retyped = replace(game.state.robots[robot_id], robot_type=next(types))
        game.state = replace(game.state, robots={**game.state.robots, robot_id: retyped})

    def fails(_turn, _message):
        raise Fault

    with monkeypatch.context() as patch:
        patch.setitem(step.ANSWERS, seen.Heartbeat, fails)
        game.inbox.extend(seen.Heartbeat(robot_id, 0) for robot_id in game.players)
        game.tick()
    (halt,) = game.state.halts.values()
    assert (halt.whole, halt.reason) == (True, HaltReason.RULE_BROKEN)

    game.command(asked.EndHalt(game.command_id(), halt.halt_id, BOSS_NOTE), SUPERVISOR)
    game.tick()

    assert not game.state.halted
    assert all(reasons(game, robot_id) for robot_id in game.players)


def test_a_guard_that_fails_itself_still_records_and_stops_on_command(monkeypatch):
    game = driving()

    def fails(*_):
        raise Fault

    monkeypatch.setattr(step, "answer_whole", fails)
    game.command(asked.StopAll("stop"), SUPERVISOR)
    rows = game.tick()

    told = {d.effect for d in effects_of(game.state, rows) if isinstance(d.effect, due.Pause)}
    assert told == {due.Pause(robot_id) for robot_id in game.players}
    assert game.state.halts["rule:kernel"].reason is HaltReason.KERNEL_BROKEN


def rule_alarms(game):
    """Ids of the alarms about rules that are on."""
    alarms = (a for a in game.state.alarms.values() if a.gone_ms is None)
    return {a.raised.alarm_id for a in alarms if a.raised.kind is AlarmKind.RULE_BROKEN}


def with_a_broken_kernel(game, monkeypatch, *messages):
    def fails(*_):
        raise Fault

    with monkeypatch.context() as patch:
        patch.setattr(step, "answer_whole", fails)
        game.inbox.extend(messages)
        game.tick()
    assert game.state.halted


def test_a_kernel_that_failed_is_an_alarm_as_soon_as_the_rules_work_again(monkeypatch):
    game = driving()
    with_a_broken_kernel(game, monkeypatch, seen.Heartbeat(BROKEN, 0))
    assert rule_alarms(game) == set()

    game.inbox.append(seen.Heartbeat(BROKEN, 0))
    game.tick()

    assert rule_alarms(game) == {"rule_broken:kernel"}
    assert encode_state(replayed(game)) == encode_state(game.state)


def test_the_alarm_about_the_kernel_ends_with_its_halt_and_not_with_another(monkeypatch):
    game = driving()
    with_a_broken_kernel(game, monkeypatch, seen.Heartbeat(BROKEN, 0))
    game.inbox.append(own.RecordDoubted(0, "proof", 9, 8, "row 9 is gone"))
    game.tick()
    assert set(game.state.halts) == {"record", "rule:kernel"}
    assert rule_alarms(game) == {"rule_broken:kernel"}

    game.command(asked.EndHalt(game.command_id(), "rule:kernel", BOSS_NOTE), SUPERVISOR)
    game.tick()

    assert set(game.state.halts) == {"record"}
    assert rule_alarms(game) == set()


def test_a_halt_about_a_rule_keeps_an_alarm_when_its_robots_are_released(monkeypatch):
    game = driving()

    def fails(_turn, _message):
        raise Fault

    types = iter(("carrier", "floor-lib", "sdk"))
    for robot_id in game.players:
        retyped = replace(game.state.robots[robot_id], robot_type=next(types))
        game.state = replace(game.state, robots={**game.state.robots, robot_id: retyped})
    with monkeypatch.context() as patch:
        patch.setitem(step.ANSWERS, seen.Heartbeat, fails)
        game.inbox.extend(seen.Heartbeat(robot_id, 0) for robot_id in game.players)
        game.tick()
    of_types = {f"rule_broken:Heartbeat:{kind}" for kind in ("carrier", "floor-lib", "sdk")}
    assert rule_alarms(game) == of_types

    for robot_id in game.players:
        game.command(asked.ReleaseHold(game.command_id(), robot_id, BOSS_NOTE), SUPERVISOR)
    game.tick()

    assert game.state.halted
    assert rule_alarms(game) == {"rule_broken:Heartbeat"}


def test_a_kernel_that_failed_tells_no_robot_that_there_is_not(monkeypatch):
    game = driving()

    unknown = asked.HoldRobot("h", "sim/r99", "look")
    with_a_broken_kernel(game, monkeypatch, seen.CommandGiven(0, unknown, SUPERVISOR))

    (said,) = [b for b in broken(game) if b.command_id == "h"]
    assert said.robot_ids == ()


@pytest.mark.parametrize(
    "kind",
    [kind for kind in OBSERVED if "order_id" in kind.__dataclass_fields__],
    ids=lambda kind: kind.__name__,
)
def test_an_observation_about_an_order_that_is_over_breaks_no_rule(kind):
    game = driving()

    game.inbox.append(of(kind, robot_id=BROKEN, order_id="an older order"))
    game.tick()

    assert broken(game) == []


def test_what_fails_again_although_it_was_undone_is_not_tried_for_ever(monkeypatch):
    game = driving()
    told = []

    def fails(*_):
        raise Fault

    def hears(error):
        told.append(error)
        assert len(told) < 10, "it is begun anew again and again"

    monkeypatch.setitem(step.ANSWERS, seen.Heartbeat, fails)
    monkeypatch.setattr(guard, "broke", fails)
    state, _ = step.step(game.state, [seen.Heartbeat(BROKEN, game.now_ms)], hears)

    assert state.halts["rule:kernel"].reason is HaltReason.KERNEL_BROKEN
    assert len(told) == 2  # the rule, and the guard over it


def test_a_guard_that_fails_where_no_rule_works_is_not_tried_again(monkeypatch):
    game = driving()
    told = []

    def fails(*_):
        raise Fault

    monkeypatch.setattr(step, "answer_whole", fails)
    state, _ = step.step(game.state, [seen.Heartbeat(BROKEN, game.now_ms)], told.append)

    assert state.halts["rule:kernel"].reason is HaltReason.KERNEL_BROKEN
    assert [type(error) for error in told] == [Fault]


def test_a_row_that_cannot_be_followed_is_left_out_whole_and_told_at_the_next_start(monkeypatch):
    game = driving()
    rows = tuple(game.rows)
    passed = next(r for r in rows if isinstance(r.message, seen.NodePassed))
    rule = evolve_inputs.EVOLVE[seen.NodePassed]

    def fails(draft, message):
        rule(draft, message)
        if message == passed.message:
            raise Fault

    monkeypatch.setitem(evolve_inputs.EVOLVE, seen.NodePassed, fails)
    state = fold(State(game.floor, game.state.rules), rows)
    assert [(u.seq, u.type) for u in state.unfolded] == [(passed.seq, "NodePassed")]
    site = game.floor.site
    started = own.EngineStarted(state.now_ms + 1, "b", "1", site.site_id, site.digest, "", "")
    state, told = step.step(state, [started])

    (said,) = [row.message for row in told if isinstance(row.message, made.RuleBroke)]
    assert (said.rule, said.robot_ids) == ("row:NodePassed", (passed.message.robot_id,))
    assert state.robots[passed.message.robot_id].held
    assert not state.unfolded
    again = fold(State(game.floor, game.state.rules), (*rows, *told))
    assert replace(again, dispatch_due=state.dispatch_due) == state
