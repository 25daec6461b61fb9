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
SELECT = (
    f"SELECT {', '.join(COLUMNS)}, prev_hash, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - names from this package
)
TEXT_COLUMNS = frozenset(
    {"boot_id", "kind", "type", "actor", "robot_id", "task_id", "order_id", "body"}
)
WIDTH = len(COLUMNS)
KINDS = tuple((str if name in TEXT_COLUMNS else int, type(None)) for name in COLUMNS)


@dataclass(frozen=True, slots=True)
class Verified:
    """The result: rows that are proven, and the first that is not."""

    ok: bool
    rows: int
    last_seq: int
    head: str  # hash of the last good row, hex
    bad_seq: int | None
    message: str
    readable: bool = True  # False: locked or out of reach; nothing was found wrong


def verify(path: Path) -> Verified:
    """Verify the whole journal of a database file.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    return continue_from(path, 0, FIRST)


def continue_from(path: Path, seq: int, head: bytes, most: int = -1) -> Verified:
    """Verify the rows after one that was verified before.

    Args:
        path: the database file.
        seq: number of the last verified row, 0 for none.
        head: its hash, 32 bytes.
        most: rows to verify at most, -1 for all.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    connection = open_reader(path)
    connection.row_factory = None
    try:
        return _verify(connection, seq, head, most)
    except sqlite3.DatabaseError as error:
        return Verified(
            ok=False,
            rows=0,
            last_seq=seq,
            head="",
            bad_seq=None,
            message=f"the database cannot be read: {error}",
            # A file that is damaged is another error than one that is locked.
            readable=not isinstance(error, sqlite3.OperationalError),
        )
    finally:
        connection.close()


def _verify(connection: sqlite3.Connection, seq: int, head: bytes, most: int) -> Verified:
    count, head_hex = seq, head.hex()
    usual: set[tuple[type, ...]] = set()  # column types seen and found right: a few a journal
    try:
        for row in connection.execute(SELECT, (seq, most)):
            after = row_hash(head, row[:WIDTH])
            after_hex = after.hex()
            if row[0] != count + 1 or row[WIDTH] != head_hex or row[WIDTH + 1] != after_hex:
                return _bad(count, head, _problem(row, count + 1, head))
            kinds = tuple(map(type, row))
            if kinds not in usual:
                if not all(map(isinstance, row, KINDS)):
                    return _bad(count, head, f"row {count + 1}: a column has changed its type")
                usual.add(kinds)
            head, head_hex, count = after, after_hex, count + 1
    except sqlite3.OperationalError as error:
        if "UTF-8" not in str(error):
            raise
        return _bad(count, head, f"row {count + 1} holds text that is not UTF-8")
    return Verified(
        ok=True,
        rows=count,
        last_seq=count,
        head=head_hex,
        bad_seq=None,
        message=f"{count} rows verified",
    )


def _bad(count: int, head: bytes, message: str) -> Verified:
    return Verified(
        ok=False,
        rows=count,
        last_seq=count,
        head=head.hex(),
        bad_seq=count + 1,
        message=message,
    )


def _problem(row: tuple[object, ...], expected: int, head: bytes) -> str:
    if row[0] != expected:
        return f"row {expected} is missing: the next is {row[0]}"
    if row[WIDTH] != head.hex():
        return f"row {expected} does not follow row {expected - 1}: prev_hash differs"
    return f"row {expected} does not match its hash: a column was changed"
