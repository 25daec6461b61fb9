"""What fleet control tells a robot: orders and updates as wire messages.

Nodes and edges share one sequence: nodes even, edges odd. An update begins with
the stitching node, the last of the base already sent; its actions are not sent
again, for real robots run them twice (VDA5050 pull request 374).

Source: VDA 5050 2.1, sections 6.6.1 to 6.6.4.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fleetapp.vda5050 import wire


@dataclass(frozen=True, slots=True)
class ActionToSend:
    """An action at a node."""

    action_id: str
    action_type: str
    parameters: tuple[tuple[str, str], ...]
    blocking: str = "HARD"


@dataclass(frozen=True, slots=True)
class NodeToSend:
    """A node with its place in metres, site frame."""

    node_id: str
    x_m: float
    y_m: float
    actions: tuple[ActionToSend, ...] = ()
    deviation_m: float | None = None  # how far beside it the robot may stand; None: its own rule


@dataclass(frozen=True, slots=True)
class EdgeToSend:
    """An edge with its speed limit in m/s."""

    edge_id: str
    max_speed_mps: float
    length_m: float


@dataclass(frozen=True, slots=True)
class OrderToSend:
    """A whole order; `edges` has one entry less than `nodes`."""

    order_id: str
    update_id: int
    map_id: str
    nodes: tuple[NodeToSend, ...]
    edges: tuple[EdgeToSend, ...]
    released_to: int


def wire_nodes(order: OrderToSend, first: int, *, known: bool) -> list[wire.OrderNode]:
    """Nodes from number `first`; that one without its actions if the robot has them.

    Args:
        order: all of it.
        first: the stitching node of an update, 0 for a new order.
        known: the robot showed this order: it has the actions of its first node too.
    """
    return [
        wire.OrderNode(
            node_id=node.node_id,
            sequence_id=2 * number,
            released=number <= order.released_to,
            actions=[] if number == first and known else _actions(node.actions),
            node_position=wire.NodePosition(
                node.x_m, node.y_m, order.map_id, allowed_deviation_x_y=node.deviation_m
            ),
        )
        for number, node in list(enumerate(order.nodes))[first:]
    ]


def wire_edges(order: OrderToSend, first: int) -> list[wire.OrderEdge]:
    """Edges that leave node number `first` and those after it."""
    return [
        wire.OrderEdge(
            edge_id=edge.edge_id,
            sequence_id=2 * number + 1,
            released=number < order.released_to,
            start_node_id=order.nodes[number].node_id,
            end_node_id=order.nodes[number + 1].node_id,
            actions=[],
            max_speed=edge.max_speed_mps,
            length=edge.length_m,
        )
        for number, edge in list(enumerate(order.edges))[first:]
    ]


def _actions(actions: Sequence[ActionToSend]) -> list[wire.Action]:
    return [
        wire.Action(
            action_type=action.action_type,
            action_id=action.action_id,
            blocking_type=action.blocking,
            action_parameters=[wire.Parameter(key, value) for key, value in action.parameters],
        )
        for action in actions
    ]
