"""The life cycle of a task as one table; every other transition is an error.

It holds what some rule decides, no more: nothing is picked without a look, nothing is
delivered but at its station, and a task whose pick was ordered is cancelled only by way
of `returning`.

Sources: DESIGN.md section 5 (pick to order to audit row, a load on board).
"""

from fleetapp.terms.modes import TaskState

S = TaskState

NEXT: dict[TaskState, tuple[TaskState, ...]] = {
    S.QUEUED: (S.ASSIGNED, S.CANCELLED, S.FAILED),
    S.ASSIGNED: (S.DRIVING_TO_PICK, S.QUEUED, S.CANCELLED, S.FAILED),
    S.DRIVING_TO_PICK: (S.LOOKING, S.QUEUED, S.CANCELLED, S.FAILED),
    S.LOOKING: (S.IN_REVIEW, S.PICKING, S.QUEUED, S.CANCELLED, S.FAILED),
    S.IN_REVIEW: (S.PICKING, S.LOOKING, S.QUEUED, S.CANCELLED, S.FAILED),
    S.PICKING: (S.CARRYING, S.QUEUED, S.RETURNING, S.FAILED),
    S.CARRYING: (S.DROPPING, S.RETURNING, S.FAILED),
    S.DROPPING: (S.DONE, S.RETURNING, S.FAILED),
    S.RETURNING: (S.CANCELLED, S.FAILED),
    S.DONE: (),
    S.FAILED: (S.QUEUED, S.CANCELLED),
    S.CANCELLED: (),
}

STEP: dict[TaskState, int] = {
    S.QUEUED: 0,
    S.ASSIGNED: 0,
    S.DRIVING_TO_PICK: 0,
    S.LOOKING: 1,
    S.IN_REVIEW: 1,
    S.PICKING: 2,
    S.CARRYING: 3,
    S.DROPPING: 4,
    S.RETURNING: 3,
    S.DONE: 5,
    S.FAILED: 0,
    S.CANCELLED: 0,
}


class LifecycleError(ValueError):
    """A transition that the table does not have."""


def check(before: TaskState, after: TaskState) -> None:
    """Refuse a transition that is not in the table.

    Raises:
        LifecycleError: naming both states.
    """
    if after not in NEXT[before]:
        raise LifecycleError(
            f"a task cannot go from {before.value} to {after.value}: "
            f"from {before.value} it may go to {[s.value for s in NEXT[before]]}"
        )
