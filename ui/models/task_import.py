"""Tasks from a CSV file: rows are checked first, and only the good ones are ordered.

Rows and their remedies are those of `fleetapp.client.task_rows`, as `fleetapp task
import` has them too.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fleetapp.api.commands import Outcome, SubmitTask
from fleetapp.client.task_order import Known
from fleetapp.client.task_rows import rows_of

from .line_words import Names

MOST_ROWS = 100_000


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
    known = Known(names.sources, names.targets, names.now_ms)
    good: list[tuple[int, SubmitTask]] = []
    bad: list[BadRow] = []
    try:
        rows = rows_of(name, lines, known, new_id)
    except ValueError as error:
        return CheckedFile(name, (), (BadRow(1, str(error)),))
    for row in rows:
        if len(good) + len(bad) >= MOST_ROWS:
            bad.append(BadRow(row.line, f"over {MOST_ROWS:,} rows: split the file"))
            break
        if row.task is None:
            bad.append(BadRow(row.line, row.problem))
        else:
            good.append((row.line, row.task))
    return CheckedFile(name, tuple(good), tuple(bad))


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
