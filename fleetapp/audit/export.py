"""Audit exports: CSV or JSON lines, with a manifest that says they are whole.

In CSV every field is quoted, and text that a spreadsheet would take for a formula
gets a leading apostrophe (CWE-1236); JSON lines are exact.
"""

import csv
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from fleetapp.api.service import ExportRequest
from fleetapp.audit.chain import COLUMNS
from fleetapp.audit.database import open_reader

FIELDS = (*COLUMNS, "prev_hash", "hash")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
FORMATS = ("csv", "jsonl")


class ExportError(ValueError):
    """An export that cannot be made; the message names the remedy."""


def export(database: Path, request: ExportRequest, out: Path) -> tuple[str, ...]:
    """Write the rows that match and a manifest; the paths written.

    Raises:
        ExportError: for an unknown format.
        FileNotFoundError: if there is no such database.
    """
    if request.format not in FORMATS:
        raise ExportError(f"format {request.format!r}: use one of {', '.join(FORMATS)}")
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"journal.{request.format}"
    connection = open_reader(database)
    try:
        count, first, last = _write(_rows(connection, request), path, request.format)
    finally:
        connection.close()
    manifest = out / "manifest.json"
    content = {
        "complete": True,
        "rows": count,
        "first_seq": first[0] if first else None,
        "last_seq": last[0] if last else None,
        "last_hash": last[1] if last else None,
        "format": request.format,
        "robot_id": request.robot_id,
        "from_ms": request.from_ms,
        "to_ms": request.to_ms,
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    manifest.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return str(path), str(manifest)


def _rows(connection: sqlite3.Connection, request: ExportRequest) -> Iterator[sqlite3.Row]:
    sql = (
        f"SELECT {', '.join(FIELDS)} FROM journal "  # noqa: S608 - names from this package
        "WHERE (? IS NULL OR wall_ns >= ?) AND (? IS NULL OR wall_ns <= ?) "
        "AND (? IS NULL OR robot_id = ?) ORDER BY seq"
    )
    low = None if request.from_ms is None else request.from_ms * 1_000_000
    high = None if request.to_ms is None else request.to_ms * 1_000_000
    values = (low, low, high, high, request.robot_id, request.robot_id)
    yield from connection.execute(sql, values)


Mark = tuple[int, str]


def _write(
    rows: Iterator[sqlite3.Row], path: Path, kind: str
) -> tuple[int, Mark | None, Mark | None]:
    count, first, last = 0, None, None
    with path.open("w", encoding="utf-8", newline="") as handle:
        table = csv.writer(handle, quoting=csv.QUOTE_ALL)
        if kind == "csv":
            table.writerow((*FIELDS, "at_utc"))
        for row in rows:
            mark = (int(row["seq"]), str(row["hash"]))
            first, last, count = first or mark, mark, count + 1
            if kind == "csv":
                table.writerow([*(_safe(row[name]) for name in FIELDS), _utc(row["wall_ns"])])
            else:
                values = {name: row[name] for name in FIELDS}
                handle.write(json.dumps(values, ensure_ascii=False) + "\n")
    return count, first, last


def _safe(value: object) -> object:
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return "'" + value
    return value


def _utc(wall_ns: int) -> str:
    return datetime.fromtimestamp(wall_ns / 1e9, tz=UTC).isoformat(timespec="milliseconds")
