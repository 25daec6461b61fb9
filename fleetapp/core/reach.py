"""Driving times of tasks and how far a charge reaches, by the tables of the site."""

from dataclasses import dataclass

from fleetapp.core.draft import Draft
from fleetapp.core.state import Floor, State
from fleetapp.dispatch.reach import longest_drive_ms
from fleetapp.fleet.robot import Robot
from fleetapp.layout.roadmap import UNREACHABLE_MS
from fleetapp.layout.tables import RoadMap
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import StationKind

UNLIMITED_MS = 1 << 40  # a charge that is not known is enough


@dataclass(frozen=True, slots=True)
class Standing:
    """From where a robot would set off, and how far its charge reaches."""

    robot_type: str
    start: int  # where it stands, or where its base ends
    longest_ms: int  # driving, so that it still arrives at a charger with its reserve


def standing_of(fleet: Draft | State, robot: Robot) -> Standing | None:
    """Where a robot sets off, None if it is at no node."""
    order = fleet.orders.get(robot.order_id) if robot.order_id else None
    start = order.decision_node if order is not None else robot.node
    if start is None:
        return None
    kind = fleet.floor.types[robot.robot_type]
    longest = longest_drive_ms(
        charge_permille=robot.battery_permille,
        reserve_permille=fleet.rules.battery_reserve_permille,
        endurance_ms=round(kind.battery_hours * 3_600_000),
    )
    return Standing(robot.robot_type, start, UNLIMITED_MS if longest is None else longest)


class Ways:
    """Driving times of the tasks of one step, each worked out once for a robot type."""

    def __init__(self, floor: Floor) -> None:
        """Nothing worked out yet."""
        self._floor = floor
        self._after_pick: dict[tuple[str, str, str], int] = {}

    def serves(self, robot_type: str, task: Task) -> bool:
        """Whether robots of this type can stand at both stations."""
        nodes = self._floor.roads[robot_type].station_nodes
        return task.from_station in nodes and task.to_station in nodes

    def to_package_ms(self, standing: Standing, station_id: str) -> int:
        """Driving time to the nearest node of the station, UNREACHABLE_MS if there is no way."""
        road = self._floor.roads[standing.robot_type]
        goals = road.station_nodes.get(station_id, ())
        times = (road.travel.between(standing.start, goal) for goal in goals)
        return min(times, default=UNREACHABLE_MS)

    def after_pick_ms(self, robot_type: str, task: Task) -> int:
        """From the package to the station and to the charger nearest to that; 0 if unknown."""
        key = (robot_type, task.from_station, task.to_station)
        if key not in self._after_pick:
            self._after_pick[key] = self._worked_out(self._floor.roads[robot_type], task)
        return self._after_pick[key]

    def _worked_out(self, road: RoadMap, task: Task) -> int:
        chargers = [
            node
            for station in self._floor.site.stations
            if station.kind is StationKind.CHARGER
            for node in road.station_nodes.get(station.station_id, ())
        ]
        ways = [
            road.travel.between(start, end)
            + min((road.travel.between(end, node) for node in chargers), default=0)
            for start in road.station_nodes.get(task.from_station, ())
            for end in road.station_nodes.get(task.to_station, ())
        ]
        shortest = min(ways, default=0)
        return shortest if shortest < UNREACHABLE_MS else 0
