"""The roadmap while it is being drawn: collects nodes, edges and stations."""

from dataclasses import dataclass, field
from itertools import pairwise

from fleetapp.terms.modes import StationKind


@dataclass(frozen=True, slots=True)
class DraftStation:
    """A station with its nodes; heading in degrees, None if either will do."""

    station_id: str
    kind: StationKind
    node_ids: tuple[str, ...]
    x_mm: int
    y_mm: int
    heading_deg: int | None


@dataclass(slots=True)
class Draft:
    """Nodes by id (mm), edges by their ends with a speed limit (mm/s or None)."""

    nodes: dict[str, tuple[int, int]] = field(default_factory=dict)
    edges: dict[tuple[str, str], int | None] = field(default_factory=dict)
    stations: list[DraftStation] = field(default_factory=list)

    def node(self, node_id: str, x_mm: int, y_mm: int) -> str:
        """Add a node and return its id."""
        self.nodes[node_id] = (x_mm, y_mm)
        return node_id

    def one_way(self, node_ids: list[str], speed_mmps: int | None = None) -> None:
        """Join nodes in the order of travel; an edge that is there already stays."""
        for start, end in pairwise(node_ids):
            self.edges.setdefault((start, end), speed_mmps)

    def two_way(self, mouth: str, end: str, speed_mmps: int | None = None) -> None:
        """Join two nodes in both directions."""
        self.one_way([mouth, end], speed_mmps)
        self.one_way([end, mouth], speed_mmps)

    def link(self, start: str, end: str) -> None:
        """Join neighbouring lanes, unless traffic runs the other way there."""
        if (end, start) not in self.edges:
            self.one_way([start, end])
