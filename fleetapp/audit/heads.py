"""A head of the journal: the number and hash of a row that was the last one once.

Whoever keeps a head outside the database can tell later whether the journal still
holds that row as it was written, and with it every row before.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from fleetapp.audit.chain import COLUMNS, FIRST, row_hash
from fleetapp.audit.database import last_row_of, open_reader

SELECT = f"SELECT {', '.join(COLUMNS)}, prev_hash, hash FROM journal WHERE seq = ?"  # noqa: S608 - names from this package
WIDTH = len(COLUMNS)


@dataclass(frozen=True, slots=True)
class Head:
    """Number and hash of a row."""

    seq: int
    hash: str  # 64 hexadecimal digits


EMPTY = Head(0, FIRST.hex())


@dataclass(frozen=True, slots=True)
class NamedHead:
    """A head and who names it."""

    witness: str  # "anchor", "second anchor", "snapshot", "ring"
    head: Head


@dataclass(frozen=True, slots=True)
class Compared:
    """Which witnesses the journal contradicts, and where it ends."""

    ends_at: int
    contradicted: tuple[NamedHead, ...]


def compare(database: Path, named: tuple[NamedHead, ...]) -> Compared:
    """Look each head up in the journal.

    Raises:
        OSError: if the file is there but cannot be read.
    """
    if not database.exists():
        return Compared(0, tuple(one for one in named if one.head.seq > 0))
    connection = open_reader(database)
    connection.row_factory = None
    try:
        ends_at = last_row_of(connection)[0]
        missing = tuple(one for one in named if not _stands(connection, one.head, ends_at))
    except sqlite3.Error as error:
        raise OSError(
            f"{database} cannot be read ({error}): end the program that locks it, or move the "
            "file aside and put a backup back"
        ) from error
    finally:
        connection.close()
    return Compared(ends_at, missing)


def head_of(database: Path, seq: int) -> Head:
    """The head that a row was.

    Raises:
        OSError: if there is no such row, or the file cannot be read.
    """
    connection = open_reader(database)
    try:
        row = connection.execute("SELECT hash FROM journal WHERE seq = ?", (seq,)).fetchone()
    except sqlite3.Error as error:
        raise OSError(f"row {seq} of {database} cannot be read ({error})") from error
    finally:
        connection.close()
    if row is None:
        raise OSError(f"{database} holds no row {seq}")
    return Head(seq, str(row[0]))


def _stands(connection: sqlite3.Connection, head: Head, ends_at: int) -> bool:
    """Whether the row is there and its columns still give this hash: they are hashed anew."""
    if head.seq == 0:
        return True
    if head.seq > ends_at:
        return False
    row = connection.execute(SELECT, (head.seq,)).fetchone()
    if row is None or row[WIDTH + 1] != head.hash:
        return False
    try:
        return row_hash(bytes.fromhex(row[WIDTH]), row[:WIDTH]).hex() == head.hash
    except (ValueError, TypeError):
        return False
