"""`fleetapp status` and `why`: what runs, and why a robot stands or where a task is."""

import argparse
import json

from fleetapp.cli.talk import add_data, answered, connection, state_word
from fleetapp.terms.modes import RobotState


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Both commands."""
    status = subparsers.add_parser("status", help="processes, ports, robots, journal lag")
    add_data(status)
    status.add_argument("--json", action="store_true")
    status.set_defaults(run=lambda options: answered("status", lambda: _status(options)))
    why = subparsers.add_parser("why", help="why a robot stands, or where a task is")
    add_data(why)
    why.add_argument("--robot", default="", help="name or MAKER/SERIAL")
    why.add_argument("--task", default="")
    why.add_argument("--json", action="store_true")
    why.set_defaults(run=lambda options: answered("why", lambda: _why(options)))


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
    unused = status["messages_not_used"]
    print(f"{'not used':12} {unused['unusable']} unusable messages, {unused['dropped']} dropped")
    requests = sum(status["requests_not_used"].values())
    print(f"{'requests':12} {requests} not used")
    for robot in status["robots"]:
        state = state_word(RobotState(robot["state"]), heard=robot["heard"])
        print(f"{robot['name'] or robot['robot_id']:12} {state}")
    return 0


def _why(options: argparse.Namespace) -> int:
    if bool(options.robot) == bool(options.task):
        raise ValueError("name a --robot or a --task")
    answer = connection(options).why(robot=options.robot, task=options.task)
    if options.json:
        print(json.dumps(answer))
        return 0
    print(answer["sentence"])
    if answer.get("ends"):
        print(f"Ends {answer['ends']}.")
    return 0
