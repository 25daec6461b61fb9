"""Bytes from the network as messages, or the reason why not. Never raises.

Tolerant to what real robots do: nulls, missing and extra fields, unknown
enumerations. Not tolerant to what could mislead: numbers that are not finite or
out of any hall's range, wrong types, oversize.
"""

import math
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from fleetapp.vda5050 import wire

T = TypeVar("T", bound=wire.Header)

MOST_BYTES = 64 * 1024
MOST_FRAME_BYTES = 1024 * 1024
FARTHEST_M = 1e6

KINDS: dict[str, type[wire.Header]] = {
    "state": wire.State,
    "connection": wire.Connection,
    "factsheet": wire.Factsheet,
    "visualization": wire.Visualization,
    "frame": wire.Frame,
    "order": wire.Order,
    "instantActions": wire.InstantActions,
}
DECODERS = {kind: msgspec.json.Decoder(struct, strict=False) for kind, struct in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that cannot be used, and what its sender should change."""

    reason: str
    remedy: str


def decode(kind: str, payload: bytes) -> wire.Header | Rejected:
    """The message in a payload of a topic kind."""
    limit = MOST_FRAME_BYTES if kind == "frame" else MOST_BYTES
    if len(payload) > limit:
        return Rejected(f"{len(payload)} bytes, at most {limit} are taken", "send smaller messages")
    decoder = DECODERS.get(kind)
    if decoder is None:
        return Rejected(f"unknown topic {kind!r}", f"use one of {', '.join(KINDS)}")
    try:
        message = decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        text = str(error)[:160]
        return Rejected(f"not a {kind} message: {text}", "send it as VDA 5050 2.1 says")
    return _checked(message)


def _checked(message: wire.Header) -> wire.Header | Rejected:
    position = getattr(message, "agv_position", None)
    if isinstance(position, wire.AgvPosition):
        for name in ("x", "y", "theta"):
            value = getattr(position, name)
            if not math.isfinite(value) or abs(value) > FARTHEST_M:
                return Rejected(f"agvPosition.{name} is {value}", "send finite metres and radians")
    if isinstance(message, wire.State):
        return _checked_state(message)
    return message


def _checked_state(state: wire.State) -> wire.State | Rejected:
    battery = state.battery_state
    charge = battery.battery_charge if battery is not None else None
    if charge is not None and not math.isfinite(charge):
        return Rejected(f"batteryCharge is {charge}", "send percent from 0 to 100")
    for name in ("order_update_id", "last_node_sequence_id", "header_id"):
        value = getattr(state, name)
        if value is not None and not 0 <= value < 2**32:
            return Rejected(f"{name} is {value}", "send an unsigned 32 bit number")
    return state
