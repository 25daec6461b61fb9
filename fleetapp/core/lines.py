"""Nobody stands in line for a place that is kept: before the pick the task is queued again.

Its robot is free for other tasks, and its way bends to the next one. A robot that has
its item on board, or may have it, is left where it is.
"""

from fleetapp.core.decisions import TaskMoved
from fleetapp.core.guard import each
from fleetapp.core.kept import BEFORE_PICK, KeptFloor
from fleetapp.core.reach import standing_of
from fleetapp.core.turn import Turn
from fleetapp.fleet.robot import Robot
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import TaskState


def leave_lines(turn: Turn) -> None:
    """Queue tasks again whose robots could only stand in line."""
    draft = turn.draft
    if draft.stop is not None or draft.halted or not draft.journal_ok:
        return
    kept = KeptFloor(draft)
    if not kept.heads:
        return
    with_task = (r.robot_id for r in draft.robots.values() if r.task_id is not None)
    for robot_id in each(turn, "leave_line", with_task):
        robot = draft.robots[robot_id]
        task = draft.tasks[robot.task_id or ""]
        if robot_id not in kept.heads and _is_cut_off(turn, kept, robot, task):
            _queue_again(turn, kept, robot, task)


def _is_cut_off(turn: Turn, kept: KeptFloor, robot: Robot, task: Task) -> bool:
    if task.state not in BEFORE_PICK or task.pick_published:
        return False
    standing = standing_of(turn.draft, robot)
    return standing is not None and not kept.is_open(robot.robot_type, standing.start, task)


def _queue_again(turn: Turn, kept: KeptFloor, robot: Robot, task: Task) -> None:
    keeper = turn.draft.robots.get(kept.keeper_of(task) or "")
    name = (keeper.name or keeper.serial) if keeper is not None else "another robot"
    reason = f"queued again: {name} stood in the way of {robot.name or robot.serial}"
    turn.decide(TaskMoved(turn.now_ms, task.task_id, TaskState.QUEUED, reason, robot.robot_id))
