"""Views and commands as JSON bytes, and back.

One envelope on the WebSocket: `{"type": "snapshot" | "delta", "body": ...}`.
"""

from typing import Any, TypeVar

import msgspec

from fleetapp.api.views import Delta, Snapshot

T = TypeVar("T")


class DecodeError(ValueError):
    """The bytes are not what was expected; the message names the field."""


def encode(value: object) -> bytes:
    """JSON of any value of `fleetapp.api`."""
    return msgspec.json.encode(value)


def decode(data: bytes | str, kind: type[T]) -> T:
    """A value of type `kind` from its JSON.

    Raises:
        DecodeError: if the JSON is malformed or does not fit the type.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        name = getattr(kind, "__name__", str(kind))
        raise DecodeError(f"not a valid {name}: {error}") from error


def encode_live(value: Snapshot | Delta) -> bytes:
    """One WebSocket message."""
    name = "snapshot" if isinstance(value, Snapshot) else "delta"
    return b'{"type":"' + name.encode() + b'","body":' + encode(value) + b"}"


def decode_live(data: bytes | str) -> Snapshot | Delta:
    """The snapshot or delta in one WebSocket message.

    Raises:
        DecodeError: if it is neither.
    """
    envelope: dict[str, Any] = decode(data, dict[str, msgspec.Raw])
    if "type" not in envelope or "body" not in envelope:
        raise DecodeError("live message without type or body")
    kind = decode(bytes(envelope["type"]), str)
    if kind == "snapshot":
        return decode(bytes(envelope["body"]), Snapshot)
    if kind == "delta":
        return decode(bytes(envelope["body"]), Delta)
    raise DecodeError(f"live message of unknown type {kind!r}: expected snapshot or delta")
