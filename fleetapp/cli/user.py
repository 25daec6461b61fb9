"""`fleetapp user`: the people of a data folder, with or without a running engine.

The first person is a supervisor. Passwords come from the terminal or standard
input, never from the command line.
"""

import argparse
import json
import sys

from fleetapp.cli import places
from fleetapp.cli.talk import (
    add_data,
    add_signature,
    answered,
    connection,
    new_password,
    password,
)
from fleetapp.client.connection import ClientError, Connection
from fleetapp.engine.data_folder import DataFolder
from fleetapp.server.users import Users
from fleetapp.terms.actors import ONE_TIME
from fleetapp.terms.modes import Role


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser("user", help="add, list or remove people, change passwords")
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    for name, text in (
        ("add", "add a person"),
        ("passwd", "give a person another password"),
        ("remove", "take a person out; the last supervisor stays"),
    ):
        command = what.add_parser(name, help=text)
        add_data(command)
        add_signature(command)
        command.add_argument("name")
        if name == "add":
            roles = [role.value for role in Role]
            command.add_argument("--role", choices=roles, default=Role.OPERATOR.value)
    listing = what.add_parser("list", help="names and roles")
    add_data(listing)
    listing.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Do what was asked; status 1 if it was refused."""
    commands = {"add": _add, "list": _list, "passwd": _passwd, "remove": _remove}
    return answered("user", lambda: commands[options.what](options))


def _engine(options: argparse.Namespace) -> Connection | None:
    """The running engine, signed in if somebody signs; None if none runs."""
    engine = connection(options)
    try:
        engine.status()
    except ClientError as error:
        if error.status is None:  # no run file, or one that a killed engine left behind
            return None
        raise
    if options.signer is not None:
        engine.sign_in(options.signer, password(options, f"Password of {options.signer}: "))
    return engine


def _book(options: argparse.Namespace) -> Users:
    folder = DataFolder(options.data or places.default_data_dir())
    folder.prepare()
    return Users(folder.users_file)


def _add(options: argparse.Namespace) -> int:
    engine = _engine(options)
    secret = new_password(options, options.name)
    if engine is not None:
        person = engine.add_user(options.name, Role(options.role), secret)
        print(f"{person.name} is added as {person.role.value}")
        return 0
    book = _book(options)
    role = Role.SUPERVISOR if book.nobody_yet() else Role(options.role)
    book.add(options.name, role, secret)
    print(f"{options.name} is added as {role.value}")
    return 0


def _list(options: argparse.Namespace) -> int:
    names = _book(options).names()
    if options.json:
        print(json.dumps([{"name": name, "role": role.value} for name, role in names]))
        return 0
    for name, role in names:
        print(f"{name:24} {role.value}")
    if not names:
        print(_nobody_yet(options), file=sys.stderr)
    return 0


def _nobody_yet(options: argparse.Namespace) -> str:
    """How the first person is added, and who signs meanwhile in a demo."""
    folder = "" if options.data is None else f" --data {options.data}"
    add = f"fleetapp user add NAME{folder}"
    try:
        demo_runs = not connection(options).snapshot().fleet.first_user_needed
    except ClientError:
        demo_runs = False
    if demo_runs:
        return (
            f'nobody is there yet but the one-time supervisor "{ONE_TIME}" of the demo that runs, '
            f"whose PIN it printed when it started: `{add} --as {ONE_TIME}` "
            "adds the first, a supervisor"
        )
    return f"nobody is there yet: `{add}` adds the first, a supervisor"


def _passwd(options: argparse.Namespace) -> int:
    engine = _engine(options)
    secret = new_password(options, options.name)
    if engine is not None:
        engine.change_password(options.name, secret)
    else:
        _book(options).change_password(options.name, secret)
    print(f"the password of {options.name} is changed")
    return 0


def _remove(options: argparse.Namespace) -> int:
    engine = _engine(options)
    if engine is not None:
        engine.remove_user(options.name)
    else:
        _book(options).remove(options.name)
    print(f"{options.name} is removed")
    return 0
