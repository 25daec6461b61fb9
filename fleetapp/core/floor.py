"""Questions to the site's tables that the core asks: where is this, what lies behind.

A resource is a piece of floor: node n is resource n, edge e is resource
(number of nodes + e).
"""

from collections.abc import Iterator
from math import isqrt

from fleetapp.core.state import Floor
from fleetapp.fleet.order import Order
from fleetapp.layout.roadmap import RoadMap

ON_NODE_MM = 100  # nearer than this a robot covers no more than it does on the node itself


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
    ahead = resources_ahead(floor, order, index)
    offset = node_count(floor)
    passed = order.passed
    left = (*order.nodes[passed:index], *(offset + e for e in order.edges[passed:index]))
    return tuple(resource for resource in left if resource not in ahead)


def resources_ahead(floor: Floor, order: Order, index: int) -> frozenset[int]:
    """Floor of the released base from node number `index` on."""
    offset = node_count(floor)
    edges = (offset + edge for edge in order.edges[index : order.released_to])
    return frozenset((*order.nodes[index : order.released_to + 1], *edges))


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


def floor_under(road: RoadMap, node: int, x_mm: int, y_mm: int) -> tuple[int, ...]:
    """Floor that a robot covers which stands at a node or not far from it.

    On the node that is the node. On an edge that it has not quite left, the edge too, for
    there it is in the way of others. Empty if it stands beside them: nobody knows what it
    covers there.
    """
    dx, dy = x_mm - int(road.x_mm[node]), y_mm - int(road.y_mm[node])
    if dx * dx + dy * dy <= ON_NODE_MM * ON_NODE_MM:
        return (node,)
    edges = tuple(
        road.node_count + edge
        for edge, other in _edges_at(road, node)
        if _lies_along(dx, dy, *_way(road, node, other))
    )
    return (node, *edges) if edges else ()


def _way(road: RoadMap, start: int, end: int) -> tuple[int, int]:
    return int(road.x_mm[end] - road.x_mm[start]), int(road.y_mm[end] - road.y_mm[start])


def _edges_at(road: RoadMap, node: int) -> Iterator[tuple[int, int]]:
    """The edges of a node, each with its other end."""
    for edge in road.out_edges[node]:
        yield edge, int(road.edge_end[edge])
    for edge in road.in_edges[node]:
        yield edge, int(road.edge_start[edge])


def _lies_along(dx: int, dy: int, way_x: int, way_y: int) -> bool:
    """Whether an offset from a node points along a way from it, and not beside it."""
    length = isqrt(way_x * way_x + way_y * way_y)
    across = abs(dx * way_y - dy * way_x)
    return dx * way_x + dy * way_y > 0 and across <= ON_NODE_MM * length


def station_nodes(floor: Floor, station_id: str) -> tuple[int, ...]:
    """The road map nodes at which a station is served."""
    index_of = any_road(floor).index_of
    return tuple(index_of[name] for name in floor.stations[station_id].node_ids)


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
