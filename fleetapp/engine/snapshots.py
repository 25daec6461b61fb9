"""State snapshots: a cache that makes a restart quick, and may be deleted.

A snapshot is the state after row `seq`, and carries the hash of that row: it is
written when the row is durable, so that it is a witness of the journal too. A checksum
over row and state finds accidents; the anchors name it too, so that intent is found.
On a restart the newest one whose row the journal holds and whose checksum an anchor
names is taken (`fleetapp.engine.witnesses`), and the rows after it are folded.
Written beside, flushed and renamed, so that a crash or a power cut leaves the old or the
new one, never half of one: what an anchor names must be there as it was written.
"""

import hashlib
import logging
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from fleetapp.audit.disk import make_folder, read_plain, replace_whole
from fleetapp.audit.heads import Head
from fleetapp.core.decisions import PlanRequested, TaskAssigned
from fleetapp.core.follow import Unreadable, fold
from fleetapp.core.known import UsedId
from fleetapp.core.rows import Entry
from fleetapp.core.state import (
    Alarm,
    FleetStop,
    Floor,
    Halt,
    Review,
    Rules,
    State,
    Unfolded,
    Worker,
)
from fleetapp.core.turn import Row
from fleetapp.engine.entries import row_of
from fleetapp.fleet.order import Order
from fleetapp.fleet.robot import Robot
from fleetapp.tasks.task import Task

log = logging.getLogger(__name__)

KEPT = 3
FORMAT = 3
NAMES = "[0-9]" * 12 + ".json"


@dataclass(frozen=True, slots=True)
class Image:
    """The state without what never changes."""

    format: int
    floor_digest: str
    row_hash: str
    now_ms: int
    started_ms: int
    ran_site_id: str
    ran_floor: str
    robots: dict[str, Robot]
    tasks: dict[str, Task]
    orders: dict[str, Order]
    owners: dict[int, str]
    plans: dict[str, PlanRequested]
    reviews: dict[str, Review]
    alarms: dict[str, Alarm]
    assigned: dict[str, TaskAssigned]
    commands: dict[str, UsedId]
    workers: dict[str, Worker]
    stop: FleetStop | None
    journal_ok: bool
    dispatch_due: bool
    done_count: int
    failed_count: int
    rejected_count: int
    numbers: int
    tasks_taken: int
    seq: int
    task_rows: dict[str, int]
    robot_rows: dict[str, int]
    halts: dict[str, Halt]
    unfolded: tuple[Unfolded, ...]


class _File(msgspec.Struct):
    """A snapshot on the disk."""

    seq: int
    row_hash: str
    checksum: str  # SHA-256 over the row and the state, hexadecimal
    state: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is named as a snapshot is."""

    path: Path
    seq: int
    head: Head | None  # None: damaged, or it names no row
    checksum: str  # "" if it is damaged


OF_THE_FILE = ("format", "floor_digest", "row_hash")
PLAIN = tuple(name for name in Image.__dataclass_fields__ if name not in OF_THE_FILE)


def encode_state(state: State, row_hash: str = "") -> bytes:
    """The state as JSON bytes, with the hash of its row."""
    fields = {name: getattr(state, name) for name in PLAIN}
    head = {"format": FORMAT, "floor_digest": state.floor.digest, "row_hash": row_hash}
    return msgspec.json.encode({**head, **fields})


def decode_state(data: bytes, floor: Floor, rules: Rules) -> State | None:
    """The state of a snapshot, None if it is of another site or format."""
    try:
        image = msgspec.json.decode(data, type=Image)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if image.format != FORMAT or image.floor_digest != floor.digest:
        return None
    return replace(State(floor, rules), **{name: getattr(image, name) for name in PLAIN})


def path_of(folder: Path, seq: int) -> Path:
    """Where the snapshot of a row lies."""
    return folder / f"{seq:012d}.json"


def _checksum(seq: int, row_hash: str, content: bytes) -> str:
    return hashlib.sha256(f"{seq} {row_hash} ".encode() + content).hexdigest()


def save(folder: Path, state: State, row_hash: str, kept: Collection[Path] = ()) -> str:
    """Write a snapshot and forget all but the newest few and those that must be kept.

    Returns:
        Its checksum, "" if the disk did not take it.
    """
    content = encode_state(state, row_hash)
    checksum = _checksum(state.seq, row_hash, content)
    file = _File(state.seq, row_hash, checksum, msgspec.Raw(content))
    try:
        make_folder(folder)
        replace_whole(path_of(folder, state.seq), msgspec.json.encode(file))
        for old in sorted(set(folder.glob(NAMES)) - set(kept))[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        # Only a cache: without it the next start takes longer. A full disk ends no fleet.
        log.warning("no snapshot after row %d: %s", state.seq, error)
        return ""
    return checksum


def there(folder: Path) -> tuple[Found, ...]:
    """The snapshots of a folder, newest first, damaged ones too."""
    return tuple(_found(path) for path in sorted(folder.glob(NAMES), reverse=True))


def _found(path: Path) -> Found:
    seq = int(path.stem)
    file = _whole(path)
    if file is None or not file.row_hash:
        log.warning("snapshot %s is not used: damaged, or it names no row", path.name)
        return Found(path, seq, None, "")
    return Found(path, seq, Head(seq, file.row_hash), file.checksum)


def _whole(path: Path) -> _File | None:
    """What a file holds, None if it cannot be read or its checksum does not fit."""
    with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        file = msgspec.json.decode(read_plain(path), type=_File)
        fits = file.checksum == _checksum(file.seq, file.row_hash, bytes(file.state))
        if fits and file.seq == int(path.stem):
            return file
    return None


def heads(folder: Path) -> dict[Path, Head]:
    """The whole snapshots of a folder, newest first, and the rows that they name."""
    return {found.path: found.head for found in there(folder) if found.head is not None}


def newest(paths: Iterable[Path], floor: Floor, rules: Rules) -> State:
    """The first of these snapshots that can be used, else an empty state."""
    for path in paths:
        state = _read(path, floor, rules)
        if state is not None:
            return state
    return State(floor, rules)


def _read(path: Path, floor: Floor, rules: Rules) -> State | None:
    """The state of a file, None if it is damaged, of another site, or of another row."""
    file = _whole(path)
    state = decode_state(bytes(file.state), floor, rules) if file is not None else None
    if state is None or state.seq != int(path.stem):
        log.warning("snapshot %s is not used: damaged, or of another site", path.name)
        return None
    return state


def restore(state: State, entries: Iterable[Entry]) -> State:
    """Fold the rows after a snapshot; a restart never decides again."""
    return fold(state, (_readable(entry) for entry in entries), _told)


def _readable(entry: Entry) -> Row | Unreadable:
    """The row of an entry; one that cannot be read does not keep the fleet from starting."""
    try:
        return row_of(entry)
    except Exception as error:
        log.exception("row %d (%s) cannot be read", entry.seq, entry.type)
        return Unreadable(entry.seq, entry.type, entry.robot_id or "", type(error).__name__)


def _told(error: Exception) -> None:
    log.error("a row cannot be followed; the fleet starts without it", exc_info=error)
