"""`fleetapp audit`: verify the journal, export it, explain what was decided."""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from fleetapp.api.service import ExportRequest
from fleetapp.audit.explain import explain_robot, explain_task, in_words
from fleetapp.audit.export import export
from fleetapp.audit.reader import JournalReader
from fleetapp.audit.verify import verify
from fleetapp.cli import places
from fleetapp.engine.data_folder import DataFolder


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser("audit", help="verify, export or explain the journal")
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    check = what.add_parser("verify", help="hash every row again; status 1 if one differs")
    check.add_argument("folder", type=Path, nargs="?", default=None, metavar="DIR")
    check.add_argument("--data", type=Path, default=None)
    check.add_argument("--json", action="store_true")
    out = what.add_parser("export", help="rows as CSV or JSON lines, with a manifest")
    out.add_argument("--data", type=Path, default=None)
    out.add_argument("--format", choices=("csv", "jsonl"), default="csv")
    out.add_argument("--from", dest="start", default=None, help="UTC, such as 2026-11-22T14:00")
    out.add_argument("--to", dest="end", default=None, help="UTC")
    out.add_argument("--robot", default=None, help="name or MAKER/SERIAL")
    out.add_argument("--json", action="store_true", help="print the manifest")
    out.add_argument("--out", type=Path, required=True, help="folder to write into")
    why = what.add_parser("why", help="what was decided about a robot or task, and why")
    why.add_argument("--data", type=Path, default=None)
    why.add_argument("--robot", default=None, help="name or MAKER/SERIAL")
    why.add_argument("--at", default=None, help="UTC, such as 2026-11-22T14:00:05")
    why.add_argument("--task", default=None)
    why.add_argument("--json", action="store_true", help="the rows, newest cause last")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Do what was asked; status 1 if the answer is no."""
    folder = getattr(options, "folder", None) or options.data or places.default_data_dir()
    database = DataFolder(folder).database
    commands = {"verify": _verify, "export": _export, "why": _why}
    try:
        return commands[options.what](options, database)
    except (OSError, RuntimeError, ValueError) as error:
        print(f"fleetapp audit: {error}", file=sys.stderr)
        return 2


def _verify(options: argparse.Namespace, database: Path) -> int:
    result = verify(database)
    if options.json:
        print(
            json.dumps(
                {
                    "ok": result.ok,
                    "rows": result.rows,
                    "last_seq": result.last_seq,
                    "head": result.head,
                    "first_bad_seq": result.bad_seq,
                    "bad_seqs": [broken.seq for broken in result.broken],
                    "message": result.message,
                }
            )
        )
    else:
        print(result.message if result.ok else f"NOT VERIFIED: {result.message}")
        print(f"head {result.last_seq}: {result.head}")
        print("A tail that was cut off shows only against a later head kept elsewhere.")
    return 0 if result.ok else 1


def _export(options: argparse.Namespace, database: Path) -> int:
    robot_id = JournalReader(database).robot_called(options.robot) if options.robot else None
    request = ExportRequest(options.format, _ms(options.start), _ms(options.end), robot_id)
    paths = export(database, request, options.out)
    if options.json:
        print(Path(paths[-1]).read_text("utf-8"), end="")
    else:
        print("\n".join(paths))
    return 0


def _why(options: argparse.Namespace, database: Path) -> int:
    if bool(options.robot) == bool(options.task):
        raise ValueError("name a --robot (and --at) or a --task")
    reader, at_ms = JournalReader(database), _ms(options.at)
    try:
        told = (
            explain_task(reader, options.task, at_ms)
            if options.task
            else explain_robot(reader, reader.robot_called(options.robot), at_ms)
        )
    finally:
        reader.stop_verifying()
    if options.json:
        print(json.dumps([asdict(row) for row in told.rows]))
    else:
        print("\n".join(in_words(told)), end="\n" if told.rows else "")
    if not told.rows:
        print(f"nothing was decided about {options.task or options.robot}", file=sys.stderr)
    return 0 if told.rows else 1


def _ms(text: str | None) -> int | None:
    """UTC text in milliseconds, None for none.

    Raises:
        ValueError: naming the text and how to write it.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"time {text!r}: write it as 2026-11-22T14:00:05 (UTC)") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)
