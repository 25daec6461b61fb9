"""Which robots are charged for which tasks: what waited too long is not left for its charge.

A task that needs more charge than robots have between nearer tasks would wait without an
end. Once it has waited longer than its patience, and no robot that works has the charge
for it, one robot takes no other task, charges, beyond what is enough else, and then does
it. Nothing is remembered: the robot that is nearest to it by now is chosen again.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from fleetapp.core.draft import Draft
from fleetapp.core.kept import KeptFloor
from fleetapp.core.reach import Standing, Ways, standing_of
from fleetapp.core.state import Rules, State
from fleetapp.dispatch.serving import Patience
from fleetapp.fleet.order import Purpose
from fleetapp.fleet.robot import Robot
from fleetapp.layout.roadmap import UNREACHABLE_MS
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import Priority, StationKind
from fleetapp.terms.reasons import Out

FULL_PERMILLE = 950  # robots end a charge by themselves a little before all
AT_WORK = (None, Out.HAS_TASK, Out.BUSY, Out.LOW_BATTERY, Out.LOADED)  # free again by itself
MOST_LOOKED_AT = 30  # overdue tasks; weighing all of a long queue would take too long
MARGIN_PERMILLE = 100  # what a robot at work may use until it is free


@dataclass(slots=True)
class Charges:
    """Tasks that lack nothing but charge, and who charges for them."""

    robots: dict[str, str] = field(default_factory=dict)  # robot: its task
    tasks: set[str] = field(default_factory=set)

    def robot_for(self, task_id: str) -> str | None:
        """Who charges for the task."""
        return next((r for r, other in sorted(self.robots.items()) if other == task_id), None)


def patience_of(rules: Rules) -> Patience:
    """How far tasks may be overtaken, by the fleet's rules."""
    return Patience(
        rules.overtaken_most,
        {
            Priority.HIGH: rules.patience_high_ms,
            Priority.NORMAL: rules.patience_normal_ms,
            Priority.LOW: rules.patience_low_ms,
        },
    )


def overdue(fleet: Draft | State, tasks: Iterable[Task]) -> list[Task]:
    """The oldest of the tasks that waited longer than their patience, as they came."""
    longest = patience_of(fleet.rules).longest_ms
    late = [task for task in tasks if fleet.now_ms - task.created_ms > longest[task.priority]]
    return sorted(late, key=lambda task: (task.number, task.task_id))[:MOST_LOOKED_AT]


class ChargePlan:
    """Works out for one state who charges for which overdue task."""

    def __init__(
        self, fleet: Draft | State, ways: Ways, kept: KeptFloor, outs: Mapping[str, Out]
    ) -> None:
        """Take what is known of the robots: `outs` says why those that are not free are not."""
        self._fleet, self._ways, self._kept, self._outs = fleet, ways, kept, outs
        self._chargers = tuple(
            station.station_id
            for station in fleet.floor.site.stations
            if station.kind is StationKind.CHARGER
        )
        self._used: set[str] = set()
        admitted = (robot for robot in fleet.robots.values() if robot.admitted)
        standings = ((robot, standing_of(fleet, robot)) for robot in admitted)
        self._standing = tuple((r, standing) for r, standing in standings if standing is not None)

    def charges(self, late: Iterable[Task]) -> Charges:
        """For each overdue task that only lacks charge a robot, as far as there are chargers."""
        found = Charges()
        for task in late:
            able = self._able_now(task)
            if able is not None:
                self._used.add(able)
                continue
            if not self._lacks_charge(task):
                continue
            found.tasks.add(task.task_id)
            robot = self._best(task) if len(found.robots) < len(self._chargers) else None
            if robot is not None:
                self._used.add(robot.robot_id)
                found.robots[robot.robot_id] = task.task_id
        return found

    def _robots(self, task: Task, outs: Collection[Out | None]) -> Iterator[tuple[Robot, Standing]]:
        """Robots that may do the task and get there, whatever their charge.

        `outs`: only those that are free (None) or out for one of these.
        """
        for robot, standing in self._standing:
            if task.wished_robot_id not in (None, robot.robot_id):
                continue
            if self._outs.get(robot.robot_id) in outs and self._gets_there(task, standing):
                yield robot, standing

    def _gets_there(self, task: Task, standing: Standing) -> bool:
        if not self._ways.serves(standing.robot_type, task):
            return False
        near_ms = self._ways.to_package_ms(standing, task.from_station)
        is_open = self._kept.is_open(standing.robot_type, standing.start, task)
        return near_ms < UNREACHABLE_MS and is_open

    def _needs_ms(self, task: Task, standing: Standing) -> int:
        """The whole drive of a task and to a charger after it."""
        near_ms = self._ways.to_package_ms(standing, task.from_station)
        return near_ms + self._ways.after_pick_ms(standing.robot_type, task)

    def _able_now(self, task: Task) -> str | None:
        """The cheapest free robot whose charge is enough."""
        able = [
            (self._needs_ms(task, standing), robot.robot_id)
            for robot, standing in self._robots(task, (None,))
            if robot.robot_id not in self._used
            if self._needs_ms(task, standing) <= standing.longest_ms
        ]
        return min(able)[1] if able else None

    def _lacks_charge(self, task: Task) -> bool:
        """Whether robots get there, and none of them will have the charge when it is free."""
        some = False
        for robot, standing in self._robots(task, AT_WORK):
            if self._has_charge(task, robot, standing):
                return False
            some = True
        return some

    def _has_charge(self, task: Task, robot: Robot, standing: Standing) -> bool:
        if robot.battery_permille is None:
            return True
        busy = robot.robot_id in self._outs or robot.robot_id in self._used
        if busy:
            standing = self._charged(robot, standing, robot.battery_permille - MARGIN_PERMILLE)
        return self._needs_ms(task, standing) <= standing.longest_ms

    def _charged(self, robot: Robot, standing: Standing, permille: int) -> Standing:
        """As if it had another charge."""
        other = standing_of(self._fleet, replace(robot, battery_permille=permille))
        return replace(other or standing, start=standing.start)

    def _best(self, task: Task) -> Robot | None:
        """Who is to charge: who does that by now, then who needs least of it."""
        candidates = (
            robot
            for robot, standing in self._robots(task, (None, Out.LOW_BATTERY))
            if robot.robot_id not in self._used and self._charge_helps(task, robot, standing)
        )
        return min(candidates, key=self._rank, default=None)

    def _rank(self, robot: Robot) -> tuple[bool, bool, int, str]:
        on_the_way = self._is_bound_for_charger(robot)
        return (not robot.charging, not on_the_way, -(robot.battery_permille or 0), robot.robot_id)

    def _is_bound_for_charger(self, robot: Robot) -> bool:
        order = self._fleet.orders.get(robot.order_id) if robot.order_id else None
        plan = self._fleet.plans.get(robot.plan_id) if robot.plan_id else None
        purposes = {thing.purpose for thing in (order, plan) if thing is not None}
        return Purpose.CHARGE in purposes or robot.charge_asked

    def _charge_helps(self, task: Task, robot: Robot, standing: Standing) -> bool:
        """Whether a full charge is enough, from its charger or from one that it gets to."""
        road = self._fleet.floor.roads[robot.robot_type]
        nodes = [n for name in self._chargers for n in road.station_nodes.get(name, ())]
        if standing.start in nodes:
            nodes = [standing.start]
        full = self._charged(robot, standing, FULL_PERMILLE)
        return any(
            self._needs_ms(task, replace(full, start=node)) <= full.longest_ms
            for node in nodes
            if road.travel.between(standing.start, node) < UNREACHABLE_MS
        )
