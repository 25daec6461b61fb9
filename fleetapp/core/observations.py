"""Facts from outside, as the core reads them: integers, ids and closed lists.

Each carries `at_ms`, the engine's time of the tick that took it in: time
enters the core only so. Wire words (VDA 5050) stay outside in
`fleetapp.vda5050`; pictures stay outside in the recogniser, only results enter.
What the engine tells of itself is `observations_engine`.
"""

from dataclasses import dataclass

from fleetapp.api.commands import Command, Person
from fleetapp.core.known import Known
from fleetapp.core.observations_engine import EngineObservation
from fleetapp.terms.modes import EmergencyStop, LoadState, OperatingMode
from fleetapp.terms.reasons import Abstain


@dataclass(frozen=True, slots=True)
class RobotAppeared:
    """A robot was heard for the first time since the engine started."""

    robot_id: str
    at_ms: int
    maker: str
    serial: str
    protocol: str  # "2.1.0" as it says of itself, "" if it does not


@dataclass(frozen=True, slots=True)
class ErrorSeen:
    """One error in a robot's report, keyed by type and references."""

    error_type: str
    level: str  # WARNING, FATAL, ... as reported: an open list
    text: str
    about: str = ""  # its references


@dataclass(frozen=True, slots=True)
class RobotReported:
    """A report in which something that the core reads has changed."""

    robot_id: str
    at_ms: int
    order_id: str
    order_update_id: int
    last_node_id: str
    map_id: str  # "" if it gives no position
    x_mm: int | None
    y_mm: int | None
    heading_mrad: int | None
    localized: bool
    battery_permille: int | None
    charging: bool
    driving: bool
    paused: bool
    idle: bool  # no node or edge states left, all order actions ended
    mode: OperatingMode
    emergency_stop: EmergencyStop
    field_violation: bool
    load: LoadState
    errors: tuple[ErrorSeen, ...] = ()


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A fresh report came in that changed nothing; at most one in 5 s a robot."""

    robot_id: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The broker's word on the link. Never proof of life, nor of death."""

    robot_id: str
    at_ms: int
    online: bool


@dataclass(frozen=True, slots=True)
class NodePassed:
    """A node of our order lies behind the robot, or it stands on it."""

    robot_id: str
    at_ms: int
    order_id: str
    index: int  # of the node along the order, 0 is its first
    node_id: str


@dataclass(frozen=True, slots=True)
class OrderAcknowledged:
    """The robot's report shows the order update."""

    robot_id: str
    at_ms: int
    order_id: str
    order_update_id: int


@dataclass(frozen=True, slots=True)
class OrderUnacknowledged:
    """Sent several times, and no report shows it."""

    robot_id: str
    at_ms: int
    order_id: str
    order_update_id: int
    attempts: int


@dataclass(frozen=True, slots=True)
class OrderRefused:
    """The robot reports that it does not take the order."""

    robot_id: str
    at_ms: int
    order_id: str
    order_update_id: int
    error: str


@dataclass(frozen=True, slots=True)
class ActionEnded:
    """An action of an order finished or failed."""

    robot_id: str
    at_ms: int
    order_id: str
    action_id: str
    ok: bool
    result: str


@dataclass(frozen=True, slots=True)
class OrderFinished:
    """All released and planned nodes passed, all actions of the order ended, robot at rest."""

    robot_id: str
    at_ms: int
    order_id: str


@dataclass(frozen=True, slots=True)
class OrderGone:
    """The robot shows no order, or another one, without our asking."""

    robot_id: str
    at_ms: int
    order_id: str  # ours that is gone
    shows: str  # the order id it shows, "" for none


@dataclass(frozen=True, slots=True)
class CancelConfirmed:
    """The effect of a cancel is seen: nothing left to drive, standing still."""

    robot_id: str
    at_ms: int
    order_id: str


@dataclass(frozen=True, slots=True)
class CancelUnconfirmed:
    """Told to cancel, and its reports do not show the effect in time."""

    robot_id: str
    at_ms: int
    order_id: str


@dataclass(frozen=True, slots=True)
class PauseConfirmed:
    """A report that came after it was told says that it is paused; or going on again."""

    robot_id: str
    at_ms: int
    paused: bool


@dataclass(frozen=True, slots=True)
class PauseUnconfirmed:
    """Told to pause or go on, and its reports do not show the effect in time."""

    robot_id: str
    at_ms: int
    paused: bool


@dataclass(frozen=True, slots=True)
class PauseContradicted:
    """It is to stand still, was proved to, and a later report says otherwise: told again."""

    robot_id: str
    at_ms: int
    times: int  # so often since it was told to stand still


@dataclass(frozen=True, slots=True)
class StandstillSeen:
    """Told to pause; its reports cannot say that it is paused, and show it at rest."""

    robot_id: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class ChargingUnconfirmed:
    """Told several times to charge or to stop it, and its reports do not show the effect."""

    robot_id: str
    at_ms: int
    start: bool


@dataclass(frozen=True, slots=True)
class LeftBase:
    """The robot is at a node that was not released to it."""

    robot_id: str
    at_ms: int
    order_id: str
    node_id: str


@dataclass(frozen=True, slots=True)
class QuirkSeen:
    """The robot departs from the standard in a way that we tolerate."""

    robot_id: str
    at_ms: int
    quirk: str


@dataclass(frozen=True, slots=True)
class FactsheetSeen:
    """What the robot says about itself."""

    robot_id: str
    at_ms: int
    series: str
    software: str
    length_mm: int | None
    width_mm: int | None
    max_speed_mmps: int | None


@dataclass(frozen=True, slots=True)
class PayloadRejected:
    """Messages of a sender that could not be used; nothing of them entered."""

    robot_id: str  # "" if the topic names none
    at_ms: int
    topic: str  # of the first of them
    reason: str
    remedy: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class MessagesUsable:
    """A whole minute long every message of a sender was usable again."""

    robot_id: str  # "" for those whose topic names none
    at_ms: int


@dataclass(frozen=True, slots=True)
class FrameReceived:
    """A camera frame went to the recogniser; only its ids enter."""

    robot_id: str
    at_ms: int
    frame_id: str
    action_id: str
    node_id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SeenBox:
    """A package in a frame, pixels and permille."""

    x_px: int
    y_px: int
    width_px: int
    height_px: int
    label: str
    confidence_permille: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackageRecognised:
    """The recogniser's answer to a frame; `error` is "" unless it failed."""

    robot_id: str
    at_ms: int
    frame_id: str
    frame_sha256: str
    bundle: str
    bundle_digest: str
    width_px: int
    height_px: int
    light_permille: int
    sharpness_permille: int
    ood_permille: int
    abstain: Abstain | None
    boxes: tuple[SeenBox, ...]
    latency_ms: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class PlanProposed:
    """The planner's answer: node and edge indexes of the road map, empty if there is no way."""

    problem_id: str
    robot_id: str
    at_ms: int
    nodes: tuple[int, ...]
    edges: tuple[int, ...]
    travel_ms: int
    expansions: int


@dataclass(frozen=True, slots=True)
class AccessRecorded:
    """A sign-in, refused sign-in, export, or change of users."""

    at_ms: int
    person: str
    what: str


@dataclass(frozen=True, slots=True)
class CommandGiven:
    """A person's wish, with who they are; the role was checked at sign-in.

    What the journal knows of the ids in it comes along; None: nothing, or it was not asked.
    """

    at_ms: int
    command: Command
    person: Person
    known: Known | None = None


RobotObservation = (
    RobotAppeared
    | RobotReported
    | Heartbeat
    | LinkChanged
    | NodePassed
    | OrderAcknowledged
    | OrderUnacknowledged
    | OrderRefused
    | ActionEnded
    | OrderFinished
    | OrderGone
    | CancelConfirmed
    | CancelUnconfirmed
    | PauseConfirmed
    | PauseUnconfirmed
    | PauseContradicted
    | StandstillSeen
    | ChargingUnconfirmed
    | LeftBase
    | QuirkSeen
    | FactsheetSeen
    | PayloadRejected
    | MessagesUsable
    | FrameReceived
)

Input = (
    RobotObservation
    | PackageRecognised
    | PlanProposed
    | EngineObservation
    | AccessRecorded
    | CommandGiven
)
