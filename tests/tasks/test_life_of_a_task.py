"""The life of a task: what may follow on what, how far it is shown, when another may have it."""

from dataclasses import replace
from itertools import pairwise

import pytest

from fleetapp.tasks.lifecycle import NEXT, STEP, LifecycleError, check
from fleetapp.tasks.task import Task, is_open, may_be_given_to_another
from fleetapp.terms.modes import Priority, TaskState

S = TaskState
WAY = (
    S.QUEUED,
    S.ASSIGNED,
    S.DRIVING_TO_PICK,
    S.LOOKING,
    S.IN_REVIEW,
    S.PICKING,
    S.CARRYING,
    S.DROPPING,
    S.DONE,
)
TASK = Task("t", "S", None, 1, "A", "P", Priority.NORMAL, None, None, None, 0, "olga")


@pytest.mark.parametrize("before", list(TaskState))
@pytest.mark.parametrize("after", list(TaskState))
def test_what_the_table_does_not_hold_is_refused(before, after):
    if after in NEXT[before]:
        check(before, after)
        return
    with pytest.raises(LifecycleError, match=f"from {before.value} to {after.value}"):
        check(before, after)


def test_the_way_of_a_task_is_open_and_what_is_over_stays_over():
    for before, after in pairwise(WAY):
        check(before, after)
    assert NEXT[S.DONE] == NEXT[S.CANCELLED] == ()
    assert NEXT[S.FAILED] == (S.QUEUED, S.CANCELLED)


def test_nothing_is_picked_without_a_look_and_delivered_but_at_its_station():
    before_picking = {state for state, after in NEXT.items() if S.PICKING in after}
    before_done = {state for state, after in NEXT.items() if S.DONE in after}

    assert before_picking == {S.LOOKING, S.IN_REVIEW}
    assert before_done == {S.DROPPING}


def test_a_task_whose_pick_was_ordered_is_cancelled_only_when_its_load_was_seen_to():
    ordered = (S.PICKING, S.CARRYING, S.DROPPING)

    assert all(S.CANCELLED not in NEXT[state] for state in ordered)
    assert all(S.RETURNING in NEXT[state] for state in ordered)
    assert S.CANCELLED in NEXT[S.RETURNING]


def test_a_task_is_shown_in_six_steps_one_after_another():
    assert [STEP[state] for state in WAY] == [0, 0, 0, 1, 1, 2, 3, 4, 5]
    assert STEP[S.RETURNING] == STEP[S.CARRYING]
    assert STEP[S.FAILED] == STEP[S.CANCELLED] == STEP[S.QUEUED]
    assert set(STEP) == set(TaskState)


@pytest.mark.parametrize("state", list(TaskState))
def test_another_robot_may_have_it_only_while_it_is_open_and_no_pick_went_out(state):
    task = replace(TASK, state=state)
    over = state in {S.DONE, S.FAILED, S.CANCELLED}

    assert is_open(task) is not over
    assert may_be_given_to_another(task) is not over
    assert may_be_given_to_another(replace(task, pick_published=True)) is False


def test_a_new_task_waits_and_nothing_of_it_is_done():
    assert (TASK.state, TASK.pick_published, TASK.freed) == (S.QUEUED, False, False)
    assert (TASK.looks, TASK.number, TASK.state_since_ms) == (0, 0, 0)
