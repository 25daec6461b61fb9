"""Rows of a step as journal entries."""

from collections.abc import Callable, Iterable

from fleetapp.core.about import Subject, about
from fleetapp.core.codec import INPUT_TYPES, VERSION, decode, encode
from fleetapp.core.rows import Entry
from fleetapp.core.turn import Row

NOBODY = Subject(None, None, None, None, "core")
UNWRITABLE = b'{"unwritable":true}'

Broke = Callable[[Row, Exception], None]


def entries_of(rows: Iterable[Row], now_ms: int, broke: Broke) -> tuple[Entry, ...]:
    """One entry a row, ready for the journal.

    A row whose columns or body cannot be made keeps its place with neither, and `broke`
    hears of it: the record stays without a gap, and says that something is missing.
    """
    return tuple(_entry(row, now_ms, broke) for row in rows)


def _entry(row: Row, now_ms: int, broke: Broke) -> Entry:
    try:
        subject, body = about(row.message), encode(row.message)
    except Exception as error:  # noqa: BLE001 - whatever it is: told, and held for it
        broke(row, error)
        subject, body = NOBODY, UNWRITABLE
    name = type(row.message).__name__
    return Entry(
        seq=row.seq,
        at_ms=now_ms,
        kind="input" if name in INPUT_TYPES else "decision",
        type=name,
        version=VERSION,
        actor=subject.actor,
        robot_id=subject.robot_id,
        task_id=subject.task_id,
        order_id=subject.order_id,
        order_update_id=subject.order_update_id,
        cause_seq=row.cause,
        body=body,
    )


def row_of(entry: Entry) -> Row:
    """The row that an entry was made of."""
    return Row(
        entry.seq, decode(entry.kind, entry.type, entry.version, entry.body), entry.cause_seq
    )
