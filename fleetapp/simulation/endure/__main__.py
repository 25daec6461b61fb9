"""The command: `packaging/run endure --seeds N [--first S] [--minutes M] ...`.

Exit status 0: nothing unexpected broke. 1: something did, or two recordings differ.
2: wrong usage.
"""

import argparse
import json
import logging
import sys
import time
from itertools import count
from pathlib import Path

from fleetapp.simulation.endure import seeds
from fleetapp.simulation.endure.known import known_breaks
from fleetapp.simulation.endure.recorder import Recorder, first_difference
from fleetapp.simulation.endure.report import Report
from fleetapp.simulation.endure.script import decode
from fleetapp.simulation.endure.shrinking import cut_down


def main(arguments: list[str] | None = None) -> int:
    """Run as the arguments say."""
    options = _parser().parse_args(arguments)
    logging.disable()  # what fails shows as a row, and a row as a break
    try:
        return _seeds(options) if options.script is None else _one_script(options)
    finally:
        logging.disable(logging.NOTSET)


def _seeds(options: argparse.Namespace) -> int:
    report = Report(known_breaks())
    recorder = Recorder(options.record)
    wishes = seeds.Wishes(
        options.large,
        options.fault_free,
        options.record is not None or options.compare is not None,
        str(options.site or ""),
    )
    until = time.monotonic() + options.minutes * 60 if options.minutes else None
    numbers = range(options.first, options.first + options.seeds) if options.seeds else None
    for outcome in seeds.play_all(numbers or count(options.first), wishes, options.jobs):
        report.add(outcome)
        recorder.note(outcome.seed, outcome.wire)
        if not options.json:
            _tell(outcome.seed, report)
        if until is not None and time.monotonic() > until:
            break
    recorder.close()
    return _finish(options, report, recorder)


def _finish(options: argparse.Namespace, report: Report, recorder: Recorder) -> int:
    differs = ""
    if options.compare is not None:
        differs = first_difference(options.compare, recorder.lines)
    if options.json:
        print(json.dumps({**report.as_json(), "differs": differs}, indent=1))
    else:
        print("\n".join(report.lines()))
        if options.compare is not None:
            print(differs or "the same as the recording")
    if options.shrink:
        _shrink(options, report)
    return 1 if report.unexpected or differs else 0


def _tell(seed: int, report: Report) -> None:
    mine = [(found, capability) for at, found, capability, _ in report.breaks if at == seed]
    for found, capability in mine:
        known = f" (known: {capability})" if capability else ""
        print(f"seed {seed} at {found.at_ms / 1000:.2f} s: {found.invariant}{known}", flush=True)
        print(f"  {found.subject}: {found.story}", flush=True)


def _shrink(options: argparse.Namespace, report: Report) -> None:
    """The first unexpected break of each invariant, cut down and written."""
    done: set[str] = set()
    for _, found, capability, script in report.breaks:
        if capability or found.invariant in done:
            continue
        done.add(found.invariant)
        short = cut_down(decode(script), found, tell=_say)
        path = Path(options.shrink) / f"{_file_name(found.invariant)}-{short.script.seed}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(short.as_json())
        _say(f"{path}: {short.events} events are left of {short.had}")


def _file_name(invariant: str) -> str:
    return "".join(sign if sign.isalnum() else "-" for sign in invariant.lower())


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _one_script(options: argparse.Namespace) -> int:
    report = Report(known_breaks())
    report.add(seeds.play(decode(options.script.read_bytes())))
    print(json.dumps(report.as_json(), indent=1) if options.json else "\n".join(report.lines()))
    return 1 if report.unexpected else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="packaging/run endure",
        description="Tries to break the fleet: whole shifts with faults, in virtual time.",
    )
    amount = parser.add_mutually_exclusive_group(required=True)
    amount.add_argument("--seeds", type=int, help="how many seeds")
    amount.add_argument("--minutes", type=float, help="how long, whatever the number of seeds")
    amount.add_argument("--script", type=Path, help="one stored script instead of seeds")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--site", type=Path, help="a site's folder instead of drawn sites")
    parser.add_argument("--large", action="store_true", help="9 to 60 robots in large halls")
    parser.add_argument("--fault-free", action="store_true", help="tasks only")
    parser.add_argument("--json", action="store_true", help="the whole report as JSON")
    parser.add_argument("--record", type=Path, help="write what goes out to robots")
    parser.add_argument("--compare", type=Path, help="a recording that this must equal")
    parser.add_argument("--shrink", type=Path, help="a folder for short scripts of breaks")
    return parser


if __name__ == "__main__":
    sys.exit(main())
