"""Every cause of a wait by itself: what shows it is named at once, once, and its end ends it.

A fleet that drives is given one thing that keeps a robot, by a report or otherwise.
"""

from dataclasses import replace

import pytest
from driving_fleet import OTHER, D, base, given, order_id, task_id

from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core import waits as rules
from fleetapp.core.follow import fold
from fleetapp.core.step import step
from fleetapp.core.turn import Row
from fleetapp.fleet.look import Look
from fleetapp.fleet.order import OrderPhase
from fleetapp.fleet.robot import Hold, Wait
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import HoldReason, WaitCause

HOLD = Hold(HoldReason.BY_PERSON, 0, "olga", "look")


def now(state):
    return state.now_ms + 1


def fleet(order=None, task=None, **robot):
    """The driving fleet with something else about the first robot, its order or task."""
    state = given(**robot)
    if order is not None:
        state = replace(state, orders={**state.orders, order_id(): replace(base(), **order)})
    if task is not None:
        changed = replace(state.tasks[task_id()], **task)
        state = replace(state, tasks={**state.tasks, task_id(): changed})
    return state


def with_rows(state, *messages):
    return fold(state, [Row(state.seq + n + 1, m, None) for n, m in enumerate(messages)])


def said(state):
    """The waits that one turn of the core names for the first robot, and the state after."""
    new, rows = step(state, [seen.Heartbeat("sim/r03", now(state))])
    waits = [r.message for r in rows if isinstance(r.message, made.RobotWaits)]
    return [wait for wait in waits if wait.robot_id == D], new


def stood(ms, **order):
    """Standing on its base since so long ago, as its newest report shows."""
    heard = given().now_ms
    return {
        "driving": False,
        "heard_ms": heard,
        "moved_ms": heard - ms,
    }, {
        "moved_ms": heard - ms,
        "last_change_ms": heard - ms,
        "acknowledged_update": base().update_id,
    } | order


AT_END = {"passed": base().released_to}


def standing(ms, **order):
    robot, changes = stood(ms, **order)
    return fleet(changes, **robot)


def whole(**order):
    """An order that is released to its end, where the robot stands."""
    last = len(base().nodes) - 1
    return {"released_to": last, "passed": last} | order


ACTION_ENDED = tuple(replace(action, ended=True) for action in base().actions)
CAUSES = [
    (fleet(), None),
    (fleet(stray_id=OTHER), WaitCause.STRAY_NEAR),
    (fleet(field_violation=True), WaitCause.FIELD_VIOLATION),
    (fleet(paused=True, moved_ms=0), WaitCause.PAUSED_BY_ROBOT),
    (fleet(paused=True, moved_ms=given().now_ms), None),  # its place says otherwise
    (fleet(paused=True, pause_wanted=True), None),
    (fleet(paused=True, resume_wanted=True), WaitCause.RESUME),
    (fleet(localized=False), WaitCause.LOST_POSITION),
    (fleet({"phase": OrderPhase.CANCELLING}), WaitCause.CANCEL),
    (with_rows(fleet(driving=False), own.JournalUnavailable(1, "full")), WaitCause.JOURNAL),
    (with_rows(fleet(driving=True), own.JournalUnavailable(1, "full")), None),
    (with_rows(fleet(), own.WorkerChanged(1, "broker", False, "gone")), WaitCause.BROKER),
    (with_rows(fleet(), own.WorkerChanged(1, "broker", True, "")), None),
    (with_rows(fleet(), own.WorkerChanged(1, "recogniser", False, "gone")), None),
    (standing(rules.NO_PROGRESS_MS), None),
    (standing(rules.NO_PROGRESS_MS + 1), WaitCause.NO_PROGRESS),
    (standing(rules.NO_PROGRESS_MS + 1, acknowledged_update=-1), WaitCause.ACKNOWLEDGEMENT),
    (standing(rules.LONG_ACTION_MS, **whole()), None),
    (standing(rules.LONG_ACTION_MS + 1, **whole()), WaitCause.ACTION),
    (fleet(stray_id=OTHER, holds=(HOLD,)), None),
    (fleet(field_violation=True, silent=True), None),
]


@pytest.mark.parametrize(
    ("state", "cause"), CAUSES, ids=[f"{n}-{c}" for n, (_, c) in enumerate(CAUSES)]
)
def test_what_keeps_a_robot_is_named_once_and_by_its_cause(state, cause):
    waits, after = said(state)

    assert [wait.cause for wait in waits] == ([cause] if cause else [])
    again, _ = said(after)
    assert again == []


def test_an_order_that_ends_while_more_is_listed_is_not_finished():
    robot, order = stood(rules.NO_PROGRESS_MS + 1, **whole(actions=ACTION_ENDED))

    assert [w.cause for w in said(fleet(order, **robot, idle=False))[0]] == [WaitCause.NOT_FINISHED]
    assert said(fleet(order, **robot, idle=True))[0] == []
    robot, order = stood(rules.NO_PROGRESS_MS, **whole(actions=ACTION_ENDED))
    assert said(fleet(order, **robot, idle=False))[0] == []


def test_an_update_that_no_report_shows_for_a_second_is_waited_for_where_the_base_ends():
    shown = {"acknowledged_update": base().update_id - 1}

    def waits(ms_ago, **robot):
        order = {"last_change_ms": now(given()) - ms_ago, **AT_END, **shown}
        return [w.cause for w in said(fleet(order, **{"driving": False, **robot}))[0]]

    assert waits(1_001) == [WaitCause.ACKNOWLEDGEMENT]
    assert waits(1_000) == []
    assert waits(1_001, driving=True) == []


def test_a_robot_without_an_order_waits_for_its_plan_or_the_answer_about_its_package():
    look = Look(task_id(), 3, "a", "f", "sha", given().now_ms + 60_000)
    looking = {"state": TaskState.LOOKING}
    planned = fleet(order_id=None, plan_id="p")

    assert rules._cause_without_order(_turn(planned), planned.robots[D]) is WaitCause.PLAN
    asks = fleet(task=looking, order_id=None, look=look)
    assert rules._cause_without_order(_turn(asks), asks.robots[D]) is WaitCause.RECOGNITION
    no_more = fleet(order_id=None, look=look)
    for state in (no_more, fleet(task=looking, order_id=None, look=replace(look, until_ms=None))):
        cause = rules._cause_without_order(_turn(state), state.robots[D])
        assert cause is not WaitCause.RECOGNITION
    without = fleet(order_id=None, task_id=None)
    assert rules._cause_without_order(_turn(without), without.robots[D]) is None


def _turn(state):
    from fleetapp.core.turn import Turn

    return Turn(state)


def test_a_wait_ends_when_what_kept_the_robot_is_over():
    for cause in (WaitCause.FIELD_VIOLATION, WaitCause.JOURNAL, WaitCause.PLAN):
        state = fleet(wait=Wait(cause, 5, "says", "ends"))

        _, rows = step(state, [seen.Heartbeat("sim/r03", now(state))])

        ended = [r.message.robot_id for r in rows if isinstance(r.message, made.WaitEnded)]
        assert ended == [D]


@pytest.mark.parametrize("cause", [WaitCause.FIELD_VIOLATION, WaitCause.PLAN])
def test_a_wait_that_is_over_ends_where_the_base_ends_too(cause):
    order = {**AT_END, "acknowledged_update": base().update_id}
    state = fleet(order, driving=False, wait=Wait(cause, 5, "says", "ends"))

    assert rules._still_in_traffic(_turn(state), state.robots[D]) is False


def test_a_wait_in_traffic_lasts_where_the_base_ends_and_only_while_more_is_to_come():
    wait = Wait(WaitCause.TRAFFIC, 5, "says", "ends", "", OTHER)

    def lasts(order, **robot):
        state = fleet(order, wait=wait, **robot)
        return rules._still_in_traffic(_turn(state), state.robots[D])

    assert lasts(AT_END)
    assert not lasts({})  # it has floor ahead
    assert not lasts(whole())
    assert not lasts(AT_END, holds=(HOLD,))
    assert not lasts(AT_END, order_id=None)


@pytest.mark.parametrize(
    ("robot", "ends"),
    [
        ({}, False),
        ({"task_id": None}, False),  # on its way home
        ({"order_id": None}, False),
        ({"task_id": None, "order_id": None}, True),
    ],
)
def test_a_young_wait_in_traffic_is_not_ended_at_once_for_whoever_has_work(robot, ends):
    wait = Wait(WaitCause.TRAFFIC, given().now_ms - 10, "says", "ends", "", OTHER)
    turn = _turn(fleet(wait=wait, driving=False, **robot))

    rules._in_traffic(turn, turn.draft.robots[D])

    assert [row.message for row in turn.rows] == ([made.WaitEnded(D)] if ends else [])


@pytest.mark.parametrize(("moved_ms", "soon"), [(-1, True), (0, True), (1, False)])
def test_only_a_robot_that_drives_and_moved_since_has_ended_its_young_wait(moved_ms, soon):
    since_ms = given().now_ms - 10
    wait = Wait(WaitCause.TRAFFIC, since_ms, "says", "ends", "", OTHER)

    def too_soon(**robot):
        state = fleet(wait=wait, moved_ms=since_ms + moved_ms, **robot)
        return rules._too_soon(_turn(state), state.robots[D])

    assert too_soon(driving=True) is soon
    assert too_soon(driving=False)


def test_of_two_causes_the_one_that_must_end_first_is_named():
    first = [
        fleet(stray_id=OTHER, field_violation=True),
        fleet(field_violation=True, paused=True),
        with_rows(fleet(paused=True, driving=False, moved_ms=0), own.JournalUnavailable(1, "full")),
        fleet({"phase": OrderPhase.CANCELLING}, localized=False),
    ]

    named = [said(state)[0][0].cause for state in first]

    assert named == [
        WaitCause.STRAY_NEAR,
        WaitCause.FIELD_VIOLATION,
        WaitCause.PAUSED_BY_ROBOT,
        WaitCause.CANCEL,
    ]


def test_a_robot_whose_load_goes_elsewhere_waits_at_the_end_of_its_base_for_that_route():
    order = base()
    at_end = {"passed": order.released_to, "acknowledged_update": order.update_id}
    state = fleet(at_end, {"state": TaskState.RETURNING}, driving=False, plan_id="plan-back")
    assert not state.orders[order_id()].fully_released

    (wait,), _ = said(state)

    assert wait.cause is WaitCause.PLAN


def test_it_waits_for_no_route_while_it_drives_the_base_that_it_has():
    state = fleet({}, {"state": TaskState.RETURNING}, plan_id="plan-back")
    assert base().passed < base().released_to

    assert said(state)[0] == []
