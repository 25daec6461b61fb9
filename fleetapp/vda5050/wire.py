"""The messages of VDA 5050 2.0 and 2.1 as they lie on the wire, tolerantly typed.

Optional fields may be missing or null, enumerations are open strings, unknown
fields are ignored. Field names become camelCase.

Source: the JSON schemas of VDA 5050 2.1.0.
"""

from typing import Any

from msgspec import Struct, field


class Wire(Struct, rename="camel"):
    """Common settings: camelCase names; `encode` leaves out what is None."""


class Header(Wire):
    """What every message begins with."""

    header_id: int | None = None
    timestamp: str | None = None
    version: str | None = None
    manufacturer: str | None = None
    serial_number: str | None = None


class Parameter(Wire):
    """One parameter of an action."""

    key: str
    value: Any = None


class Action(Wire):
    """Something to do, at a node or at once."""

    action_type: str
    action_id: str
    blocking_type: str = "HARD"
    action_parameters: list[Parameter] | None = field(default_factory=list)


class NodePosition(Wire):
    """Where a node is."""

    x: float
    y: float
    map_id: str
    theta: float | None = None
    allowed_deviation_x_y: float | None = field(default=None, name="allowedDeviationXY")
    allowed_deviation_theta: float | None = None


class OrderNode(Wire):
    """A node of an order."""

    node_id: str
    sequence_id: int
    released: bool
    actions: list[Action] | None = field(default_factory=list)
    node_position: NodePosition | None = None


class OrderEdge(Wire):
    """An edge of an order."""

    edge_id: str
    sequence_id: int
    released: bool
    start_node_id: str
    end_node_id: str
    actions: list[Action] | None = None
    max_speed: float | None = None
    length: float | None = None


class Order(Header):
    """A robot's order."""

    order_id: str = ""
    order_update_id: int = 0
    nodes: list[OrderNode] = field(default_factory=list)
    edges: list[OrderEdge] = field(default_factory=list)


class InstantActions(Header):
    """Actions to be done at once; older robots read the second key."""

    actions: list[Action] | None = None
    instant_actions: list[Action] | None = None


class NodeState(Wire):
    """A node still to be passed."""

    node_id: str
    sequence_id: int
    released: bool = True


class EdgeState(Wire):
    """An edge still to be driven."""

    edge_id: str
    sequence_id: int
    released: bool = True


class ActionState(Wire):
    """How far an action is."""

    action_id: str = ""
    action_status: str = ""  # as long as it does not say: not ended
    action_type: str | None = None
    result_description: str | None = None


class AgvPosition(Wire):
    """Where the robot believes to be."""

    x: float
    y: float
    theta: float = 0.0
    map_id: str = ""
    position_initialized: bool | None = None


class Velocity(Wire):
    """How fast it is, robot frame."""

    vx: float | None = None
    vy: float | None = None
    omega: float | None = None


class BatteryState(Wire):
    """Charge in percent."""

    battery_charge: float | None = None
    charging: bool | None = None


class Reference(Wire):
    """What an error is about."""

    reference_key: str = ""
    reference_value: Any = None


class Error(Wire):
    """A fault the robot reports."""

    error_type: str = "unknown"
    error_level: str = "WARNING"
    error_description: str | None = None
    error_hint: str | None = None
    error_references: list[Reference] | None = None


class SafetyState(Wire):
    """What its safety controller says."""

    e_stop: str = ""  # "": it does not say
    field_violation: bool | None = None


class Load(Wire):
    """Something on board."""

    load_id: str | None = None
    load_type: str | None = None


class State(Header):
    """A robot's report."""

    order_id: str | None = ""
    order_update_id: int | None = 0
    last_node_id: str | None = ""
    last_node_sequence_id: int | None = 0
    driving: bool | None = False
    paused: bool | None = None
    new_base_request: bool | None = None
    operating_mode: str | None = None
    node_states: list[NodeState] | None = None
    edge_states: list[EdgeState] | None = None
    agv_position: AgvPosition | None = None
    velocity: Any = None  # for screens only: nothing in it loses a report
    loads: list[Any] | None = None  # only whether there are any is read
    action_states: list[ActionState] | None = None
    battery_state: BatteryState | None = None
    errors: list[Error] | None = None
    safety_state: SafetyState | None = None


class Visualization(Header):
    """Where it is, for screens."""

    agv_position: AgvPosition | None = None
    velocity: Any = None


class Connection(Header):
    """The link, as the robot or its last will says."""

    connection_state: str = ""


class TypeSpecification(Wire):
    """What kind of robot."""

    series_name: str | None = None
    agv_class: str | None = None


class PhysicalParameters(Wire):
    """Its limits."""

    speed_max: float | None = None
    length: float | None = None
    width: float | None = None


class VersionEntry(Wire):
    """One of its versions."""

    key: str | None = None
    value: str | None = None


class VehicleConfig(Wire):
    """Versions of hardware and software."""

    versions: list[VersionEntry] | None = None


class Factsheet(Header):
    """What the robot says about itself."""

    type_specification: TypeSpecification | None = None
    physical_parameters: PhysicalParameters | None = None
    vehicle_config: VehicleConfig | None = None


class Frame(Header):
    """A camera frame (not part of VDA 5050): image bytes as base64."""

    frame_id: str = ""
    action_id: str = ""
    node_id: str = ""
    encoding: str = "image/jpeg"
    data: str = ""
