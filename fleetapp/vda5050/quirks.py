"""How a robot departs from the standard in ways that cost nothing; told once each."""

from collections.abc import Iterator

from fleetapp.vda5050 import wire
from fleetapp.vda5050.decode import Decoded


def quirks_of(decoded: Decoded) -> Iterator[str]:
    """What is odd about a message that is used all the same."""
    message = decoded.message
    if decoded.was_mended:
        yield "nulls or numbers where the schema wants a value or text"
    if not message.version:
        yield "no version in its messages"
    if isinstance(message, wire.State):
        yield from _of_state(message)


def _of_state(state: wire.State) -> Iterator[str]:
    if not (state.timestamp or "Z").endswith("Z"):
        yield "timestamps without a zone"
    if state.header_id is None:
        yield "no header ids"
    if state.node_states is None or state.errors is None:
        yield "null for missing lists"
    if state.loads is None:
        yield "says nothing about its load"
    if state.safety_state is None or not state.safety_state.e_stop:
        yield "says nothing about its emergency stop"
