"""A robot is ours no longer: what it had ends with it, the same way for every cause."""

from fleetapp.core.alarms import end_alarm
from fleetapp.core.decisions import OrderEnded, RobotRemoved, TaskMoved
from fleetapp.core.turn import Turn
from fleetapp.fleet.robot import Robot
from fleetapp.tasks.task import is_open, may_be_given_to_another
from fleetapp.terms.modes import TaskState


def depart(turn: Turn, robot: Robot, by: str) -> None:
    """End its task, order, admission and alarms; the task goes back unless it may be on board."""
    task = turn.draft.tasks.get(robot.task_id) if robot.task_id else None
    if task is not None and is_open(task):
        state = TaskState.QUEUED if may_be_given_to_another(task) else TaskState.FAILED
        text = "its robot was removed"
        turn.decide(TaskMoved(turn.now_ms, task.task_id, state, text, robot.robot_id))
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    if order is not None:
        turn.decide(
            OrderEnded(turn.now_ms, order.order_id, robot.robot_id, "removed", order.at_node)
        )
    turn.decide(RobotRemoved(turn.now_ms, robot.robot_id, by))
    for alarm in tuple(turn.draft.alarms.values()):
        if alarm.raised.robot_id == robot.robot_id:
            end_alarm(turn, alarm.raised.kind, robot.robot_id)
