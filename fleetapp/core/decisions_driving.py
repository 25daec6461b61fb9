"""What the core concludes about ways, orders and floor; part of `decisions`."""

from dataclasses import dataclass

from fleetapp.fleet.order import OrderAction, Purpose
from fleetapp.terms.reasons import WaitCause


@dataclass(frozen=True, slots=True)
class PlanRequested:
    """A route is wanted; the planner answers with `PlanProposed`."""

    at_ms: int
    problem_id: str
    robot_id: str
    robot_type: str
    purpose: Purpose
    task_id: str | None
    station_id: str
    start: int
    goal: int
    avoid: tuple[int, ...]  # nodes that must not be entered
    penalties: tuple[tuple[int, int], ...]  # node, extra ms
    replaces: str | None  # the order whose horizon it would replace

    @property
    def question(self) -> str:
        """All that the planner's answer, and its use, depend on, but for the time."""
        ends = (self.robot_type, self.start, self.goal, self.avoid, self.penalties)
        return repr((self.purpose.value, self.task_id, self.station_id, *ends, self.replaces))


@dataclass(frozen=True, slots=True)
class PlanDropped:
    """A plan was asked for and is not used: late, of no use, or there is no way."""

    problem_id: str
    robot_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class OrderIssued:
    """A robot is told a route; only its first node is released by this."""

    at_ms: int
    order_id: str
    robot_id: str
    task_id: str | None
    purpose: Purpose
    goal_station: str
    nodes: tuple[int, ...]
    edges: tuple[int, ...]
    actions: tuple[OrderAction, ...]
    problem_id: str


@dataclass(frozen=True, slots=True)
class RouteReplaced:
    """The horizon of an order goes another way or elsewhere; the base stays as sent."""

    at_ms: int
    order_id: str
    robot_id: str
    task_id: str | None
    purpose: Purpose
    goal_station: str
    nodes: tuple[int, ...]  # the whole route, its released part unchanged
    edges: tuple[int, ...]
    actions: tuple[OrderAction, ...]
    problem_id: str


@dataclass(frozen=True, slots=True)
class BaseExtended:
    """A robot may drive further: it now owns these floor resources alone."""

    at_ms: int
    order_id: str
    robot_id: str
    update_id: int
    released_to: int
    resources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FloorTaken:
    """A robot owns the floor where it is, so that nobody else is sent there.

    It stands at `node`; None while it drives without an order: it may have any of its floor.
    """

    robot_id: str
    node: int | None
    resources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FloorDoubted:
    """Floor on which a robot may be although others own floor there: nobody is sent onto it."""

    robot_id: str
    resources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FloorFreed:
    """Floor that a robot no longer needs, with the reason."""

    robot_id: str
    resources: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class OrderEnded:
    """An order is over: finished, cancelled, refused or gone."""

    at_ms: int
    order_id: str
    robot_id: str
    how: str
    at_node: int | None


@dataclass(frozen=True, slots=True)
class CancelOrdered:
    """A robot is told to give its order up. Restrictive."""

    at_ms: int
    robot_id: str
    order_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class RobotWaits:
    """A robot stands still for a cause that ends by itself."""

    at_ms: int
    robot_id: str
    cause: WaitCause
    sentence: str
    ends: str
    evidence: str
    blocker_id: str | None


@dataclass(frozen=True, slots=True)
class WaitEnded:
    """The cause of a wait is gone."""

    robot_id: str


@dataclass(frozen=True, slots=True)
class HomeGiven:
    """A place off the lanes that is kept for this robot."""

    robot_id: str
    node: int


@dataclass(frozen=True, slots=True)
class ChargingAsked:
    """A robot at a charger is told to start or stop charging."""

    robot_id: str
    start: bool
