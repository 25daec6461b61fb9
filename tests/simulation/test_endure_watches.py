"""What watches floor, hands, reports and promises can fail: fed what should not be, it says so."""

from dataclasses import replace

import msgspec
import pytest
from shift_under_way import (
    R1,
    a_shift_to_the_end,
    a_shift_under_way,
    breaks,
    driving,
    free_model,
    state,
    with_robot,
)

from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.rows import Entry
from fleetapp.core.state import State
from fleetapp.core.turn import Row
from fleetapp.fleet.robot import Hold, Wait
from fleetapp.simulation.endure.hands import Hands
from fleetapp.simulation.endure.known import capability_of, known_breaks
from fleetapp.simulation.endure.outlines import Excused, overlaps
from fleetapp.simulation.endure.replaying import differs_decided, differs_folded
from fleetapp.simulation.endure.reports import Reports
from fleetapp.simulation.endure.script import draw
from fleetapp.simulation.endure.shift import Shift
from fleetapp.simulation.endure.sites import SitePlan
from fleetapp.simulation.endure.stage import RULES
from fleetapp.simulation.endure.standing import Standing, untrue
from fleetapp.simulation.robots.robot import Deed
from fleetapp.terms.modes import TaskState, Verification
from fleetapp.terms.reasons import HoldReason, WaitCause


def two_robots():
    """Fresh ones, two metres apart, nobody moves."""
    script = replace(draw(3), plan=SitePlan("ring"), fleet=("plain", "plain"))
    one, other = Shift(script).stage.system.robots.values()
    one.set_down(5.0, 5.0, 0.0, "")
    other.set_down(7.0, 5.0, 0.0, "")
    return one, other


def test_robots_that_touch_are_told_and_those_a_finger_apart_are_not():
    one, other = two_robots()
    other.set_down(5.0 + one.spec.length_m - 0.01, 5.0, 0.0, "")
    assert list(overlaps((one, other), Excused()))

    other.set_down(5.0 + one.spec.length_m + 0.01, 5.0, 0.0, "")
    assert not list(overlaps((one, other), Excused()))


def test_a_robot_set_down_too_near_to_brake_for_is_excused_and_farther_away_is_not():
    one, other = two_robots()
    one.body.speed_mps = 1.0
    near, far = Excused(), Excused()

    near.appeared(other, (one, other))
    other.set_down(15.0, 5.0, 0.0, "")
    far.appeared(other, (one, other))

    assert near.pairs
    assert not far.pairs


def test_an_excused_pair_is_judged_again_once_each_could_brake_though_both_drive():
    one, other = two_robots()
    pair = frozenset((one.robot_id, other.robot_id))
    robots = {robot.robot_id: robot for robot in (one, other)}
    excused = Excused({pair})
    one.body.speed_mps = other.body.speed_mps = 1.0

    excused.forget_apart(robots)
    near = set(excused.pairs)
    other.set_down(25.0, 5.0, 0.0, "")
    other.body.speed_mps = 1.0
    excused.forget_apart(robots)

    assert (one.body.driving, other.body.driving) == (True, True)
    assert near == {pair}
    assert excused.pairs == set()


@pytest.mark.parametrize(("ago_s", "is_known"), [(4, True), (29, True), (30, False), (200, False)])
def test_that_robots_touch_is_known_only_soon_after_one_was_set_down(ago_s, is_known):
    story = f"r01 at 1.00,1.00 0.00 m/s set down {ago_s} s ago (no task)"

    assert bool(capability_of("I2 no overlap", story, known_breaks())) is is_known


def a_task():
    return replace(next(iter(state().tasks.values())), task_id="T1", label_code="L1")


def node_of(station_id):
    stations = state().floor.site.stations
    return next(s.node_ids[0] for s in stations if s.station_id == station_id)


def pick_at(node):
    return Deed("pick", "pick-1", node, 3_000)


def hands_with_a_look(*, label="L1", node=None, verification=Verification.VERIFIED):
    system = a_shift_under_way().stage.system
    task = a_task()
    node = node or node_of(task.from_station)
    look = Deed("detectObject", "look-1", node, 2_000, f"{label}|r|1".encode())
    hands = Hands(system.state.floor, system.types, tasks={"T1": task})
    hands.task_of["pick-1"] = "T1"
    hands.assigned_ms["T1"] = (R1, 1_000)
    hands.looks[R1, "frame-1"] = look
    hands.judged["T1"] = msgspec.convert(
        {
            "at_ms": 2_100,
            "robot_id": R1,
            "task_id": "T1",
            "frame_id": "frame-1",
            "frame_sha256": __import__("hashlib").sha256(look.frame).hexdigest(),
            "bundle_digest": "",
            "sure": True,
            "abstain": None,
            "verification": verification.value,
            "sentence": "",
            "threshold_permille": 0,
            "target": 0,
        },
        made.RecognitionJudged,
    )
    return hands


def right_pick():
    return pick_at(node_of(a_task().from_station))


def test_a_pick_after_a_sure_look_of_this_task_at_this_place_is_right():
    assert hands_with_a_look().wrong_with_pick(R1, "T1", right_pick()) == ""


@pytest.mark.parametrize(
    ("hands", "says"),
    [
        (lambda: hands_with_a_look(label="L2"), "picked L2 where L1 was wanted"),
        (lambda: hands_with_a_look(node="A2"), "looked at A2 and picked at"),
        (lambda: _without_judgement(hands_with_a_look()), "without a sure look"),
        (lambda: _assigned_later(hands_with_a_look()), "before it had the task"),
        (
            lambda: hands_with_a_look(verification=Verification.NOT_VERIFIED),
            "has a camera and did not look",
        ),
    ],
)
def test_a_pick_without_a_look_of_this_task_at_this_place_is_told(hands, says):
    assert says in hands().wrong_with_pick(R1, "T1", right_pick())


def test_a_pick_at_another_station_is_told():
    elsewhere = pick_at(node_of(a_task().to_station))

    assert "and not at" in hands_with_a_look().wrong_with_pick(R1, "T1", elsewhere)


def what_hands_tell(*deeds):
    """Of a robot that does these one after the other, and whose task is called done then."""
    hands = hands_with_a_look()
    hands.task_of["drop-1"] = "T1"
    told = []
    robot = next(iter(a_shift_under_way().stage.system.robots.values()))
    for deed in deeds:
        told += hands._judge(robot, deed)
    done = made.TaskMoved(9_000, "T1", TaskState.DONE, "", robot.robot_id)
    told += hands.follow((Row(9, done, None),))
    return {story for _, _, story in told}


def drop_at(node):
    return Deed("drop", "drop-1", node, 8_000)


def test_a_task_is_done_when_its_item_truly_stands_where_it_was_to_go():
    there = drop_at(node_of(a_task().to_station))

    assert what_hands_tell(right_pick(), there) == set()


def test_a_task_called_done_whose_item_nobody_set_down_there_is_told():
    nowhere = what_hands_tell(right_pick())
    elsewhere = what_hands_tell(right_pick(), drop_at(node_of(a_task().from_station)))

    assert nowhere == elsewhere == {"is done, and nobody set its item down at its goal"}


def test_an_item_that_is_picked_again_is_told_unless_its_task_was_queued_after_the_first_pick():
    again = replace(right_pick(), action_id="pick-1-again")
    queued = Row(4, made.TaskMoved(0, "T1", TaskState.QUEUED, ""), None)

    def tells(*, queued_before, queued_between):
        hands, robot = hands_with_a_look(), a_shift_under_way().stage.system.robots[R1]
        told = [*hands.follow((queued,) * queued_before), *hands._judge(robot, right_pick())]
        told += [*hands.follow((queued,) * queued_between), *hands._judge(robot, again)]
        return [name for name, _, _ in told]

    assert tells(queued_before=2, queued_between=0) == ["I3 delivered once"]
    assert tells(queued_before=0, queued_between=1) == []


def test_a_robot_that_sets_down_what_it_did_not_pick_for_the_task_is_told():
    told = what_hands_tell(drop_at(node_of(a_task().to_station)))

    assert told == {f"{R1} set down for it what it picked for nobody"}


def _without_judgement(hands):
    hands.judged.clear()
    return hands


def _assigned_later(hands):
    hands.assigned_ms["T1"] = (R1, 2_500)
    return hands


def test_a_pause_called_confirmed_while_the_newest_report_says_driving_is_told():
    reports = Reports()
    body = {"headerId": 1, "timestamp": "2026-01-01T00:00:00.000Z", "driving": True}
    reports.taken_in(R1, "state", msgspec.json.encode(body))

    assert list(reports.unproved(with_robot(state(), R1, pause_confirmed=True)))
    assert not list(reports.unproved(with_robot(state(), R1, pause_confirmed=False)))


def test_a_report_older_than_the_newest_that_is_taken_is_told():
    reports = Reports()
    for header in (5, 4):
        body = {"headerId": header, "timestamp": f"2026-01-01T00:00:0{header}.000Z"}
        reports.taken_in(R1, "state", msgspec.json.encode(body))
        rows = (Row(1, _reported(), None),) if header == 4 else ()
        told = list(reports.judge(state(), rows))

    assert [name for name, _, _ in told] == ["I5 never older"]


def _reported():
    entry = next(e for e in a_shift_under_way().stage.system.entries if e.type == "RobotReported")
    return replace(msgspec.json.decode(entry.body, type=seen.RobotReported), robot_id=R1)


def flickering(between):
    """What is told of a robot that waits for a plan, then is `between`, then waits again."""
    robot_id = driving().robot_id
    wait = Wait(WaitCause.PLAN, 0, "", "")
    waiting = with_robot(state(), robot_id, wait=wait, plan_id=None, holds=())
    standing, told = Standing(), []
    for at_ms, found in (
        (0, waiting),
        (300, with_robot(waiting, robot_id, wait=None, waited_until_ms=300, **between)),
        (600, with_robot(waiting, robot_id, wait=replace(wait, since_ms=600))),
    ):
        told += list(standing.look(found, a_shift_under_way().stage.system.robots, at_ms))

    assert untrue(waiting, waiting.robots[robot_id])
    return [name for name, _, _ in told]


def test_a_wait_for_what_is_not_so_and_a_cause_that_flickers_are_told():
    assert "a cause that flickers" in flickering({})


def test_a_hold_that_a_person_ended_at_once_is_no_flicker():
    hold = Hold(HoldReason.NOT_SURE, 300, "system", "")

    assert "a cause that flickers" not in flickering({"holds": (hold,)})


def test_a_robot_that_stands_with_a_task_and_no_cause_is_told():
    system = a_shift_under_way().stage.system
    robot_id = driving().robot_id
    body = system.robots[robot_id]
    speed, body.body.speed_mps = body.body.speed_mps, 0.0
    turning, body.body.turning_radps = body.body.turning_radps, 0.0
    nameless = with_robot(state(), robot_id, wait=None, holds=())
    standing = Standing()

    first = list(standing.look(nameless, {robot_id: body}, 0))
    later = list(standing.look(nameless, {robot_id: body}, 40_000))
    body.body.speed_mps, body.body.turning_radps = speed, turning

    assert not first
    assert later[0][0] == "stands without a cause"


def test_a_journal_that_folds_or_decides_otherwise_is_told():
    system = a_shift_under_way().stage.system
    empty = State(system.state.floor, RULES)
    entries = list(system.entries)
    place = next(n for n, e in enumerate(entries) if e.type == "BaseExtended")
    changed: list[Entry] = [*entries[:place], *entries[place + 1 :]]

    assert differs_folded(empty, entries, system.state) == ""
    assert differs_decided(empty, entries) == ""
    assert differs_folded(empty, changed, system.state)
    assert differs_decided(empty, changed)


def decides_otherwise(shift):
    """As if the newest base had followed from another row."""
    entries = shift.stage.system.entries
    number = max(n for n, e in enumerate(entries) if e.type == "BaseExtended")
    entries[number] = replace(entries[number], cause_seq=1)


def test_a_shift_whose_inputs_decide_otherwise_breaks_at_its_end():
    right, wrong = a_shift_to_the_end(), a_shift_to_the_end()
    decides_otherwise(wrong)

    right.witness.finish()
    wrong.witness.finish()

    assert breaks(right) == set()
    assert breaks(wrong) == {"replay: same rows"}


def test_an_engine_that_decided_otherwise_before_it_was_killed_breaks_at_the_next_start():
    shift = a_shift_to_the_end()
    decides_otherwise(shift)

    shift.stage.system.kill_engine(dead_ms=1_000)

    assert breaks(shift) == {"replay: same rows"}


def test_an_engine_that_starts_with_a_broken_journal_may_give_base_again():
    model = replace(free_model(), journal_ok=False)

    model.follow(own.EngineStarted(0, "boot", "virtual", "", "", "virtual", "", ""))

    assert model.journal_ok
