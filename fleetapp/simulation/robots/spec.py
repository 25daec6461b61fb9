"""What a virtual robot is and where it starts; its factsheet."""

from collections.abc import Callable
from dataclasses import dataclass

from fleetapp.simulation.robots.actions import DURATIONS_S
from fleetapp.simulation.robots.motion import Limits
from fleetapp.vda5050 import robot_factsheet as sheet
from fleetapp.vda5050 import wire

# A JPEG of what lies there: label code or None, SKU, robot id, number of the look.
Look = Callable[[str | None, str, str, int], bytes]

INSTANT_ACTIONS = (
    "startPause",
    "stopPause",
    "startCharging",
    "stopCharging",
    "cancelOrder",
    "factsheetRequest",
    "stateRequest",
    "initPosition",
)


@dataclass(frozen=True, slots=True)
class Spec:
    """What the robot is and where it starts."""

    interface: str
    maker: str
    serial: str
    map_id: str
    node_id: str
    x_m: float
    y_m: float
    heading_rad: float
    limits: Limits
    charge_fraction: float = 0.9
    state_every_ms: int = 1000
    picture_every_ms: int = 0  # of `visualization`; 0 sends none
    length_m: float = 0.9
    width_m: float = 0.7
    charger_nodes: frozenset[str] | None = None  # None: it can charge anywhere


def factsheet_of(spec: Spec) -> sheet.RobotFactsheet:
    """Its factsheet."""
    limits = spec.limits
    actions = [sheet.ActionAbility(name, ("NODE",)) for name in DURATIONS_S]
    actions += [sheet.ActionAbility(name, ("INSTANT",)) for name in INSTANT_ACTIONS]
    return sheet.RobotFactsheet(
        type_specification=sheet.RobotType("virtual"),
        physical_parameters=sheet.Body(
            speed_max=limits.speed_mps,
            acceleration_max=limits.acceleration_mps2,
            deceleration_max=limits.deceleration_mps2,
            length=spec.length_m,
            width=spec.width_m,
        ),
        protocol_limits=sheet.Limits(
            sheet.Timing(default_state_interval=spec.state_every_ms / 1000)
        ),
        protocol_features=sheet.Features(tuple(actions)),
        vehicle_config=wire.VehicleConfig([wire.VersionEntry("software", "virtual 1")]),
    )
