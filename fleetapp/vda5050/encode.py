"""Messages as bytes, exactly as the standard says; for both ends of the wire.

Source: VDA 5050 2.1; `instantActions` goes under both keys, since robots on 2.0
read the older one (extra fields are legal).
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from fleetapp.vda5050 import wire

VERSION = "2.1.0"
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose name stands in the headers."""

    maker: str
    serial: str
    version: str = VERSION


def timestamp(at_ms: int) -> str:
    """UTC milliseconds as the standard writes them."""
    return f"{_second(at_ms // 1000)}.{at_ms % 1000:03d}Z"


@functools.lru_cache(maxsize=64)
def _second(at_s: int) -> str:
    """Many messages share a second, and writing one takes 30 times longer than finding it."""
    return datetime.fromtimestamp(at_s, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S")


def with_header(message: wire.Header, sender: Sender, header_id: int, at_ms: int) -> bytes:
    """The message with its header filled in, as JSON bytes."""
    message.header_id = header_id % 2**32
    message.timestamp = timestamp(at_ms)
    message.version = sender.version
    message.manufacturer = sender.maker
    message.serial_number = sender.serial
    plain = msgspec.to_builtins(message)
    _drop_none(plain)
    return _ENCODER.encode(plain)


def _drop_none(table: dict[str, Any]) -> None:
    """Optional fields that have no value are left out, not sent as null.

    In place: building anew what stays took half the time of encoding a report.
    """
    for key in [key for key, item in table.items() if item is None]:
        del table[key]
    for item in table.values():
        if type(item) is dict:
            _drop_none(item)
        elif type(item) is list:
            for one in item:
                if type(one) is dict:
                    _drop_none(one)


def order_message(
    order_id: str,
    update_id: int,
    nodes: Sequence[wire.OrderNode],
    edges: Sequence[wire.OrderEdge],
) -> wire.Order:
    """An order or its update."""
    return wire.Order(
        order_id=order_id,
        order_update_id=update_id,
        nodes=list(nodes),
        edges=list(edges),
    )


def instant_message(actions: Sequence[wire.Action]) -> wire.InstantActions:
    """Instant actions under both keys."""
    return wire.InstantActions(actions=list(actions), instant_actions=list(actions))
