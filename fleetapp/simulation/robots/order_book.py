"""What a virtual robot does with orders: takes, extends or refuses them, node by node.

Follows VDA 5050 2.1 strictly: an update continues at the last released node, the
base is never changed, another order while busy is refused.
"""

from dataclasses import dataclass, field

from fleetapp.vda5050 import wire


@dataclass(slots=True)
class OrderBook:
    """The order a robot works on. `nodes` and `edges` are those still ahead."""

    order_id: str = ""
    update_id: int = 0
    last_node_id: str = ""
    last_sequence: int = 0
    nodes: list[wire.OrderNode] = field(default_factory=list)
    edges: list[wire.OrderEdge] = field(default_factory=list)
    actions: dict[str, wire.ActionState] = field(default_factory=dict)
    waiting: list[wire.Action] = field(default_factory=list)

    @property
    def busy(self) -> bool:
        """Whether something of the order is left to do."""
        running = any(a.action_status not in ("FINISHED", "FAILED") for a in self.actions.values())
        return bool(self.nodes or self.edges or running)

    def take(self, order: wire.Order) -> wire.Error | None:
        """Take an order or update; the error to report if it is refused."""
        if not order.nodes or len(order.edges) != len(order.nodes) - 1:
            return _error("validationError", order, "nodes and edges do not fit together")
        if order.order_id == self.order_id:
            return self._update(order)
        if self.busy:
            return _error("orderError", order, "busy with another order")
        if order.nodes[0].node_id != self.last_node_id:
            return _error("noRouteError", order, f"not at node {order.nodes[0].node_id}")
        self.order_id, self.update_id = order.order_id, order.order_update_id
        self.actions = {}
        self._append(order.nodes, order.edges)
        self._arrive(self.nodes.pop(0))
        return None

    def _update(self, order: wire.Order) -> wire.Error | None:
        if order.order_update_id == self.update_id:
            return None  # sent again: nothing new
        if order.order_update_id < self.update_id:
            return _error("orderUpdateError", order, "older than the one it has")
        base = [node for node in self.nodes if node.released]
        end = (
            (base[-1].node_id, base[-1].sequence_id)
            if base
            else (
                self.last_node_id,
                self.last_sequence,
            )
        )
        if (order.nodes[0].node_id, order.nodes[0].sequence_id) != end:
            return _error("orderUpdateError", order, f"does not continue at {end[0]}")
        self.update_id = order.order_update_id
        self._drop_horizon()
        self._append(order.nodes[1:], order.edges)
        return None

    def _drop_horizon(self) -> None:
        for node in self.nodes:
            if not node.released:
                for action in node.actions or ():
                    self.actions.pop(action.action_id, None)
        self.nodes = [node for node in self.nodes if node.released]
        self.edges = [edge for edge in self.edges if edge.released]

    def _append(self, nodes: list[wire.OrderNode], edges: list[wire.OrderEdge]) -> None:
        self.nodes.extend(nodes)
        self.edges.extend(edges)
        for node in nodes:
            for action in node.actions or ():
                self.actions[action.action_id] = wire.ActionState(
                    action.action_id, "WAITING", action.action_type
                )

    def way(self) -> tuple[tuple[wire.OrderNode, wire.OrderEdge], ...]:
        """Released nodes ahead up to the first where something is to be done."""
        found = []
        for node, edge in zip(self.nodes, self.edges, strict=False):
            if not node.released or not edge.released or self.waiting:
                break
            found.append((node, edge))
            if node.actions:
                break
        return tuple(found)

    def reach_next(self) -> None:
        """The next node is reached."""
        self.edges.pop(0)
        self._arrive(self.nodes.pop(0))

    def _arrive(self, node: wire.OrderNode) -> None:
        self.last_node_id, self.last_sequence = node.node_id, node.sequence_id
        self.waiting.extend(node.actions or ())

    def clear(self) -> None:
        """Give everything up: what waits has failed."""
        self.nodes, self.edges, self.waiting = [], [], []
        for state in self.actions.values():
            if state.action_status not in ("FINISHED", "FAILED"):
                state.action_status = "FAILED"


def _error(kind: str, order: wire.Order, text: str) -> wire.Error:
    return wire.Error(
        error_type=kind,
        error_level="WARNING",
        error_description=text,
        error_references=[
            wire.Reference("orderId", order.order_id),
            wire.Reference("orderUpdateId", str(order.order_update_id)),
        ],
    )
