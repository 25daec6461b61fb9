"""Floor that is kept by robots which will not go on by themselves, and what it shuts off.

A task whose way leads there is not begun: whoever is sent stands in line, and the line
stands in the way of others. Nothing is remembered: who keeps what follows from the
robots and the floor they own, so it ends when they have gone.
"""

import numpy as np
from numpy.typing import NDArray

from fleetapp.core.draft import Draft
from fleetapp.core.long_waits import head_of
from fleetapp.core.reach import standing_of
from fleetapp.core.state import State
from fleetapp.fleet.robot import Robot
from fleetapp.safety.permission import out_until_ended
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import Out
from fleetapp.traffic.open_floor import OpenFloor

BEFORE_PICK = frozenset({TaskState.ASSIGNED, TaskState.DRIVING_TO_PICK, TaskState.LOOKING})


def stays(robot: Robot) -> Out | None:
    """Why a robot stands until a person or the robot itself ends that, None if it does not.

    A robot that was not heard since this start of the engine is not known to stand.
    """
    if not robot.admitted or not (robot.reported or robot.silent):
        return None
    ended_elsewhere = out_until_ended(robot)
    if ended_elsewhere is not None:
        return ended_elsewhere
    if robot.remedy or not robot.localized:
        return Out.OFF_ROADMAP
    return Out.PAUSED if robot.paused_by_others else None


class KeptFloor:
    """Who keeps floor in one state, and which tasks cannot be done for it."""

    def __init__(self, fleet: Draft | State) -> None:
        """Find who stays; what that shuts off is worked out when asked."""
        self._fleet = fleet
        self.heads = _heads(fleet)  # who keeps floor: the robot that is the cause
        self._reach = {robot_id: self._reach_of(robot_id) for robot_id in self.heads}
        self._open: dict[str, OpenFloor] = {}
        self._begin: dict[tuple[str, str, str], NDArray[np.bool_]] = {}
        self._starts: dict[str, tuple[int, ...]] | None = None

    def is_open(self, robot_type: str, start: int, task: Task) -> bool:
        """Whether a robot that sets off there can drive to the package and to the station."""
        return not self.heads or bool(self._beginnings(robot_type, task)[start])

    def shuts_off(self, task: Task) -> bool:
        """Whether no robot that works can do the task, for the floor that is kept."""
        if not self.heads:
            return False
        starts = self._working()
        kinds = [kind for kind in starts if self._serves(kind, task)]
        return bool(kinds) and not any(
            self._beginnings(kind, task)[start] for kind in kinds for start in starts[kind]
        )

    def keeper_of(self, task: Task) -> str | None:
        """Who stands in the way of the task: at its stations, or before them."""
        kinds = [kind for kind in sorted(self._fleet.floor.roads) if self._serves(kind, task)]
        for kind in kinds:
            around = self._around(kind, self._cut_off(kind, task))
            found = [r for r, reach in sorted(self._reach.items()) if reach & around]
            if found:
                return self.heads[found[0]]
        return None

    def _cut_off(self, kind: str, task: Task) -> tuple[int, ...]:
        """The nodes of the station that is not reached: the first, unless some robot can."""
        stations = self._fleet.floor.roads[kind].station_nodes
        leading = self._to_station(kind, task.from_station)
        reached = any(leading[start] for start in self._working().get(kind, ()))
        return stations[task.to_station if reached else task.from_station]

    def _around(self, kind: str, nodes: tuple[int, ...]) -> int:
        """The nodes themselves, and the border of the floor from which they can be reached."""
        road, masks = self._fleet.floor.roads[kind], self._fleet.floor.masks
        inside = self._floor_of(kind).leading_to_any(nodes)
        edges = [
            edge
            for node in (*nodes, *map(int, np.flatnonzero(inside)))
            for edge in road.in_edges[node]
            if not inside[road.edge_start[edge]]
        ]
        ends = (int(end) for edge in edges for end in (road.edge_start[edge], road.edge_end[edge]))
        return masks.way((*nodes, *ends), edges)

    def _serves(self, kind: str, task: Task) -> bool:
        nodes = self._fleet.floor.roads[kind].station_nodes
        return task.from_station in nodes and task.to_station in nodes

    def _beginnings(self, kind: str, task: Task) -> NDArray[np.bool_]:
        """For each node whether robots of a type can do the task from there on open floor."""
        key = (kind, task.from_station, task.to_station)
        if key not in self._begin:
            stations, floor = self._fleet.floor.roads[kind].station_nodes, self._floor_of(kind)
            to_drop = self._to_station(kind, task.to_station)
            picks = tuple(n for n in stations.get(task.from_station, ()) if to_drop[n])
            self._begin[key] = floor.leading_to_any(picks)
        return self._begin[key]

    def _to_station(self, kind: str, station_id: str) -> NDArray[np.bool_]:
        nodes = self._fleet.floor.roads[kind].station_nodes.get(station_id, ())
        return self._floor_of(kind).leading_to_any(nodes)

    def _floor_of(self, kind: str) -> OpenFloor:
        if kind not in self._open:
            shut = 0
            for reach in self._reach.values():
                shut |= reach
            self._open[kind] = OpenFloor(self._fleet.floor.roads[kind], shut)
        return self._open[kind]

    def _reach_of(self, robot_id: str) -> int:
        """All floor that others are kept out of by what this robot owns and stands on."""
        robot = self._fleet.robots[robot_id]
        owners = self._fleet.owners
        owned = [resource for resource in owners if owners.get(resource) == robot_id]
        here = () if robot.node is None else (robot.node,)
        return self._fleet.floor.masks.reach_of((*owned, *here, *robot.doubted))

    def _working(self) -> dict[str, tuple[int, ...]]:
        """Where the robots that work would set off, by type."""
        if self._starts is None:
            self._starts = {}
            for robot in self._fleet.robots.values():
                known = robot.admitted and robot.robot_id not in self.heads
                standing = standing_of(self._fleet, robot) if known else None
                if standing is not None:
                    before = self._starts.get(robot.robot_type, ())
                    self._starts[robot.robot_type] = (*before, standing.start)
        return self._starts


def _heads(fleet: Draft | State) -> dict[str, str]:
    """Robots that stay, and those that wait in line for them with a load: for whom."""
    robots = fleet.robots if isinstance(fleet, State) else fleet.robots.mapping()
    heads = {r.robot_id: r.robot_id for r in robots.values() if stays(r) is not None}
    if not heads:
        return heads
    in_line = {
        robot.robot_id: head_of(robots, robot.robot_id)
        for robot in robots.values()
        if robot.robot_id not in heads and _waits_long(fleet, robot)
    }
    return heads | {robot_id: head for robot_id, head in in_line.items() if head in heads}


def _waits_long(fleet: Draft | State, robot: Robot) -> bool:
    """Whether it found no way round for long, and nobody takes its task from it."""
    wait = robot.wait
    if wait is None or wait.blocker_id is None:
        return False
    task = fleet.tasks.get(robot.task_id) if robot.task_id else None
    if task is not None and task.state in BEFORE_PICK:
        return False
    return fleet.now_ms - wait.since_ms >= fleet.rules.long_wait_ms
