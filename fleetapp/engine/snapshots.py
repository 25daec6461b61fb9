"""State snapshots: a cache that makes a restart quick, and may be deleted.

A snapshot is the state after row `seq`. On a restart the newest one that the
journal reaches is taken, and the rows after it are folded. Written beside and
renamed, so that a crash leaves the old or the new one, never half of one. One that
has seen rows which the journal lost is deleted at once: the journal will write other
rows under these numbers.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from fleetapp.core.decisions import PlanRequested, TaskAssigned
from fleetapp.core.follow import Unreadable, fold
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
FORMAT = 2
NAMES = "[0-9]" * 12 + ".json"


@dataclass(frozen=True, slots=True)
class Image:
    """The state without what never changes."""

    format: int
    floor_digest: str
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
    commands: dict[str, str]
    workers: dict[str, Worker]
    stop: FleetStop | None
    journal_ok: bool
    dispatch_due: bool
    done_count: int
    failed_count: int
    rejected_count: int
    numbers: int
    seq: int
    task_rows: dict[str, int]
    robot_rows: dict[str, int]
    halts: dict[str, Halt]
    unfolded: tuple[Unfolded, ...]


PLAIN = tuple(name for name in Image.__dataclass_fields__ if name not in ("format", "floor_digest"))


def encode_state(state: State) -> bytes:
    """The state as JSON bytes."""
    fields = {name: getattr(state, name) for name in PLAIN}
    return msgspec.json.encode({"format": FORMAT, "floor_digest": state.floor.digest, **fields})


def decode_state(data: bytes, floor: Floor, rules: Rules) -> State | None:
    """The state of a snapshot, None if it is of another site or format."""
    try:
        image = msgspec.json.decode(data, type=Image)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if image.format != FORMAT or image.floor_digest != floor.digest:
        return None
    return replace(State(floor, rules), **{name: getattr(image, name) for name in PLAIN})


def save(folder: Path, state: State) -> bool:
    """Write a snapshot and forget all but the newest few; whether the disk took it."""
    path = folder / f"{state.seq:012d}.json"
    beside = path.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(encode_state(state))
        beside.replace(path)
        for old in sorted(folder.glob(NAMES))[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        # Only a cache: without it the next start takes longer. A full disk ends no fleet.
        log.warning("no snapshot after row %d: %s", state.seq, error)
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        return False
    return True


def newest(folder: Path, last_seq: int, floor: Floor, rules: Rules) -> State:
    """The newest snapshot that the journal reaches, else an empty state."""
    for path in sorted(folder.glob(NAMES), reverse=True):
        if int(path.stem) > last_seq:
            path.unlink(missing_ok=True)
            continue
        state = _read(path, floor, rules)
        if state is not None:
            return state
    return State(floor, rules)


def _read(path: Path, floor: Floor, rules: Rules) -> State | None:
    """The state of a file, None if it is damaged, of another site, or of another row."""
    try:
        state = decode_state(path.read_bytes(), floor, rules)
    except OSError as error:
        log.warning("snapshot %s cannot be read: %s", path.name, error)
        return None
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
