"""Snapshots and deltas: what changed since the last time clients were told.

Values in the state are frozen and replaced when they change, so "changed" is
"not the same object". A robot's view also depends on its order and on the fleet
stop, a task's on its robot's name. What keeps a task in the queue changes with robots
and other tasks: these sentences are looked at anew once a second. A view that breaks is
replaced by a plain one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from fleetapp.api.views import (
    AlarmView,
    Delta,
    FleetView,
    PoseView,
    ReviewView,
    RobotView,
    Snapshot,
    TaskView,
)
from fleetapp.core.set_aside import Reasons
from fleetapp.core.state import Alarm, Review, State
from fleetapp.engine.views.alarms import alarm_view
from fleetapp.engine.views.guarded import ViewGuard
from fleetapp.engine.views.plain import (
    NOT_SHOWN,
    plain_alarm,
    plain_review,
    plain_robot,
    plain_task,
)
from fleetapp.engine.views.queue import queued_sentence, reasons_of
from fleetapp.engine.views.reviews import review_view
from fleetapp.engine.views.robots import robot_view
from fleetapp.engine.views.stories import Stories
from fleetapp.engine.views.tasks import task_view
from fleetapp.fleet.robot import Robot
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import AlarmKind

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Told:
    """The parts of a state that clients know; a whole state is one too."""

    tasks: Mapping[str, Task] = field(default_factory=dict)
    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    reviews: Mapping[str, Review] = field(default_factory=dict)


NOTHING = Told()
QUEUE_EVERY_MS = 1_000


class Publisher:
    """Remembers what clients were last told."""

    def __init__(self, guard: ViewGuard) -> None:
        """Begin with clients that know nothing."""
        self._guard = guard
        self._told: State | None = None
        self._fleet: FleetView | None = None
        self._seq = 0
        self._views: dict[str, RobotView] = {}
        self._queues: dict[str, AlarmView] = {}  # of robots that wait long, as last told
        self._queued: dict[str, str] = {}  # what keeps each queued task, as last told
        self._queued_ms = 0

    @property
    def seq(self) -> int:
        """The number of the newest delta."""
        return self._seq

    def delta(
        self,
        state: State,
        fleet: FleetView,
        stories: Stories,
        poses: tuple[PoseView, ...],
    ) -> Delta:
        """What is new since the last call."""
        told = self._told or NOTHING
        self._seq += 1
        robots = self._changed_robots(state, self._told, stories)
        gone_robots = tuple(key for key in self._views if not _is_shown(state, key))
        for robot_id in gone_robots:
            del self._views[robot_id]
        delta = Delta(
            seq=self._seq,
            at_ms=state.now_ms,
            fleet=fleet if fleet != self._fleet else None,
            robots=robots,
            gone_robots=gone_robots,
            tasks=self._changed_tasks(told, state),
            gone_tasks=_gone(told.tasks, state.tasks),
            alarms=self._changed_alarms(told, state),
            gone_alarms=_gone(told.alarms, state.alarms),
            reviews=_reviews(self._guard, state, _new(told.reviews, state.reviews)),
            gone_reviews=_gone(told.reviews, state.reviews),
            poses=poses,
        )
        self._told, self._fleet = state, fleet
        return delta

    def _changed_robots(
        self, state: State, before: State | None, stories: Stories
    ) -> tuple[RobotView, ...]:
        changed = []
        for robot in state.robots.values():
            if before is not None and not _robot_changed(state, before, robot):
                continue
            if not robot.shown:
                continue
            view = self._guard.made(
                "a robot",
                partial(robot_view, state, robot, stories.of(robot.robot_id)),
                partial(plain_robot, robot),
            )
            if self._views.get(robot.robot_id) != view:
                self._views[robot.robot_id] = view
                changed.append(view)
        return tuple(changed)

    def _changed_tasks(self, told: State | Told, state: State) -> tuple[TaskView, ...]:
        """Tasks that changed, and queued ones that something else keeps now."""
        reasons = reasons_of(state)
        changed = {task.task_id: task for task in _new(told.tasks, state.tasks)}
        if state.now_ms - self._queued_ms >= QUEUE_EVERY_MS:
            self._queued_ms = state.now_ms
            for task_id, said in tuple(self._queued.items()):
                task = state.tasks.get(task_id)
                if task is None or task.state is not TaskState.QUEUED:
                    del self._queued[task_id]
                elif self._sentence(state, task, reasons) != said:
                    changed[task_id] = task
        views = _tasks(self._guard, state, changed.values(), reasons)
        self._queued.update((v.task_id, v.sentence) for v in views if v.state is TaskState.QUEUED)
        return views

    def _sentence(self, state: State, task: Task, reasons: Reasons) -> str:
        return self._guard.made(
            "a task", partial(queued_sentence, state, task, reasons), lambda: NOT_SHOWN
        )

    def _changed_alarms(self, told: State | Told, state: State) -> tuple[AlarmView, ...]:
        """Alarms that changed, and queues of robots: theirs change without their alarm."""
        views = list(_alarms(self._guard, state, _new(told.alarms, state.alarms)))
        seen = {view.alarm_id for view in views}
        for key, alarm in state.alarms.items():
            if alarm.raised.kind is not AlarmKind.LONG_WAIT or alarm.gone_ms or key in seen:
                continue
            (view,) = _alarms(self._guard, state, (alarm,))
            if view != self._queues.get(key):
                views.append(view)
        self._queues.update({v.alarm_id: v for v in views if v.kind is AlarmKind.LONG_WAIT})
        for key in self._queues.keys() - state.alarms.keys():
            del self._queues[key]
        return tuple(views)

    def views(self) -> tuple[RobotView, ...]:
        """The robots as clients were last told."""
        return tuple(self._views.values())


def snapshot_of(
    state: State, fleet: FleetView, robots: tuple[RobotView, ...], *, seq: int, guard: ViewGuard
) -> Snapshot:
    """Everything as it was last told."""
    reasons = reasons_of(state)
    return Snapshot(
        seq=seq,
        at_ms=max(state.now_ms, fleet.at_ms),
        fleet=fleet,
        robots=robots,
        tasks=_tasks(guard, state, state.tasks.values(), reasons),
        alarms=_alarms(guard, state, state.alarms.values()),
        reviews=_reviews(guard, state, state.reviews.values()),
    )


def _tasks(
    guard: ViewGuard, state: State, tasks: Iterable[Task], reasons: Reasons
) -> tuple[TaskView, ...]:
    return tuple(
        guard.made("a task", partial(task_view, state, task, reasons), partial(plain_task, task))
        for task in tasks
    )


def _alarms(guard: ViewGuard, state: State, alarms: Iterable[Alarm]) -> tuple[AlarmView, ...]:
    return tuple(
        guard.made("an alarm", partial(alarm_view, state, alarm), partial(plain_alarm, alarm))
        for alarm in alarms
    )


def _reviews(guard: ViewGuard, state: State, reviews: Iterable[Review]) -> tuple[ReviewView, ...]:
    return tuple(
        guard.made("a review", partial(review_view, state, review), partial(plain_review, review))
        for review in reviews
    )


def _robot_changed(state: State, before: State, robot: Robot) -> bool:
    if before.robots.get(robot.robot_id) is not robot or before.stop is not state.stop:
        return True
    order_id, task_id = robot.order_id or "", robot.task_id or ""
    order_changed = before.orders.get(order_id) is not state.orders.get(order_id)
    return order_changed or before.tasks.get(task_id) is not state.tasks.get(task_id)


def _is_shown(state: State, robot_id: str) -> bool:
    robot = state.robots.get(robot_id)
    return robot is not None and robot.shown


def _new(before: Mapping[str, Value], now: Mapping[str, Value]) -> tuple[Value, ...]:
    return tuple(value for key, value in now.items() if before.get(key) is not value)


def _gone(before: Mapping[str, object], now: Mapping[str, object]) -> tuple[str, ...]:
    if before is now:
        return ()
    return tuple(key for key in before if key not in now)
