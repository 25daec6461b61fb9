"""Rows after which robots and tasks are matched anew; what is counted; what nobody knows."""

from dataclasses import replace

import pytest
from driving_fleet import (
    LATER,
    OTHER,
    D,
    after,
    base,
    check,
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
from fleetapp.terms.modes import EmergencyStop, LoadState, OperatingMode, TaskState, Verification
from fleetapp.terms.reasons import WaitCause

# --- When robots and tasks are matched anew ------------------------------------------


def is_due(state, message):
    return after(replace(state, dispatch_due=False), message).dispatch_due


def as_reported():
    """A report that says of the first robot what is known already."""
    robot = driving().robots[D]
    return seen.RobotReported(
        D,
        LATER,
        robot.shown_order_id,
        0,
        robot.last_node_id,
        robot.map_id,
        robot.x_mm,
        robot.y_mm,
        robot.heading_mrad,
        robot.localized,
        900,
        robot.charging,
        robot.driving,
        robot.paused,
        robot.idle,
        robot.mode,
        robot.emergency_stop,
        robot.field_violation,
        robot.load,
    )


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({}, False),
        ({"x_mm": 1, "driving": True}, False),
        ({"paused": True}, True),
        ({"field_violation": True}, True),
        ({"localized": False}, True),
        ({"battery_permille": 949}, False),
        ({"battery_permille": 950}, True),
        ({"battery_permille": 899}, True),
        ({"battery_permille": None}, True),
        ({"mode": OperatingMode.MANUAL}, True),
        ({"load": LoadState.LOADED}, True),
        ({"emergency_stop": EmergencyStop.MANUAL}, True),
        ({"charging": True}, True),
        ({"errors": (seen.ErrorSeen("lamp", "WARNING", ""),)}, True),
    ],
    ids=str,
)
def test_a_report_matches_anew_if_it_says_something_that_decides_who_takes_a_task(changes, due):
    assert is_due(given(battery_permille=900), replace(as_reported(), **changes)) is due


def test_a_robot_that_becomes_idle_or_is_heard_for_the_first_time_may_take_a_task():
    report = as_reported()

    assert is_due(given(battery_permille=900, reported=False), report)
    assert is_due(given(battery_permille=900), replace(report, idle=not report.idle))


def test_rows_that_free_a_robot_or_bring_a_task_match_anew_and_others_do_not():
    due = [
        made.TaskMoved(LATER, task_id(), TaskState.QUEUED, "why", D),
        made.TaskMoved(LATER, task_id(), TaskState.CANCELLED, "why", D),
        made.TaskFreed(LATER, task_id(), "before", "olga", "go on"),
        made.TaskAccepted(replace(driving().tasks[task_id()], task_id="NEW")),
        made.HoldReleased(LATER, D, (), "sam", "well", False),
        made.RobotResumed(LATER, D, OTHER, "core", "", False),
        made.RobotSpokeAgain(LATER, D),
        made.RemedyShown(D, ""),
        made.PlanDropped("p", D, "why"),
        made.FloorTaken(D, 0, (0,)),
        made.OrderEnded(LATER, order_id(), D, "done", base().at_node),
        made.FleetReleased(LATER, "sam", "well", ()),
        made.RobotAdmitted(LATER, D, "carrier", "r01", "sam"),
        own.JournalRecovered(LATER),
        seen.ChargingUnconfirmed(D, LATER, True),
        made.RobotFellSilent(LATER, D, 8_000),  # nobody is to stand in line for it
    ]
    others = [
        made.TaskMoved(LATER, task_id(), TaskState.LOOKING, "why", D),
        waits(WaitCause.PLAN),
        made.RobotPaused(LATER, D, OTHER),
        seen.Heartbeat(D, LATER),
        own.JournalUnavailable(LATER, "full"),
    ]

    assert [m for m in due if not is_due(driving(), m)] == []
    assert [m for m in others if is_due(driving(), m)] == []


# --- What is counted -------------------------------------------------------------------


def test_tasks_are_counted_when_they_come_and_when_they_end():
    state = driving()
    new = after(state, made.TaskAccepted(replace(state.tasks[task_id()], task_id="NEW", number=0)))
    assert new.tasks["NEW"].number == new.tasks_taken == state.tasks_taken + 1

    way = (
        TaskState.LOOKING,
        TaskState.PICKING,
        TaskState.CARRYING,
        TaskState.DROPPING,
        TaskState.DONE,
    )
    done = after(state, *(made.TaskMoved(LATER, task_id(), to, "why", D) for to in way))
    failed = after(state, made.TaskMoved(LATER, task_id(), TaskState.FAILED, "why", D))

    assert (done.done_count, done.failed_count) == (state.done_count + 1, state.failed_count)
    assert (failed.done_count, failed.failed_count) == (state.done_count, state.failed_count + 1)
    assert done.tasks[task_id()].ended_ms == LATER


def test_a_task_that_a_person_sent_on_is_free_and_one_that_was_judged_says_how():
    check(
        driving(),
        made.TaskFreed(LATER, task_id(), "before", "olga", "go on"),
        of(task_id(), freed=True),
    )
    judged = made.RecognitionJudged(
        LATER, D, task_id(), "f", "m", "d", True, None, Verification.VERIFIED, "", 900, 0
    )

    new = after(driving(), judged)

    assert new.tasks[task_id()].verification is Verification.VERIFIED
    assert (new.robots[D].look.sure, new.robots[D].look.until_ms) == (True, None)
    doubted = after(new, replace(judged, sure=False, verification=None))
    assert doubted.tasks[task_id()].verification is None
    assert doubted.robots[D].look.sure is False


def test_facts_about_robots_that_nobody_knows_are_left_alone():
    state, stranger = driving(), "sim/r99"
    for message in (
        replace(as_reported(), robot_id=stranger),
        seen.Heartbeat(stranger, LATER),
        seen.LinkChanged(stranger, LATER, False),
        seen.PauseConfirmed(stranger, LATER, True),
        seen.PauseUnconfirmed(stranger, LATER, True),
        seen.PauseContradicted(stranger, LATER, 3),
        seen.StandstillSeen(stranger, LATER),
        seen.ChargingUnconfirmed(stranger, LATER, True),
        seen.QuirkSeen(stranger, LATER, "odd"),
        seen.FactsheetSeen(stranger, LATER, "s", "", 1, 1, 1),
        seen.NodePassed(stranger, LATER, "none", 1, "n"),
        seen.OrderAcknowledged(stranger, LATER, "none", 1),
        seen.ActionEnded(stranger, LATER, "none", "a", True, ""),
    ):
        check(state, message, {"now_ms": LATER})
