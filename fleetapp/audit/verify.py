"""Does the journal still say what was written? Every column of every row is hashed again.

A row changed, removed, inserted or moved is found. A tail cut off cannot be seen
from the rest: that needs the number and hash of a later row kept elsewhere.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from fleetapp.audit.chain import COLUMNS, FIRST, row_hash
from fleetapp.audit.database import open_reader

# Read as stored: a column whose type was changed must not look the same.
SELECT = f"SELECT {', '.join(COLUMNS)}, prev_hash, hash FROM journal WHERE seq > ? ORDER BY seq"  # noqa: S608 - names from this package
TEXT_COLUMNS = frozenset(
    {"boot_id", "kind", "type", "actor", "robot_id", "task_id", "order_id", "body"}
)


@dataclass(frozen=True, slots=True)
class Verified:
    """The result: rows that are proven, and the first that is not."""

    ok: bool
    rows: int
    last_seq: int
    head: str  # hash of the last good row, hex
    bad_seq: int | None
    message: str


def verify(path: Path) -> Verified:
    """Verify the whole journal of a database file.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    return continue_from(path, 0, FIRST)


def continue_from(path: Path, seq: int, head: bytes) -> Verified:
    """Verify the rows after one that was verified before.

    Args:
        path: the database file.
        seq: number of the last verified row, 0 for none.
        head: its hash, 32 bytes.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    connection = open_reader(path)
    connection.row_factory = None
    try:
        return _verify(connection, seq, head)
    except sqlite3.DatabaseError as error:
        message = f"the database cannot be read: {error}"
        return Verified(ok=False, rows=0, last_seq=seq, head="", bad_seq=None, message=message)
    finally:
        connection.close()


def _verify(connection: sqlite3.Connection, seq: int, head: bytes) -> Verified:
    count, width = seq, len(COLUMNS)
    for row in connection.execute(SELECT, (seq,)):
        expected = count + 1
        problem = _problem(row, expected, head)
        after = row_hash(head, row[:width]) if problem is None else head
        if problem is None and after.hex() != row[width + 1]:
            problem = f"row {expected} does not match its hash: a column was changed"
        if problem is not None:
            return Verified(
                ok=False,
                rows=count,
                last_seq=count,
                head=head.hex(),
                bad_seq=expected,
                message=problem,
            )
        head, count = after, expected
    return Verified(
        ok=True,
        rows=count,
        last_seq=count,
        head=head.hex(),
        bad_seq=None,
        message=f"{count} rows verified",
    )


def _problem(row: tuple[object, ...], expected: int, head: bytes) -> str | None:
    if row[0] != expected:
        return f"row {expected} is missing: the next is {row[0]}"
    if row[len(COLUMNS)] != head.hex():
        return f"row {expected} does not follow row {expected - 1}: prev_hash differs"
    for name, value in zip(COLUMNS, row, strict=False):
        wanted = str if name in TEXT_COLUMNS else int
        if value is not None and not isinstance(value, wanted):
            return f"row {expected}: column {name} has changed its type"
    return None
