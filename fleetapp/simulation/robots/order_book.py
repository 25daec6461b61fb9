"""What a virtual robot does with orders: takes, extends or refuses them, node by node.

Follows VDA 5050 2.1 strictly: an update continues at the last released node, the
base is never changed, another order while busy is refused. What it does otherwise
is a `Fault`.

Source: VDA 5050 2.1, 6.6.2 "Orders and order update" and 6.6.4 "Order cancellation".
"""

import math
from dataclasses import dataclass, field

from fleetapp.simulation.robots.actions import ENDED, ActionQueue, needs_standing
from fleetapp.simulation.robots.faults import Fault, Faults
from fleetapp.simulation.robots.motion import Body, Leg
from fleetapp.simulation.robots.order_rules import problem_of
from fleetapp.vda5050 import wire

NEAR_M = 0.3  # from the first node of a new order, where the order says nothing


@dataclass(slots=True)
class OrderBook:
    """The order a robot works on. `nodes` and `edges` are those still ahead."""

    map_id: str
    faults: Faults
    order_id: str = ""
    update_id: int = 0
    last_node_id: str = ""
    last_sequence: int = 0
    nodes: list[wire.OrderNode] = field(default_factory=list)
    edges: list[wire.OrderEdge] = field(default_factory=list)
    passed: list[wire.OrderNode] = field(default_factory=list)
    actions: dict[str, wire.ActionState] = field(default_factory=dict)
    queue: ActionQueue = field(default_factory=ActionQueue)
    _legs: tuple[Leg, ...] | None = None

    @property
    def busy(self) -> bool:
        """Whether something of the order is left to do."""
        running = any(a.action_status not in ENDED for a in self.actions.values())
        return bool(self.nodes or self.edges or running)

    def take(self, order: wire.Order, body: Body) -> wire.Error | None:
        """Take an order or update; the error to report if it is refused."""
        problem = problem_of(order, self.map_id)
        if problem is not None:
            return _error(problem[0], order, problem[1])
        if order.order_id == self.order_id:
            return self._update(order)
        if self.busy and Fault.REPLACES_ORDERS not in self.faults.shown:
            return _error("orderError", order, f"busy with order {self.order_id}")
        if not self._is_near(order.nodes[0], body):
            return _error("noRouteError", order, f"not at node {order.nodes[0].node_id}")
        self._begin(order)
        return None

    def _begin(self, order: wire.Order) -> None:
        self.order_id, self.update_id = order.order_id, order.order_update_id
        self.nodes, self.edges, self.passed, self.actions = [], [], [], {}
        self.queue.clear()
        self._append(order.nodes, order.edges)
        self._arrive(self.nodes.pop(0))

    def _is_near(self, node: wire.OrderNode, body: Body) -> bool:
        """Trivially reachable: it was there last, or is within the deviation allowed."""
        if node.node_id == self.last_node_id:
            return True
        position = node.node_position
        if position is None:
            return False
        allowed = max(NEAR_M, position.allowed_deviation_x_y or 0.0)
        return math.hypot(position.x - body.x_m, position.y - body.y_m) <= allowed

    def _update(self, order: wire.Order) -> wire.Error | None:
        if order.order_update_id == self.update_id:
            return None  # sent again: nothing new
        careless = Fault.TAKES_ANY_UPDATE in self.faults.shown
        if order.order_update_id < self.update_id and not careless:
            return _error("orderUpdateError", order, f"older than update {self.update_id}")
        first = order.nodes[0]
        end = self.end_of_base()
        if (first.node_id, first.sequence_id) != end and not careless:
            return _error("orderUpdateError", order, f"does not continue at {end[0]}, {end[1]}")
        if careless and (first.node_id, first.sequence_id) != end:
            self.nodes, self.edges = [], []
        self.update_id = order.order_update_id
        self._drop_horizon()
        self._append(order.nodes[1:], order.edges)
        if Fault.REPEATS_ACTIONS in self.faults.shown:
            self._note_actions(first, "-again")
        return None

    def end_of_base(self) -> tuple[str, int]:
        """The decision point: id and sequence number of the last released node."""
        released = [node for node in self.nodes if node.released]
        if not released:
            return self.last_node_id, self.last_sequence
        return released[-1].node_id, released[-1].sequence_id

    def _drop_horizon(self) -> None:
        for node in self.nodes:
            for action in (node.actions or ()) if not node.released else ():
                self.actions.pop(action.action_id, None)
        self.nodes = [node for node in self.nodes if node.released]
        self.edges = self.edges[: len(self.nodes)]

    def _append(self, nodes: list[wire.OrderNode], edges: list[wire.OrderEdge]) -> None:
        self.nodes.extend(nodes)
        self.edges.extend(edges)
        self._legs = None
        for node in nodes:
            self._note_actions(node, "")

    def _note_actions(self, node: wire.OrderNode, suffix: str) -> None:
        for action in node.actions or ():
            state = wire.ActionState(action.action_id, "WAITING", action.action_type)
            self.actions[action.action_id + suffix] = state

    def legs(self) -> tuple[Leg, ...]:
        """The released way ahead, up to the first node where the robot must stand to act."""
        if self.queue.holds_robot:
            return ()
        if self._legs is None:
            self._legs = self._made_legs()
        return self._legs

    def _made_legs(self) -> tuple[Leg, ...]:
        found = []
        anywhere = Fault.IGNORES_BASE in self.faults.shown
        for node, edge in zip(self.nodes, self.edges, strict=False):
            if not (node.released and edge.released) and not anywhere:
                break
            position = node.node_position
            if position is None:
                break  # refused when the order came
            found.append(Leg(position.x, position.y, edge.max_speed or math.inf))
            if any(needs_standing(action) for action in node.actions or ()):
                break
        return tuple(found)

    def forget_way(self) -> None:
        """Work the way out anew: a fault changed it."""
        self._legs = None

    def reach_next(self) -> None:
        """The next node is reached."""
        self.edges.pop(0)
        self._legs = None
        self._arrive(self.nodes.pop(0))

    def _arrive(self, node: wire.OrderNode) -> None:
        self.last_node_id, self.last_sequence = node.node_id, node.sequence_id
        self.passed.append(node)
        self.queue.waiting.extend(node.actions or ())

    def clear(self) -> None:
        """Give everything up: what had not ended has failed. The order id stays."""
        self.nodes, self.edges, self._legs = [], [], None
        self.queue.clear()
        for state in self.actions.values():
            if state.action_status not in ENDED:
                state.action_status = "FAILED"

    def forget(self) -> None:
        """Know of no order, as after a restart."""
        self.clear()
        self.order_id, self.update_id, self.last_sequence = "", 0, 0
        self.actions, self.passed = {}, []


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
