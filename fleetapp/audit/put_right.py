"""What another hand did to the journal's triggers and indices, put right and told.

A trigger may swallow rows, a unique index refuse them; an index that was built without
some rows hides them from views and look-ups, though the chain proves them. Rows are
never touched here.
"""

import logging
import sqlite3

from fleetapp.audit.database import expected

log = logging.getLogger(__name__)

FOREIGN = """
SELECT type, name FROM sqlite_master
WHERE sql IS NOT NULL AND (type = 'trigger' OR type = 'index' AND tbl_name = 'journal')
ORDER BY type, name
"""
# Always so; without a condition SQLite counts in whichever index is the smallest.
EVERY = "WHERE seq IS NOT NULL"
# Our indices and the rows that each has; those of some rows behind the one that counts them.
COUNTED = {
    "journal_robot": EVERY,
    "journal_task": EVERY,
    "journal_time": EVERY,
    "journal_type": EVERY,
    "journal_cause": EVERY,
    "journal_command": "WHERE type = 'CommandGiven'",
    "journal_task_life": "WHERE type IN ('TaskAccepted', 'TaskMoved')",
}


def put_right(connection: sqlite3.Connection, name: str) -> tuple[str, ...]:
    """Sentences about what was found in the file of this name, and is mended.

    Raises:
        sqlite3.Error: if the file is locked.
    """
    told = []
    connection.execute("BEGIN IMMEDIATE")  # all of it, or told and done another time
    foreign = _drop_foreign(connection)
    short = _remake_short_indices(connection)
    connection.execute("COMMIT")
    if foreign:
        told.append(
            f"another program put into {name} what may swallow or refuse rows; "
            f"it was taken out: {', '.join(foreign)}"
        )
    if short:
        told.append(
            f"indices of {name} lacked rows, so that what was shown is not what is proven; "
            f"they were made anew: {', '.join(short)}"
        )
    return tuple(told)


def _drop_foreign(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Take out triggers and indices that are not ours: one may swallow or refuse rows.

    Their kinds and names, in order.

    Raises:
        sqlite3.Error: if the file is locked.
    """
    there = connection.execute(FOREIGN).fetchall()
    found = [(kind, name) for kind, name in there if name not in expected()]
    for kind, name in found:
        quoted = name.replace('"', '""')
        connection.execute(f'DROP {kind} "{quoted}"')
    return tuple(f"{kind} {name}" for kind, name in found)


def _remake_short_indices(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Make indices anew that lack rows, so that views and look-ups show what is proven.

    Counting is all that a start has time for: 10 ms for 100,000 rows, where SQLite's own
    check of every entry takes 1 s (that is for `audit verify`).

    Returns:
        The names of those that did.

    Raises:
        sqlite3.Error: if the file is locked.
    """
    short = []
    for name, where in COUNTED.items():
        if _count(connection, name, where) != _rows(connection, where):
            log.error("index %s of the journal lacked rows, or had others: it is made anew", name)
            connection.execute(f"REINDEX {name}")
            short.append(name)
    return tuple(short)


def _rows(connection: sqlite3.Connection, where: str) -> int:
    """How many rows an index is to have."""
    if where != EVERY:
        return _count(connection, "journal_type", where)
    # Without gaps the last number is the count; counting the rows would read the whole file.
    last = int(connection.execute("SELECT ifnull(max(seq), 0) FROM journal").fetchone()[0])
    if _count(connection, "journal_time", EVERY) == last:
        return last
    return int(connection.execute("SELECT count(*) FROM journal NOT INDEXED").fetchone()[0])


def _count(connection: sqlite3.Connection, index: str, where: str) -> int:
    sql = f"SELECT count(*) FROM journal INDEXED BY {index} {where}"  # noqa: S608 - names from this module
    return int(connection.execute(sql).fetchone()[0])
