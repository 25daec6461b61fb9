"""A failed task is an alarm until it is queued again, cancelled or forgotten.

Looks only at tasks that moved in this step; one alarm for each task.
"""

from fleetapp.core.alarms import end_alarm, raise_alarm
from fleetapp.core.decisions import TaskMoved
from fleetapp.core.turn import Turn
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import AlarmKind


def alarm_failed_tasks(turn: Turn) -> None:
    """Raise and end the alarms about failed tasks."""
    moved = {row.message.task_id for row in turn.rows if isinstance(row.message, TaskMoved)}
    for task_id in sorted(moved):
        _judge(turn, task_id)
    if moved:
        _end_forgotten(turn)


def _judge(turn: Turn, task_id: str) -> None:
    task = turn.draft.tasks.get(task_id)
    if task is None or task.state is not TaskState.FAILED:
        end_alarm(turn, AlarmKind.TASK_FAILED, task_id)
    else:
        raise_alarm(turn, AlarmKind.TASK_FAILED, task.note, task_id=task_id)


def _end_forgotten(turn: Turn) -> None:
    """Tasks are forgotten when others end."""
    for alarm in tuple(turn.draft.alarms.values()):
        raised = alarm.raised
        if raised.kind is AlarmKind.TASK_FAILED and raised.task_id not in turn.draft.tasks:
            end_alarm(turn, AlarmKind.TASK_FAILED, raised.task_id or "")
