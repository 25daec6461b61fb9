"""Whether a robot's position shows it beyond its base, whatever it says of nodes.

Two of four robots that were measured drive into the unreleased horizon, and one of
them tells of the node only when it has arrived. Beyond its base is a robot that is
on the horizon's line and well off everything that was released to it.
"""

import math

from fleetapp.vda5050 import wire
from fleetapp.vda5050.orders import NodeToSend, OrderToSend

OFF_BASE_M = 0.6  # stopping past a node by less is no matter; nodes are further apart
ON_LINE_M = 0.5


def beyond_base(order: OrderToSend, position: wire.AgvPosition | None) -> int | None:
    """The number of the node beyond the base that it is next to, None if it is not beyond."""
    if position is None or position.position_initialized is False:
        return None
    if position.map_id and position.map_id != order.map_id:
        return None
    if order.released_to >= len(order.nodes) - 1:
        return None
    x, y = position.x, position.y
    base = order.nodes[: order.released_to + 1]
    if _near_line(base, x, y, OFF_BASE_M):
        return None
    horizon = order.nodes[order.released_to :]
    if not _near_line(horizon, x, y, ON_LINE_M):
        return None
    beyond = range(order.released_to + 1, len(order.nodes))
    return min(beyond, key=lambda n: math.hypot(order.nodes[n].x_m - x, order.nodes[n].y_m - y))


def _near_line(nodes: tuple[NodeToSend, ...], x: float, y: float, near_m: float) -> bool:
    ends = zip(nodes, nodes[1:] or nodes, strict=False)
    return any(_distance_m(start, end, x, y) <= near_m for start, end in ends)


def _distance_m(start: NodeToSend, end: NodeToSend, x: float, y: float) -> float:
    """From a point to the straight line between two nodes."""
    dx, dy = end.x_m - start.x_m, end.y_m - start.y_m
    length = dx * dx + dy * dy
    along = ((x - start.x_m) * dx + (y - start.y_m) * dy) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    return math.hypot(start.x_m + along * dx - x, start.y_m + along * dy - y)
