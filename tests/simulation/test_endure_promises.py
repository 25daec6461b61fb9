"""What was answered before a crash and is not so after it is told."""

from concurrent.futures import Future
from dataclasses import replace

import pytest
from shift_under_way import R1, free_model, state, with_robot

from fleetapp.api import commands as asked
from fleetapp.api.commands import Outcome
from fleetapp.core import decisions as made
from fleetapp.core.state import FleetStop
from fleetapp.core.turn import Row
from fleetapp.fleet.robot import Hold
from fleetapp.simulation.endure.promises import Promises
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import HoldReason


def promised(command, task_id=None):
    """A command that was answered."""
    promises, answer = Promises(), Future()
    answer.set_result(Outcome(command.command_id, True, "", "", task_id=task_id))
    promises.note(command, answer)
    return promises


def lost_by_a_crash(promises, model, after):
    promises.crashed(model)
    return [story for _, _, story in promises.broken(after)]


def a_model_with(**changes):
    return replace(free_model(), tasks={"T1": "cancelled", "T2": "carrying"}, **changes)


@pytest.mark.parametrize(
    ("command", "lost"),
    [
        (asked.StopAll("c1"), "stop"),
        (asked.HoldRobot("c1", R1, "dust"), "hold"),
        (asked.CancelTask("c1", "T1"), "cancel"),
        (asked.SubmitTask("c1", "A", "B", task_id="T2"), "task"),
    ],
)
def test_what_was_answered_and_a_crash_lost_is_told_at_any_crash(command, lost):
    promises = promised(command, "T2")
    model = a_model_with(stopped=True)
    model.robots[R1].holds["by_person"] = "Olga"
    task = next(iter(state().tasks.values()))
    tasks = {"T1": replace(task, task_id="T1", state=TaskState.CANCELLED), "T2": task}
    kept = replace(state(), stop=FleetStop(0, "x", "", ()), tasks=tasks)
    kept = with_robot(kept, R1, holds=(Hold(HoldReason.BY_PERSON, 0, "x", ""),))

    first = lost_by_a_crash(promises, model, kept)
    second = lost_by_a_crash(promises, model, state())

    assert first == []
    assert second == [f"a {lost} that was answered is gone"]


def test_a_task_that_was_cancelled_and_goes_on_after_a_crash_is_told():
    promises = promised(asked.CancelTask("c1", "T1"))
    goes_on = replace(state(), tasks={"T1": next(iter(state().tasks.values()))})

    assert lost_by_a_crash(promises, a_model_with(), goes_on)


def test_what_was_released_or_never_answered_is_no_promise():
    released, unanswered = promised(asked.StopAll("c1")), Promises()
    unanswered.note(asked.StopAll("c2"), Future())

    assert lost_by_a_crash(released, a_model_with(), state()) == []
    assert lost_by_a_crash(unanswered, a_model_with(stopped=True), state()) == []


@pytest.mark.parametrize(
    ("reasons", "lost"),
    [
        ((HoldReason.BY_PERSON,), []),
        ((HoldReason.NOT_SURE,), ["a hold that was answered is gone"]),
    ],
)
def test_a_hold_that_a_person_ends_with_the_first_tick_of_a_start_is_not_lost(reasons, lost):
    promises, model = promised(asked.HoldRobot("c1", R1, "dust")), a_model_with()
    model.robots[R1].holds["by_person"] = "Olga"
    promises.crashed(model)

    released = made.HoldReleased(0, R1, reasons, "Sander", "well", resume=True)
    promises.lifted((Row(1, released, None),))

    assert [story for _, _, story in promises.broken(state())] == lost
