"""An order as the core keeps it: the route of one robot and how far it is released.

Nodes and edges are indexes into the road map. The base is `nodes[: released_to
+ 1]`, the horizon the rest. Once released a node is never taken back (VDA 5050:
the base is immutable).
"""

from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """What an order is for."""

    TO_PICK = "to_pick"
    LOOK = "look"  # look once more, standing at the pick node
    CARRY = "carry"
    TO_RETURN = "to_return"
    CHARGE = "charge"
    PARK = "park"
    MOVE_ASIDE = "move_aside"


class ActionKind(StrEnum):
    """Actions that the core orders; the robot type's profile adds parameters."""

    DETECT = "detect"
    PICK = "pick"
    DROP = "drop"


ACTION_WORDS: dict[ActionKind, str] = {
    ActionKind.DETECT: "look",
    ActionKind.PICK: "pick",
    ActionKind.DROP: "drop",
}


@dataclass(frozen=True, slots=True)
class OrderAction:
    """An action at one node of an order. An id is never used twice."""

    action_id: str
    kind: ActionKind
    node_index: int
    station_id: str
    label_code: str | None
    sku: str | None
    ended: bool = False
    ok: bool = False


class OrderPhase(StrEnum):
    """Where an order is in its life."""

    ACTIVE = "active"
    CANCELLING = "cancelling"


@dataclass(frozen=True, slots=True)
class Order:
    """The order a robot has now."""

    order_id: str
    robot_id: str
    task_id: str | None
    purpose: Purpose
    goal_station: str
    nodes: tuple[int, ...]
    edges: tuple[int, ...]
    actions: tuple[OrderAction, ...]
    issued_ms: int
    released_to: int = 0
    passed: int = 0
    update_id: int = 0
    stitched_at: int = 0  # number of the node at which the newest update continues
    acknowledged_update: int = -1
    last_change_ms: int = 0
    moved_ms: int = 0  # when it last passed a node
    phase: OrderPhase = OrderPhase.ACTIVE
    cancel_reason: str = ""
    finished_ms: int | None = None  # when the robot said that all of it is done
    unladen_ms: int | None = None  # since when reports on the way show nothing of its load

    @property
    def at_node(self) -> int:
        """The last node passed."""
        return self.nodes[self.passed]

    @property
    def decision_node(self) -> int:
        """The last node of the base."""
        return self.nodes[self.released_to]

    @property
    def goal_node(self) -> int:
        """The last node of the route."""
        return self.nodes[-1]

    @property
    def carries(self) -> bool:
        """Whether something is on board for it by now, by what the robot said of its picks."""
        picked = all(a.ended and a.ok for a in self.actions if a.kind is ActionKind.PICK)
        return picked and self.purpose in (Purpose.CARRY, Purpose.TO_RETURN)

    @property
    def handed_over(self) -> bool:
        """Whether it is done by the robot's word, and its load set down."""
        drops = [action for action in self.actions if action.kind is ActionKind.DROP]
        return self.finished_ms is not None and bool(drops) and all(a.ok for a in self.actions)

    @property
    def fully_released(self) -> bool:
        """Whether there is no horizon left."""
        return self.released_to == len(self.nodes) - 1
