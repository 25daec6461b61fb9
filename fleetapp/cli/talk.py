"""What the commands that talk to a running engine have in common."""

import argparse
import csv
import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from fleetapp.cli import places
from fleetapp.client.connection import ClientError, Connection, Signature
from fleetapp.server.users import UsersError
from fleetapp.terms.modes import RobotState


def add_data(parser: argparse.ArgumentParser) -> None:
    """The data folder of the fleet that is meant."""
    parser.add_argument("--data", type=Path, default=None, help="data folder of the fleet")


def add_signature(parser: argparse.ArgumentParser) -> None:
    """Who signs, for what only a supervisor may do."""
    parser.add_argument("--as", dest="signer", default=None, metavar="NAME", help="supervisor")
    parser.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input"
    )


def connection(options: argparse.Namespace) -> Connection:
    """The engine of the data folder that is meant."""
    return Connection(options.data or places.default_data_dir())


def signature(options: argparse.Namespace) -> Signature | None:
    """The supervisor who signs, None if nobody was named."""
    if options.signer is None:
        return None
    return Signature(options.signer, password(options, f"Password of {options.signer}: "))


def password(options: argparse.Namespace, prompt: str) -> str:
    """A password from standard input or the terminal, never from the command line."""
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise ValueError("there is no terminal to ask for the password: give --password-stdin")
    return getpass.getpass(prompt)


def new_password(options: argparse.Namespace, name: str) -> str:
    """A password that somebody gets: typed twice on a terminal, read once from a pipe.

    Raises:
        ValueError: if the two differ, or there is neither terminal nor `--password-stdin`.
    """
    secret = password(options, f"New password of {name}: ")
    if not options.password_stdin and getpass.getpass("The same once more: ") != secret:
        raise ValueError(
            "the two passwords differ, and nothing was changed: give the command again"
        )
    return secret


def state_word(state: RobotState, *, heard: bool) -> str:
    """What a robot does; of one that is silent since the engine started nobody knows it.

    What we know without it (held, noticed, an emergency stop not taken back) stays.
    """
    unknown = state in (RobotState.STOPPED, RobotState.WAITING) and not heard
    return "not heard" if unknown else state.value


def counted(number: int, noun: str) -> str:
    """So many of them: "1 task", "2 tasks"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def answered(name: str, act: Callable[[], int]) -> int:
    """Run an act; a problem is one line: status 1 for a refusal, 2 for bad input."""
    try:
        return act()
    except (ClientError, UsersError) as error:
        print(f"fleetapp {name}: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        raise
    except (OSError, ValueError, csv.Error) as error:
        print(f"fleetapp {name}: {error}", file=sys.stderr)
        return 2
