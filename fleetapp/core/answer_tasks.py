"""Ordering, cancelling and requeueing tasks."""

from collections.abc import Iterable

from fleetapp.api import commands as asked
from fleetapp.api.commands import Person
from fleetapp.core.answer_overrides import release
from fleetapp.core.decisions import CancelOrdered, TaskAccepted, TaskFreed, TaskMoved
from fleetapp.core.known import ENDED, NOTHING, Known, became_of, difference
from fleetapp.core.loads import CARRIED
from fleetapp.core.replies import Reply, done, refused
from fleetapp.core.set_aside import behind_another
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import ActionKind, Order
from fleetapp.layout.site import Station
from fleetapp.tasks.task import Task, is_open
from fleetapp.terms.modes import SOURCE_KINDS, TARGET_KINDS, LoadState, TaskState
from fleetapp.terms.reasons import NEEDS_A_PERSON, HoldReason, Refusal


def submit(turn: Turn, command: asked.SubmitTask, person: Person, known: Known = NOTHING) -> Reply:
    """Take a task over, or say what is wrong with it, or what became of it before."""
    before = _ended_before(turn, command, known)
    reply = _taken_before(turn, command, known) or _wrong_with(turn, command, before)
    if reply is not None:
        return reply
    task_id = command.task_id or _new_id(turn)
    turn.decide(
        TaskAccepted(
            Task(
                task_id,
                command.sku,
                command.label_code,
                command.count,
                command.from_station,
                command.to_station,
                command.priority,
                command.due_ms,
                command.after_task_id,
                command.robot_id,
                turn.now_ms,
                person.name,
                state_since_ms=turn.now_ms,
                number=turn.draft.tasks_taken + 1,
                after_state=before,
            )
        )
    )
    return done(f"Task {task_id} is queued.", task_id)


def _new_id(turn: Turn) -> str:
    """An id that no task has; people may choose ids that look like ours."""
    task_id = f"T-{turn.draft.seq}"
    while task_id in turn.draft.tasks:
        task_id += "a"
    return task_id


def _taken_before(turn: Turn, command: asked.SubmitTask, known: Known) -> Reply | None:
    """The same task is not picked twice; another one needs another id."""
    task = turn.draft.tasks.get(command.task_id or "")
    if task is None and known.task is not None and known.task.task_id == command.task_id:
        task = known.task
    if task is None:
        return None
    other = difference(command, task)
    if not other:
        return done(became_of(task), task.task_id)
    return refused(
        Refusal.DUPLICATE_TASK,
        f"Task {task.task_id} exists already and is another one: {other}. Use another id.",
    )


def _ended_before(turn: Turn, command: asked.SubmitTask, known: Known) -> TaskState | None:
    """How the task that should come first ended, where only the journal knows that."""
    if not command.after_task_id or command.after_task_id in turn.draft.tasks:
        return None
    return known.before if known.before in ENDED else None


def _wrong_with(turn: Turn, command: asked.SubmitTask, before: TaskState | None) -> Reply | None:
    draft = turn.draft
    if not command.sku and not command.label_code:
        return refused(Refusal.REASON_MISSING, "A task needs a SKU or a label code: give one.")
    if not 1 <= command.count <= 999:
        return refused(
            Refusal.STATION_NOT_FOR_THAT, f"Count {command.count} is not possible: give 1 to 999."
        )
    if command.after_task_id and command.after_task_id not in draft.tasks and before is None:
        return refused(
            Refusal.UNKNOWN_DEPENDENCY,
            f"Task {command.after_task_id}, which should come first, is not known: check its id.",
        )
    if command.robot_id and command.robot_id not in draft.robots:
        return refused(
            Refusal.UNKNOWN_ROBOT, f"There is no robot {command.robot_id!r}: check its id."
        )
    return _wrong_stations(turn, command)


def _wrong_stations(turn: Turn, command: asked.SubmitTask) -> Reply | None:
    stations = turn.draft.floor.stations
    for name in (command.from_station, command.to_station):
        if name not in stations:
            near = _similar(name, stations)
            hint = f": did you mean {near}?" if near else ": see the map for the names."
            return refused(Refusal.UNKNOWN_STATION, f"There is no station {name!r}{hint}")
    ends = stations[command.from_station], stations[command.to_station]
    return _wrong_kind(*ends) or _unreachable(turn, *ends)


def _unreachable(turn: Turn, source: Station, target: Station) -> Reply | None:
    """A task that no robot of this site could ever do would wait without an end."""
    roads = turn.draft.floor.roads.values()
    serving = [
        {station.station_id for station in (source, target)} & set(road.station_nodes)
        for road in roads
    ]
    if any(len(served) == 2 for served in serving):
        return None
    unserved = {source.station_id, target.station_id}.difference(*serving)
    which = f"{min(unserved)}" if unserved else f"both {source.station_id} and {target.station_id}"
    return refused(
        Refusal.UNREACHABLE,
        f"No robot type of this site can reach and leave {which}: look at zones and edges there "
        "with `fleetapp site check`.",
    )


def _wrong_kind(source: Station, target: Station) -> Reply | None:
    if source.kind not in SOURCE_KINDS:
        return refused(
            Refusal.STATION_NOT_FOR_THAT,
            f"{source.station_id} is a {source.kind.value} station: nothing is picked there.",
        )
    if target.kind not in TARGET_KINDS:
        return refused(
            Refusal.STATION_NOT_FOR_THAT,
            f"{target.station_id} is a {target.kind.value} station: nothing is brought there.",
        )
    if source.station_id == target.station_id:
        return refused(
            Refusal.STATION_NOT_FOR_THAT, f"{source.station_id} is both from and to: change one."
        )
    return None


def _similar(name: str, stations: Iterable[str]) -> str | None:
    wanted = "".join(filter(str.isalnum, name)).upper()
    for known in sorted(stations):
        if "".join(filter(str.isalnum, known)).upper() == wanted:
            return known
    return None


def cancel(turn: Turn, command: asked.CancelTask, person: Person) -> Reply:
    """Give a task up. A load on board goes to the return station."""
    task = turn.draft.tasks.get(command.task_id)
    if task is None:
        return refused(Refusal.UNKNOWN_TASK, f"There is no task {command.task_id!r}: check its id.")
    if task.state is TaskState.FAILED:
        return _settled(turn, task, command, person)
    if not is_open(task):
        return refused(
            Refusal.ALREADY_ENDED, f"Task {task.task_id} is {task.state.value}: nothing to cancel."
        )
    order = _order_of(turn, task)
    too_far = _too_far_to_cancel(task, order)
    if too_far:
        way = _end_with_robot(turn, task)
        return refused(Refusal.ALREADY_ENDED, f"Task {task.task_id} is too far: {too_far}. {way}")
    reason = f"cancelled by {person.name}" + (f": {command.reason}" if command.reason else "")
    state = TaskState.RETURNING if task.pick_published else TaskState.CANCELLED
    turn.decide(TaskMoved(turn.now_ms, task.task_id, state, reason, task.robot_id))
    _answer_question(turn, task, person, reason)
    if state is TaskState.CANCELLED:
        return done(f"Task {task.task_id} is cancelled.", task.task_id)
    _give_pick_up(turn, task, order, reason)
    return done(
        f"Task {task.task_id} is cancelled. Its load goes to the return station.", task.task_id
    )


def _settled(turn: Turn, task: Task, command: asked.CancelTask, person: Person) -> Reply:
    """Somebody saw to a failed task by hand, or it is not wanted any more."""
    reason = f"settled by {person.name}" + (f": {command.reason}" if command.reason else "")
    turn.decide(TaskMoved(turn.now_ms, task.task_id, TaskState.CANCELLED, reason, task.robot_id))
    return done(f"Task {task.task_id} is settled.", task.task_id)


def _order_of(turn: Turn, task: Task) -> Order | None:
    """The order by which its robot works on the task."""
    robot = turn.draft.robots.get(task.robot_id) if task.robot_id else None
    order = turn.draft.orders.get(robot.order_id) if robot and robot.order_id else None
    return order if order is not None and order.task_id == task.task_id else None


def _too_far_to_cancel(task: Task, order: Order | None) -> str:
    """Why a task can only be brought to its end by now, "" if it can be cancelled."""
    if task.state is TaskState.RETURNING:
        return "it is cancelled, and its load goes to the return station"
    if order is None:
        return ""
    if task.state is TaskState.DROPPING:
        return f"its robot is at {order.goal_station} for the hand-over"
    if _hand_over_is_sent(order):
        return f"its robot has the hand-over at {order.goal_station} in its order already"
    return ""


def _end_with_robot(turn: Turn, task: Task) -> str:
    """What still ends a task that nobody can cancel or give to another robot."""
    robot = turn.draft.robots.get(task.robot_id or "")
    name = (robot.name or robot.serial) if robot is not None else "its robot"
    return (
        f"If {name} cannot do that any more, hold it and remove it when it stands: the task fails "
        "by that, and to cancel it then settles it."
    )


def _hand_over_is_sent(order: Order) -> bool:
    """Whether the drop stands on the base, which is never taken back."""
    return any(
        action.kind is ActionKind.DROP and action.node_index <= order.released_to
        for action in order.actions
    )


def _give_pick_up(turn: Turn, task: Task, order: Order | None, reason: str) -> None:
    """A pick under way ends before anything else: the robot's report says with what on board."""
    if task.state is not TaskState.PICKING:
        return
    if order is not None:
        turn.decide(CancelOrdered(turn.now_ms, order.robot_id, order.order_id, reason))
        return
    robot = turn.draft.robots.get(task.robot_id or "")
    if robot is not None and robot.load is LoadState.EMPTY:
        text = f"{reason}; nothing was loaded"
        turn.decide(TaskMoved(turn.now_ms, task.task_id, TaskState.CANCELLED, text, task.robot_id))


def _answer_question(turn: Turn, task: Task, person: Person, reason: str) -> None:
    """A question about the package has lost its task, and its hold its reason."""
    robot = turn.draft.robots.get(task.robot_id) if task.robot_id else None
    if task.state is not TaskState.IN_REVIEW or robot is None:
        return
    if any(hold.reason is HoldReason.NOT_SURE for hold in robot.holds):
        release(turn, robot, (HoldReason.NOT_SURE,), by=person.name, note=reason)


def requeue(turn: Turn, command: asked.RequeueTask, person: Person) -> Reply:
    """Put a failed task back, or take an assigned one from its robot before the pick.

    One that waits for a task that failed or was cancelled is sent on without it.
    """
    task = turn.draft.tasks.get(command.task_id)
    if task is None:
        return refused(Refusal.UNKNOWN_TASK, f"There is no task {command.task_id!r}: check its id.")
    if behind_another(turn.draft, task) in NEEDS_A_PERSON and task.state is TaskState.QUEUED:
        return _freed(turn, task, command, person)
    if task.state in (TaskState.DONE, TaskState.CANCELLED):
        return refused(
            Refusal.ALREADY_ENDED, f"Task {task.task_id} is {task.state.value}: order a new one."
        )
    if task.state is TaskState.QUEUED:
        return refused(Refusal.ALREADY_ENDED, f"Task {task.task_id} is queued already.")
    if task.state in CARRIED or _may_be_on_board(turn, task):
        return _not_to_another(turn, task)
    gone = _station_gone(turn, task)
    if gone is not None:
        return gone
    reason = f"queued again by {person.name}: {command.reason}"
    turn.decide(TaskMoved(turn.now_ms, task.task_id, TaskState.QUEUED, reason, task.robot_id))
    _answer_question(turn, task, person, reason)
    return done(f"Task {task.task_id} is queued again.", task.task_id)


def _not_to_another(turn: Turn, task: Task) -> Reply:
    """Its item may be on the robot: whoever picked it again would find nothing there."""
    too_far = _too_far_to_cancel(task, _order_of(turn, task))
    way = f"{too_far}. {_end_with_robot(turn, task)}" if too_far else "cancel it instead."
    return refused(
        Refusal.ALREADY_ENDED,
        f"Task {task.task_id} is {task.state.value}, and its item may be on the robot: {way}",
    )


def _station_gone(turn: Turn, task: Task) -> Reply | None:
    """A task of an earlier layout would wait without an end for a station that is no more."""
    for name in (task.from_station, task.to_station):
        if name not in turn.draft.floor.stations:
            return refused(
                Refusal.UNKNOWN_STATION,
                f"The site no longer has station {name}: cancel the task and order another one.",
            )
    return None


def _freed(turn: Turn, task: Task, command: asked.RequeueTask, person: Person) -> Reply:
    before = task.after_task_id or ""
    turn.decide(TaskFreed(turn.now_ms, task.task_id, before, person.name, command.reason))
    return done(f"Task {task.task_id} goes on without {before}.", task.task_id)


def _may_be_on_board(turn: Turn, task: Task) -> bool:
    """Whether the item may be on its robot, or come there by a pick that is ordered."""
    if not task.pick_published:
        return False
    robot = turn.draft.robots.get(task.robot_id or "")
    if robot is None:
        return True  # it was removed with it
    return robot.load is not LoadState.EMPTY or _order_of(turn, task) is not None
