"""Tasks in a CSV file: every row is read and checked, and nothing is ordered here.

Comma or semicolon; the first line names the columns. A row that cannot be taken is a
line number with its remedy and keeps nobody else back.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from fleetapp.api.commands import SubmitTask
from fleetapp.client.task_order import COLUMNS, Known, task_of

_Record = tuple[int, list[str], str]


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row of the file: what it orders, or why it orders nothing."""

    line: int  # its first line, counted from 1
    task: SubmitTask | None
    problem: str


def rows_of(
    name: str, lines: Iterable[str], known: Known, new_id: Callable[[], str]
) -> Iterator[FileRow]:
    """All rows, read one by one as they are asked for.

    Args:
        name: of the file, for the message.
        lines: its text with the line ends as they stand in it.
        known: what rows may name.
        new_id: makes the ids of commands.

    Raises:
        ValueError: at once, if the first line does not name the columns.
    """
    rest = iter(lines)
    header = next(rest, "")
    # What spreadsheets write depends on the country: comma, or semicolon.
    delimiter = ";" if header.count(";") > header.count(",") else ","
    records = _records(chain((header,), rest), delimiter)
    columns = _columns(name, next(records, (1, [], "")))
    return _checked(records, columns, known, new_id)


def _records(lines: Iterable[str], delimiter: str) -> Iterator[_Record]:
    """First line, fields and problem of each record that is not empty."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, [], _not_csv(error, line, reader.line_num)
            continue
        if fields:
            yield line, [field.strip() for field in fields], ""


def _not_csv(error: csv.Error, first: int, last: int) -> str:
    if last > first:
        return f"a quote is opened here and swallows the lines to {last} ({error}): close it"
    return f"not CSV ({error}): correct the quotes"


def _columns(name: str, header: _Record) -> list[str]:
    _, columns, _ = header
    unknown = [column for column in columns if column not in COLUMNS]
    twice = len(set(columns)) != len(columns)
    if unknown or twice or not {"from", "to"} <= set(columns):
        raise ValueError(
            f"{name}: the first line must name columns out of {', '.join(COLUMNS)}, each once "
            f"(from and to are needed); it names {', '.join(columns)[:200]!a}"
        )
    return columns


def _checked(
    records: Iterator[_Record], columns: list[str], known: Known, new_id: Callable[[], str]
) -> Iterator[FileRow]:
    ids: set[str] = set()
    for line, fields, trouble in records:
        problem = trouble or _wrong_with(fields, columns)
        if problem:
            yield FileRow(line, None, problem)
            continue
        row = dict(zip(columns, fields, strict=False))
        try:
            task = task_of(row, known, new_id())
        except ValueError as error:
            yield FileRow(line, None, str(error))
            continue
        if task.task_id in ids:
            problem = f"task id {task.task_id} stands in the file twice: change one"
            yield FileRow(line, None, problem)
            continue
        if task.task_id is not None:
            ids.add(task.task_id)
        yield FileRow(line, task, "")


def _wrong_with(fields: list[str], columns: list[str]) -> str:
    if len(fields) > len(columns):
        extra = ascii(fields[len(columns) :])[:200]
        return f"more fields than columns: {extra}; quote fields that hold a comma"
    if any("\n" in field or "\r" in field for field in fields):
        return "a quoted field goes over several lines: close the quote in its own line"
    return ""
