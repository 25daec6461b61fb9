"""`fleetapp task`: order, list, cancel and import picking tasks."""

import argparse
import json
import sys
import time
import uuid
from dataclasses import asdict
from pathlib import Path

from fleetapp.api.codec import encode
from fleetapp.api.commands import CancelTask, Outcome, SubmitTask
from fleetapp.cli.talk import add_data, answered, connection, counted
from fleetapp.cli.task_file import read_tasks
from fleetapp.client.connection import ClientError, Connection
from fleetapp.client.task_order import COLUMNS, Known, known_of, task_of
from fleetapp.terms.modes import Priority

UNUSABLE = 422  # HTTP status: this one task cannot be, others can


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
    add.add_argument("--due", default=None, help="14:30 (the time here) or 2026-11-22T14:30 (UTC)")
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
    # Stations and ids are the engine's to judge: it is asked about this one task only.
    known = Known(frozenset(), frozenset(), time.time_ns() // 1_000_000)
    command = task_of(row, known, uuid.uuid4().hex)
    return _said(connection(options).submit(command), as_json=options.json)


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
    engine = connection(options)
    good, bad = 0, 0
    known = known_of(engine.layout(), engine.snapshot())
    for row in read_tasks(options.file, known):
        try:
            problem = row.problem if row.task is None else _refusal(engine, row.task)
        except ClientError as error:
            _tell_import(options, good, bad)
            raise ClientError(f"line {row.line} and what follows: {error}", error.status) from error
        if not problem:
            good += 1
            continue
        bad += 1
        print(f"line {row.line}: {problem}", file=sys.stderr)
    _tell_import(options, good, bad)
    return 1 if bad else 0


def _tell_import(options: argparse.Namespace, good: int, bad: int) -> None:
    if options.json:
        print(json.dumps({"taken": good, "refused": bad}))
    else:
        print(f"{counted(good, 'task')} taken, {counted(bad, 'row')} refused")


def _refusal(engine: Connection, task: SubmitTask) -> str:
    """Why the engine did not take a task, "" if it did."""
    try:
        outcome = engine.submit(task)
    except ClientError as error:
        if error.status != UNUSABLE:
            raise
        return str(error)
    return "" if outcome.accepted else outcome.message
