"""A row changes what it says, of whom it says it, and nothing else: over a fleet that drives.

Each case names all that is different after the row; the rest of the state must be as before.
"""

from dataclasses import replace

import pytest
from driving_fleet import (
    LATER,
    OTHER,
    D,
    a_wait,
    after,
    base,
    check,
    differs,
    driving,
    given,
    of,
    order_id,
    task_id,
    waits,
)

from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.fleet.look import Look
from fleetapp.fleet.order import OrderPhase
from fleetapp.fleet.robot import Hold, Wait
from fleetapp.tasks.lifecycle import NEXT
from fleetapp.terms.modes import EmergencyStop, LoadState, OperatingMode, TaskState, Verification
from fleetapp.terms.reasons import HoldReason, WaitCause


def test_a_wait_begins_with_its_cause_and_keeps_its_time_while_that_stays():
    check(driving(), waits(WaitCause.PLAN), of(D, wait=a_wait(WaitCause.PLAN, LATER)))
    state = given(wait=Wait(WaitCause.PLAN, 5, "said", "end", "", None))
    check(state, waits(WaitCause.PLAN), of(D, wait=a_wait(WaitCause.PLAN, 5)))
    check(state, waits(WaitCause.TRAFFIC), of(D, wait=a_wait(WaitCause.TRAFFIC, LATER)))
    ended = after(state, made.WaitEnded(D)).robots[D]
    assert (ended.wait, ended.state_since_ms) == (None, driving().now_ms)
    assert (ended.waited, ended.waited_until_ms) == (WaitCause.PLAN, driving().now_ms)
    assert after(given(wait=None), made.WaitEnded(D)).robots[D].waited is None


HOLD = Hold(HoldReason.BY_PERSON, LATER, "olga", "look", "frame-7", "v1")
OLD = Hold(HoldReason.NO_ROUTE, 7, "core", "none")


@pytest.mark.parametrize("pause", [True, False])
def test_a_hold_is_added_and_pauses_only_whom_it_says(pause):
    state = given(holds=(OLD,), look=Look("t", 3, "a"), pause_failed=True)
    held = made.RobotHeld(LATER, D, HOLD.reason, "olga", "look", "frame-7", pause, "v1")

    told = {"pause_wanted": True, "pause_failed": False} if pause else {}
    check(state, held, of(D, holds=(OLD, HOLD), look=None, state_since_ms=LATER, **told))


def test_a_hold_leaves_a_verdict_as_it_is():
    look = Look("t", 3, "a", sure=True)
    held = made.RobotHeld(LATER, D, HOLD.reason, "olga", "look", "frame-7", False, "v1")

    check(given(look=look), held, of(D, holds=(HOLD,), state_since_ms=LATER))


@pytest.mark.parametrize("resume", [True, False])
def test_a_release_ends_the_holds_that_it_names(resume):
    state = given(holds=(OLD, HOLD), pause_wanted=True, pause_confirmed=True, broken=("rule",))
    released = made.HoldReleased(LATER, D, (HOLD.reason,), "sam", "well", resume)

    told = {"pause_wanted": False, "pause_confirmed": False, "resume_wanted": True}
    changes = told if resume else {}
    check(state, released, of(D, holds=(OLD,), state_since_ms=LATER, **changes))


def test_a_release_of_a_broken_rule_lets_it_be_tried_again():
    hold = replace(HOLD, reason=HoldReason.RULE_BROKEN)
    released = made.HoldReleased(LATER, D, (hold.reason,), "sam", "well", False)

    check(
        given(holds=(hold,), broken=("rule",)),
        released,
        of(D, holds=(), broken=(), state_since_ms=LATER),
    )


def test_a_pause_for_a_stray_names_it_and_its_end_forgets_it():
    paused = given(stray_id=OTHER, pause_wanted=True, pause_stands=True)
    goes_on = made.RobotResumed(LATER, D, OTHER, "core", "", True)
    stays = replace(goes_on, resume=False)

    check(
        driving(),
        made.RobotPaused(LATER, D, OTHER),
        of(D, stray_id=OTHER, pause_wanted=True, state_since_ms=LATER),
    )
    told = {"pause_wanted": False, "pause_stands": False, "resume_wanted": True}
    check(paused, goes_on, of(D, stray_id="", state_since_ms=LATER, **told))
    let_go = {"pause_wanted": False, "pause_stands": False}
    check(paused, stays, of(D, stray_id="", state_since_ms=LATER, **let_go))


def test_silence_has_its_time_and_a_word_ends_it():
    silent = {"silent": True, "silent_since_ms": LATER, "state_since_ms": LATER}

    check(driving(), made.RobotFellSilent(LATER, D, 8_000), of(D, **silent))
    check(
        given(silent=True),
        made.RobotSpokeAgain(LATER, D),
        of(D, silent=False, state_since_ms=LATER),
    )


def test_what_is_asked_or_shown_of_a_robot_is_kept():
    check(driving(), made.RemedyShown(D, "lift it"), of(D, remedy="lift it"))
    check(driving(), made.ChargingAsked(D, True), of(D, charge_asked=True))
    check(given(charge_asked=True), made.ChargingAsked(D, False), of(D, charge_asked=False))
    check(driving(), made.HomeGiven(D, 2), of(D, home=2) if driving().robots[D].home != 2 else {})


@pytest.mark.parametrize("state", NEXT[TaskState.DRIVING_TO_PICK])
def test_a_task_that_moves_on_says_since_when_and_leaves_its_robot_when_it_is_over(state):
    task = driving().tasks[task_id()]
    assert task.state is TaskState.DRIVING_TO_PICK
    moved = made.TaskMoved(LATER, task_id(), state, "why", D, Verification.BY_PERSON)

    over = state in {TaskState.FAILED, TaskState.CANCELLED}
    expected = {"state": state, "state_since_ms": LATER, "note": "why"}
    expected["verification"] = Verification.BY_PERSON
    if over:
        expected["ended_ms"] = LATER
    if state is TaskState.PICKING:
        expected["pick_published"] = True
    if state is TaskState.QUEUED:
        expected |= {"robot_id": None, "assigned_ms": None}
    changes = differs(driving(), after(driving(), moved))
    assigned, failed = changes.pop("assigned", None), changes.pop("failed_count", None)
    if over or state is TaskState.QUEUED:
        expected_robot = of(D, task_id=None, look=None, state_since_ms=driving().now_ms)
        assert changes == of(task_id(), **expected) | expected_robot
    else:
        assert changes == of(task_id(), **expected)
    assert (assigned is not None) is (state is TaskState.QUEUED)
    assert failed == (driving().failed_count + 1 if state is TaskState.FAILED else None)


def test_a_task_without_a_new_verification_keeps_the_one_it_has():
    state = driving()
    tasks = {**state.tasks, task_id(): replace(state.tasks[task_id()], verification="old")}

    new = after(
        replace(state, tasks=tasks), made.TaskMoved(LATER, task_id(), TaskState.LOOKING, "why", D)
    )

    assert new.tasks[task_id()].verification == "old"


REPORT = seen.RobotReported(
    D,
    LATER,
    "shown",
    9,
    "node-9",
    "yard",
    1,
    2,
    3,
    False,
    456,
    True,
    True,
    True,
    False,
    OperatingMode.MANUAL,
    EmergencyStop.REMOTE,
    True,
    LoadState.LOADED,
    (seen.ErrorSeen("motor", "FATAL", "hot", "n1"),),
)


def test_a_report_is_taken_over_whole():
    told = {
        "x_mm": 1,
        "y_mm": 2,
        "heading_mrad": 3,
        "map_id": "yard",
        "localized": False,
        "last_node_id": "node-9",
        "shown_order_id": "shown",
        "battery_permille": 456,
        "charging": True,
        "driving": True,
        "paused": True,
        "idle": False,
        "mode": OperatingMode.MANUAL,
        "emergency_stop": EmergencyStop.REMOTE,
        "field_violation": True,
        "load": LoadState.LOADED,
        "errors": (("motor", "FATAL", "hot"),),
        "heard_ms": LATER,
        "moved_ms": LATER,
        "reported": True,
        "first_report": True,
    }
    new = after(given(reported=False), REPORT).robots[D]

    assert {name: getattr(new, name) for name in told} == told
    again = after(given(reported=False), REPORT, replace(REPORT, at_ms=LATER + 1)).robots[D]
    assert (again.first_report, again.heard_ms, again.moved_ms) == (False, LATER + 1, LATER)


def test_small_facts_are_noted_with_their_time():
    now = {"now_ms": LATER}

    check(driving(), seen.Heartbeat(D, LATER), of(D, heard_ms=LATER) | now)
    check(driving(), seen.LinkChanged(D, LATER, False), of(D, online=False) | now)
    check(driving(), seen.QuirkSeen(D, LATER, "odd"), of(D, quirks=("odd",)) | now)
    check(given(quirks=("odd",)), seen.QuirkSeen(D, LATER, "odd"), now)
    sheet = seen.FactsheetSeen(D, LATER, "series", "", 1_200, 800, 1_500)
    size = {"length_mm": 1_200, "width_mm": 800}
    check(driving(), sheet, of(D, software="series", **size) | now)
    check(driving(), replace(sheet, software="v2"), of(D, software="v2", **size) | now)


PAUSED = {"pause_wanted": True, "pause_failed": True}


def test_of_a_pause_only_what_was_asked_last_is_believed():
    now = {"now_ms": LATER}
    confirmed = seen.PauseConfirmed(D, LATER, True)
    over = seen.PauseConfirmed(D, LATER, False)

    check(given(**PAUSED), confirmed, of(D, pause_confirmed=True, pause_failed=False) | now)
    check(given(**PAUSED), over, now)
    check(given(resume_wanted=True), over, of(D, resume_wanted=False) | now)
    check(given(resume_wanted=True), confirmed, now)


def test_a_pause_that_reports_do_not_show_or_take_back_is_not_confirmed_any_more():
    now = {"now_ms": LATER}
    proved = {"pause_wanted": True, "pause_confirmed": True, "pause_stands": True}
    undone = of(D, pause_confirmed=False, pause_stands=False)

    missing = seen.PauseUnconfirmed(D, LATER, True)
    check(given(**proved), missing, undone | of(D, pause_failed=True) | now)
    check(given(**proved), replace(missing, paused=False), now)
    check(driving(), missing, now)
    check(given(**proved), seen.PauseContradicted(D, LATER, 1), undone | now)
    stands = seen.StandstillSeen(D, LATER)
    check(given(**PAUSED), stands, of(D, pause_stands=True, pause_failed=False) | now)
    check(driving(), stands, now)


def test_an_order_is_acknowledged_upwards_only():
    known = base().acknowledged_update
    now = {"now_ms": LATER}

    newer = seen.OrderAcknowledged(D, LATER, order_id(), known + 1)
    check(driving(), newer, of(order_id(), acknowledged_update=known + 1) | now)
    for number in (known, known - 1):
        check(driving(), replace(newer, order_update_id=number), now)


def test_a_node_passed_frees_what_lies_behind_and_none_beyond_the_base_or_before_counts():
    order = base()
    state = driving()
    index = order.passed + 1

    new = after(state, seen.NodePassed(D, LATER, order_id(), index, "n"))

    assert (new.orders[order_id()].passed, new.orders[order_id()].moved_ms) == (index, LATER)
    assert (new.robots[D].node, new.robots[D].moved_ms) == (order.nodes[index], LATER)
    freed = {r for r in state.owners if r not in new.owners}
    assert freed
    assert all(state.owners[resource] == D for resource in freed)
    assert order.nodes[index] in new.owners
    for wrong in (order.released_to + 1, order.passed - 1):
        told = seen.NodePassed(D, LATER, order_id(), wrong, "n")
        check(state, told, {"now_ms": LATER})


def test_an_action_that_ended_is_that_one_alone():
    action = base().actions[0]
    told = seen.ActionEnded(D, LATER, order_id(), action.action_id, False, "")

    new = after(driving(), told).orders[order_id()].actions

    assert new == (replace(action, ended=True, ok=False), *base().actions[1:])
    assert after(driving(), replace(told, ok=True)).orders[order_id()].actions[0].ok is True


def test_a_cancel_is_noted_in_the_order_and_its_end_frees_all_but_where_it_stands():
    check(
        driving(),
        made.CancelOrdered(LATER, D, order_id(), "why"),
        of(order_id(), phase=OrderPhase.CANCELLING, cancel_reason="why"),
    )
    node = base().at_node

    new = after(driving(), made.OrderEnded(LATER, order_id(), D, "done", node))
    lost = after(driving(), made.OrderEnded(LATER, order_id(), D, "gone", None))

    assert (new.robots[D].order_id, new.robots[D].node) == (None, node)
    assert new.robots[D].state_since_ms == lost.robots[D].state_since_ms == LATER
    assert {r for r, owner in new.owners.items() if owner == D} <= {node}
    assert lost.owners == driving().owners
    assert lost.robots[D].node is None


def test_a_base_that_grows_takes_its_floor_and_a_new_update_continues_at_the_old_end():
    order = base()
    grown = made.BaseExtended(
        LATER, order_id(), D, order.update_id + 1, order.released_to + 1, (0,)
    )

    new = after(driving(), grown)
    again = after(driving(), replace(grown, update_id=order.update_id))

    assert new.owners[0] == D
    now, same = new.orders[order_id()], again.orders[order_id()]
    assert (now.update_id, now.stitched_at) == (order.update_id + 1, order.released_to)
    assert (now.released_to, now.last_change_ms) == (order.released_to + 1, LATER)
    assert (same.update_id, same.stitched_at) == (order.update_id, order.stitched_at)


def test_a_stop_is_for_all_that_it_names_keeps_its_time_and_grows():
    new = after(driving(), made.FleetStopped(LATER, "olga", "smoke", (D,)))

    assert new.stop.since_ms == LATER
    assert (new.stop.by, new.stop.note, new.stop.robot_ids) == ("olga", "smoke", (D,))
    assert (new.robots[D].pause_wanted, new.robots[D].state_since_ms) == (True, LATER)
    assert new.robots[OTHER] == driving().robots[OTHER]
    more = after(new, made.FleetStopped(LATER + 5, "sam", "fire", (OTHER,)))
    assert replace(more.stop, robot_ids=(D,)) == new.stop
    assert more.stop.robot_ids == (D, OTHER)
    free = after(more, made.FleetReleased(LATER + 9, "sam", "well", (D,)))
    assert free.stop is None
    assert (free.robots[D].pause_wanted, free.robots[D].state_since_ms) == (False, LATER + 9)
    assert not free.robots[OTHER].pause_wanted  # paused at the robot before: not ours to end
    assert not free.robots[OTHER].resume_wanted


def test_a_restart_forgets_what_must_be_seen_anew_and_nothing_that_was_decided():
    look = Look("t", 3, "a", "f", "sha", 5_000)
    state = given(
        look=look,
        silent=True,
        pause_wanted=True,
        pause_confirmed=True,
        pause_stands=True,
        plan_id="p",
    )

    new = after(state, own.EngineStarted(LATER, "b", "1", "site", "d", "m", "md"))

    assert new.started_ms == LATER
    assert new.plans == {}
    robot = new.robots[D]
    assert (robot.reported, robot.silent, robot.heard_ms, robot.plan_id) == (
        False,
        False,
        LATER,
        None,
    )
    assert (robot.pause_wanted, robot.pause_confirmed, robot.pause_stands) == (True, False, False)
    assert robot.look == Look("t", 3, "a")
    assert (robot.order_id, robot.task_id, robot.node) == (order_id(), task_id(), base().at_node)
    sure = after(
        given(look=Look("t", 3, "a", "f", "sha", None, sure=True)),
        own.EngineStarted(LATER, "b", "1", "site", "d", "m", "md"),
    )
    assert sure.robots[D].look == Look("t", 3, "a", "f", "sha", None, sure=True)
