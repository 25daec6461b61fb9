"""Messages as bytes, exactly as the standard says; for both ends of the wire.

Source: VDA 5050 2.1; `instantActions` goes under both keys, since robots on 2.0
read the older one (extra fields are legal).
"""

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
    moment = datetime.fromtimestamp(at_ms / 1000, tz=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03d}Z"


def with_header(message: wire.Header, sender: Sender, header_id: int, at_ms: int) -> bytes:
    """The message with its header filled in, as JSON bytes."""
    message.header_id = header_id % 2**32
    message.timestamp = timestamp(at_ms)
    message.version = sender.version
    message.manufacturer = sender.maker
    message.serial_number = sender.serial
    return _ENCODER.encode(_without_none(msgspec.to_builtins(message)))


def _without_none(value: Any) -> Any:
    """Optional fields that have no value are left out, not sent as null."""
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_none(item) for item in value]
    return value


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
