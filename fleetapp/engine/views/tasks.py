"""One task as lists and inspector show it."""

from fleetapp.api.views import Candidate, TaskView
from fleetapp.core.set_aside import Reasons
from fleetapp.core.state import State
from fleetapp.engine.views.queue import may_go_alone, queued_sentence, reasons_of, robot_name
from fleetapp.tasks.lifecycle import STEP
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import TaskState


def task_view(state: State, task: Task, reasons: Reasons | None = None) -> TaskView:
    """Everything a client shows of a task; `reasons` are those of this state."""
    assigned = state.assigned.get(task.task_id)
    return TaskView(
        task_id=task.task_id,
        state=task.state,
        sku=task.sku,
        label_code=task.label_code,
        count=task.count,
        from_station=task.from_station,
        to_station=task.to_station,
        priority=task.priority,
        due_ms=task.due_ms,
        after_task_id=task.after_task_id,
        created_ms=task.created_ms,
        created_by=task.created_by,
        assigned_ms=task.assigned_ms,
        ended_ms=task.ended_ms,
        robot_id=task.robot_id,
        step=STEP[task.state],
        sentence=sentence(state, task, reasons),
        load_is=_load_is(state, task),
        verification=task.verification,
        candidates=(
            tuple(Candidate(c.robot_id, c.cost_ms, c.out) for c in assigned.candidates)
            if assigned is not None
            else ()
        ),
        candidates_out=assigned.out_counts if assigned is not None else (),
        may_go_alone=may_go_alone(state, task),
    )


def sentence(state: State, task: Task, reasons: Reasons | None = None) -> str:
    """Why the task is where it is; `reasons` are those of this state, if there are several."""
    name = robot_name(state, task.robot_id)
    if task.state is TaskState.QUEUED:
        return queued_sentence(state, task, reasons or reasons_of(state))
    sentences = {
        TaskState.ASSIGNED: f"{name} is about to leave for {task.from_station}.",
        TaskState.DRIVING_TO_PICK: f"{name} drives to {task.from_station}.",
        TaskState.LOOKING: f"{name} looks at the package at {task.from_station}.",
        TaskState.IN_REVIEW: f"{name} asks a person: {task.note}",
        TaskState.PICKING: f"{name} picks at {task.from_station}.",
        TaskState.CARRYING: f"{name} carries it to {task.to_station}.",
        TaskState.DROPPING: f"{name} hands it over at {task.to_station}.",
        TaskState.RETURNING: f"{name} brings it back: {task.note}.",
        TaskState.DONE: f"Delivered at {task.to_station} by {name}.",
        TaskState.FAILED: f"Failed: {task.note}.",
        TaskState.CANCELLED: f"{task.note[:1].upper()}{task.note[1:]}.",
    }
    return sentences[task.state]


def _load_is(state: State, task: Task) -> str:
    name = robot_name(state, task.robot_id)
    if task.state is TaskState.DONE:
        return f"at {task.to_station}"
    if task.state in (TaskState.CARRYING, TaskState.DROPPING, TaskState.RETURNING):
        return f"on {name}"
    if task.state in (TaskState.PICKING, TaskState.FAILED, TaskState.CANCELLED):
        if task.state is TaskState.PICKING:
            return f"between {task.from_station} and {name}"
        return "see the note" if task.pick_published else f"at {task.from_station}"
    return f"at {task.from_station}"
