"""`fleetapp status`, `why`, `diagnostics`: what runs, why a robot stands, what to send."""

import argparse
import json
import platform
import sys
import zipfile
from pathlib import Path

from fleetapp.cli.talk import add_data, answered, connection
from fleetapp.client.connection import ClientError


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The three commands."""
    status = subparsers.add_parser("status", help="processes, ports, robots, journal lag")
    add_data(status)
    status.add_argument("--json", action="store_true")
    status.set_defaults(run=lambda options: answered("status", lambda: _status(options)))
    why = subparsers.add_parser("why", help="why a robot stands, or where a task is")
    add_data(why)
    why.add_argument("--robot", default="", help="name or MAKER/SERIAL")
    why.add_argument("--task", default="")
    why.set_defaults(run=lambda options: answered("why", lambda: _why(options)))
    diagnostics = subparsers.add_parser("diagnostics", help="a ZIP for support, without secrets")
    add_data(diagnostics)
    diagnostics.add_argument("--to", type=Path, required=True, metavar="FILE.zip")
    diagnostics.set_defaults(
        run=lambda options: answered("diagnostics", lambda: _diagnostics(options))
    )


def _status(options: argparse.Namespace) -> int:
    status = connection(options).status()
    if options.json:
        print(json.dumps(status))
        return 0
    for name, process in status["processes"].items():
        words = ", ".join(f"{key} {value}" for key, value in process.items())
        print(f"{name:12} {words}")
    journal = status["journal"]
    print(f"{'journal':12} {journal['rows']} rows, {journal['lag_ms']} ms behind")
    print(f"{'tasks':12} {status['tasks']['done']} done, {status['tasks']['failed']} failed")
    for robot in status["robots"]:
        print(f"{robot['name'] or robot['robot_id']:12} {robot['state']}")
    return 0


def _why(options: argparse.Namespace) -> int:
    if not options.robot and not options.task:
        raise ValueError("name a --robot or a --task")
    answer = connection(options).why(robot=options.robot, task=options.task)
    print(answer["sentence"])
    if answer.get("ends"):
        print(f"Ends {answer['ends']}.")
    return 0


def _diagnostics(options: argparse.Namespace) -> int:
    """Status, versions and logs; the run file's token, users and passwords stay out."""
    engine = connection(options)
    try:
        status: dict[str, object] = engine.diagnostics()
    except ClientError as error:
        status = {"engine": str(error)}
    versions = {"python": sys.version, "platform": platform.platform()}
    with zipfile.ZipFile(options.to, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("status.json", json.dumps(status, indent=1))
        archive.writestr("versions.json", json.dumps(versions, indent=1))
        for path in sorted((engine.data / "logs").glob("*.log*")):
            archive.write(path, f"logs/{path.name}")
    print(options.to)
    return 0
