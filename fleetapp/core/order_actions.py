"""Which actions an order carries, by its purpose.

Look with the camera at the pick node; pick as the first node of the carry (on
VDA 5050 2.x sent nodes are immutable, so the pick comes in an order of its own,
once the look was sure); drop at the end. Action ids are never used twice.
"""

from fleetapp.core.decisions import PlanRequested
from fleetapp.core.draft import Draft
from fleetapp.fleet.order import ActionKind, OrderAction, Purpose
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import TaskState


def actions_for(
    draft: Draft,
    problem: PlanRequested,
    id_prefix: str,
    last_index: int,
    sent: tuple[OrderAction, ...],
) -> tuple[OrderAction, ...]:
    """Actions of the order: those already sent, then what the purpose needs."""
    task = draft.tasks.get(problem.task_id) if problem.task_id else None
    if task is None:
        return sent
    if problem.purpose in (Purpose.TO_PICK, Purpose.LOOK):
        camera = draft.floor.types[problem.robot_type].camera
        wanted = (ActionKind.DETECT,) if camera else ()
        made = tuple(
            _action(task, kind, f"{id_prefix}-look", last_index, task.from_station)
            for kind in wanted
        )
        return (*sent, *made)
    if problem.purpose is Purpose.CARRY:
        return (*sent, *_carry(task, id_prefix, last_index, picked=bool(sent)))
    if problem.purpose is Purpose.TO_RETURN:
        return (
            *sent,
            _action(task, ActionKind.DROP, f"{id_prefix}-back", last_index, problem.station_id),
        )
    return sent


def _carry(task: Task, id_prefix: str, last_index: int, *, picked: bool) -> tuple[OrderAction, ...]:
    drop = _action(task, ActionKind.DROP, f"{id_prefix}-drop", last_index, task.to_station)
    on_board = picked or task.state in (TaskState.CARRYING, TaskState.DROPPING)
    if on_board:
        return (drop,)
    return (_action(task, ActionKind.PICK, f"{id_prefix}-pick", 0, task.from_station), drop)


def _action(
    task: Task, kind: ActionKind, action_id: str, node_index: int, station_id: str
) -> OrderAction:
    return OrderAction(action_id, kind, node_index, station_id, task.label_code, task.sku)
