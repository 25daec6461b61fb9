"""Bytes from the network as messages, or the reason why not. Never raises.

Tolerant to what real robots do: nulls, missing and extra fields, unknown
enumerations, numbers for ids. Not tolerant to what could mislead: numbers that are
not finite or out of any hall's range, wrong types, oversize.
"""

import math
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from fleetapp.vda5050 import wire
from fleetapp.vda5050.mending import BYTE_ORDER_MARK, mended
from fleetapp.vda5050.plain_text import shown

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


@dataclass(frozen=True, slots=True)
class Decoded:
    """A message, and whether it departed from the schema and was mended."""

    message: wire.Header
    was_mended: bool


def decode(kind: str, payload: bytes) -> wire.Header | Rejected:
    """The message in a payload of a topic kind."""
    decoded = decode_noting(kind, payload)
    return decoded if isinstance(decoded, Rejected) else decoded.message


def decode_noting(kind: str, payload: bytes) -> Decoded | Rejected:
    """The message in a payload, and whether it had to be mended."""
    limit = MOST_FRAME_BYTES if kind == "frame" else MOST_BYTES
    if len(payload) > limit:
        return Rejected(f"{len(payload)} bytes, at most {limit} are taken", "send smaller messages")
    if kind not in DECODERS:
        return Rejected(f"unknown topic {kind!r}", f"use one of {', '.join(KINDS)}")
    try:
        decoded = _decoded(kind, payload.removeprefix(BYTE_ORDER_MARK))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        text = shown(str(error), 160)
        return Rejected(f"not a {kind} message: {text}", "send it as VDA 5050 2.1 says")
    checked = _checked(decoded.message)
    return checked if isinstance(checked, Rejected) else decoded


def _decoded(kind: str, payload: bytes) -> Decoded:
    try:
        return Decoded(DECODERS[kind].decode(payload), was_mended=False)
    except msgspec.ValidationError:
        content = mended(msgspec.json.decode(payload))
        return Decoded(msgspec.convert(content, KINDS[kind], strict=False), was_mended=True)


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
