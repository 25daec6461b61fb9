"""The journal's thread: rows in order, one transaction a batch, durable when it says so.

Appending never blocks and never fails. If the file is locked, full or broken the
rows stay in memory in their order and are tried again; meanwhile the engine is
told, so that nothing permissive is decided. A row is durable in the file that lies under
its name, not in one that was removed or replaced while it was open.
"""

import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlite_utils import Database

from fleetapp.audit.anchor import AnchorKeeper
from fleetapp.audit.chain import row_hash
from fleetapp.audit.database import (
    last_row,
    last_row_of,
    open_writer,
    schema_version,
)
from fleetapp.audit.disk import Identity, identity
from fleetapp.audit.heads import Head, head_of
from fleetapp.audit.put_right import put_right
from fleetapp.core.rows import Entry

log = logging.getLogger(__name__)

BUSY_MS = 100
RETRY_S = 0.2
LAG_MS = 1_000
LAG_ROWS = 10_000
BATCH = 2_000
INSERT = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall and monotonic time in nanoseconds."""

    wall_ns: Callable[[], int] = time.time_ns
    mono_ns: Callable[[], int] = time.monotonic_ns


@dataclass(frozen=True, slots=True)
class Stamped:
    """An entry with the times at which it was appended."""

    entry: Entry
    wall_ns: int
    mono_ns: int


class ForeignRowError(OSError):
    """The last row on disk is not the one that this writer left there."""


class ReplacedError(OSError):
    """The open file is no longer the one that lies under its name."""


class SchemaChangedError(Exception):
    """Somebody else changed a trigger, view or index: the file is to be opened anew."""


@dataclass(frozen=True, slots=True)
class _OpenFile:
    """The database as it was when it was opened."""

    database: Database
    files: tuple[Identity, ...]  # it and its log, as they lay under their names
    schema: int


@dataclass(frozen=True, slots=True)
class _Mark:
    """What is to be done when a row is durable, with its hash."""

    seq: int
    do: Callable[[Head], None]


class JournalWriter:
    """Implements `engine.ports.Journal` with a database and a thread."""

    def __init__(
        self,
        path: Path,
        boot_id: str,
        *,
        on_durable: Callable[[int], None],
        on_trouble: Callable[[str], None],
        on_recovered: Callable[[], None],
        clock: Clock | None = None,
        anchor: AnchorKeeper | None = None,
        on_foreign: Callable[[int, str], None] = lambda _seq, _why: None,
    ) -> None:
        """Callbacks come from the journal's thread, trouble also from `append`'s: hand over.

        `anchor` is told of what this writer has committed, never of what it found;
        `on_foreign` once, where the file ends if that is not where this writer ended.

        Raises:
            OSError: if there is a journal that cannot be read.
        """
        self._path = path
        self._boot_id = boot_id
        self._on_durable = on_durable
        self._on_trouble = on_trouble
        self._on_recovered = on_recovered
        self._clock = clock or Clock()
        self._anchor = anchor
        self._on_foreign = on_foreign
        self._found_foreign = False
        self.committed = False  # whether a row was written since the start
        self._marks: list[_Mark] = []
        self._queue: deque[Stamped] = deque()
        self._wake = threading.Condition()
        self._until_ns: int | None = None  # set when closing: how long to go on trying
        self._in_trouble = False
        self._file: _OpenFile | None = None
        self._right_schema: int | None = None  # in which nothing of another hand is left
        seq, self._head = last_row(path)
        self.durable_head = Head(seq, self._head.hex())
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    @property
    def durable_seq(self) -> int:
        """Number of the last row on disk."""
        return self.durable_head.seq

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def when_durable(self, seq: int, do: Callable[[Head], None]) -> None:
        """Do something on the journal's thread when a row that was appended is on disk."""
        with self._wake:
            self._marks.append(_Mark(seq, do))
            self._wake.notify()

    def append(self, entries: Sequence[Entry]) -> None:
        """Queue rows in order."""
        wall, mono = self._clock.wall_ns(), self._clock.mono_ns()
        with self._wake:
            self._queue.extend(Stamped(entry, wall, mono) for entry in entries)
            self._wake.notify()
        if self._is_late():  # a disk that hangs raises nothing
            self._tell_trouble("the disk is slow")

    def lag_ms(self) -> int:
        """Age of the oldest row that is not durable."""
        with self._wake:
            if not self._queue:
                return 0
            return (self._clock.mono_ns() - self._queue[0].mono_ns) // 1_000_000

    def close(self, timeout_s: float = 5.0) -> bool:
        """Write what is queued, then end; whether everything was written."""
        with self._wake:
            self._until_ns = time.monotonic_ns() + int(timeout_s * 1e9)
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout_s + 1)
        return not self._queue

    def _run(self) -> None:
        while True:
            with self._wake:
                if not self._queue and self._until_ns is None and not self._is_marked():
                    self._wake.wait(0.5)
                batch = list(islice(self._queue, BATCH))
            if self._may_end(batch):
                break
            try:
                self._turn(batch)
            except Exception as error:
                # Whatever it was: a journal whose thread ended would let nothing move again.
                if not self._in_trouble:
                    log.exception("the journal met an error that nobody foresaw")
                self._failed(error)
        self._keep_anchor(at_once=True)
        self._close_database()

    def _turn(self, batch: list[Stamped]) -> None:
        if batch:
            self._try(batch)
        else:
            self._look()
        self._do_marked((self.durable_head,))
        self._keep_anchor(at_once=False)

    def _is_marked(self) -> bool:
        return any(mark.seq <= self.durable_seq for mark in self._marks)

    def _do_marked(self, heads: Sequence[Head]) -> None:
        """Do what waits for one of these rows, which are durable."""
        with self._wake:
            due = [mark for mark in self._marks if mark.seq <= heads[-1].seq]
            self._marks = [mark for mark in self._marks if mark.seq > heads[-1].seq]
        by_seq = {head.seq: head for head in heads}
        for mark in due:
            try:
                mark.do(by_seq.get(mark.seq) or head_of(self._path, mark.seq))
            except Exception:
                # Whatever it was, rows come first: the next one is written all the same.
                log.exception("what was to follow row %d was not done", mark.seq)

    def _keep_anchor(self, *, at_once: bool) -> None:
        if self._anchor is None:
            return
        if self.committed:
            self._anchor.keep(self.durable_head, at_once=at_once)
        else:
            self._anchor.keep_ring(at_once=at_once)

    def _may_end(self, batch: list[Stamped]) -> bool:
        if self._until_ns is None:
            return False
        return not batch or time.monotonic_ns() > self._until_ns

    def _try(self, batch: list[Stamped]) -> None:
        try:
            if self._file is None:
                self._open()
                return  # the queue may be shorter now
            heads = self._write(self._file, batch)
        except SchemaChangedError:
            self._close_database()  # opened anew at once, without what is not ours
            return
        except (sqlite3.Error, OSError, ValueError, OverflowError) as error:
            self._failed(error)
            return
        self._head = bytes.fromhex(heads[-1].hash)
        self._written(heads)

    def _open(self) -> None:
        """Open the file, and see which of our rows a failed commit wrote after all."""
        if self.durable_seq and identity(self._path) is None:
            self._doubt(0, f"{self._path.name} was removed while the fleet ran")
            raise ForeignRowError(f"{self._path.name} is gone: put it back")
        database = open_writer(self._path, BUSY_MS)
        try:
            self._put_right(database)
            head, heads = self._reconciled(database)
            file = _OpenFile(database, self._lying_there(), schema_version(database.conn))
        except (sqlite3.Error, OSError, ValueError):
            database.conn.close()
            raise
        self._file, self._head = file, head
        self._found_foreign = False
        if heads:
            self._written(heads)

    def _put_right(self, database: Database) -> None:
        """Once for each schema: a file that is locked is opened again and again."""
        if schema_version(database.conn) == self._right_schema:
            return
        for why in put_right(database.conn, self._path.name):
            self._on_foreign(self.durable_seq, why)
        self._right_schema = schema_version(database.conn)

    def _lying_there(self) -> tuple[Identity, ...]:
        """The database and its log, as they lie under their names now."""
        log_path = self._path.with_name(f"{self._path.name}-wal")
        return identity(self._path), identity(log_path)

    def _check(self, file: _OpenFile) -> None:
        """Two looks into the folder, some microseconds a commit.

        Raises:
            ReplacedError: if what is open was removed, or another file put in its place.
        """
        if self._lying_there() == file.files:
            return
        text = f"{self._path.name} or its log was removed or replaced while the fleet ran"
        self._doubt(0, text)
        raise ReplacedError(text)

    def _look(self) -> None:
        """Nothing is to be written: is the file still there?"""
        if self._file is None:
            return
        try:
            self._check(self._file)
        except OSError as error:
            self._failed(error)

    def _doubt(self, found_seq: int, text: str) -> None:
        """Say once that this is not our file any more, until it is again."""
        if not self._found_foreign:
            self._found_foreign = True
            self._on_foreign(found_seq, text)

    def _reconciled(self, database: Database) -> tuple[bytes, list[Head]]:
        """Hash of the last row on disk, and which queued rows are there already.

        Raises:
            ForeignRowError: if that row is not ours.
        """
        seq, on_disk = last_row_of(database.conn)
        head, heads = self._head, list[Head]()
        for stamped in islice(self._queue, max(0, seq - self.durable_seq)):
            head = row_hash(head, self._values(stamped))
            heads.append(Head(stamped.entry.seq, head.hex()))
        if head == on_disk:
            return head, heads
        text = (
            f"row {seq} of {self._path.name} is not the one written last: another program "
            "wrote or replaced the file; stop the fleet and put it back"
        )
        self._doubt(seq, text)
        raise ForeignRowError(text)

    def _written(self, heads: Sequence[Head]) -> None:
        """These rows, the first of the queue, are on disk."""
        with self._wake:
            for _ in heads:
                self._queue.popleft()
        self.durable_head = heads[-1]
        self.committed = True
        seq = heads[-1].seq
        self._on_durable(seq)
        self._do_marked(heads)
        if self._in_trouble and not self._is_late():
            self._in_trouble = False
            log.warning("journal is written again, up to row %d", seq)
            self._on_recovered()

    def _write(self, file: _OpenFile, batch: list[Stamped]) -> list[Head]:
        head, before = self._head, self._head.hex()
        rows, heads = [], list[Head]()
        for stamped in batch:
            values = self._values(stamped)
            head = row_hash(head, values)
            own = head.hex()
            rows.append((*values, before, own))
            heads.append(Head(stamped.entry.seq, own))
            before = own
        connection = file.database.conn
        connection.execute("BEGIN IMMEDIATE")
        if schema_version(connection) != file.schema:
            raise SchemaChangedError
        if connection.executemany(INSERT, rows).rowcount != len(rows):
            raise OSError(f"{self._path.name} did not take every row")
        connection.execute("COMMIT")
        self._check(file)
        return heads

    def _values(self, stamped: Stamped) -> tuple[str | int | None, ...]:
        entry = stamped.entry
        return (
            entry.seq,
            stamped.wall_ns,
            stamped.mono_ns,
            self._boot_id,
            entry.kind,
            entry.type,
            entry.version,
            entry.actor,
            entry.robot_id,
            entry.task_id,
            entry.order_id,
            entry.order_update_id,
            entry.cause_seq,
            entry.body.decode(),
        )

    def _is_late(self) -> bool:
        return self.lag_ms() > LAG_MS or len(self._queue) > LAG_ROWS

    def _failed(self, error: Exception) -> None:
        """Close, so that the next try begins from what is really on disk."""
        self._close_database()
        if self._is_late() or "locked" not in str(error):
            self._tell_trouble(str(error))
        with self._wake:
            self._wake.wait(RETRY_S)

    def _tell_trouble(self, text: str) -> None:
        with self._wake:
            if self._in_trouble:
                return
            self._in_trouble = True
        log.error("journal cannot be written: %s", text)
        self._on_trouble(f"{text} ({self._path.name}); {len(self._queue)} rows wait in memory")

    def _close_database(self) -> None:
        file, self._file = self._file, None
        if file is None:
            return
        connection = file.database.conn
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.Error as error:
            log.warning("no checkpoint: %s", error)
        connection.close()
