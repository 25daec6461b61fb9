"""Snapshots and deltas: what changed since the last time clients were told.

Values in the state are frozen and replaced when they change, so "changed" is
"not the same object". A robot's view also depends on its order and on the fleet
stop, a task's on its robot's name.
"""

from fleetapp.api.views import Delta, FleetView, PoseView, RobotView, Snapshot
from fleetapp.core.state import State
from fleetapp.engine.views.alarms import alarm_view
from fleetapp.engine.views.reviews import review_view
from fleetapp.engine.views.robots import robot_view
from fleetapp.engine.views.stories import Stories
from fleetapp.engine.views.tasks import task_view
from fleetapp.fleet.robot import Robot


class Publisher:
    """Remembers what clients were last told."""

    def __init__(self) -> None:
        """Begin with clients that know nothing."""
        self._told: State | None = None
        self._fleet: FleetView | None = None
        self._seq = 0
        self._views: dict[str, RobotView] = {}

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
        before = self._told
        self._seq += 1
        robots = self._changed_robots(state, before, stories)
        for robot_id in [key for key in self._views if key not in state.robots]:
            del self._views[robot_id]
        delta = Delta(
            seq=self._seq,
            at_ms=state.now_ms,
            fleet=fleet if fleet != self._fleet else None,
            robots=robots,
            gone_robots=_gone(before and before.robots, state.robots),
            tasks=tuple(
                task_view(state, task)
                for task in state.tasks.values()
                if before is None or before.tasks.get(task.task_id) is not task
            ),
            gone_tasks=_gone(before and before.tasks, state.tasks),
            alarms=tuple(
                alarm_view(state, alarm)
                for key, alarm in state.alarms.items()
                if before is None or before.alarms.get(key) is not alarm
            ),
            gone_alarms=_gone(before and before.alarms, state.alarms),
            reviews=tuple(
                review_view(state, review)
                for key, review in state.reviews.items()
                if before is None or before.reviews.get(key) is not review
            ),
            gone_reviews=_gone(before and before.reviews, state.reviews),
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
            view = robot_view(state, robot, stories.of(robot.robot_id))
            if self._views.get(robot.robot_id) != view:
                self._views[robot.robot_id] = view
                changed.append(view)
        return tuple(changed)

    def views(self) -> tuple[RobotView, ...]:
        """The robots as clients were last told."""
        return tuple(self._views.values())


def snapshot_of(
    state: State, fleet: FleetView, robots: tuple[RobotView, ...], *, seq: int
) -> Snapshot:
    """Everything as it was last told."""
    return Snapshot(
        seq=seq,
        at_ms=state.now_ms,
        fleet=fleet,
        robots=robots,
        tasks=tuple(task_view(state, task) for task in state.tasks.values()),
        alarms=tuple(alarm_view(state, alarm) for alarm in state.alarms.values()),
        reviews=tuple(review_view(state, review) for review in state.reviews.values()),
    )


def _robot_changed(state: State, before: State, robot: Robot) -> bool:
    if before.robots.get(robot.robot_id) is not robot or before.stop is not state.stop:
        return True
    order_id, task_id = robot.order_id or "", robot.task_id or ""
    order_changed = before.orders.get(order_id) is not state.orders.get(order_id)
    return order_changed or before.tasks.get(task_id) is not state.tasks.get(task_id)


def _gone(before: object, now: object) -> tuple[str, ...]:
    if not isinstance(before, dict) or not isinstance(now, dict) or before is now:
        return ()
    return tuple(key for key in before if key not in now)
