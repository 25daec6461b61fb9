"""How an entry of the emergency ring lies in its slot, and what is read back.

A slot has 4096 bytes: eight that name the format, the length of the content (4
bytes, big endian), the SHA-256 of length and content, the content as canonical JSON,
zeros. A free slot has no content, so that zeros are none of ours. One that was torn by
a power cut or altered does not fit its checksum and is left out, and so is one with a
command that nothing needs to outlive a crash: what permits never comes from here. What
stood in such a slot nobody knows, an answered stop perhaps: it is damage, and told.
Documented in docs/audit-format.md.
"""

import hashlib
import json
import logging
import os
import struct
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from fleetapp.api.commands import RESTRICTIVE, CancelTask, HoldRobot, StopAll
from fleetapp.audit.disk import open_plain
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
UNREADABLE = (ValueError, KeyError, TypeError, msgspec.MsgspecError)


@dataclass(frozen=True, slots=True)
class Promise:
    """A command that is in force, as the ring keeps it."""

    number: int  # counts up over the life of the ring: the order of the commands
    boot_id: str
    head: Head  # the journal's last durable row at that time
    given: CommandGiven
    row_seq: int = 0  # the row that it was to have then; 0: not known

    @property
    def command_id(self) -> str:
        """The id of the command."""
        return self.given.command.command_id


def essence(body: bytes) -> str:
    """What is asked by whom in a `CommandGiven`: two of one id may ask different things.

    Neither the time counts, which is another when it enters once more, nor the reason,
    which a slot may cut.
    """
    given = json.loads(body)
    asked = {name: value for name, value in given["command"].items() if name != "reason"}
    return json.dumps([given["command_type"], asked, given.get("person")], sort_keys=True)


def essence_of(given: CommandGiven) -> str:
    """The same of a command that is here."""
    return essence(encode(given))


class _Content(msgspec.Struct):
    """The content of a slot."""

    number: int
    boot_id: str
    head_seq: int
    head_hash: str
    given: msgspec.Raw
    version: int
    row_seq: int = 0


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a ring's file holds."""

    entries: tuple[tuple[int, Promise], ...]  # slot and what it holds
    damage: str  # why the file as a whole is not what was left, "" if it is


def packed(promise: Promise) -> bytes:
    """The bytes of a slot; a long reason is cut until it fits.

    Raises:
        ValueError: if it does not fit without its reason either.
    """
    for length in REASON_LENGTHS:
        content = _content(replace(promise, given=_cut(promise.given, length)))
        if len(content) <= ROOM_BYTES:
            return _slot(content)
    raise ValueError(f"the command does not fit into {SLOT_BYTES} bytes: use shorter ids")


def _slot(content: bytes) -> bytes:
    head = LENGTH.pack(len(content))
    digest = hashlib.sha256(head + content).digest()
    return (MAGIC + head + digest + content).ljust(SLOT_BYTES, b"\0")


FREE = _slot(b"")


def _content(promise: Promise) -> bytes:
    content = _Content(
        promise.number,
        promise.boot_id,
        promise.head.seq,
        promise.head.hash,
        msgspec.Raw(encode(promise.given)),
        VERSION,
        promise.row_seq,
    )
    return msgspec.json.encode(content, order="sorted")


def _cut(given: CommandGiven, length: int) -> CommandGiven:
    command = given.command
    if not isinstance(command, WITH_REASON) or len(command.reason) <= length:
        return given
    return replace(given, command=replace(command, reason=command.reason[:length] + CUT))


def unpacked(slot: bytes) -> Promise | None:
    """What a slot holds, None if it is free.

    Raises:
        ValueError: if it was torn or altered, is of a newer program, or not for the ring.
    """
    if slot == FREE:
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
    if not isinstance(given.command, RESTRICTIVE):
        raise UnknownMessageError(f"{type(given.command).__name__} is no command for the ring")
    row = Head(read.head_seq, read.head_hash)
    return Promise(read.number, read.boot_id, row, given, read.row_seq)


def scan(path: Path) -> Scanned:
    """What is there; slots that cannot be read are left out and logged.

    Raises:
        OSError: if there is something that cannot be read, or is no plain file.
    """
    try:
        descriptor = open_plain(path, os.O_RDONLY)
    except FileNotFoundError:
        return Scanned((), "is gone")
    with os.fdopen(descriptor, "rb") as handle:
        data = handle.read(SLOTS * SLOT_BYTES)
    entries, torn = [], 0
    for slot in range(SLOTS):
        piece = data[slot * SLOT_BYTES : (slot + 1) * SLOT_BYTES]
        try:
            promise = unpacked(piece)
        except UNREADABLE as error:
            log.warning("slot %d of the emergency ring is not used: %s", slot, error)
            torn += 1
            continue
        if promise is not None:
            entries.append((slot, promise))
    return Scanned(tuple(entries), _damage(data, torn))


def _damage(data: bytes, torn: int) -> str:
    """Whether a torn slot was answered cannot be seen from it: each counts, as rare as they are."""
    if len(data) < SLOTS * SLOT_BYTES:
        return f"was cut to {len(data)} bytes"
    if not data.strip(b"\0"):
        return "was emptied"
    if torn == SLOTS:
        return "holds nothing that can be read"
    return f"cannot be read in {torn} of its {SLOTS} slots" if torn else ""


def is_of(slot: bytes, promise: Promise) -> bool:
    """Whether this is the slot of that entry; its reason may be cut."""
    try:
        found = unpacked(slot)
    except UNREADABLE:
        return False
    if found is None:
        return False
    same = (found.number, found.boot_id) == (promise.number, promise.boot_id)
    return same and essence_of(found.given) == essence_of(promise.given)
