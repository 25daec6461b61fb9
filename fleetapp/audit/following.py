"""The rows that a start follows, each hashed on the way: what was altered is known by its end."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from fleetapp.audit.chain import COLUMNS
from fleetapp.audit.database import last_row_of, open_reader
from fleetapp.audit.heads import Head
from fleetapp.audit.verify import Broken, Chain, rows_after
from fleetapp.core.rows import Entry

log = logging.getLogger(__name__)


def followed(path: Path, after: Head, on_broken: Callable[[Broken], None]) -> Iterator[Entry]:
    """Entries after a row that is known to stand, in order; broken ones too, and told.

    Raises:
        OSError: if the file cannot be read.
    """
    connection = open_reader(path)
    connection.row_factory = None
    chain = Chain(after.seq, bytes.fromhex(after.hash))
    try:
        connection.execute("BEGIN")
        last = last_row_of(connection)[0]
        for row in rows_after(connection, after.seq, last):
            for broken in chain.add(row):
                on_broken(broken)
            yield _entry(row)
    except sqlite3.Error as error:
        raise OSError(f"{path} cannot be read ({error}): put a backup back") from error
    finally:
        connection.close()


def _entry(row: tuple[object, ...]) -> Entry:
    """The entry of a row; of one whose columns cannot be, what is left of it."""
    columns = dict(zip(COLUMNS, row, strict=False))
    wall_ns, body = columns.pop("wall_ns"), columns.pop("body")
    del columns["mono_ns"], columns["boot_id"]
    if not isinstance(wall_ns, int) or not isinstance(body, str):
        log.error("row %s cannot be read: a column has changed its type", columns["seq"])
        wall_ns, body = 0, ""
    at_ms, content = wall_ns // 1_000_000, body.encode("utf-8", "surrogateescape")
    return Entry(at_ms=at_ms, body=content, **columns)  # type: ignore[arg-type]
