"""Whether an order is well formed, and one that this robot can do.

What depends on the order it already has is the order book's part.

Source: VDA 5050 2.1, 6.6 "Implementation of the order message".
"""

import math
from collections.abc import Iterator
from itertools import pairwise

from fleetapp.simulation.robots.actions import DURATIONS_S
from fleetapp.vda5050 import wire


def problem_of(order: wire.Order, map_id: str) -> tuple[str, str] | None:
    """Error type and text, None if there is none."""
    text = _shape(order) or _sequence(order) or _base(order) or _places(order, map_id)
    if text:
        return "validationError", text
    text = _unable(order)
    return ("orderError", text) if text else None


def _shape(order: wire.Order) -> str:
    if not order.order_id:
        return "orderId is empty"
    if not order.nodes:
        return "it has no nodes"
    if len(order.edges) != len(order.nodes) - 1:
        return f"{len(order.nodes)} nodes need {len(order.nodes) - 1} edges, not {len(order.edges)}"
    return ""


def _sequence(order: wire.Order) -> str:
    first = order.nodes[0].sequence_id
    for number, node in enumerate(order.nodes):
        if node.sequence_id != first + 2 * number or first % 2:
            return f"node {node.node_id} has sequenceId {node.sequence_id}: nodes count in twos"
    for number, edge in enumerate(order.edges):
        if edge.sequence_id != first + 2 * number + 1:
            return f"edge {edge.edge_id} has sequenceId {edge.sequence_id}, not between its nodes"
        ends = (order.nodes[number].node_id, order.nodes[number + 1].node_id)
        if (edge.start_node_id, edge.end_node_id) != ends:
            return f"edge {edge.edge_id} does not lead from {ends[0]} to {ends[1]}"
    return ""


def _base(order: wire.Order) -> str:
    released = [node.released for node in order.nodes]
    if not released[0]:
        return "the first node is not released"
    if any(after and not before for before, after in pairwise(released)):
        return "a released node stands behind one that is not"
    for edge, after in zip(order.edges, released[1:], strict=False):
        if edge.released and not after:
            return f"edge {edge.edge_id} is released, its end is not"
    return ""


def _places(order: wire.Order, map_id: str) -> str:
    return next((text for node in order.nodes[1:] if (text := _node(node, map_id))), "")


def _node(node: wire.OrderNode, map_id: str) -> str:
    position = node.node_position
    if position is None:
        return f"node {node.node_id} has no nodePosition, which this robot needs"
    if not (math.isfinite(position.x) and math.isfinite(position.y)):
        return f"node {node.node_id} is at {position.x}, {position.y}"
    if position.map_id != map_id:
        return f"node {node.node_id} is on map {position.map_id!r}, the robot on {map_id!r}"
    return ""


def _unable(order: wire.Order) -> str:
    for edge in order.edges:
        if edge.actions:
            return f"edge {edge.edge_id} has actions; this robot acts at nodes only"
    for action in actions_of(order):
        if action.action_type not in DURATIONS_S:
            return f"action {action.action_type!r} is not one of {', '.join(DURATIONS_S)}"
    return ""


def actions_of(order: wire.Order) -> Iterator[wire.Action]:
    """All node actions of an order."""
    for node in order.nodes:
        yield from node.actions or ()
