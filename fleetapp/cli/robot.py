"""`fleetapp robot`: let robots join and leave."""

import argparse
import json
import sys

from fleetapp.api.codec import encode
from fleetapp.api.views import RobotView
from fleetapp.cli.talk import (
    add_data,
    add_signature,
    answered,
    connection,
    password,
    signature,
    state_word,
)
from fleetapp.mqtt.accounts import user_of
from fleetapp.terms.units import duration


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser("robot", help="add, list or remove robots")
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    add = what.add_parser("add", help="admit a robot; its broker password is printed once")
    add_data(add)
    add_signature(add)
    add.add_argument("robot_id", metavar="MAKER/SERIAL")
    add.add_argument("--type", required=True, help="robot type of the site")
    add.add_argument("--name", default="")
    add.add_argument("--json", action="store_true", help="robot, user and password")
    listing = what.add_parser("list", help="robots, noticed ones too")
    add_data(listing)
    listing.add_argument("--json", action="store_true")
    remove = what.add_parser("remove", help="a robot gets nothing any more")
    add_data(remove)
    add_signature(remove)
    remove.add_argument("robot_id", metavar="MAKER/SERIAL")
    remove.add_argument("--keep-user", action="store_true", help="its broker user stays")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Do what was asked; status 1 if it was refused."""
    commands = {"add": _add, "list": _list, "remove": _remove}
    return answered("robot", lambda: commands[options.what](options))


def _add(options: argparse.Namespace) -> int:
    secret = connection(options).add_robot(
        options.robot_id, options.type, options.name, signature(options)
    )
    user = user_of(options.robot_id)
    if options.json:
        print(json.dumps({"robot_id": options.robot_id, "user": user, "password": secret}))
        return 0
    print(f"{options.robot_id} is admitted as {options.type}", file=sys.stderr)
    if secret is not None:
        print(f"broker user {user}, password (shown once): {secret}")
    return 0


def _list(options: argparse.Namespace) -> int:
    snapshot = connection(options).snapshot()
    if options.json:
        print(encode(snapshot.robots).decode())
        return 0
    for robot in snapshot.robots:
        print(_line(robot, snapshot.at_ms))
    return 0


def _line(robot: RobotView, now_ms: int) -> str:
    """One robot; one that was not heard is not said to stand or to be free."""
    at_ms = robot.last_report_ms
    report = "-" if at_ms is None else f"{duration(max(0, now_ms - at_ms))} ago"
    busy = robot.task_id is not None or robot.order_id is not None
    doing = robot.doing if busy or at_ms is not None else "-"
    state = state_word(robot.state, heard=at_ms is not None)
    why = f" - {robot.why.sentence}" if robot.why is not None else ""
    words = f"{robot.name:8} {robot.robot_type or 'noticed':10} {state:10}"
    return f"{robot.robot_id:28} {words} last report {report:20} {doing}{why}"


def _remove(options: argparse.Namespace) -> int:
    engine = connection(options)
    if options.signer is not None:
        engine.sign_in(options.signer, password(options, f"Password of {options.signer}: "))
    engine.remove_robot(options.robot_id, keep_user=options.keep_user)
    print(f"{options.robot_id} is removed")
    return 0
