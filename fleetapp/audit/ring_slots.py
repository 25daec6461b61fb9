"""How an entry of the emergency ring lies in its slot, and what is read back.

A slot has 4096 bytes: eight that name the format, the length of the content (4
bytes, big endian), the SHA-256 of length and content, the content as canonical JSON,
zeros. One that was torn by a power cut or altered does not fit its checksum and is
left out. Documented in docs/audit-format.md.
"""

import hashlib
import logging
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from fleetapp.api.commands import CancelTask, HoldRobot, StopAll
from fleetapp.audit.heads import Head
from fleetapp.core.codec import VERSION, UnknownMessageError, decode, encode
from fleetapp.core.observations import CommandGiven

log = logging.getLogger(__name__)

SLOTS = 256
SLOT_BYTES = 4096
MAGIC = b"FLRING01"
LENGTH = struct.Struct(">I")
DIGEST_BYTES = 32
CONTENT_AT = len(MAGIC) + LENGTH.size + DIGEST_BYTES
ROOM_BYTES = SLOT_BYTES - CONTENT_AT
REASON_LENGTHS = (1000, 400, 100, 0)  # characters; ids are never cut
CUT = "\N{HORIZONTAL ELLIPSIS}"
WITH_REASON = StopAll | HoldRobot | CancelTask


@dataclass(frozen=True, slots=True)
class Promise:
    """A command that is in force, as the ring keeps it."""

    number: int  # counts up over the life of the ring: the order of the commands
    boot_id: str
    head: Head  # the journal's last durable row at that time
    given: CommandGiven

    @property
    def command_id(self) -> str:
        """The id of the command."""
        return self.given.command.command_id


class _Content(msgspec.Struct):
    """The content of a slot."""

    number: int
    boot_id: str
    head_seq: int
    head_hash: str
    given: msgspec.Raw
    version: int


def packed(promise: Promise) -> bytes:
    """The bytes of a slot; a long reason is cut until it fits.

    Raises:
        ValueError: if it does not fit without its reason either.
    """
    for length in REASON_LENGTHS:
        content = _content(replace(promise, given=_cut(promise.given, length)))
        if len(content) <= ROOM_BYTES:
            head = LENGTH.pack(len(content))
            digest = hashlib.sha256(head + content).digest()
            return (MAGIC + head + digest + content).ljust(SLOT_BYTES, b"\0")
    raise ValueError(f"the command does not fit into {SLOT_BYTES} bytes: use shorter ids")


def _content(promise: Promise) -> bytes:
    content = _Content(
        promise.number,
        promise.boot_id,
        promise.head.seq,
        promise.head.hash,
        msgspec.Raw(encode(promise.given)),
        VERSION,
    )
    return msgspec.json.encode(content, order="sorted")


def _cut(given: CommandGiven, length: int) -> CommandGiven:
    command = given.command
    if not isinstance(command, WITH_REASON) or len(command.reason) <= length:
        return given
    return replace(given, command=replace(command, reason=command.reason[:length] + CUT))


def unpacked(slot: bytes) -> Promise | None:
    """What a slot holds, None if it was never written.

    Raises:
        ValueError: if it was torn or altered, or is of a newer program.
    """
    if not slot.strip(b"\0"):
        return None
    if len(slot) != SLOT_BYTES or not slot.startswith(MAGIC):
        raise ValueError("it does not begin as an entry does")
    head = slot[len(MAGIC) : len(MAGIC) + LENGTH.size]
    content = slot[CONTENT_AT : CONTENT_AT + LENGTH.unpack(head)[0]]
    if hashlib.sha256(head + content).digest() != slot[len(MAGIC) + LENGTH.size : CONTENT_AT]:
        raise ValueError("its checksum does not fit")
    read = msgspec.json.decode(content, type=_Content)
    given = decode("input", "CommandGiven", read.version, bytes(read.given))
    if not isinstance(given, CommandGiven):
        raise UnknownMessageError("it holds no command")
    return Promise(read.number, read.boot_id, Head(read.head_seq, read.head_hash), given)


def read_slots(path: Path) -> Iterator[tuple[int, Promise]]:
    """The numbers of used slots and what they hold; what cannot be read is left out and logged.

    Raises:
        OSError: if the file cannot be read.
    """
    data = path.read_bytes()
    for slot in range(SLOTS):
        piece = data[slot * SLOT_BYTES : (slot + 1) * SLOT_BYTES]
        try:
            promise = unpacked(piece)
        except (ValueError, KeyError, TypeError, msgspec.MsgspecError) as error:
            log.warning("slot %d of the emergency ring is not used: %s", slot, error)
            continue
        if promise is not None:
            yield slot, promise
