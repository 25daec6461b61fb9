"""Which tasks a robot can do before it must charge, by the tables of the site."""

from fleetapp.core.turn import Turn
from fleetapp.dispatch.reach import charge_needed_permille, is_in_reach
from fleetapp.fleet.robot import Robot
from fleetapp.layout.roadmap import UNREACHABLE_MS
from fleetapp.layout.tables import RoadMap
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import StationKind


class Reach:
    """Driving times of the tasks of one step, each worked out once for a robot type."""

    def __init__(self, turn: Turn) -> None:
        """Nothing worked out yet."""
        self._floor = turn.draft.floor
        self._rules = turn.draft.rules
        self._after_pick: dict[tuple[str, str, str], int] = {}

    def has(self, robot: Robot, task: Task, to_package_ms: int) -> bool:
        """Whether its charge is enough for the task and then a charger."""
        kind = self._floor.types[robot.robot_type]
        drive_ms = to_package_ms + self._after_pick_ms(robot.robot_type, task)
        needed = charge_needed_permille(
            drive_ms=drive_ms, endurance_ms=round(kind.battery_hours * 3_600_000)
        )
        return is_in_reach(
            charge_permille=robot.battery_permille,
            needed_permille=needed,
            reserve_permille=self._rules.battery_reserve_permille,
        )

    def _after_pick_ms(self, robot_type: str, task: Task) -> int:
        key = (robot_type, task.from_station, task.to_station)
        if key not in self._after_pick:
            self._after_pick[key] = self._worked_out(self._floor.roads[robot_type], task)
        return self._after_pick[key]

    def _worked_out(self, road: RoadMap, task: Task) -> int:
        """From the package to the station and to the charger nearest to that; 0 if unknown."""
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
