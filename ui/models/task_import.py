"""Tasks from a CSV file: each row is an order, or a line number with its remedy.

Columns: from, to, and sku or label_code; count, priority, task_id may follow.
"""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fleetapp.api.commands import Outcome, SubmitTask
from fleetapp.terms.modes import Priority

MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not taken, and what to do about it."""

    line: int
    remedy: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file."""

    name: str
    taken: int
    bad: tuple[BadRow, ...]


def submit_rows(
    name: str,
    lines: Iterable[str],
    submit: Callable[[SubmitTask], Outcome],
    new_id: Callable[[], str],
) -> ImportReport:
    """Order each row; a bad one does not keep the others back."""
    taken, bad = 0, []
    for number, fields in enumerate(csv.DictReader(lines), start=2):
        if number > MOST_ROWS:
            bad.append(BadRow(number, f"over {MOST_ROWS:,} rows: split the file"))
            break
        try:
            outcome = submit(task_of(fields, new_id()))
        except ValueError as error:
            bad.append(BadRow(number, str(error)))
            continue
        if outcome.accepted:
            taken += 1
        else:
            bad.append(BadRow(number, outcome.message))
    return ImportReport(name, taken, tuple(bad))


def task_of(fields: dict[str, str], command_id: str) -> SubmitTask:
    """The command for a row.

    Raises:
        ValueError: naming value and remedy.
    """
    count = (fields.get("count") or "1").strip()
    if not count.isdecimal() or int(count) < 1:
        raise ValueError(f"count {count!r} is no whole number from 1: correct it")
    places = [(fields.get(end) or "").strip() for end in ("from", "to")]
    if not all(places):
        raise ValueError("columns from and to must each name a station")
    what = [(fields.get(name) or "").strip() or None for name in ("sku", "label_code")]
    if not any(what):
        raise ValueError("column sku or label_code must say what to pick")
    priority = (fields.get("priority") or "normal").strip().lower()
    if priority not in [level.value for level in Priority]:
        raise ValueError(f"priority {priority!r} is not known: write low, normal or high")
    return SubmitTask(
        command_id,
        places[0],
        places[1],
        sku=what[0],
        label_code=what[1],
        count=int(count),
        priority=Priority(priority),
        task_id=(fields.get("task_id") or "").strip() or None,
    )
