"""`fleetapp demo`: the demo warehouse, live: engine, virtual robots, window.

The demo is the parent of all three: they end with it. An engine that dies is
started again, with one that is ended in order the demo ends; a window that closes
leaves the demo running in the terminal.
"""

import argparse
import json
import os
import secrets
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from types import FrameType

from fleetapp.cli import engine as engine_command
from fleetapp.cli.demo_life import Demo, DemoError
from fleetapp.cli.demo_summary import summary_of
from fleetapp.cli.desktop import NO_SCREEN, has_screen
from fleetapp.cli.engine import PIN_VARIABLE
from fleetapp.cli.numbers import size
from fleetapp.terms.actors import ONE_TIME

PAGES = ("Map", "Tasks", "Robots", "Reviews", "Alarms", "Audit")

MOST_ROBOTS = 10_000


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser("demo", help="the demo warehouse with virtual robots")
    engine_command.add_options(parser)
    parser.add_argument("--robots", type=robot_count, default=20)
    parser.add_argument("--type", default="carrier", help="robot type of the site")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--headless", action="store_true", help="no window")
    parser.add_argument(
        "--attended", action="store_true", help="no simulated supervisor: people answer"
    )
    parser.add_argument("--duration", type=time_s, default=None, help="seconds, then end")
    parser.add_argument("--json", action="store_true", help="a JSON summary at the end")
    parser.add_argument("--screenshot", type=Path, default=None, help="PNG of the window, then end")
    parser.add_argument("--after", type=time_s, default=8.0, help="seconds before the screenshot")
    parser.add_argument("--page", default=None, choices=PAGES, help="page to open")
    parser.add_argument("--theme", choices=("dark", "light", "system"), default=None)
    parser.add_argument("--size", type=size, default=None, help="window size, such as 1600x1000")
    parser.add_argument("--select", default=None, help="robot to select")
    parser.set_defaults(run=run)


def robot_count(text: str) -> int:
    """How many robots.

    Raises:
        argparse.ArgumentTypeError: if it is no number above zero.
    """
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MOST_ROBOTS):
        raise argparse.ArgumentTypeError(f"{text!r} robots: write 1 to {MOST_ROBOTS}")
    return int(text)


def time_s(text: str) -> float:
    """A time in seconds.

    Raises:
        argparse.ArgumentTypeError: if it is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no time: write seconds, above 0")
    return value


def run(options: argparse.Namespace) -> int:
    """Run the demo; status 1 on a collision or a journal that does not verify."""
    objection = _objection_to(options)
    if objection:
        print(f"fleetapp demo: {objection}", file=sys.stderr)
        return 2
    scratch = None
    if options.data is None:
        scratch = tempfile.TemporaryDirectory(prefix="fleetapp-demo-", ignore_cleanup_errors=True)
        options.data = Path(scratch.name)
    signal.signal(signal.SIGTERM, _interrupt)
    # A window that starts a demo makes the PIN itself, to be able to show it.
    pin = os.environ.pop(PIN_VARIABLE, "") or f"{secrets.randbelow(10**6):06d}"
    demo = Demo(options, pin)
    status = _lived(demo, pin)
    if status:
        return status
    summary = summary_of(options, demo.stop())
    if options.json:
        print(json.dumps(summary))
    if scratch is not None:
        scratch.cleanup()
    return 0 if summary["collisions"] == 0 and summary["journal_verified"] else 1


def _objection_to(options: argparse.Namespace) -> str:
    """Why these options make no demo here, "" if they do; makes room for the screenshot."""
    shot: Path | None = options.screenshot
    if shot is None:
        has_window = not options.headless
        return f"{NO_SCREEN}, or give --headless" if has_window and not has_screen() else ""
    if options.headless:
        return "--screenshot needs the window: leave --headless out"
    try:
        shot.unlink(missing_ok=True)  # what is there at the end is new
    except OSError as error:
        return f"--screenshot: {error}"
    return ""


def _lived(demo: Demo, pin: str) -> int:
    """Start a demo and wait for its end; one that fails is stopped, with its status given."""
    try:
        demo.start()
        print(f'Supervisor of this demo: name "{ONE_TIME}", PIN {pin}', file=sys.stderr)
        with suppress(KeyboardInterrupt):
            demo.live()
    except DemoError as error:
        demo.stop()
        print(f"fleetapp demo: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # while it still started
        demo.stop()
        return 130
    return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
