"""Messages as canonical JSON and back: sorted keys, no spaces, UTF-8.

The type's name is a column of its own. A command inside `CommandGiven` carries
its type beside it, since commands come from one list.
"""

from typing import Any, get_args

import msgspec

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core.known import Known

INPUT_TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (*get_args(seen.RobotObservation), *get_args(seen.Input))
    if isinstance(kind, type)
}
DECISION_TYPES: dict[str, type] = {kind.__name__: kind for kind in get_args(made.Decision)}
COMMAND_TYPES: dict[str, type] = {kind.__name__: kind for kind in get_args(asked.Command)}

VERSION = 1


class UnknownMessageError(ValueError):
    """A journal row of a type or version that this program does not know."""


def encode(message: seen.Input | made.Decision) -> bytes:
    """The canonical body of a message."""
    if isinstance(message, seen.CommandGiven):
        body: Any = {
            "at_ms": message.at_ms,
            "command": message.command,
            "command_type": type(message.command).__name__,
            "person": message.person,
        }
        if message.known is not None:
            body["known"] = message.known
        return msgspec.json.encode(body, order="sorted")
    return msgspec.json.encode(message, order="sorted")


def decode(kind: str, name: str, version: int, body: bytes) -> seen.Input | made.Decision:
    """The message of a row.

    Raises:
        UnknownMessageError: if type or version are not known here.
    """
    table = INPUT_TYPES if kind == "input" else DECISION_TYPES
    if name not in table or version != VERSION:
        raise UnknownMessageError(
            f"journal row of {kind} {name!r} version {version}: this program knows version "
            f"{VERSION} and {len(table)} types; use the program that wrote it"
        )
    if name == "CommandGiven":
        return _decode_command(body)
    message: seen.Input | made.Decision = msgspec.json.decode(body, type=table[name])
    return message


def _decode_command(body: bytes) -> seen.CommandGiven:
    raw = msgspec.json.decode(body)
    command: asked.Command = msgspec.convert(raw["command"], COMMAND_TYPES[raw["command_type"]])
    person = msgspec.convert(raw["person"], asked.Person)
    known = msgspec.convert(raw["known"], Known) if "known" in raw else None
    return seen.CommandGiven(raw["at_ms"], command, person, known)
