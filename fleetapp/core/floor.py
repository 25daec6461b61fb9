"""Questions to the site's tables that the core asks: where is this, what lies behind.

A resource is a piece of floor: node n is resource n, edge e is resource
(number of nodes + e).
"""

from fleetapp.core.state import Floor
from fleetapp.fleet.order import Order
from fleetapp.layout.roadmap import RoadMap
from fleetapp.terms.modes import StationKind


def any_road(floor: Floor) -> RoadMap:
    """A road map of the site; node and edge numbers are the same in all of them."""
    return next(iter(floor.roads.values()))


def node_count(floor: Floor) -> int:
    """Number of nodes: where the numbering of edges as resources begins."""
    return len(any_road(floor).node_ids)


def node_id(floor: Floor, node: int) -> str:
    """The id of a node as the layout names it."""
    return any_road(floor).node_ids[node]


def resources_behind(floor: Floor, order: Order, index: int) -> tuple[int, ...]:
    """Floor of an order that lies behind its node number `index`.

    What comes again later in the released base is left out.
    """
    ahead = set(order.nodes[index : order.released_to + 1])
    edges_ahead = set(order.edges[index : order.released_to])
    offset = node_count(floor)
    nodes = [n for n in order.nodes[order.passed : index] if n not in ahead]
    edges = [offset + e for e in order.edges[order.passed : index] if e not in edges_ahead]
    return (*nodes, *edges)


def resources_between(floor: Floor, order: Order, *, after: int, to: int) -> tuple[int, ...]:
    """Nodes and edges of an order beyond node number `after` up to number `to`."""
    offset = node_count(floor)
    return (
        *order.nodes[after + 1 : to + 1],
        *(offset + e for e in order.edges[after:to]),
    )


def nearest_node(floor: Floor, x_mm: int, y_mm: int, tolerance_mm: int) -> int | None:
    """The node within the tolerance that is nearest, None if there is none."""
    road = any_road(floor)
    best, best_sq = None, tolerance_mm * tolerance_mm + 1
    for node in range(len(road.node_ids)):
        dx, dy = int(road.x_mm[node]) - x_mm, int(road.y_mm[node]) - y_mm
        squared = dx * dx + dy * dy
        if squared < best_sq:
            best, best_sq = node, squared
    return best


def station_nodes(floor: Floor, station_id: str) -> tuple[int, ...]:
    """The road map nodes at which a station is served."""
    index_of = any_road(floor).index_of
    return tuple(index_of[name] for name in floor.stations[station_id].node_ids)


def stations_of(floor: Floor, kind: StationKind) -> tuple[str, ...]:
    """Ids of the stations of a kind, in the site's order."""
    return tuple(s.station_id for s in floor.site.stations if s.kind is kind)


def station_at(floor: Floor, node: int) -> str | None:
    """The station served at a node, None if there is none."""
    name = node_id(floor, node)
    for station in floor.site.stations:
        if name in station.node_ids:
            return station.station_id
    return None


def place_name(floor: Floor, node: int | None) -> str:
    """What people call the place: a station if there is one, else the node's id."""
    if node is None:
        return ""
    return station_at(floor, node) or node_id(floor, node)
