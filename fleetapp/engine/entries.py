"""Rows of a step as journal entries."""

from collections.abc import Iterable

from fleetapp.core.about import about
from fleetapp.core.codec import INPUT_TYPES, VERSION, decode, encode
from fleetapp.core.rows import Entry
from fleetapp.core.turn import Row


def entries_of(rows: Iterable[Row], now_ms: int) -> tuple[Entry, ...]:
    """One entry a row, ready for the journal."""
    return tuple(_entry(row, now_ms) for row in rows)


def _entry(row: Row, now_ms: int) -> Entry:
    name = type(row.message).__name__
    subject = about(row.message)
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
        body=encode(row.message),
    )


def row_of(entry: Entry) -> Row:
    """The row that an entry was made of."""
    return Row(
        entry.seq, decode(entry.kind, entry.type, entry.version, entry.body), entry.cause_seq
    )
