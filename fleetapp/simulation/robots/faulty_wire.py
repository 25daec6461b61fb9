"""Messages spoiled as robots on the market spoil them, after correct encoding.

Source: measurements on four robots and libraries; see `Fault`.
"""

import json
from typing import Any

from fleetapp.simulation.robots.faults import Fault

SPOILING = frozenset(
    {
        Fault.NEVER_DRIVING,
        Fault.LOCAL_TIME,
        Fault.NULLS,
        Fault.SILENT_ABOUT_LOADS,
        Fault.UNKNOWN_WORDS,
    }
)
NULLED = ("zoneSetId", "maps", "information", "velocity", "distanceSinceLastNode")


def spoil(kind: str, payload: bytes, shown: set[Fault]) -> bytes:
    """The message as a robot with these faults would send it."""
    if not SPOILING & shown:
        return payload
    message: dict[str, Any] = json.loads(payload)
    if Fault.LOCAL_TIME in shown:
        message["timestamp"] = message["timestamp"].removesuffix("Z")
    if kind == "factsheet" and Fault.NULLS in shown:
        message["physicalParameters"] |= dict.fromkeys(("length", "width", "speedMax"))
        message.update(dict.fromkeys(("typeSpecification", "vehicleConfig")))
    if kind == "state":
        _spoil_state(message, shown)
    return json.dumps(message, separators=(",", ":")).encode()


def _spoil_state(state: dict[str, Any], shown: set[Fault]) -> None:
    if Fault.NEVER_DRIVING in shown:
        state["driving"] = False
    if Fault.NULLS in shown:
        state.update(dict.fromkeys(NULLED))
    if Fault.SILENT_ABOUT_LOADS in shown:
        state.pop("loads", None)
    if Fault.UNKNOWN_WORDS in shown:
        state["operatingMode"] = "INTERVENED"
        state["vendorField"] = {"depth": [1, {"more": None}]}
