"""The roadmap of one robot type, as integer tables that core and planner read.

Prepared once from a site (`roadmap.build_roadmaps`) and never changed; `digest` names
the content, so that a journal can tell which tables a decision was made with.
Node and edge numbers are the same for all types of a site: whatever is out for
one type is masked, not removed. Who owns what at a moment is `traffic`.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fleetapp.layout.elements import RobotType
from fleetapp.layout.travel import TravelTimes
from fleetapp.layout.turning import FORBIDDEN_MS

Numbers = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class RoadMap:
    """Where robots of one type may drive, what it costs, what excludes what.

    Arrays have shape (n,) over nodes or (m,) over edges. Nodes and edges with a
    false mask are in the tables too, for robots of other types may be there.
    """

    digest: str
    site_digest: str
    map_id: str
    robot_type: RobotType
    node_ids: tuple[str, ...]
    index_of: dict[str, int]
    x_mm: NDArray[np.int32]
    y_mm: NDArray[np.int32]
    node_allowed: NDArray[np.bool_]  # a robot may be sent here
    edge_ids: tuple[str, ...]
    edge_index_of: dict[str, int]
    edge_start: NDArray[np.int32]
    edge_end: NDArray[np.int32]
    edge_length_mm: NDArray[np.int32]
    edge_speed_mmps: NDArray[np.int32]
    edge_travel_ms: NDArray[np.int32]
    edge_heading_mrad: NDArray[np.int32]  # the robot's heading on the edge
    edge_reversed: NDArray[np.bool_]  # driven tail first
    edge_allowed: NDArray[np.bool_]
    out_edges: tuple[Numbers, ...]  # allowed edges only
    in_edges: tuple[Numbers, ...]  # allowed edges only
    reverse_of: Numbers  # the edge the other way, -1 if none
    # For each edge, the turn costs into the out edges of its end, in their order.
    turns_ms: tuple[Numbers, ...]
    exclusive_nodes: tuple[Numbers, ...]
    exclusive_edges_of_node: tuple[Numbers, ...]
    exclusive_of_edge: tuple[tuple[Numbers, Numbers], ...]  # (edges, nodes)
    # Nodes of each station that this type reaches and leaves; stations without one are missing.
    station_nodes: dict[str, Numbers]
    station_at: dict[int, str]  # node -> station
    # Node at the inner end of a one-edge spur -> the node where it opens.
    mouth_of: dict[int, int]
    travel: TravelTimes = field(repr=False)

    @property
    def type_id(self) -> str:
        """The robot type's id."""
        return self.robot_type.type_id

    @property
    def node_count(self) -> int:
        """How many nodes the site has."""
        return len(self.node_ids)

    @cached_property
    def travel_ms(self) -> NDArray[np.int32]:
        """Driving times between all nodes, shape (n, n), from row to column.

        Without turns and waiting: a lower bound. For sites of more than 4,000
        nodes ask `travel.from_node` and `travel.to_node` instead.
        """
        return self.travel.table()

    def turn_ms(self, in_edge: int, out_edge: int) -> int:
        """Cost of going from one edge into the next, FORBIDDEN_MS if impossible.

        Raises:
            ValueError: if the second edge does not leave the first one's end.
        """
        followers = self.out_edges[int(self.edge_end[in_edge])]
        if out_edge not in followers:
            raise ValueError(
                f"edge {self.edge_ids[out_edge]} does not follow {self.edge_ids[in_edge]}: "
                "ask for an out edge of its end node"
            )
        return self.turns_ms[in_edge][followers.index(out_edge)]

    def start_turn_ms(self, heading_mrad: int, out_edge: int) -> int:
        """Cost of turning on the spot to the heading of the first edge; integers only."""
        circle = 6283
        change = abs(heading_mrad - int(self.edge_heading_mrad[out_edge])) % circle
        angle = min(change, circle - change)
        if angle <= 349:  # 20 degrees are steered
            return 0
        if not self.robot_type.can_turn_in_place:
            return FORBIDDEN_MS
        rotation_mradps = round(self.robot_type.rotation_radps * 1000)
        return -(-angle * 1000 // rotation_mradps)

    def station_node(self, station_id: str) -> int | None:
        """The first usable node of a station, None if this type cannot serve it."""
        return next(iter(self.station_nodes.get(station_id, ())), None)
