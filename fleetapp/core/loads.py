"""A load that may be on board when an order ends before its time.

Before the pick the task is free again; after it the load goes to the return
station, or a person looks at the robot. Never a new pick while a load is on
board or unknown (DESIGN.md section 5, "A load on board").

What a report says of the load is concluded whenever the robot has no order and nothing
holds it, not at one moment of a release or a cancel: they come in any order.
"""

from fleetapp.core.decisions import TaskMoved
from fleetapp.core.draft import Draft
from fleetapp.core.guard import each
from fleetapp.core.holding import hold
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import ActionKind, Order
from fleetapp.fleet.robot import Robot
from fleetapp.tasks.task import Task, is_open
from fleetapp.terms.modes import LoadState, TaskState
from fleetapp.terms.reasons import HoldReason

CARRIED = frozenset({TaskState.CARRYING, TaskState.DROPPING, TaskState.RETURNING})


def task_of(draft: Draft, order: Order) -> Task | None:
    """The open task that the order still serves.

    A task taken back or given up leaves its order behind; what that order does
    says nothing about the task any more, which may be with another robot.
    """
    task = draft.tasks.get(order.task_id) if order.task_id else None
    if task is None or not is_open(task) or task.robot_id != order.robot_id:
        return None
    return task


def picked(order: Order) -> bool | None:
    """Whether the robot says that it picked; None if the order has no pick that ended."""
    for action in order.actions:
        if action.kind is ActionKind.PICK and action.ended:
            return action.ok
    return None


def load_contradicts(robot: Robot, order: Order) -> bool:
    """Whether its reports deny that it set down what it carried; silence denies nothing."""
    if not order.handed_over:
        return False
    return robot.load is LoadState.LOADED or order.unladen_ms is not None


def after_cancel(turn: Turn, order: Order) -> None:
    """The order is given up: what becomes of a task whose pick it had."""
    task = task_of(turn.draft, order)
    robot = turn.draft.robots[order.robot_id]
    if task is None or picked(order):
        return
    had_pick = any(action.kind is ActionKind.PICK for action in order.actions)
    if task.state is not TaskState.RETURNING or not had_pick:
        return
    if robot.load is LoadState.EMPTY:
        _move(turn, task, TaskState.CANCELLED, f"{task.note}; nothing was loaded")
    if robot.load is LoadState.UNKNOWN:
        hold(
            turn,
            robot.robot_id,
            HoldReason.LOAD_UNKNOWN,
            note="Its pick was given up and it does not say whether it is loaded: "
            "look what it carries",
            evidence=order.order_id,
        )


def after_loss(turn: Turn, order: Order) -> None:
    """The robot lost the order: the task is free again, or a person looks at the load."""
    task = task_of(turn.draft, order)
    robot = turn.draft.robots[order.robot_id]
    if task is None:
        return
    empty = robot.load is LoadState.EMPTY
    if task.state is TaskState.RETURNING and robot.load is LoadState.LOADED:
        return  # it is brought back by a new order
    if not task.pick_published or (empty and task.state is TaskState.PICKING):
        _move(turn, task, TaskState.QUEUED, "its order is gone and nothing is loaded")
        return
    hold(
        turn,
        order.robot_id,
        HoldReason.LOAD_UNKNOWN,
        note="Its order is gone after the pick was ordered: look what it carries",
        evidence=order.order_id,
    )


def conclude_loads(turn: Turn) -> None:
    """Let tasks whose pick was ordered go on as the reports of their robots say.

    A pick that was ordered and is with no order any more has failed or was given up, and
    its robot was held for that: whoever released it has looked.
    """
    idle = (
        robot.robot_id
        for robot in turn.draft.robots.values()
        if robot.task_id and robot.order_id is None and not robot.held and _is_heard(robot)
    )
    for robot_id in each(turn, "conclude_load", idle):
        _conclude(turn, turn.draft.robots[robot_id])


def _is_heard(robot: Robot) -> bool:
    """Whether what it said of its load is of now: since the start, and not before a silence."""
    return robot.reported and not robot.silent


def _conclude(turn: Turn, robot: Robot) -> None:
    task = turn.draft.tasks.get(robot.task_id) if robot.task_id else None
    if task is None or not task.pick_published:
        return
    if task.state is TaskState.PICKING:
        _after_pick(turn, robot, task)
    elif task.state in CARRIED and robot.load is LoadState.EMPTY:
        returning = task.state is TaskState.RETURNING
        state = TaskState.CANCELLED if returning else TaskState.FAILED
        _move(turn, task, state, "a person looked: the item is no longer on board")


def may_pick(robot: Robot, task: Task) -> bool:
    """Whether another order may begin with a pick: never while something may be on board."""
    return task.state is not TaskState.PICKING or robot.load is LoadState.EMPTY


def _after_pick(turn: Turn, robot: Robot, task: Task) -> None:
    if robot.load is LoadState.LOADED:
        _move(turn, task, TaskState.CARRYING, "a person looked: the item is on board")
    elif robot.load is LoadState.EMPTY:
        _move(turn, task, TaskState.QUEUED, "a person looked: nothing is loaded")
    else:
        text = "its pick failed and it does not say whether it is loaded: a person sees to the item"
        _move(turn, task, TaskState.FAILED, text)


def _move(turn: Turn, task: Task, state: TaskState, reason: str) -> None:
    turn.decide(TaskMoved(turn.now_ms, task.task_id, state, reason, task.robot_id))
