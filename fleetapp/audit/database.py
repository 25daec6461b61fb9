"""The audit database: one table of messages, guarded against accidents, with views for people.

Triggers refuse changes and deletions; they guard against mistakes, not against
an attacker, who is found by the chain. Indices, triggers and views are remade when they
are not as written here; what else another hand did to them is for `put_right`. WAL with
synchronous=FULL: what was reported as durable survives a power cut.
"""

import logging
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from fleetapp.audit.chain import FIRST

log = logging.getLogger(__name__)

TABLE = """
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY CHECK (seq BETWEEN 1 AND 4611686018427387904),
    wall_ns INTEGER NOT NULL,
    mono_ns INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    type TEXT NOT NULL,
    version INTEGER NOT NULL,
    actor TEXT NOT NULL,
    robot_id TEXT,
    task_id TEXT,
    order_id TEXT,
    order_update_id INTEGER,
    cause_seq INTEGER,
    body TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);
"""
GUARDS = """
CREATE INDEX IF NOT EXISTS journal_robot ON journal (robot_id, wall_ns);
CREATE INDEX IF NOT EXISTS journal_task ON journal (task_id);
CREATE INDEX IF NOT EXISTS journal_time ON journal (wall_ns);
CREATE INDEX IF NOT EXISTS journal_type ON journal (type);
CREATE INDEX IF NOT EXISTS journal_cause ON journal (cause_seq);
CREATE INDEX IF NOT EXISTS journal_command ON journal (json_extract(body, '$.command.command_id'))
    WHERE type = 'CommandGiven';
CREATE INDEX IF NOT EXISTS journal_task_life
    ON journal (task_id) WHERE type IN ('TaskAccepted', 'TaskMoved');
CREATE TRIGGER IF NOT EXISTS journal_no_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'journal rows are never changed'); END;
CREATE TRIGGER IF NOT EXISTS journal_no_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'journal rows are never deleted'); END;
"""

# Rows lost from a journal leave a gap; one that the journal cannot have had is none of it.
LARGEST_GAP = 10**9
NEWEST = "SELECT seq, hash FROM journal WHERE seq BETWEEN 1 AND ? ORDER BY seq DESC LIMIT 1"

WHEN = "strftime('%Y-%m-%dT%H:%M:%fZ', wall_ns / 1e9, 'unixepoch') AS at_utc"
VIEWS: dict[str, tuple[str, ...]] = {
    "assignments": ("TaskAssigned",),
    "holds": ("RobotHeld", "HoldReleased", "FleetStopped", "FleetReleased"),
    "overrides": ("HoldReleased", "FleetReleased", "RobotAdmitted", "RobotRemoved", "ReviewClosed"),
    "recognitions": ("PackageRecognised", "RecognitionJudged", "ReviewOpened", "ReviewClosed"),
    "orders": ("OrderIssued", "RouteReplaced", "BaseExtended", "OrderEnded", "CancelOrdered"),
    "alarms": ("AlarmRaised", "AlarmEnded", "AlarmAcknowledged"),
}


def open_writer(path: Path, busy_ms: int) -> Database:
    """The database for writing; made if it is not there.

    Raises:
        sqlite3.Error: if the file cannot be opened or is locked.
    """
    connection = sqlite3.connect(path, timeout=busy_ms / 1000, isolation_level=None)
    try:
        _prepare(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return Database(connection)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA recursive_triggers=ON")
    connection.executescript(TABLE)
    _remake(connection)


Object = tuple[str, str]  # index, trigger or view; the statement that makes it
OBJECTS = "SELECT name, type, sql FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL"


@cache
def expected() -> dict[str, Object]:
    """Indices, triggers and views as this program makes them, as SQLite writes them down."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(TABLE + GUARDS)
    for name, types in VIEWS.items():
        listed = ", ".join(f"'{kind}'" for kind in types)
        connection.execute(
            f"CREATE VIEW {name} AS SELECT seq, {WHEN}, type, actor, robot_id, "  # noqa: S608 - names from this module
            f"task_id, order_id, body FROM journal WHERE type IN ({listed})"
        )
    expected = _objects(connection)
    connection.close()
    return expected


def _objects(connection: sqlite3.Connection) -> dict[str, Object]:
    return {name: (kind, sql) for name, kind, sql in connection.execute(OBJECTS)}


def _remake(connection: sqlite3.Connection) -> None:
    """Make what is missing or is not as this program makes it.

    Raises:
        sqlite3.Error: if the file is locked, or a table has the name of a view.
    """
    there = _objects(connection)
    wrong = {name: made for name, made in expected().items() if there.get(name) != made}
    if not wrong:
        return
    connection.execute("BEGIN IMMEDIATE")
    for name, (_, sql) in wrong.items():
        if name in there:
            log.warning("%s %s of the journal was altered: it is remade", there[name][0], name)
            connection.execute(f"DROP {there[name][0]} {name}")
        connection.execute(sql)
    connection.execute("COMMIT")


def schema_version(connection: sqlite3.Connection) -> int:
    """A number that changes with every trigger, view, index or table that does."""
    return int(connection.execute("PRAGMA schema_version").fetchone()[0])


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that can only read.

    Raises:
        FileNotFoundError: naming the file.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist: give the data folder of a fleet")
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False, timeout=5
    )
    connection.execute("PRAGMA query_only=ON")
    connection.row_factory = sqlite3.Row
    return connection


def as_ns(at_ms: int | None) -> int | None:
    """Wall milliseconds as the column's nanoseconds, kept to SQLite's 64 bits."""
    if at_ms is None:
        return None
    return max(-(2**63), min(2**63 - 1, at_ms * 1_000_000))


def last_row(path: Path) -> tuple[int, bytes]:
    """Number and hash of the newest row; 0 and zeros for an empty journal.

    Raises:
        OSError: if the file is there but cannot be read: an unread journal is not an empty one.
    """
    if not path.exists():
        return 0, FIRST
    connection = open_reader(path)
    try:
        return last_row_of(connection)
    except sqlite3.Error as error:
        raise OSError(
            f"{path} cannot be read ({error}): end the program that locks it, or move the "
            "file aside and put a backup back"
        ) from error
    finally:
        connection.close()


def stored_hash(text: object) -> bytes:
    """The bytes of a hash as it stands in a row; zeros for what is none."""
    try:
        return bytes.fromhex(str(text))
    except ValueError:
        return FIRST


def last_row_of(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """The same through an open connection.

    Raises:
        sqlite3.Error: if the database cannot be read.
    """
    table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'journal'"
    if connection.execute(table).fetchone() is None:
        return 0, FIRST
    row: Any = connection.execute(NEWEST, (2**63 - 1,)).fetchone()
    while row is not None:
        before: Any = connection.execute(NEWEST, (row[0] - 1,)).fetchone()
        if row[0] - (before[0] if before else 0) <= LARGEST_GAP:
            return int(row[0]), stored_hash(row[1])
        row = before  # no journal gets there: it lies outside, and the proof tells it
    return 0, FIRST
