"""What a site consists of: nodes, edges, stations, zones, shapes, robot types.

Values only, in metres and radians, site frame. Files are read in `site`, the
roadmap of one robot type is prepared in `roadmap`.

Source: LIF 1.0.0 (VDMA, March 2024) for nodes, edges and stations.
"""

from dataclasses import dataclass
from enum import StrEnum

from fleetapp.geometry import Footprint, polygon_footprint, rectangle
from fleetapp.terms.modes import StationKind, ZoneKind

Point = tuple[float, float]
Parameters = tuple[tuple[str, str], ...]


class ShapeKind(StrEnum):
    """Drawn things that no robot drives on."""

    FLOOR = "floor"
    WALL = "wall"
    SHELF = "shelf"
    ROOM = "room"
    CONVEYOR = "conveyor"
    DOOR = "door"


class OrientationType(StrEnum):
    """What an edge's robot orientation refers to, as in LIF and VDA 5050."""

    TANGENTIAL = "TANGENTIAL"
    GLOBAL = "GLOBAL"


class TurnRule(StrEnum):
    """Which way a robot may turn at an edge's end, as in LIF."""

    NONE = "NONE"
    CCW = "CCW"
    CW = "CW"
    BOTH = "BOTH"


@dataclass(frozen=True, slots=True)
class Node:
    """A point where a robot may be told to be."""

    node_id: str
    x_m: float
    y_m: float
    map_id: str


@dataclass(frozen=True, slots=True)
class EdgeRule:
    """What one robot type may do on an edge; the defaults are LIF's."""

    type_id: str
    max_speed_mps: float | None = None
    orientation: OrientationType = OrientationType.TANGENTIAL
    orientation_rad: float = 0.0  # 0: nose first, pi: tail first (TANGENTIAL)
    rotation_allowed: bool = True  # while driving on the edge; we ask for none there
    turn_at_start: TurnRule = TurnRule.BOTH
    turn_at_end: TurnRule = TurnRule.BOTH


@dataclass(frozen=True, slots=True)
class Edge:
    """A straight directed connection between two nodes."""

    edge_id: str
    start_node_id: str
    end_node_id: str
    length_m: float
    rules: tuple[EdgeRule, ...]

    @property
    def robot_types(self) -> tuple[str, ...]:
        """The types that the layout lets onto this edge."""
        return tuple(rule.type_id for rule in self.rules)

    @property
    def max_speed_mps(self) -> float | None:
        """The lowest speed that the layout gives here for any type, None without one."""
        speeds = [rule.max_speed_mps for rule in self.rules if rule.max_speed_mps is not None]
        return min(speeds, default=None)

    def rule_for(self, type_id: str) -> EdgeRule | None:
        """The rule of a robot type, None if it may not drive here."""
        return next((rule for rule in self.rules if rule.type_id == type_id), None)


@dataclass(frozen=True, slots=True)
class Station:
    """A place where goods change hands, or robots charge or park."""

    station_id: str
    kind: StationKind
    node_ids: tuple[str, ...]
    name: str
    x_m: float  # centre of the outline
    y_m: float
    heading_rad: float | None  # which way a robot there should look, None: either
    width_m: float
    height_m: float


@dataclass(frozen=True, slots=True)
class Zone:
    """An area with a rule."""

    zone_id: str
    kind: ZoneKind
    name: str
    polygon: tuple[Point, ...]
    max_speed_mps: float | None  # SPEED_LIMIT
    direction_rad: float | None  # DIRECTED
    reason: str


@dataclass(frozen=True, slots=True)
class Shape:
    """Something that is drawn and stands in the way."""

    kind: ShapeKind
    polygon: tuple[Point, ...]
    label: str


@dataclass(frozen=True, slots=True)
class AisleLabel:
    """An aisle's name and where it may be written."""

    name: str
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class RobotType:
    """What all robots of one type have in common."""

    type_id: str
    length_m: float
    width_m: float
    center_offset: Point  # middle of the outline from the centre of rotation: ahead, left
    outline: tuple[Point, ...]  # corners in the robot's frame; empty: the rectangle above
    clearance_m: float  # kept free around the outline: localisation error and control error
    max_speed_mps: float
    loaded_speed_mps: float
    acceleration_mps2: float
    deceleration_mps2: float
    rotation_radps: float
    can_turn_in_place: bool
    can_reverse: bool
    camera: bool
    state_interval_s: float  # it reports at least this often; longer silence is judged by it
    battery_hours: float  # it drives this long on a full charge
    pick_parameters: Parameters
    drop_parameters: Parameters
    detect_parameters: Parameters

    @property
    def footprint(self) -> Footprint:
        """The outline without the clearance."""
        if self.outline:
            return polygon_footprint(self.outline)
        ahead_m, left_m = self.center_offset
        return rectangle(
            length_m=self.length_m, width_m=self.width_m, ahead_m=ahead_m, left_m=left_m
        )


@dataclass(frozen=True, slots=True)
class Site:
    """A hall: its roadmap, stations, zones, drawing and robot types."""

    site_id: str
    name: str
    map_id: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    stations: tuple[Station, ...]
    zones: tuple[Zone, ...]
    shapes: tuple[Shape, ...]
    aisles: tuple[AisleLabel, ...]
    robot_types: tuple[RobotType, ...]
    return_station_id: str
    layout_version: str
    digest: str  # SHA-256 over the names and bytes of the site's files
    second_anchor: str = ""  # a file for the journal's head outside the data folder

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Smallest x and y, largest x and y of everything that is drawn."""
        points = [(node.x_m, node.y_m) for node in self.nodes]
        points += [point for shape in self.shapes for point in shape.polygon]
        points += [point for zone in self.zones for point in zone.polygon]
        if not points:
            return (0.0, 0.0, 0.0, 0.0)
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return (min(xs), min(ys), max(xs), max(ys))

    def robot_type(self, type_id: str) -> RobotType | None:
        """The robot type with this id, None if the site has none."""
        return next((kind for kind in self.robot_types if kind.type_id == type_id), None)

    def station(self, station_id: str) -> Station | None:
        """The station with this id, None if the site has none."""
        return next((s for s in self.stations if s.station_id == station_id), None)
