"""The head anchor: where the journal ended, kept outside the database.

Beside the database, and in a second place that the site may name, lies a small file
with number and hash of a row that was durable at most a second ago, and with the entries
of the emergency ring that wait for their rows. At the next start it tells whether this
is the journal that was left, and the ring. The second place may be on another
machine: it has a thread of its own, so that a network that hangs holds nothing up.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from fleetapp.audit.disk import copy_whole, identity, read_plain, replace_whole
from fleetapp.audit.heads import Head

log = logging.getLogger(__name__)

EVERY_S = 0.4  # the journal's thread looks at least every half second
RING_EVERY_S = 0.1  # for entries that nothing else names yet; a locked journal looks every 0.3 s
READ_S = 2.0
HANGS_S = 5.0  # a place that takes longer does not work
LARGEST_BYTES = 20_000  # a full ring is 5,000, the longest path 4,096
DIGITS = 64
SNAPSHOTS = 5  # named at most: more than are kept

Waiting = tuple[tuple[int, int], ...]  # number of each entry of the ring that waits, and its row


@dataclass(frozen=True, slots=True)
class Anchor:
    """The content of an anchor."""

    seq: int
    hash: str
    boot_id: str
    folder: str  # of the data: two fleets must not take each other's for their own
    wall_ns: int
    snapshots: dict[str, str] = field(default_factory=dict)  # checksums by the row of each
    ring: Waiting = ()

    @property
    def head(self) -> Head:
        """The row it names."""
        return Head(self.seq, self.hash)


class AnchorError(ValueError):
    """A file that is there and is no anchor."""


def read_anchor(path: Path) -> Anchor | None:
    """The anchor in a file, None if there is none.

    Raises:
        AnchorError: if the file is no anchor.
        OSError: if it cannot be read.
    """
    try:
        data = read_plain(path, LARGEST_BYTES)
    except FileNotFoundError:
        return None
    try:
        anchor = msgspec.json.decode(data, type=Anchor)
        length = len(bytes.fromhex(anchor.hash))
    except (msgspec.MsgspecError, ValueError) as error:
        raise AnchorError(f"{path} is no anchor ({error})") from error
    if length * 2 != DIGITS or anchor.seq < 0:
        raise AnchorError(f"{path} is no anchor: its hash or number cannot be")
    return anchor


def read_distant(path: Path) -> Anchor | None:
    """The same, of a place that may not answer.

    Raises:
        AnchorError: if the file is no anchor.
        OSError: if it cannot be read within two seconds.
    """
    found: list[Anchor | None] = []
    failed: list[OSError | AnchorError] = []

    def read() -> None:
        try:
            found.append(read_anchor(path))
        except (OSError, AnchorError) as error:
            failed.append(error)
        except Exception as error:
            log.exception("the second anchor %s cannot be read", path)
            failed.append(OSError(f"{path} cannot be read: {error}"))

    thread = threading.Thread(target=read, name="second-anchor-read", daemon=True)
    thread.start()
    thread.join(READ_S)
    if failed:
        raise failed[0]
    if not found:
        raise OSError(f"{path} does not answer within {READ_S:.0f} s")
    return found[0]


class AnchorKeeper:
    """Keeps the anchors up; called by the journal's thread."""

    def __init__(
        self,
        path: Path,
        boot_id: str,
        folder: str,
        second: "SecondPlace | None" = None,
        ring: Callable[[], Waiting] = tuple,
    ) -> None:
        """Nothing is written yet; `ring` says which entries wait for which rows."""
        self._path = path
        self._boot_id = boot_id
        self._folder = folder
        self._second = second
        self._ring = ring
        self._written: Anchor | None = None
        self._snapshots: dict[int, str] = {}
        self._written_s = float("-inf")
        self._ring_written: Waiting = ()
        self.trouble = ""
        self.held = ""  # why what lies there must stay, "" if it need not

    def name_snapshot(self, seq: int, checksum: str) -> None:
        """Have the next anchor name this snapshot too."""
        named = {**self._snapshots, seq: checksum}
        self._snapshots = {row: named[row] for row in sorted(named)[-SNAPSHOTS:]}

    def names_snapshot(self, seq: int) -> bool:
        """Whether the next anchor names a snapshot of this row."""
        return seq in self._snapshots

    def keep(self, head: Head, *, at_once: bool = False) -> None:
        """Write the anchor if it says anything new and is old enough; never raises."""
        snapshots = {str(seq): checksum for seq, checksum in self._snapshots.items()}
        anchor = Anchor(
            head.seq, head.hash, self._boot_id, self._folder, 0, snapshots, self._ring()
        )
        if anchor == self._written or not self._may_write(anchor.ring, at_once=at_once):
            return
        data = _encoded(anchor)
        if self._second is not None:
            self._second.give(data)
        if self._put(data):
            self._written = anchor

    def keep_ring(self, *, at_once: bool = False) -> None:
        """The same before any row of ours is durable: what lies there, with what waits now.

        The second place keeps what it has: it may know of rows that this one does not.
        """
        try:
            found = read_anchor(self._path)
        except (OSError, AnchorError):
            return  # told at the start
        ring = self._ring()
        if found is not None and found.ring != ring and self._may_write(ring, at_once=at_once):
            self._put(_encoded(replace(found, ring=ring)))

    def _may_write(self, ring: Waiting, *, at_once: bool) -> bool:
        if self.held:
            self.trouble = self.held
            return False
        now_s = time.monotonic()
        every_s = RING_EVERY_S if set(ring) - set(self._ring_written) else EVERY_S
        if now_s - self._written_s < every_s and not at_once:
            return False
        self._written_s, self._ring_written = now_s, ring
        return True

    def _put(self, data: bytes) -> bool:
        try:
            replace_whole(self._path, data)
        except OSError as error:
            if not self.trouble:
                log.warning("the anchor %s cannot be written: %s", self._path, error)
            self.trouble = str(error)
            return False
        self.trouble = ""
        return True


def _encoded(anchor: Anchor) -> bytes:
    return msgspec.json.encode(replace(anchor, wall_ns=time.time_ns()), order="sorted")


class SecondPlace:
    """The second anchor, on a thread of its own; the newest wins."""

    def __init__(self, path: Path) -> None:
        """Nothing is written yet."""
        self.path = path
        self.trouble = ""
        self.closed = False  # it holds the anchor of another fleet
        self._newest: bytes | None = None
        self._to_keep: list[Path] = []  # copies that are owed before it is written over
        self._asked = False
        self._ending = False
        self._busy_since_s: float | None = None
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="second-anchor", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def give(self, data: bytes) -> None:
        """Hand over the newest; returns at once."""
        with self._wake:
            self._newest, self._asked = data, True
            self._wake.notify()

    def keep_as(self, kept: Path) -> None:
        """Have what lies there copied before it is written over; returns at once."""
        with self._wake:
            self._to_keep.append(kept)
            self._asked = True
            self._wake.notify()

    def look(self) -> None:
        """Say so if it does not answer: a network that hangs raises nothing."""
        with self._wake:
            since_s = self._busy_since_s
            if since_s is not None and time.monotonic() - since_s > HANGS_S:
                self.fails(f"it does not answer within {HANGS_S:g} s")

    def stop(self) -> None:
        """Write the newest, then end."""
        with self._wake:
            self._ending = True
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout=READ_S)

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._asked or self._ending)
                if not self._asked:
                    return
                data, self._newest, self._asked = self._newest, None, False
                self._busy_since_s = time.monotonic()
            why = self._work(data)
            with self._wake:
                self._busy_since_s = None
                if why:
                    self.fails(why)
                elif not self.closed:
                    self.trouble = ""

    def _work(self, data: bytes | None) -> str:
        """Copy what must be kept, then write; why that failed, "" if it did not."""
        try:
            while self._to_keep:
                self._copy(self._to_keep[0])
                del self._to_keep[0]
            if data is not None and not self.closed:
                replace_whole(self.path, data)
        except OSError as error:
            return str(error)
        except Exception as error:  # whatever it was, the next one is written
            log.exception("the second anchor %s met an error that nobody foresaw", self.path)
            return str(error)
        return ""

    def _copy(self, kept: Path) -> None:
        """What was copied since the start stays as it was then.

        Raises:
            OSError: if it cannot be read, or the folder does not take it.
        """
        if identity(kept) is None and identity(self.path) is not None:
            copy_whole(self.path, kept)

    def fails(self, why: str) -> None:
        """Say once that it does not work; the fleet goes on."""
        if not self.trouble:
            log.warning("the second anchor %s does not work: %s", self.path, why)
        self.trouble = why
