"""Which tasks a view shows, in which groups, and in which words. Pure."""

from collections.abc import Iterable

from fleetapp.api.views import FleetView, RobotView, TaskView
from fleetapp.terms.modes import RobotState, TaskState

from .stop_look import state_word, still_to_stand
from .table import Group

NEED = frozenset({TaskState.IN_REVIEW})
ENDED = frozenset({TaskState.DONE, TaskState.CANCELLED, TaskState.FAILED})
NEEDY_ROBOTS = frozenset(
    {RobotState.STOPPED, RobotState.EMERGENCY_STOP, RobotState.HELD, RobotState.SILENT}
)
WORDS: dict[TaskState, str] = {
    TaskState.QUEUED: "Queued",
    TaskState.ASSIGNED: "Assigned",
    TaskState.DRIVING_TO_PICK: "Driving",
    TaskState.LOOKING: "Looking",
    TaskState.IN_REVIEW: "In review",
    TaskState.PICKING: "Picking",
    TaskState.CARRYING: "Carrying",
    TaskState.DROPPING: "Dropping",
    TaskState.RETURNING: "Bringing back",
    TaskState.DONE: "Done",
    TaskState.FAILED: "Failed",
    TaskState.CANCELLED: "Cancelled",
}
OPEN_VIEWS = ("need", "under", "queued")
GROUP_TITLES = ("Need you", "Under way", "Queued", "Ended")
Robots = dict[str, RobotView]


def group_of(task: TaskView, robots: Robots) -> int:
    """0 needs a person, 1 under way, 2 queued, 3 ended."""
    if task.state in ENDED:
        return 3
    if task.may_go_alone:
        return 0  # queued, but only a person can end what it waits for
    if task.state is TaskState.QUEUED:
        return 2
    robot = robots.get(task.robot_id or "")
    if task.state in NEED or (robot is not None and robot.state in NEEDY_ROBOTS):
        return 0
    return 1


def views_of(task: TaskView, robots: Robots) -> tuple[str, ...]:
    """The views that hold a task: one of those that ended, or open and its part of it."""
    group = group_of(task, robots)
    return (task.state.value,) if group == 3 else ("open", OPEN_VIEWS[group])


def found(task: TaskView, words: str, robots: Robots) -> bool:
    """Whether every word occurs in the task's id, item, stations or robot."""
    robot = robots.get(task.robot_id or "")
    parts = (task.task_id, task.sku, task.label_code, task.from_station, task.to_station)
    text = " ".join(filter(None, (*parts, robot.name if robot is not None else ""))).lower()
    return all(word in text for word in words.lower().split())


def grouped(tasks: Iterable[TaskView], robots: Robots) -> list[TaskView | Group]:
    """Tasks under the lines of their groups; ended ones newest first."""
    placed: dict[int, list[TaskView]] = {}
    for task in tasks:
        placed.setdefault(group_of(task, robots), []).append(task)
    made: list[TaskView | Group] = []
    for number in sorted(placed):
        members = sorted(
            placed[number],
            key=lambda t: (-(t.ended_ms or 0), t.due_ms or 1 << 62, t.created_ms, t.task_id),
        )
        made.append(Group(GROUP_TITLES[number], len(members)))
        made.extend(members)
    return made


def sign_of(task: TaskView, robots: Robots) -> RobotState | str:
    """The mark at the left: a robot state, or an icon for an ended task."""
    ended = {TaskState.DONE: "check", TaskState.CANCELLED: "x", TaskState.FAILED: "circle-alert"}
    if task.state in ended:
        return ended[task.state]
    if task.state is TaskState.IN_REVIEW or task.may_go_alone:
        return RobotState.HELD
    if task.state is TaskState.QUEUED:
        return RobotState.IDLE
    robot = robots.get(task.robot_id or "")
    if robot is not None and (robot.state in NEEDY_ROBOTS or robot.state is RobotState.WAITING):
        return robot.state
    return RobotState.WORKING


def is_hollow(task: TaskView, robots: Robots, fleet: FleetView | None) -> bool:
    """Whether its mark is the octagon of a robot that is told to stop and does not stand yet."""
    robot = robots.get(task.robot_id or "")
    shown = robot is not None and sign_of(task, robots) is RobotState.STOPPED
    return shown and robot is not None and still_to_stand(robot, fleet)


def state_words(task: TaskView, robots: Robots, fleet: FleetView | None) -> str:
    """What is going on, in two words; a robot's trouble comes first, a stop by its report."""
    sign = sign_of(task, robots)
    if task.state is TaskState.IN_REVIEW:
        return "In review"
    if task.state is TaskState.QUEUED and task.may_go_alone:
        return "Waits for you"
    robot = robots.get(task.robot_id or "")
    if robot is not None and is_hollow(task, robots, fleet):
        return state_word(robot, fleet)
    spoken = {
        RobotState.HELD: "Robot held",
        RobotState.SILENT: "Robot silent",
        RobotState.STOPPED: "Robot stopped",
        RobotState.EMERGENCY_STOP: "Emergency stop",
        RobotState.WAITING: "Waiting",
    }
    if isinstance(sign, RobotState) and sign in spoken:
        return spoken[sign]
    return WORDS[task.state]


def item_words(task: TaskView) -> str:
    """How many of what."""
    return f"{task.count} × {task.label_code or task.sku or 'item'}"
