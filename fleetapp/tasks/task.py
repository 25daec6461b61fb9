"""A task as the core keeps it: what the warehouse wants, and how far it has come."""

from dataclasses import dataclass

from fleetapp.terms.modes import Priority, TaskState, Verification


@dataclass(frozen=True, slots=True)
class Task:
    """One pick: this item, from here, to there."""

    task_id: str
    sku: str | None
    label_code: str | None
    count: int
    from_station: str
    to_station: str
    priority: Priority
    due_ms: int | None
    after_task_id: str | None
    wished_robot_id: str | None
    created_ms: int
    created_by: str
    state: TaskState = TaskState.QUEUED
    state_since_ms: int = 0
    robot_id: str | None = None
    assigned_ms: int | None = None
    ended_ms: int | None = None
    verification: Verification | None = None
    note: str = ""  # why it failed, was cancelled or waits for a person
    pick_published: bool = False  # once true, only this robot can know of the item
    looks: int = 0  # frames asked for, so that each look has an action id of its own
    assigned_seq: int | None = None  # nth assignment, for order ids that never repeat
    number: int = 0  # nth task that the fleet took: who came first
    after_state: TaskState | None = None  # of the task before it, once that may be forgotten
    freed: bool = False  # a person sent it on without the task before it


OPEN_STATES = frozenset(
    {
        TaskState.QUEUED,
        TaskState.ASSIGNED,
        TaskState.DRIVING_TO_PICK,
        TaskState.LOOKING,
        TaskState.IN_REVIEW,
        TaskState.PICKING,
        TaskState.CARRYING,
        TaskState.DROPPING,
        TaskState.RETURNING,
    }
)


def is_open(task: Task) -> bool:
    """Whether the task still wants something."""
    return task.state in OPEN_STATES


def may_be_given_to_another(task: Task) -> bool:
    """Whether the item certainly still lies where it was.

    Rule: DESIGN.md section 5; once a pick was published to a robot, only its own
    report or a person can say where the item is.
    """
    return is_open(task) and not task.pick_published
