"""The layout as clients draw it: metres, site frame, drawing order left to them."""

from dataclasses import dataclass

from fleetapp.terms.modes import StationKind, ZoneKind


@dataclass(frozen=True, slots=True)
class NodeDrawing:
    """A roadmap node."""

    node_id: str
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class EdgeDrawing:
    """A directed roadmap edge; two-way lanes come as two."""

    edge_id: str
    start_node_id: str
    end_node_id: str
    one_way: bool
    max_speed_mps: float | None


@dataclass(frozen=True, slots=True)
class StationDrawing:
    """A station with its outline (centre, width, height)."""

    station_id: str
    kind: StationKind
    name: str
    x_m: float
    y_m: float
    width_m: float
    height_m: float
    node_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ZoneDrawing:
    """An area with a rule."""

    zone_id: str
    kind: ZoneKind
    name: str
    polygon: tuple[tuple[float, float], ...]
    max_speed_mps: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class ShapeDrawing:
    """A wall, shelf, room or conveyor."""

    kind: str
    label: str
    polygon: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class AisleDrawing:
    """An aisle's name and where it may stand."""

    name: str
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class RobotTypeDrawing:
    """The footprint of a robot type."""

    type_id: str
    length_m: float
    width_m: float
    camera: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything of a site that a map shows."""

    site_id: str
    name: str
    digest: str
    version: str
    bounds: tuple[float, float, float, float]  # min x, min y, max x, max y
    nodes: tuple[NodeDrawing, ...]
    edges: tuple[EdgeDrawing, ...]
    stations: tuple[StationDrawing, ...]
    zones: tuple[ZoneDrawing, ...]
    shapes: tuple[ShapeDrawing, ...]
    aisles: tuple[AisleDrawing, ...]
    robot_types: tuple[RobotTypeDrawing, ...]
