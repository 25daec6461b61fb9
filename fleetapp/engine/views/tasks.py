"""One task as lists and inspector show it."""

from fleetapp.api.views import Candidate, TaskView
from fleetapp.core.state import State
from fleetapp.safety.permission import out_of_dispatch
from fleetapp.tasks.lifecycle import STEP
from fleetapp.tasks.task import Task, is_open
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import Out


def task_view(state: State, task: Task) -> TaskView:
    """Everything a client shows of a task."""
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
        sentence=sentence(state, task),
        load_is=_load_is(state, task),
        verification=task.verification,
        candidates=(
            tuple(Candidate(c.robot_id, c.cost_ms, c.out) for c in assigned.candidates)
            if assigned is not None
            else ()
        ),
        candidates_out=assigned.out_counts if assigned is not None else (),
    )


def robot_name(state: State, robot_id: str | None) -> str:
    """What people call the robot."""
    robot = state.robots.get(robot_id) if robot_id else None
    return robot.name if robot is not None and robot.name else (robot_id or "")


def sentence(state: State, task: Task) -> str:
    """Why the task is where it is."""
    name = robot_name(state, task.robot_id)
    if task.state is TaskState.QUEUED:
        return _queued(state, task)
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


def _queued(state: State, task: Task) -> str:
    before = state.tasks.get(task.after_task_id) if task.after_task_id else None
    if before is not None and is_open(before):
        return f"Waits for {before.task_id}, which comes first."
    if state.stop is not None:
        return "Waits: the fleet is stopped."
    if not state.journal_ok:
        return "Waits: the journal cannot be written."
    if task.wished_robot_id:
        return _wished(state, task.wished_robot_id)
    return f"Waits for a free robot{': ' + task.note if task.note else ''}."


OUT_WORDS: dict[Out, str] = {
    Out.NOT_ADMITTED: "is not admitted",
    Out.HELD: "is held",
    Out.SILENT: "is silent",
    Out.EMERGENCY_STOP: "reports an emergency stop",
    Out.NOT_AUTOMATIC: "is not in automatic mode",
    Out.FATAL_ERROR: "reports a fault",
    Out.OFF_ROADMAP: "stands on no node",
}


def _wished(state: State, robot_id: str) -> str:
    """Only the wished robot may do it: what keeps that one."""
    head = f"Waits for {robot_name(state, robot_id)}, as wished"
    robot = state.robots.get(robot_id)
    out = out_of_dispatch(robot) if robot is not None else None
    if out is not None:
        return f"{head}: it {OUT_WORDS[out]}."
    if robot is not None and robot.task_id is not None:
        return f"{head}: it has {robot.task_id} first."
    return f"{head}."


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
