"""Leave to send one thing that may move a robot: what for, and for which moment.

Only the gate makes permits (`fleetapp.safety.gate`), and nothing permissive is put
on the wire without one (`fleetapp.vda5050.sending`). A permit is worth nothing in
another tick: the gate is asked again.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MayDrive:
    """An order or an update of it, as it stands with this number."""

    robot_id: str
    order_id: str
    update_id: int


@dataclass(frozen=True, slots=True)
class MayGoOn:
    """The end of a pause."""

    robot_id: str


@dataclass(frozen=True, slots=True)
class MayCharge:
    """The beginning or the end of charging: a robot may dock for it, or undock."""

    robot_id: str
    start: bool


Asked = MayDrive | MayGoOn | MayCharge


@dataclass(frozen=True, slots=True)
class Permit:
    """The gate's yes."""

    asked: Asked
    at_ms: int
