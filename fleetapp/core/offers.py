"""What each robot could take now: worked out once for a dispatch, and for the screen.

Who is out, where each free robot's base ends and how far its charge reaches do not
depend on the task; the way to a package and on to the station is the same for all
tasks between the same two stations.
"""

from collections.abc import Iterable, Mapping

from fleetapp.core.charge_for import ChargePlan, Charges, overdue
from fleetapp.core.draft import Draft
from fleetapp.core.kept import KeptFloor
from fleetapp.core.reach import Standing, Ways, standing_of
from fleetapp.core.state import State
from fleetapp.dispatch.assignment import Candidates, candidates
from fleetapp.fleet.order import OrderPhase, Purpose
from fleetapp.fleet.robot import Robot
from fleetapp.layout.roadmap import UNREACHABLE_MS
from fleetapp.safety.permission import out_of_dispatch
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import LoadState
from fleetapp.terms.reasons import Out

BENDABLE = frozenset({Purpose.PARK, Purpose.MOVE_ASIDE, Purpose.CHARGE})


class FreeRobots:
    """The robots that can take a task now, and why the others cannot.

    Implements `fleetapp.dispatch.serving.Offers` for the tasks it is given.
    """

    def __init__(self, fleet: Draft | State, tasks: Iterable[Task]) -> None:
        """Judge every admitted robot once."""
        self._tasks = {task.task_id: task for task in tasks}
        self._ways = Ways(fleet.floor)
        self.kept = KeptFloor(fleet)
        self.kinds: set[str] = set()  # types of the admitted robots
        self.outs: dict[str, Out] = {}
        self._free: dict[str, Standing] = {}
        self._near: dict[str, dict[str, int]] = {}  # by pick station: driving time of each robot
        self._costs: dict[tuple[str, str], dict[str, int]] = {}  # by both stations
        for robot in fleet.robots.values():
            if robot.admitted:
                self._judge(fleet, robot)
        self.charges = self._who_charges(fleet)
        for robot_id in self.charges.robots:
            self._free.pop(robot_id, None)
            self.outs[robot_id] = Out.CHARGES_FOR_TASK

    def _who_charges(self, fleet: Draft | State) -> Charges:
        late = overdue(fleet, self._tasks.values()) if fleet.rules.auto_charge else []
        if not late:
            return Charges()
        return ChargePlan(fleet, self._ways, self.kept, self.outs).charges(late)

    def _judge(self, fleet: Draft | State, robot: Robot) -> None:
        self.kinds.add(robot.robot_type)
        out, standing = out_now(fleet, robot), standing_of(fleet, robot)
        if out is not None or standing is None:
            self.outs[robot.robot_id] = out or Out.OFF_ROADMAP
        else:
            self._free[robot.robot_id] = standing

    def can_ever(self, task: Task) -> bool:
        """Whether an admitted robot is of a type that can stand at both stations."""
        return any(self._ways.serves(kind, task) for kind in self.kinds)

    @property
    def any_free(self) -> bool:
        """Whether a robot is left that could take a task."""
        return bool(self._free)

    def take(self, robot_id: str) -> None:
        """The robot has a task now: it is in no table any more."""
        self._free.pop(robot_id, None)
        self.outs[robot_id] = Out.HAS_TASK
        for table in (*self._near.values(), *self._costs.values()):
            table.pop(robot_id, None)

    def costs_ms(self, task_id: str) -> Mapping[str, int]:
        """What it costs each free robot that can do the task; empty if none can."""
        task = self._tasks[task_id]
        wished = task.wished_robot_id
        if wished is None:
            return self._able(task)
        cost_ms = self._able(task).get(wished) if wished in self._free else None
        return {} if cost_ms is None else {wished: cost_ms}

    def weighed(self, task_id: str) -> Candidates:
        """All robots weighed for a task, for the record."""
        task = self._tasks[task_id]
        return candidates(self.costs_ms(task_id), {**self.outs, **self.outs_of(task)})

    def outs_of(self, task: Task) -> dict[str, Out]:
        """Why each free robot that cannot take the task cannot."""
        able, near = self._able(task), self._near_to(task.from_station)
        outs: dict[str, Out] = {}
        for robot_id, standing in self._free.items():
            if task.wished_robot_id not in (None, robot_id):
                outs[robot_id] = Out.OTHER_WISHED
            elif not (
                robot_id in near
                and self._ways.serves(standing.robot_type, task)
                and self._is_open(robot_id, task)
            ):
                outs[robot_id] = Out.UNREACHABLE
            elif robot_id not in able:
                outs[robot_id] = Out.OUT_OF_REACH
        return outs

    def _able(self, task: Task) -> dict[str, int]:
        pair = (task.from_station, task.to_station)
        if pair not in self._costs:
            near = self._near_to(task.from_station)
            longest = self._longest_to_package_ms(task)
            self._costs[pair] = {
                r: cost_ms
                for r, cost_ms in near.items()
                if cost_ms <= longest.get(r, -1) and self._is_open(r, task)
            }
        return self._costs[pair]

    def _is_open(self, robot_id: str, task: Task) -> bool:
        standing = self._free[robot_id]
        return self.kept.is_open(standing.robot_type, standing.start, task)

    def _longest_to_package_ms(self, task: Task) -> dict[str, int]:
        """How far away the package may be for each robot whose type serves both stations."""
        kinds = {standing.robot_type for standing in self._free.values()}
        after = {k: self._ways.after_pick_ms(k, task) for k in kinds if self._ways.serves(k, task)}
        return {
            r: standing.longest_ms - after[standing.robot_type]
            for r, standing in self._free.items()
            if standing.robot_type in after
        }

    def _near_to(self, station_id: str) -> dict[str, int]:
        if station_id not in self._near:
            times = {
                r: self._ways.to_package_ms(standing, station_id)
                for r, standing in self._free.items()
            }
            self._near[station_id] = {r: t for r, t in times.items() if t < UNREACHABLE_MS}
        return self._near[station_id]


def out_now(fleet: Draft | State, robot: Robot) -> Out | None:
    """Why a robot can take no task at all now, None if it can."""
    out = out_of_dispatch(robot)
    if out is not None:
        return out
    if robot.task_id is not None:
        return Out.HAS_TASK
    if robot.load is LoadState.LOADED:
        return Out.LOADED
    if _battery_too_low(fleet, robot):
        return Out.LOW_BATTERY
    return Out.BUSY if _busy(fleet, robot) else None


def _battery_too_low(fleet: Draft | State, robot: Robot) -> bool:
    charge = robot.battery_permille
    if charge is None:
        return False
    least = fleet.rules.battery_min_for_task_permille
    return charge < (least if robot.charging or robot.charge_asked else least - 80)


def _busy(fleet: Draft | State, robot: Robot) -> bool:
    order = fleet.orders.get(robot.order_id) if robot.order_id else None
    if order is None:
        return False
    if order.phase is not OrderPhase.ACTIVE:
        return True
    return order.task_id is None and order.purpose not in BENDABLE
