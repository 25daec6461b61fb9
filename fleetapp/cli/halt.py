"""`fleetapp halt`: what halts the fleet, and the supervisor who lets it go on."""

import argparse
import sys
import uuid
from pathlib import Path

from fleetapp.api.codec import encode
from fleetapp.api.commands import EndHalt
from fleetapp.api.views import HaltView
from fleetapp.cli.talk import add_data, add_signature, answered, connection, signature
from fleetapp.terms.units import duration


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options; without a further word it lists."""
    parser = subparsers.add_parser("halt", help="what halts the fleet; let it go on")
    add_data(parser)
    parser.add_argument("--json", action="store_true")
    what = parser.add_subparsers(dest="what", metavar="WHAT")
    end = what.add_parser("end", help="a supervisor lets the fleet go on, with a reason")
    # What stands before `end` counts too.
    end.add_argument("--data", type=Path, default=argparse.SUPPRESS, help="as above")
    add_signature(end)
    end.add_argument("halt_id", metavar="HALT_ID")
    end.add_argument("--reason", required=True, help="why the fleet may go on")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Do what was asked; status 1 if it was refused."""
    act = _end if options.what == "end" else _list
    return answered("halt", lambda: act(options))


def _list(options: argparse.Namespace) -> int:
    snapshot = connection(options).snapshot()
    if options.json:
        print(encode(snapshot.fleet.halts).decode())
        return 0
    for halt in snapshot.fleet.halts:
        print(_line(halt, snapshot.at_ms))
    if not snapshot.fleet.halts:
        print("nothing is halted", file=sys.stderr)
    return 0


def _line(halt: HaltView, now_ms: int) -> str:
    """One halt: its id, for how long, what is known."""
    age = duration(max(0, now_ms - halt.since_ms))
    return f"{halt.halt_id:24} for {age:14} {halt.sentence} Stops and holds work."


def _end(options: argparse.Namespace) -> int:
    command = EndHalt(uuid.uuid4().hex, options.halt_id, options.reason)
    outcome = connection(options).submit(command, signature(options))
    print(outcome.message, file=sys.stdout if outcome.accepted else sys.stderr)
    return 0 if outcome.accepted else 1
