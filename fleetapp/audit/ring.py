"""The emergency ring: restrictive commands in force whose journal row is not durable yet.

A file beside the database with slots made in advance, and a thread of its own,
neither the loop's nor the journal's: a locked, slow or full database does not keep a
person from the word that the stop is on disk. What was written is on disk only if the
file still lies under its name; if not, it is made anew with all that is not spent, and
told, also while nobody gives a command. An entry is spent when its row is durable;
until then its slot is not written again.
"""

import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fleetapp.api.commands import HoldRobot, StopAll
from fleetapp.audit.disk import (
    OWNER_ONLY,
    identity,
    open_plain,
    read_at,
    replace_whole,
    write_at,
)
from fleetapp.audit.heads import Head
from fleetapp.audit.ring_slots import (
    FREE,
    SLOT_BYTES,
    SLOTS,
    Promise,
    essence_of,
    is_of,
    packed,
    scan,
)
from fleetapp.core.observations import CommandGiven

log = logging.getLogger(__name__)

RESERVED = 64  # slots that only stops and holds may take
UNKNOWN_ROW = 2**63  # a command from before the start whose row is not made yet
MOST_WAITING = SLOTS  # a disk that hangs is not to fill the memory
HANGS_S = 2.0  # a request that is older hangs: the answer was "not recorded" long ago
LOOK_S = 0.5  # how often to see whether the file is still there
FULL = "the emergency ring is full: its rows wait for the journal"

Write = Callable[[int, bytes, int], None]


@dataclass(frozen=True, slots=True)
class Told:
    """Whom the ring tells what became of a command; called from its thread, or the caller's."""

    kept: Callable[[int], None]  # number of the command's row
    not_kept: Callable[[int, str], None]  # the same, and why
    taken: Callable[[str], None]  # another hand was at the file


@dataclass(frozen=True, slots=True)
class _Asked:
    """A command on its way into the ring."""

    row_seq: int
    head: Head
    given: CommandGiven
    asked_s: float  # monotonic


@dataclass(frozen=True, slots=True)
class _Bound:
    """The row of a command from before the start."""

    given: CommandGiven
    row_seq: int


@dataclass(frozen=True, slots=True)
class _Anew:
    """What lies there is of no use any more."""


@dataclass(frozen=True, slots=True)
class _Look:
    """Nobody asked for anything."""


@dataclass(slots=True)
class _Slot:
    """A slot whose entry is not spent before its row is durable."""

    promise: Promise
    row_seq: int


class Ring:
    """Implements `engine.ports.Ring` with a file and a thread."""

    def __init__(
        self,
        path: Path,
        boot_id: str,
        head: Callable[[], Head],
        told: Told,
        write: Write = write_at,
    ) -> None:
        """Read what is there, without a change; what cannot be used keeps nothing.

        Args:
            path: the file; made at the start if it is not there.
            boot_id: of this start of the engine.
            head: the journal's last durable row now.
            told: who hears what became of a command.
            write: how bytes get to the disk, in tests another one.
        """
        self._path = path
        self._boot_id = boot_id
        self._head = head
        self._told = told
        self._write = write
        self._queue: queue.SimpleQueue[_Asked | _Bound | _Anew | None] = queue.SimpleQueue()
        self._file: int | None = None
        self._must_remake = False  # what lies there lacks what waits
        self._taken = False  # another hand was at the file, and nobody was told
        self._slots: list[_Slot | None] = [None] * SLOTS
        self._next = 0
        self._number = 0
        self._durable_seq = 0
        self._busy_since_s: float | None = None  # since when the oldest request waits
        self._hang_told = False
        self.trouble = ""  # why the last command was not kept
        self.found: tuple[Promise, ...] = ()
        self.damage = ""  # why this is not the file that was left, "" if it is
        self._read()
        self._thread = threading.Thread(target=self._run, name="ring", daemon=True)

    def _read(self) -> None:
        try:
            scanned = scan(self._path)
        except OSError as error:
            self.damage = f"cannot be read: {error}"
            return
        self.damage = scanned.damage
        there = sorted(scanned.entries, key=lambda item: item[1].number)
        self.found = tuple(promise for _, promise in there)
        for slot, promise in there:
            # Nobody has looked yet whether the journal holds it: not to be written over.
            self._slots[slot] = _Slot(promise, UNKNOWN_ROW)
            self._next, self._number = slot + 1, promise.number

    def owed(self, held: Callable[[Promise], bool]) -> tuple[CommandGiven, ...]:
        """Commands in order that the journal does not hold; before `start`, once.

        What it holds is spent; the others when `recorded_as` has named their rows.
        """
        for n, slot in enumerate(self._slots):
            if slot is not None and held(slot.promise):
                self._slots[n] = None
        waiting = sorted((s.promise for s in self._slots if s is not None), key=lambda p: p.number)
        return tuple(promise.given for promise in waiting)

    def start(self) -> None:
        """Make what is missing, and begin to write; trouble shows and is told with each command."""
        try:
            self._ready()
        except OSError as error:
            self._in_trouble(str(error))
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        self._queue.put(None)
        if self._thread.ident is not None:
            self._thread.join(timeout=2)

    # --- any thread -----------------------------------------------------------
    def keep(self, row_seq: int, given: CommandGiven) -> None:
        """Take a command whose row will be `row_seq`; returns at once."""
        if self._queue.qsize() >= MOST_WAITING:
            self._told.not_kept(row_seq, "the disk of the emergency ring hangs")
            return
        self._queue.put(_Asked(row_seq, self._head(), given, time.monotonic()))

    def recorded_as(self, given: CommandGiven, row_seq: int) -> None:
        """A command from before the start has this row now."""
        self._queue.put(_Bound(given, row_seq))

    def durable(self, seq: int) -> None:
        """Rows up to `seq` are on disk: what they hold is spent."""
        self._durable_seq = seq

    def begin_anew(self) -> None:
        """Forget what is spent: the journal that it names is no more."""
        self._queue.put(_Anew())

    def unspent(self) -> int:
        """How many entries wait for their rows."""
        return sum(slot is not None and slot.row_seq > self._durable_seq for slot in self._slots)

    def hangs(self) -> str:
        """Why the oldest request is not done, "" if none is old: such a disk raises nothing."""
        since_s = self._busy_since_s
        if since_s is None or time.monotonic() - since_s <= HANGS_S:
            return ""
        return f"its disk does not answer within {HANGS_S:g} s"

    def watch(self) -> None:
        """Say once that it hangs; from the loop's thread, often."""
        why = self.hangs()
        if why and not self._hang_told:
            log.error("the emergency ring %s cannot be used: %s", self._path, why)
        self._hang_told = bool(why)

    def named(self) -> tuple[tuple[int, int], ...]:
        """Number and row of each entry that waits; row 0: it is not made yet."""
        waiting = [slot for slot in self._slots if slot is not None and not self._is_free(slot)]
        rows = {slot.promise.number: slot.row_seq for slot in waiting}
        return tuple((n, 0 if rows[n] == UNKNOWN_ROW else rows[n]) for n in sorted(rows))

    # --- the ring's thread ----------------------------------------------------
    def _run(self) -> None:
        while (item := self._waited_for()) is not None:
            self._busy_since_s = item.asked_s if isinstance(item, _Asked) else time.monotonic()
            try:
                self._answer(item)
                self._tell_taken()  # after the answer, which must not wait
            except Exception as error:
                # Whatever it was, the next stop is to be kept all the same.
                log.exception("the emergency ring met an error that nobody foresaw")
                self._in_trouble(str(error))
            self._busy_since_s = None
        self._close()

    def _waited_for(self) -> _Asked | _Bound | _Anew | _Look | None:
        try:
            return self._queue.get(timeout=LOOK_S)
        except queue.Empty:
            return _Look()

    def _answer(self, item: _Asked | _Bound | _Anew | _Look) -> None:
        match item:
            case _Look():
                self._look()
            case _Bound():
                self._bind(item)
            case _Anew():
                self._empty()
            case _Asked():
                self._keep(item)

    def _look(self) -> None:
        """Nothing is to be kept: does all that waits still lie there? If not, it is remade."""
        try:
            if self._must_remake:
                self._ready()
                self.trouble = ""
            elif self._file is not None and not self._is_whole(self._file):
                self._was_taken()
                self._tell_taken()  # first: a folder that hangs must not hide it
                self._replace(self._unspent())
        except OSError as error:
            self._in_trouble(str(error))

    def _tell_taken(self) -> None:
        if self._taken:
            self._taken = False
            what = "was removed, replaced, cut or altered while the fleet ran"
            self._told.taken(f"the emergency ring {self._path.name} {what}")

    def _bind(self, bound: _Bound) -> bool:
        """Name the row of entries from before the start; whether there are any."""
        mine = [s for s in self._slots if s is not None and s.row_seq == UNKNOWN_ROW]
        wanted = essence_of(bound.given)
        same = [slot for slot in mine if essence_of(slot.promise.given) == wanted]
        for slot in same:
            slot.row_seq = bound.row_seq
        return bool(same)

    def _keep(self, asked: _Asked) -> None:
        try:
            if not self._bind(_Bound(asked.given, asked.row_seq)):
                self._put(asked)
            elif not self._lies_there(self._ready()):
                self._remake(self._unspent())
        except (OSError, ValueError) as error:
            self._in_trouble(str(error))
            self._told.not_kept(asked.row_seq, str(error))
            return
        except Exception as error:
            self._told.not_kept(asked.row_seq, str(error))
            raise
        self.trouble = ""
        self._told.kept(asked.row_seq)

    def _put(self, asked: _Asked) -> None:
        """Write an entry into a free slot.

        Raises:
            OSError: if no slot is free, or the disk does not take it.
            ValueError: if the command does not fit into a slot.
        """
        place = self._free_slot(asked.given)
        file = self._ready()
        whole = self._lies_there(file)  # before the last slot is written behind a cut
        number = self._number + 1
        promise = Promise(number, self._boot_id, asked.head, asked.given, asked.row_seq)
        self._write(file, packed(promise), place * SLOT_BYTES)
        slots = self._unspent()
        slots[place] = _Slot(promise, asked.row_seq)
        if not whole or not self._lies_there(file):
            self._remake(slots)
        self._slots, self._number, self._next = slots, number, place + 1

    def _ready(self) -> int:
        """The open file; one that is gone, or was not made anew, is made with all that waits.

        Raises:
            OSError: if there is none, and none can be made.
        """
        if self._file is None and (self._must_remake or identity(self._path) is None):
            return self._replace(self._unspent())
        if self._file is None:
            self._file = _opened(self._path)
        return self._file

    def _lies_there(self, descriptor: int) -> bool:
        """Whether what is open is what a start would find, and has all its slots."""
        opened = os.fstat(descriptor)
        named = identity(self._path) == (opened.st_dev, opened.st_ino)
        return named and opened.st_size >= SLOTS * SLOT_BYTES

    def _is_whole(self, descriptor: int) -> bool:
        """Whether the file lies there, and in it each entry that waits."""
        if not self._lies_there(descriptor):
            return False
        waiting = ((n, slot) for n, slot in enumerate(self._unspent()) if slot is not None)
        return all(
            is_of(read_at(descriptor, SLOT_BYTES, n * SLOT_BYTES), s.promise) for n, s in waiting
        )

    def _remake(self, slots: list[_Slot | None]) -> None:
        """Another hand was at the file: make it anew.

        Raises:
            OSError: if the folder does not take it.
        """
        self._was_taken()
        self._replace(slots)

    def _was_taken(self) -> None:
        log.error(
            "the emergency ring %s was removed, replaced, cut or altered: it is made anew",
            self._path,
        )
        self._taken = True

    def _free_slot(self, given: CommandGiven) -> int:
        """The free slot that was written longest ago.

        Raises:
            OSError: if there is none for this command.
        """
        order = [(self._next + n) % SLOTS for n in range(SLOTS)]
        free = [place for place in order if self._is_free(self._slots[place])]
        least = 0 if isinstance(given.command, StopAll | HoldRobot) else RESERVED
        if len(free) <= least:
            raise OSError(FULL)
        return free[0]

    def _is_free(self, slot: _Slot | None) -> bool:
        return slot is None or slot.row_seq <= self._durable_seq

    def _unspent(self) -> list[_Slot | None]:
        return [None if self._is_free(slot) else slot for slot in self._slots]

    def _empty(self) -> None:
        """A new file that holds only what is not spent."""
        kept = self._unspent()
        try:
            self._replace(kept)
        except OSError as error:
            self._in_trouble(str(error))
            return
        self._slots = kept

    def _replace(self, slots: list[_Slot | None]) -> int:
        """Put a new file there that holds these slots; while that fails, nothing else is opened.

        Raises:
            OSError: if the folder does not take it.
        """
        self._close()
        self._must_remake = True
        pieces = (packed(slot.promise) if slot is not None else FREE for slot in slots)
        replace_whole(self._path, b"".join(pieces))
        self._file = _opened(self._path)
        self._must_remake = False
        return self._file

    def _in_trouble(self, why: str) -> None:
        if why != self.trouble:
            log.error("the emergency ring %s cannot be used: %s", self._path, why)
        self.trouble = why

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = None


def _opened(path: Path) -> int:
    """The file, open for reading and writing, with all its slots on the disk.

    Raises:
        OSError: if it is not there, or cannot be read or written.
    """
    descriptor = open_plain(path, os.O_RDWR)
    try:
        if sys.platform != "win32":
            os.fchmod(descriptor, OWNER_ONLY)
        size = os.fstat(descriptor).st_size
        whole = -(-size // SLOT_BYTES)  # what was cut in its middle is torn
        if size < SLOTS * SLOT_BYTES:
            rest = bytes(whole * SLOT_BYTES - size) + FREE * (SLOTS - whole)
            write_at(descriptor, rest, size)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
