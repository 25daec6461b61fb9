"""Tasks from a CSV file: rows are checked first, and only the good ones are ordered.

Columns: from, to, and sku or label_code; count, priority, due, after, task_id may follow.
Comma or semicolon. A bad row is a line number with its remedy.
"""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from fleetapp.api.commands import Outcome, SubmitTask
from fleetapp.terms.modes import Priority

from .line_words import Names, nearest, same
from .task_line import MOST_COUNT, IncompleteError, due_ms

MOST_ROWS = 100_000
COLUMNS = ("from", "to", "sku", "label_code", "count", "priority", "due", "after", "task_id")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not taken, and what to do about it."""

    line: int
    remedy: str


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What a file holds: orders by line, and rows that cannot be taken."""

    name: str
    good: tuple[tuple[int, SubmitTask], ...]
    bad: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file."""

    name: str
    taken: int
    bad: tuple[BadRow, ...]


def check_rows(
    name: str, lines: Iterable[str], names: Names, new_id: Callable[[], str]
) -> CheckedFile:
    """Read and check each row; nothing is ordered."""
    rest = iter(lines)
    header = next(rest, "")
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.DictReader(chain((header,), rest), delimiter=delimiter, strict=True)
    unknown = [c for c in reader.fieldnames or () if c.strip() not in COLUMNS]
    if unknown or not {"from", "to"} <= {c.strip() for c in reader.fieldnames or ()}:
        wanted = f"name columns out of {', '.join(COLUMNS)}; from and to are needed"
        return CheckedFile(name, (), (BadRow(1, wanted),))
    good: list[tuple[int, SubmitTask]] = []
    bad: list[BadRow] = []
    ids: set[str] = set()
    try:
        for fields in reader:
            _check_row(reader.line_num, fields, names, new_id(), (good, bad, ids))
            if len(good) + len(bad) >= MOST_ROWS:
                bad.append(BadRow(reader.line_num + 1, f"over {MOST_ROWS:,} rows: split the file"))
                break
    except csv.Error as error:
        bad.append(BadRow(reader.line_num, f"not CSV from here on ({error}): correct the quotes"))
    return CheckedFile(name, tuple(good), tuple(bad))


def _check_row(
    number: int,
    fields: dict[str | None, str | list[str] | None],
    names: Names,
    command_id: str,
    into: tuple[list[tuple[int, SubmitTask]], list[BadRow], set[str]],
) -> None:
    good, bad, ids = into
    if None in fields:
        bad.append(BadRow(number, "more fields than columns: quote fields that hold a comma"))
        return
    texts = {str(key).strip(): str(value or "").strip() for key, value in fields.items()}
    try:
        task = task_of(texts, names, command_id)
    except ValueError as error:
        bad.append(BadRow(number, str(error)))
        return
    if task.task_id is not None and task.task_id in ids:
        bad.append(BadRow(number, f"task id {task.task_id} stands in the file twice: change one"))
        return
    ids.add(task.task_id or "")
    good.append((number, task))


def submit_checked(checked: CheckedFile, submit: Callable[[SubmitTask], Outcome]) -> ImportReport:
    """Order the good rows; one that the engine refuses does not keep the others back."""
    taken, bad = 0, list(checked.bad)
    for number, task in checked.good:
        outcome = submit(task)
        if outcome.accepted:
            taken += 1
        else:
            bad.append(BadRow(number, outcome.message))
    return ImportReport(checked.name, taken, tuple(sorted(bad, key=lambda row: row.line)))


def task_of(fields: dict[str, str], names: Names, command_id: str) -> SubmitTask:
    """The command for a row.

    Raises:
        ValueError: naming value and remedy.
    """
    count = fields.get("count") or "1"
    if not (count.isdecimal() and count.isascii() and 1 <= int(count[:6]) <= MOST_COUNT):
        raise ValueError(f"count {count!r} is no whole number from 1 to {MOST_COUNT}: correct it")
    if not (fields.get("sku") or fields.get("label_code")):
        raise ValueError("column sku or label_code must say what to pick")
    priority = (fields.get("priority") or "normal").lower()
    if priority not in [level.value for level in Priority]:
        raise ValueError(f"priority {priority!r} is not known: write low, normal or high")
    task_id = fields.get("task_id") or None
    if task_id in names.tasks:
        raise ValueError(f"task id {task_id} exists already: use another")
    return SubmitTask(
        command_id,
        _station(fields.get("from", ""), names.sources, "from", "pick at"),
        _station(fields.get("to", ""), names.targets, "to", "bring to"),
        sku=fields.get("sku") or None,
        label_code=fields.get("label_code") or None,
        count=int(count),
        priority=Priority(priority),
        due_ms=_due_ms(fields.get("due", ""), names.now_ms),
        after_task_id=fields.get("after") or None,
        task_id=task_id,
    )


def _station(wanted: str, among: frozenset[str], column: str, deed: str) -> str:
    if not wanted:
        raise ValueError(f"column {column} is empty: name a station to {deed}")
    found = same(wanted, among) if among else wanted
    if found is None:
        guess = nearest(wanted, among)
        hint = f". Nearest: {guess}" if guess else ": see the map for the names"
        raise ValueError(f"no station {wanted} to {deed}{hint}")
    return found


def _due_ms(said: str, now_ms: int) -> int | None:
    """A time of day here, or a date with time (UTC unless it names its zone)."""
    if not said:
        return None
    if len(said) <= 5:
        try:
            return due_ms(said, now_ms)
        except IncompleteError as error:
            raise ValueError(f"due: {error}") from error
    try:
        moment = datetime.fromisoformat(said)
    except ValueError as error:
        raise ValueError(f"due {said!r}: write it as 14:30 or 2026-11-22T14:30") from error
    at_ms = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    if at_ms <= now_ms:
        raise ValueError(f"due {said} has passed: correct it, or leave it empty")
    return at_ms
