"""The arrows that seeds are counted by: all that the code can take, and ways to take them."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

import fleetapp.core
from fleetapp.core import decisions as made
from fleetapp.core.turn import Row
from fleetapp.fleet.order import ActionKind, OrderAction, Purpose
from fleetapp.simulation.endure import arrows
from fleetapp.simulation.endure.aims import AIMS
from fleetapp.simulation.endure.catalogue import AIM_NAMES
from fleetapp.simulation.endure.known import capability_of, known_breaks
from fleetapp.simulation.endure.model import Model
from fleetapp.simulation.endure.script import AIMS as AIMS_OF_A_SEED
from fleetapp.simulation.endure.script import Event, draw
from fleetapp.simulation.endure.shift import Shift
from fleetapp.simulation.endure.sites import SitePlan
from fleetapp.simulation.endure.witness import Witness
from fleetapp.tasks.lifecycle import NEXT
from fleetapp.terms.modes import TaskState

CORE = sorted(Path(fleetapp.core.__path__[0]).glob("*.py"))
RULE_BROKEN = "rule_broken"


def a_script(*events, fleet=("carrier", "carrier", "plain"), loses_station=0):
    """A ring with two tasks for each robot, and what happens beside."""
    tasks = tuple(
        Event(20 * n, "task", "plain", n, {"from": 3 * n, "to": n, "other": 0})
        for n in range(2 * len(fleet))
    )
    return replace(
        draw(3),
        plan=SitePlan("ring"),
        fleet=fleet,
        events=(*tasks, *events),
        late=(),
        needs_two=False,
        shortest_ms=0,
        loses_station=loses_station,
    )


def a_fault(name, at_ms, for_ms, moment="driving"):
    return Event(at_ms, "fault", name, 0, {"for_ms": for_ms, "moment": moment, "choice": 4})


def unexpected(result):
    known = known_breaks()
    return [
        found for found in result.breaks if not capability_of(found.invariant, found.story, known)
    ]


def calls_in_core(*names):
    for path in CORE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names:
                yield node


def members(node, enum):
    """The members of an enumeration that are named anywhere in a piece of code."""
    return {
        part.attr
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and getattr(part.value, "id", "") == enum
    }


def test_the_table_of_holds_has_each_reason_that_a_rule_sets_and_no_other():
    reasons = [a for call in calls_in_core("hold", "Hold") for a in call.args]
    set_somewhere = {name for a in reasons for name in members(a, "HoldReason")}

    listed = {reason.name for reason in arrows.holds()}

    assert set_somewhere - {RULE_BROKEN.upper()} == listed


def test_the_table_of_alarms_has_each_kind_that_a_rule_raises_and_no_other():
    kinds = set()
    for path in CORE:
        if path.stem == "evolve_people":  # which alarms are forgotten first
            continue
        tree = ast.parse(path.read_text("utf-8"))
        ends = [n for n in ast.walk(tree) if isinstance(n, ast.Call | ast.Compare)]
        ends = [n for n in ends if isinstance(n, ast.Compare) or _ends_alarm(n)]
        for node in ast.walk(tree):
            is_kind = isinstance(node, ast.Attribute) and getattr(node.value, "id", "")
            if is_kind == "AlarmKind" and not any(node in ast.walk(end) for end in ends):
                kinds.add(node.attr)

    listed = {kind.name for kind in arrows.alarms()}

    assert kinds - {RULE_BROKEN.upper()} == listed


def _ends_alarm(call):
    return getattr(call.func, "id", "") == "end_alarm"


def test_the_table_of_waits_has_no_cause_that_nobody_is_told():
    listed = {cause.value for cause in arrows.waits()}

    assert {"traffic", "deadlock_avoidance", "halt", "not_finished"} <= listed
    assert not listed & {"record", "mode"}


def test_the_table_of_tasks_is_that_of_their_life():
    listed = [arrow for arrow in arrows.all_arrows() if arrow.startswith("task: ")]

    assert len(listed) == sum(len(after) for after in NEXT.values())
    assert len(set(arrows.all_arrows())) == len(arrows.all_arrows())


def test_each_aim_is_dealt_and_can_be_done():
    dealt = {
        event.name
        for seed in range(len(AIM_NAMES) // AIMS_OF_A_SEED + 1)
        for event in draw(seed).events
        if event.what == "aim"
    }

    assert set(AIMS) == set(AIM_NAMES) == dealt


@pytest.mark.parametrize(
    ("aim", "arrow"),
    [
        ("cancel_assigned", "task: assigned -> cancelled"),
        ("requeue_assigned", "task: assigned -> queued"),
        ("cancel_looking", "task: looking -> cancelled"),
        ("requeue_looking", "task: looking -> queued"),
        ("remove_carrying", "task: carrying -> failed"),
        ("remove_dropping", "task: dropping -> failed"),
        ("remove_returning", "task: returning -> failed"),
        ("cancel_lost_dropping", "task: dropping -> returning"),
    ],
)
def test_an_aim_takes_the_arrow_that_it_is_for(aim, arrow):
    result = Shift(a_script(Event(100, "aim", aim, 0))).play()

    assert result.counts.transitions[arrow] == 1
    assert unexpected(result) == []


@pytest.mark.parametrize(
    ("aim", "task_arrow", "review_arrow"),
    [
        ("cancel_in_review", "in_review -> cancelled", "open -> dropped"),
        ("requeue_in_review", "in_review -> queued", "open -> dropped"),
        ("look_again_in_review", "in_review -> looking", "open -> dropped"),
        ("correct_in_review", "in_review -> picking", "open -> correct"),
    ],
)
def test_an_aim_ends_a_question_otherwise_than_by_its_answer(aim, task_arrow, review_arrow):
    dark = a_fault("dark", 200, 60_000)

    result = Shift(a_script(Event(100, "aim", aim, 0), dark, fleet=("carrier",))).play()

    assert result.counts.transitions[f"task: {task_arrow}"] >= 1
    assert result.counts.transitions[f"review: {review_arrow}"] >= 1
    assert unexpected(result) == []


@pytest.mark.parametrize(
    ("fault", "for_ms", "arrow"),
    [
        ("found_paused", 3_000, "hold: free -> found_paused"),
        ("record_doubted", 3_000, "wait: none -> halt"),
        ("refuses_silently", 40_000, "hold: free -> order_unacknowledged"),
        ("keeps_nodes", 80_000, "wait: none -> not_finished"),
        ("garbled", 6_000, "alarm: off -> payload_rejected"),
        ("pause_ignored", 20_000, "alarm: off -> hold_unconfirmed"),
        ("dies_with_recogniser", 28_000, "look: awaited -> ordered"),
    ],
)
def test_a_fault_takes_the_arrow_that_it_is_for(fault, for_ms, arrow):
    result = Shift(a_script(a_fault(fault, 6_000, for_ms))).play()

    assert result.counts.transitions[arrow] >= 1
    assert unexpected(result) == []


def test_more_empty_robots_than_chargers_are_an_alarm():
    fault = a_fault("all_empty", 60_000, 50_000)
    script = replace(a_script(fault, fleet=("plain",) * 6), plan=SitePlan("single"))

    result = Shift(script).play()

    assert result.counts.transitions["alarm: off -> not_charging"] > 0
    assert result.counts.transitions["alarm: not_charging -> off"] > 0
    assert unexpected(result) == []


@pytest.mark.parametrize("choice", [7, 14, 21], ids=["driving", "looking", "assigned"])
def test_a_layout_that_loses_a_station_ends_tasks_at_the_point_where_they_are(choice, request):
    result = Shift(a_script(loses_station=choice)).play()

    point = request.node.callspec.id
    state = "driving_to_pick" if point == "driving" else point
    assert result.counts.transitions[f"task: {state} -> failed"] == 1
    assert result.counts.transitions["task: queued -> failed"] == 1
    assert unexpected(result) == []


def test_robots_on_a_loop_driven_both_ways_keep_out_of_what_could_block_all():
    script = replace(a_script(fleet=("plain",) * 4), plan=SitePlan("lane"))

    result = Shift(script).play()

    assert result.counts.transitions["wait: none -> deadlock_avoidance"] > 0
    assert unexpected(result) == []


def an_order_to_look(robot_id, task_id):
    look = OrderAction("a", ActionKind.DETECT, 0, "A", None, "S")
    return made.OrderIssued(
        1, "o", robot_id, task_id, Purpose.TO_PICK, "A", (3,), (), (look,), "plan"
    )


@pytest.mark.parametrize(
    ("settled", "then"), [("OTHER", "ordered -> awaited"), ("MINE", "ordered -> none")]
)
def test_a_look_ends_with_its_own_task_and_not_with_another_that_names_its_robot(settled, then):
    rows = (
        an_order_to_look("r1", "MINE"),
        made.TaskMoved(2, settled, TaskState.CANCELLED, "settled", "r1"),
        *((made.LookExpected("r1", "MINE", 9),) if settled == "OTHER" else ()),
    )
    follows = arrows.Arrows()
    taken = [
        arrow for n, row in enumerate(rows) for arrow in follows.of(Model(), Row(n, row, None))
    ]

    looks = [arrow for arrow in taken if arrow.startswith("look: ")]

    assert looks == ["look: none -> ordered", f"look: {then}"]


def test_the_looks_that_are_counted_are_those_of_the_state(monkeypatch):
    apart = []
    judge = Witness.decided

    def compared(witness, state, rows):
        judge(witness, state, rows)
        for robot in state.robots.values():
            counted = witness._arrows.looks.get(robot.robot_id, arrows.NO_LOOK).phase
            kept = arrows._phase_of(robot.look) if robot.look is not None else "none"
            if counted != kept:
                apart.append((robot.robot_id, counted, kept, rows))

    monkeypatch.setattr(Witness, "decided", compared)
    Shift(a_script(a_fault("dark", 200, 60_000), Event(100, "aim", "requeue_looking", 0))).play()

    assert apart == []


def test_a_shift_takes_no_arrow_that_no_table_has():
    result = Shift(draw(8)).play()

    assert set(result.counts.transitions) <= set(arrows.all_arrows())
