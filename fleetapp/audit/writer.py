"""The journal's thread: rows in order, one transaction a batch, durable when it says so.

Appending never blocks and never fails. If the file is locked, full or broken the
rows stay in memory in their order and are tried again; meanwhile the engine is
told, so that nothing permissive is decided.
"""

import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from fleetapp.audit.chain import row_hash
from fleetapp.audit.database import last_row, open_writer
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
    ) -> None:
        """Callbacks are called on the journal's thread: hand over and return."""
        self._path = path
        self._boot_id = boot_id
        self._on_durable = on_durable
        self._on_trouble = on_trouble
        self._on_recovered = on_recovered
        self._clock = clock or Clock()
        self._queue: deque[Stamped] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._in_trouble = False
        self._database: Database | None = None
        _, self._head = last_row(path)
        self.durable_seq, _ = last_row(path)
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def append(self, entries: Sequence[Entry]) -> None:
        """Queue rows in order."""
        wall, mono = self._clock.wall_ns(), self._clock.mono_ns()
        with self._wake:
            self._queue.extend(Stamped(entry, wall, mono) for entry in entries)
            self._wake.notify()

    def lag_ms(self) -> int:
        """Age of the oldest row that is not durable."""
        with self._wake:
            if not self._queue:
                return 0
            return (self._clock.mono_ns() - self._queue[0].mono_ns) // 1_000_000

    def close(self, timeout_s: float = 5.0) -> bool:
        """Write what is queued, then end; whether everything was written."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(timeout_s)
        return not self._queue

    def _run(self) -> None:
        while True:
            with self._wake:
                if not self._queue and not self._closing:
                    self._wake.wait(0.5)
                batch = [self._queue[n] for n in range(min(BATCH, len(self._queue)))]
                if not batch and self._closing:
                    break
            if batch and not self._try(batch) and self._closing:
                break
        if self._database is not None:
            self._checkpoint(self._database)
            self._database.conn.close()

    def _try(self, batch: list[Stamped]) -> bool:
        try:
            head = self._write(batch)
        except sqlite3.Error as error:
            self._failed(str(error))
            return False
        self._head = head
        with self._wake:
            for _ in batch:
                self._queue.popleft()
        self.durable_seq = batch[-1].entry.seq
        self._on_durable(self.durable_seq)
        if self._in_trouble and self.lag_ms() < LAG_MS:
            self._in_trouble = False
            log.warning("journal is written again, up to row %d", self.durable_seq)
            self._on_recovered()
        return True

    def _write(self, batch: list[Stamped]) -> bytes:
        if self._database is None:
            self._database = open_writer(self._path, BUSY_MS)
        head = self._head
        rows = []
        for stamped in batch:
            values = self._values(stamped)
            hashed = row_hash(head, values)
            rows.append((*values, head.hex(), hashed.hex()))
            head = hashed
        connection = self._database.conn
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(INSERT, rows)
            connection.execute("COMMIT")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return head

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

    def _failed(self, text: str) -> None:
        lag, rows = self.lag_ms(), len(self._queue)
        if not self._in_trouble and (lag > LAG_MS or rows > LAG_ROWS or "locked" not in text):
            self._in_trouble = True
            log.error("journal cannot be written: %s", text)
            self._on_trouble(f"{text} ({self._path.name}); {rows} rows wait in memory")
        with self._wake:
            self._wake.wait(RETRY_S)

    @staticmethod
    def _checkpoint(database: Database) -> None:
        try:
            database.conn.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.Error as error:
            log.warning("no checkpoint at the end: %s", error)
