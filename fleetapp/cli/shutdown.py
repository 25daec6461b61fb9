"""`fleetapp shutdown`: a running engine ends in order, with its broker and recogniser.

It ends by SIGTERM, as under a service manager. Without an engine each robot drives to the
end of its base and stops there; so the command says which robots drive and asks, or stops
the fleet first. Not the stop of all robots: that one is in the window, F12.
"""

import argparse
import os
import signal
import sys
import time
import uuid
from pathlib import Path

from fleetapp.api.commands import StopAll
from fleetapp.api.views import RobotView
from fleetapp.cli import places
from fleetapp.cli.talk import add_data, answered, counted
from fleetapp.client.connection import ClientError, Connection
from fleetapp.engine.data_folder import DataFolder, engine_pid

STAND_S = 15.0  # a loaded robot needs some 3 s to come to rest, and reports each second
END_S = 30.0
MOST_NAMED = 8
REASON = "the engine is shut down"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser(
        "shutdown",
        help="end a running engine in order",
        description="End the engine of a data folder with its broker and recogniser. Robots that "
        "drive stop at the ends of their bases; while any does, it asks first.",
    )
    add_data(parser)
    parser.add_argument(
        "--stop-robots",
        action="store_true",
        help="stop all robots first; a supervisor releases them, after the next start too",
    )
    parser.add_argument(
        "--yes", action="store_true", help="do not ask: robots stop at the ends of their bases"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Status 1 if no engine runs, or it was not ended."""
    return answered("shutdown", lambda: _shut_down(options))


def _shut_down(options: argparse.Namespace) -> int:
    data = options.data or places.default_data_dir()
    folder = DataFolder(data)
    pid = engine_pid(folder)
    if pid is None:
        raise ClientError(f"no engine runs on {data}: there is nothing to end")
    if options.stop_robots:
        _stop_robots(Connection(data), sure=options.yes)
    elif not _may_end(data, sure=options.yes):
        return 1
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + END_S
    while engine_pid(folder) == pid:
        if time.monotonic() > until:
            raise ClientError(
                f"the engine (process {pid}) did not end within {END_S:.0f} s: see {data}/logs"
            )
        time.sleep(0.05)
    print(f"the engine on {data} has ended, its broker and recogniser with it")
    return 0


def _may_end(data: Path, *, sure: bool) -> bool:
    """Say what happens to the robots, and ask where that is not nothing."""
    try:
        what = _what_happens(Connection(data).snapshot().robots)
    except ClientError as error:
        what = f"{error}. Robots that drive stop at the ends of their bases."
    print(what or "No robot drives.", file=sys.stderr)
    if sure or not what:
        return True
    if not sys.stdin.isatty():
        raise ClientError(
            "the engine goes on: give --stop-robots to stop the robots first, or --yes"
        )
    print("End the engine? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        return True
    print("the engine goes on", file=sys.stderr)
    return False


def _what_happens(robots: tuple[RobotView, ...]) -> str:
    """Which robots drive and where each stops, "" if none drives."""
    ways = [f"{robot.name} at {robot.base[-1]}" for robot in robots if len(robot.base) > 1]
    if not ways:
        return ""
    more = f" and {len(ways) - MOST_NAMED} more" if len(ways) > MOST_NAMED else ""
    drive = f"{counted(len(ways), 'robot')} {'drives' if len(ways) == 1 else 'drive'}"
    return (
        f"{drive}. Without the engine each stops at the end of its base: "
        f"{', '.join(ways[:MOST_NAMED])}{more}."
    )


def _stop_robots(engine: Connection, *, sure: bool) -> None:
    """Stop the fleet and wait until every robot stands by its own report.

    Raises:
        ClientError: naming those that do not, unless somebody is `sure`.
    """
    outcome = engine.submit(StopAll(uuid.uuid4().hex, REASON))
    if not outcome.accepted:
        raise ClientError(f"the robots were not stopped: {outcome.message}")
    until = time.monotonic() + STAND_S
    while (missing := _not_standing(engine)) and time.monotonic() < until:
        time.sleep(0.1)
    if not missing:
        print("All robots stand. A supervisor releases them.", file=sys.stderr)
        return
    who = f"after {STAND_S:.0f} s no report that they stand from: {', '.join(missing)}"
    if not sure:
        raise ClientError(f"{who}; the engine goes on: see to them, or give --yes as well")
    print(f"{who}.", file=sys.stderr)


def _not_standing(engine: Connection) -> list[str]:
    """Robots that do not stand by their own reports and could drive."""
    snapshot = engine.snapshot()
    stop = snapshot.fleet.stop
    if not stop.active:
        return ["the whole fleet"]  # the stop is not in what clients see yet
    missing = {*stop.sent, *stop.no_answer}
    # One that never reported and has no order was given nothing that it could drive.
    return [
        robot.name
        for robot in snapshot.robots
        if robot.robot_id in missing
        and not (robot.last_report_ms is None and robot.order_id is None)
    ]
