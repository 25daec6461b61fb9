"""Tasks in a CSV file: read and checked as a whole before anything is ordered.

A file that cannot be read to its end (too long, not UTF-8, no header) orders nothing,
so that it can be mended and given again. A row that cannot be taken is a line
number with its remedy and keeps nobody else back.
"""

import csv
import io
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fleetapp.api.commands import SubmitTask
from fleetapp.terms.modes import Priority

COLUMNS = ("from", "to", "sku", "label_code", "count", "priority", "due", "after", "task_id")
MOST_COUNT = 999
MOST_BYTES = 20_000_000  # some 500,000 rows


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row of the file: what it orders, or why it orders nothing."""

    line: int  # its first line, counted from 1
    task: SubmitTask | None
    problem: str


def read_tasks(path: Path) -> tuple[FileRow, ...]:
    """All rows of a file; nothing is ordered yet.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is no such file as a whole; the message names the remedy.
    """
    with path.open("rb") as handle:
        data = handle.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"{path.name} has more than {MOST_BYTES:,} bytes: split the file")
    text = _decoded(path.name, data)
    header, _, _ = text.partition("\n")
    # What spreadsheets write depends on the country: comma, or semicolon.
    delimiter = ";" if header.count(";") > header.count(",") else ","
    records = _records(text, delimiter)
    columns = _columns(path.name, next(records, (1, [], "")))
    return tuple(_row(columns, record) for record in records)


def _decoded(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{name}: line {line} holds the byte 0x{data[error.start]:02x}, which is not UTF-8: "
            'save the file as "CSV UTF-8"; nothing was ordered'
        ) from error


_Record = tuple[int, list[str], str]


def _records(text: str, delimiter: str) -> Iterator[_Record]:
    """First line, fields and problem of each record that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
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
            f"{name}: the first line must name columns out of {', '.join(COLUMNS)} "
            f"(from and to at least, each once); it names {', '.join(columns)[:200]!a}"
        )
    return columns


def _row(columns: list[str], record: _Record) -> FileRow:
    line, fields, problem = record
    if not problem and len(fields) > len(columns):
        extra = ascii(fields[len(columns) :])[:200]
        problem = f"more fields than columns: {extra}; quote fields that hold a comma"
    if not problem and any("\n" in field or "\r" in field for field in fields):
        problem = "a quoted field goes over several lines: close the quote in its own line"
    if problem:
        return FileRow(line, None, problem)
    try:
        return FileRow(line, command_of(dict(zip(columns, fields, strict=False))), "")
    except ValueError as error:
        return FileRow(line, None, str(error))


def command_of(row: dict[str, str]) -> SubmitTask:
    """The command for a row of text fields.

    Raises:
        ValueError: naming field, value and remedy.
    """
    count = row.get("count") or "1"
    if not (count.isascii() and count.isdigit() and 1 <= int(count[:5]) <= MOST_COUNT):
        raise ValueError(f"count {count[:40]!r} is not possible: write 1 to {MOST_COUNT}")
    priority = row.get("priority") or "normal"
    if priority not in [p.value for p in Priority]:
        raise ValueError(f"priority {priority[:40]!r}: write low, normal or high")
    for name in ("from", "to"):
        if not row.get(name):
            raise ValueError(f"column {name!r} is empty: name a station")
    return SubmitTask(
        uuid.uuid4().hex,
        row["from"],
        row["to"],
        sku=row.get("sku") or None,
        label_code=row.get("label_code") or None,
        count=int(count),
        priority=Priority(priority),
        due_ms=_due_ms(row.get("due") or ""),
        after_task_id=row.get("after") or None,
        task_id=row.get("task_id") or None,
    )


def _due_ms(text: str) -> int | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"due {text[:40]!r}: write it as 2026-11-22T14:30 (UTC)") from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
