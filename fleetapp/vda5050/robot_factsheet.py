"""A complete factsheet, as a robot on VDA 5050 2.1 sends it.

`wire.Factsheet` is what fleet control reads of one; this is the other end, used by
the virtual robots.

Source: VDA 5050 2.1, 6.16 "Topic factsheet".
"""

from msgspec import field

from fleetapp.vda5050 import wire


class RobotType(wire.Wire):
    """`typeSpecification`."""

    series_name: str
    agv_class: str = "CARRIER"
    agv_kinematic: str = "DIFF"
    max_load_mass: float = 30.0
    localization_types: tuple[str, ...] = ("NATURAL",)
    navigation_types: tuple[str, ...] = ("VIRTUAL_LINE_GUIDED",)


class Body(wire.Wire):
    """`physicalParameters`; metres, metres a second."""

    speed_max: float
    acceleration_max: float
    deceleration_max: float
    length: float
    width: float
    speed_min: float = 0.0
    height_max: float = 1.2


class Timing(wire.Wire):
    """Seconds."""

    min_order_interval: float = 0.1
    min_state_interval: float = 0.02
    default_state_interval: float | None = None


class Limits(wire.Wire):
    """`protocolLimits`: no limit on strings and arrays."""

    timing: Timing
    max_string_lens: dict[str, int] = field(default_factory=dict)
    max_array_lens: dict[str, int] = field(default_factory=dict)


class OptionalParameter(wire.Wire):
    """An optional field and whether the robot needs it."""

    parameter: str
    support: str


class ActionAbility(wire.Wire):
    """An action and where it may stand."""

    action_type: str
    action_scopes: tuple[str, ...]


class Features(wire.Wire):
    """`protocolFeatures`."""

    agv_actions: tuple[ActionAbility, ...]
    optional_parameters: tuple[OptionalParameter, ...] = (
        OptionalParameter("order.nodes.nodePosition", "REQUIRED"),
        OptionalParameter("order.edges.maxSpeed", "SUPPORTED"),
    )


class RobotFactsheet(wire.Header):
    """The whole message; the header is filled in when it is sent."""

    type_specification: RobotType | None = None
    physical_parameters: Body | None = None
    protocol_limits: Limits | None = None
    protocol_features: Features | None = None
    agv_geometry: dict[str, int] = field(default_factory=dict)
    load_specification: dict[str, int] = field(default_factory=dict)
    vehicle_config: wire.VehicleConfig | None = None
