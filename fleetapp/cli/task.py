"""`fleetapp task`: order, list, cancel and import picking tasks."""

import argparse
import csv
import json
import sys
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fleetapp.api.codec import encode
from fleetapp.api.commands import CancelTask, Outcome, SubmitTask
from fleetapp.cli.talk import add_data, answered, connection
from fleetapp.client.connection import ClientError, Connection
from fleetapp.terms.modes import Priority

MOST_COUNT = 999
COLUMNS = ("from", "to", "sku", "label_code", "count", "priority", "due", "after", "task_id")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser("task", help="order, list, cancel or import tasks")
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    add = what.add_parser("add", help="order one pick")
    add_data(add)
    add.add_argument("--from", dest="source", required=True, help="pick station")
    add.add_argument("--to", required=True, help="station it is brought to")
    add.add_argument("--sku", default=None)
    add.add_argument("--label-code", default=None)
    add.add_argument("--count", default="1")
    add.add_argument("--priority", default="normal", choices=[p.value for p in Priority])
    add.add_argument("--due", default=None, help="UTC, such as 2026-11-22T14:30")
    add.add_argument("--after", default=None, help="task that must be done first")
    add.add_argument("--json", action="store_true")
    listing = what.add_parser("list", help="tasks and where they stand")
    add_data(listing)
    listing.add_argument("--json", action="store_true")
    cancel = what.add_parser("cancel", help="give a task up")
    add_data(cancel)
    cancel.add_argument("task_id")
    cancel.add_argument("--reason", default="")
    cancel.add_argument("--json", action="store_true")
    importing = what.add_parser("import", help=f"CSV with the columns {', '.join(COLUMNS)}")
    add_data(importing)
    importing.add_argument("file", type=Path)
    importing.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Do what was asked; status 1 if it was refused."""
    commands = {"add": _add, "list": _list, "cancel": _cancel, "import": _import}
    return answered("task", lambda: commands[options.what](options))


def _add(options: argparse.Namespace) -> int:
    row = {
        "from": options.source,
        "to": options.to,
        "sku": options.sku or "",
        "label_code": options.label_code or "",
        "count": options.count,
        "priority": options.priority,
        "due": options.due or "",
        "after": options.after or "",
    }
    return _said(connection(options).submit(command_of(row)), as_json=options.json)


def command_of(row: dict[str, str]) -> SubmitTask:
    """The command for a row of text fields.

    Raises:
        ValueError: naming field, value and remedy.
    """
    count = row.get("count") or "1"
    if not (count.isascii() and count.isdigit() and 1 <= int(count[:5]) <= MOST_COUNT):
        raise ValueError(f"count {count!r} is not possible: write 1 to 999")
    priority = row.get("priority") or "normal"
    if priority not in [p.value for p in Priority]:
        raise ValueError(f"priority {priority!r}: write low, normal or high")
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
        raise ValueError(f"due {text!r}: write it as 2026-11-22T14:30 (UTC)") from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _said(outcome: Outcome, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(asdict(outcome)))
    else:
        print(outcome.message, file=sys.stdout if outcome.accepted else sys.stderr)
    return 0 if outcome.accepted else 1


def _list(options: argparse.Namespace) -> int:
    tasks = connection(options).snapshot().tasks
    if options.json:
        print(encode(tasks).decode())
        return 0
    for task in tasks:
        what = task.label_code or task.sku or ""
        way = f"{task.from_station:>9} -> {task.to_station:5}"
        print(f"{task.task_id:14} {way} {what:18} {task.sentence}")
    return 0


def _cancel(options: argparse.Namespace) -> int:
    command = CancelTask(uuid.uuid4().hex, options.task_id, options.reason)
    return _said(connection(options).submit(command), as_json=options.json)


def _import(options: argparse.Namespace) -> int:
    """Take the good rows; report each bad one with its line and remedy."""
    good, bad = 0, 0
    engine = connection(options)
    with options.file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle, delimiter=_delimiter(handle.readline()))
        handle.seek(0)
        _check_header(options.file.name, reader.fieldnames or ())
        for row in reader:
            problem = _take(engine, row)
            if problem is None:
                good += 1
                continue
            bad += 1
            print(f"line {reader.line_num}: {problem}", file=sys.stderr)
    if options.json:
        print(json.dumps({"taken": good, "refused": bad}))
    else:
        print(f"{good} tasks taken, {bad} rows refused")
    return 1 if bad else 0


def _delimiter(header: str) -> str:
    """What spreadsheets write depends on the country: comma, or semicolon."""
    return ";" if header.count(";") > header.count(",") else ","


def _check_header(name: str, given: Sequence[str]) -> None:
    unknown = [column for column in given if column not in COLUMNS]
    if unknown or not {"from", "to"} <= set(given):
        raise ValueError(
            f"{name}: the first line must name columns out of {', '.join(COLUMNS)} "
            f"(from and to at least); it names {', '.join(given)[:200] or 'none'}"
        )


def _take(engine: Connection, row: dict[str | None, Any]) -> str | None:
    """Why a row was not taken, None if it was."""
    if None in row:
        return f"more fields than columns: {row[None]}; quote fields that hold a comma"
    try:
        outcome = engine.submit(command_of({str(k): (v or "").strip() for k, v in row.items()}))
    except ValueError as error:
        return str(error)
    except ClientError as error:
        if error.status != 422:
            raise
        return str(error)
    return None if outcome.accepted else outcome.message
