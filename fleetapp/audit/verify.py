"""Does the journal still say what was written? Every column of every row is hashed again.

A row changed, removed, inserted or moved is found, and so is one outside the numbers
that the journal counts. Behind a broken row the proof goes on with the hash that is
stored there, so that a later change is found too. A tail cut off cannot be seen from
the rest: that needs the number and hash of a later row kept elsewhere.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from fleetapp.audit.chain import COLUMNS, FIRST, row_hash
from fleetapp.audit.database import last_row_of, open_reader, stored_hash

# Read as stored: a column whose type was changed must not look the same.
SELECT = (
    f"SELECT {', '.join(COLUMNS)}, prev_hash, hash FROM journal "  # noqa: S608 - names from this package
    "WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
)
OUTSIDE = "SELECT seq FROM journal WHERE seq < 1 OR seq > ? ORDER BY seq LIMIT ?"
TEXT_COLUMNS = frozenset(
    {"boot_id", "kind", "type", "actor", "robot_id", "task_id", "order_id", "body"}
)
WIDTH = len(COLUMNS)
KINDS = tuple((str if name in TEXT_COLUMNS else int, type(None)) for name in COLUMNS)
MOST_NAMED = 1000  # broken rows that are remembered one by one
MOST_IN_WORDS = 10
REMEDY = (
    "views and look-ups may not show every row: start the fleet, which makes such indices anew, "
    "or run REINDEX in sqlite3"
)


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that is not what was written."""

    seq: int
    text: str


@dataclass(frozen=True, slots=True)
class Verified:
    """The result: rows that are proven, and those that are not."""

    ok: bool
    rows: int
    last_seq: int  # of the last row before the first broken one
    head: str  # its hash, hex
    bad_seq: int | None  # the first broken one
    message: str
    readable: bool = True  # False: locked or out of reach; nothing was found wrong
    broken: tuple[Broken, ...] = ()
    reached: tuple[int, bytes] = (0, FIRST)  # where to go on: the last row and its stored hash
    ends_at: int = 0  # the last row of the journal


@dataclass(slots=True)
class Chain:
    """Rows in order, each compared with the one before."""

    seq: int
    head: bytes
    _usual: set[tuple[type, ...]] = field(default_factory=set)  # column types found right: a few

    def add(self, row: tuple[object, ...]) -> tuple[Broken, ...]:
        """Step on to the next row; what is wrong with it."""
        expected, head = self.seq + 1, self.head
        after = _hash_of(row, head)
        after_hex = after.hex() if after is not None else ""
        self.seq = int(str(row[0]))
        if self.seq == expected and row[WIDTH] == head.hex() and row[WIDTH + 1] == after_hex:
            self.head = after or FIRST
            return self._types(row)
        self.head = stored_hash(row[WIDTH + 1])
        return tuple(_problems(row, expected, head))

    def _types(self, row: tuple[object, ...]) -> tuple[Broken, ...]:
        kinds = tuple(map(type, row))
        if kinds in self._usual:
            return ()
        if not all(map(isinstance, row, KINDS)):
            return (Broken(self.seq, f"row {self.seq}: a column has changed its type"),)
        self._usual.add(kinds)
        return ()


def _hash_of(row: tuple[object, ...], head: bytes) -> bytes | None:
    """The hash of a row as it is now, None if it holds text that is not UTF-8."""
    try:
        return row_hash(head, row[:WIDTH])  # type: ignore[arg-type]
    except UnicodeEncodeError:
        return None


def _problems(row: tuple[object, ...], expected: int, head: bytes) -> Iterator[Broken]:
    seq = int(str(row[0]))
    if seq != expected:
        yield Broken(expected, f"row {expected} is missing: the next is {seq}")
        head = stored_hash(row[WIDTH])  # what is missing says nothing about this one
    own = _hash_of(row, head)
    if own is None:
        yield Broken(seq, f"row {seq} holds text that is not UTF-8")
    elif row[WIDTH] != head.hex():
        yield Broken(seq, f"row {seq} does not follow row {seq - 1}: prev_hash differs")
    elif row[WIDTH + 1] != own.hex():
        yield Broken(seq, f"row {seq} does not match its hash: a column was changed")


def verify(path: Path) -> Verified:
    """Verify the whole journal of a database file, and that its indices show all of it.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    proven = continue_from(path, 0, FIRST)
    hidden = _hidden(path) if proven.readable and proven.head else ()
    if not hidden:
        return proven
    said = "; ".join((*(() if proven.ok else (proven.message,)), *hidden))
    return replace(proven, ok=False, message=f"{said}; {REMEDY}")


def _hidden(path: Path) -> tuple[str, ...]:
    """What SQLite finds wrong with the file: views and look-ups read its indices, not its rows."""
    connection = open_reader(path)
    connection.row_factory = None
    try:
        found = connection.execute(f"PRAGMA integrity_check({MOST_IN_WORDS})").fetchall()
    except sqlite3.Error as error:
        return (f"the indices cannot be checked: {error}",)
    finally:
        connection.close()
    return tuple(str(text) for (text,) in found if text != "ok")


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
    try:
        with closing(open_reader(path)) as connection:
            connection.row_factory = None
            connection.execute("BEGIN")  # one moment of the file, however long it takes
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


def _verify(connection: sqlite3.Connection, seq: int, head: bytes, most: int) -> Verified:
    ends_at = last_row_of(connection)[0]
    chain, broken = Chain(seq, head), list(_before(connection, seq, head, ends_at))
    good = (seq, head)
    for row in rows_after(connection, seq, ends_at, most):
        wrong = chain.add(row)
        if wrong and len(broken) < MOST_NAMED:
            broken.extend(wrong)
        if not broken:
            good = (chain.seq, chain.head)
    return Verified(
        ok=not broken,
        rows=good[0],
        last_seq=good[0],
        head=good[1].hex(),
        bad_seq=broken[0].seq if broken else None,
        message=in_words(broken) if broken else f"{good[0]} rows verified",
        broken=tuple(broken),
        reached=(chain.seq, chain.head),
        ends_at=ends_at,
    )


def _before(
    connection: sqlite3.Connection, seq: int, head: bytes, ends_at: int
) -> Iterator[Broken]:
    """Rows outside the numbers, or whether the row to go on from is still what it was."""
    if seq == 0:
        for (number,) in connection.execute(OUTSIDE, (ends_at, MOST_NAMED)):
            yield Broken(number, f"row {number} lies outside the numbers of the journal")
        return
    stored = connection.execute("SELECT hash FROM journal WHERE seq = ?", (seq,)).fetchone()
    if stored is None and seq <= ends_at:
        yield Broken(seq, f"row {seq} is missing: it was there before")
    elif stored is not None and stored_hash(stored[0]) != head:
        yield Broken(seq, f"row {seq} is not the one that was verified before")


def rows_after(
    connection: sqlite3.Connection, seq: int, last: int, most: int = -1
) -> Iterator[tuple[object, ...]]:
    """Columns and both hashes of the rows after one, also of those that hold no good text.

    Raises:
        sqlite3.Error: if the file cannot be read.
    """
    count = 0
    try:
        for row in connection.execute(SELECT, (seq, last, most)):
            seq, count = row[0], count + 1
            yield row
    except sqlite3.OperationalError as error:
        if "UTF-8" not in str(error):
            raise
        # Slower, and only where such text lies: what is no UTF-8 cannot be hashed, and shows.
        connection.text_factory = _as_text
        left = -1 if most < 0 else most - count
        yield from connection.execute(SELECT, (seq, last, left))


def _as_text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def in_words(broken: list[Broken]) -> str:
    """The first few of them."""
    texts = [one.text for one in broken[:MOST_IN_WORDS]]
    more = len(broken) - len(texts)
    if more:
        texts.append(f"and {'at least ' if len(broken) >= MOST_NAMED else ''}{more} more")
    return "; ".join(texts)
