"""The client's picture of the fleet: a snapshot, kept current by deltas.

Sans-IO: it neither connects nor waits. The desktop, the command line and the
tests use the same one.
"""

from dataclasses import dataclass, field, replace

from fleetapp.api.views import (
    AlarmView,
    Delta,
    FleetView,
    PoseView,
    ReviewView,
    RobotView,
    Snapshot,
    StopView,
    TaskView,
)


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids touched by one message, so that a screen redraws only those."""

    everything: bool = False
    fleet: bool = False
    robots: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    reviews: tuple[str, ...] = ()
    poses: tuple[str, ...] = ()


@dataclass(slots=True)
class FleetModel:
    """Tables by id. Read them freely; change them only through `apply` and `lose`."""

    seq: int = -1
    at_ms: int = 0
    fleet: FleetView | None = None
    lost: FleetView | None = None  # what the engine said last, while it is gone
    robots: dict[str, RobotView] = field(default_factory=dict)
    tasks: dict[str, TaskView] = field(default_factory=dict)
    alarms: dict[str, AlarmView] = field(default_factory=dict)
    reviews: dict[str, ReviewView] = field(default_factory=dict)
    poses: dict[str, PoseView] = field(default_factory=dict)

    def apply(self, message: Snapshot | Delta) -> Changes:
        """Take over a snapshot, or what a delta says has changed."""
        back, self.fleet, self.lost = self.lost is not None, self.lost or self.fleet, None
        if isinstance(message, Snapshot):
            return self._replace(message)
        touched = self._update(message)
        return replace(touched, everything=True, fleet=True) if back else touched

    def lose(self) -> Changes:
        """The engine is gone: of no robot is it known any more that it stands."""
        if self.fleet is None or self.lost is not None:
            return Changes()
        self.lost = self.fleet
        self.fleet = replace(self.fleet, stop=_unreached(self.fleet.stop))
        return Changes(everything=True, fleet=True)

    def _replace(self, snapshot: Snapshot) -> Changes:
        self.seq, self.at_ms, self.fleet = snapshot.seq, snapshot.at_ms, snapshot.fleet
        self.robots = {robot.robot_id: robot for robot in snapshot.robots}
        self.tasks = {task.task_id: task for task in snapshot.tasks}
        self.alarms = {alarm.alarm_id: alarm for alarm in snapshot.alarms}
        self.reviews = {review.review_id: review for review in snapshot.reviews}
        self.poses = {
            robot.robot_id: PoseView(
                robot.robot_id, robot.x_m, robot.y_m, robot.heading_rad, snapshot.at_ms
            )
            for robot in snapshot.robots
            if robot.x_m is not None and robot.y_m is not None and robot.heading_rad is not None
        }
        return Changes(everything=True, fleet=True)

    def _update(self, delta: Delta) -> Changes:
        self.seq, self.at_ms = delta.seq, delta.at_ms
        if delta.fleet is not None:
            self.fleet = delta.fleet
        self.robots.update((robot.robot_id, robot) for robot in delta.robots)
        self.tasks.update((task.task_id, task) for task in delta.tasks)
        self.alarms.update((alarm.alarm_id, alarm) for alarm in delta.alarms)
        self.reviews.update((review.review_id, review) for review in delta.reviews)
        self.poses.update((pose.robot_id, pose) for pose in delta.poses)
        for robot_id in delta.gone_robots:
            self.robots.pop(robot_id, None)
            self.poses.pop(robot_id, None)
        for task_id in delta.gone_tasks:
            self.tasks.pop(task_id, None)
        for alarm_id in delta.gone_alarms:
            self.alarms.pop(alarm_id, None)
        for review_id in delta.gone_reviews:
            self.reviews.pop(review_id, None)
        return _touched(delta)


def _unreached(stop: StopView) -> StopView:
    """A stop of which nobody knows any more who stands."""
    everybody = (*stop.standing, *stop.sent, *stop.no_answer)
    return replace(stop, standing=(), sent=(), no_answer=everybody, still_after_ms=())


def _touched(delta: Delta) -> Changes:
    return Changes(
        fleet=delta.fleet is not None,
        robots=(*(robot.robot_id for robot in delta.robots), *delta.gone_robots),
        tasks=(*(task.task_id for task in delta.tasks), *delta.gone_tasks),
        alarms=(*(alarm.alarm_id for alarm in delta.alarms), *delta.gone_alarms),
        reviews=(*(review.review_id for review in delta.reviews), *delta.gone_reviews),
        poses=tuple(pose.robot_id for pose in delta.poses),
    )
