"""Why a queued task cannot be done now: one reason from a closed list, or none.

What waits for another task is set aside by dispatch before it looks at robots; the
rest follows from what the robots could take.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from fleetapp.core.draft import Draft
from fleetapp.core.offers import FreeRobots
from fleetapp.core.state import State
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import Aside, Out

OF_PREDECESSOR: dict[TaskState, Aside] = {
    TaskState.FAILED: Aside.PREDECESSOR_FAILED,
    TaskState.CANCELLED: Aside.PREDECESSOR_CANCELLED,
}
OF_ROBOTS: tuple[tuple[Out, Aside], ...] = (
    (Out.OUT_OF_REACH, Aside.NO_CHARGE),
    (Out.UNREACHABLE, Aside.NO_WAY),
)

AT_WORK = frozenset({Out.HAS_TASK, Out.BUSY, Out.CHARGES_FOR_TASK})


@dataclass(frozen=True, slots=True)
class SetAside:
    """The reason; for a wished robot why it is out, for all robots how many are out for what.

    `robot_id` is who keeps the floor that the task needs, or who charges for it.
    """

    reason: Aside
    out: Out | None = None
    counts: tuple[tuple[Out, int], ...] = ()
    robot_id: str | None = None


def behind_another(fleet: Draft | State, task: Task) -> Aside | None:
    """What the task waits for before any robot may have it.

    The task before it must be done, not only ended. An open one is never forgotten, and an
    ended one is kept while a queued task names it.
    """
    if not task.after_task_id or task.freed:
        return None
    before = fleet.tasks.get(task.after_task_id)
    state = before.state if before is not None else task.after_state
    if state is None:
        return Aside.PREDECESSOR_UNKNOWN
    if state is TaskState.DONE:
        return None
    return OF_PREDECESSOR.get(state, Aside.PREDECESSOR_OPEN)


def queued_tasks(fleet: Draft | State) -> list[Task]:
    """Tasks in the queue that wait for no other task."""
    return [
        task
        for task in fleet.tasks.values()
        if task.state is TaskState.QUEUED and behind_another(fleet, task) is None
    ]


class Reasons:
    """Why queued tasks are set aside, worked out for one state."""

    def __init__(self, fleet: Draft | State, tasks: Iterable[Task]) -> None:
        """Robots are judged once, and only if somebody asks."""
        self._fleet = fleet
        self._tasks = tuple(tasks)
        self._robots: FreeRobots | None = None

    def of(self, task: Task) -> SetAside | None:
        """Why the task cannot be done now, None if it waits for its turn."""
        aside = behind_another(self._fleet, task)
        if aside is not None:
            return SetAside(aside)
        if task.wished_robot_id is not None:
            return self._of_wished(task, task.wished_robot_id)
        return self._of_any(task)

    def _free(self) -> FreeRobots:
        if self._robots is None:
            ready = (t for t in self._tasks if behind_another(self._fleet, t) is None)
            self._robots = FreeRobots(self._fleet, ready)
        return self._robots

    def _of_wished(self, task: Task, robot_id: str) -> SetAside | None:
        robots = self._free()
        robot = self._fleet.robots.get(robot_id)
        if robot is None:
            return SetAside(Aside.WISHED_ROBOT_UNKNOWN)
        out = Out.NOT_ADMITTED if not robot.admitted else robots.outs.get(robot_id)
        if out is None and robots.kept.shuts_off(task):
            return _kept(robots, task)
        if task.task_id in robots.charges.tasks and out in (None, Out.CHARGES_FOR_TASK):
            return _charged(robots, task)
        out = out or robots.outs_of(task).get(robot_id)
        return SetAside(Aside.WISHED_ROBOT_OUT, out) if out is not None else None

    def _of_any(self, task: Task) -> SetAside | None:
        robots = self._free()
        if not robots.can_ever(task):
            return SetAside(Aside.NO_ROBOT_TYPE)
        if robots.kept.shuts_off(task):
            return _kept(robots, task)
        if task.task_id in robots.charges.tasks:
            return _charged(robots, task)
        if not robots.any_free:
            return _all_out(robots.outs.values())
        if robots.costs_ms(task.task_id):
            return None
        outs = frozenset(robots.outs_of(task).values())
        return next((SetAside(aside) for out, aside in OF_ROBOTS if out in outs), None)


def _kept(robots: FreeRobots, task: Task) -> SetAside:
    return SetAside(Aside.PLACE_KEPT, robot_id=robots.kept.keeper_of(task))


def _charged(robots: FreeRobots, task: Task) -> SetAside:
    return SetAside(Aside.CHARGED_ROBOT, robot_id=robots.charges.robot_for(task.task_id))


def _all_out(outs: Iterable[Out]) -> SetAside | None:
    """Nobody is free: whether waiting for a free robot is waiting for anything."""
    counts = Counter(outs)
    if AT_WORK & counts.keys():
        return None
    return SetAside(Aside.ALL_ROBOTS_OUT, counts=tuple(sorted(counts.items())))
