"""The `fleetapp` program: one command a module, listed here and nowhere else.

Exit status: 0 done, 1 the answer is no, 2 wrong usage or bad input, 3 the engine's core failed.
"""

import argparse
import importlib
import os
import sys

# A command and its module in this room. Only the module of the command that was asked
# for is imported: all of them together take more than a second.
COMMANDS: dict[str, str] = {
    "desktop": "desktop",
    "demo": "demo",
    "engine": "engine",
    "task": "task",
    "robot": "robot",
    "user": "user",
    "status": "status",
    "why": "status",
    "diagnostics": "diagnostics",
    "audit": "audit",
    "site": "site",
    "simulate": "simulate",
    "perceive": "perceive",
    "train": "train",
    "bench": "bench",
    "recogniser": "recogniser",
}


def parser(command: str = "") -> argparse.ArgumentParser:
    """The command line of one command, or the whole of it for a name that is none."""
    root = argparse.ArgumentParser(
        prog="fleetapp", description="Warehouse fleet manager for VDA 5050 robots."
    )
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = (COMMANDS[command],) if command in COMMANDS else dict.fromkeys(COMMANDS.values())
    for name in wanted:
        importlib.import_module(f"fleetapp.cli.{name}").add_parser(commands)
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status; without one, open the window."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given = ["desktop", *given]
    options = parser(given[0]).parse_args(given)
    try:
        status = int(options.run(options))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Who read our output has enough of it (`| head`); Python would flush once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


if __name__ == "__main__":
    sys.exit(main())
