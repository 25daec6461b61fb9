"""The `fleetapp` program: one command a module, listed here and nowhere else.

Exit status: 0 done, 1 the answer is no, 2 wrong usage or bad input.
"""

import argparse
import os
import sys
from types import ModuleType

from fleetapp.cli import (
    audit,
    bench,
    demo,
    desktop,
    diagnostics,
    engine,
    perceive,
    recogniser,
    robot,
    simulate,
    site,
    status,
    task,
    train,
    user,
)

COMMANDS: tuple[ModuleType, ...] = (
    desktop,
    demo,
    engine,
    task,
    robot,
    user,
    status,
    diagnostics,
    audit,
    site,
    simulate,
    perceive,
    train,
    bench,
    recogniser,
)


def parser() -> argparse.ArgumentParser:
    """The whole command line, built from the modules in `COMMANDS`."""
    root = argparse.ArgumentParser(
        prog="fleetapp", description="Warehouse fleet manager for VDA 5050 robots."
    )
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in COMMANDS:
        module.add_parser(commands)
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status; without one, open the window."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given = ["desktop", *given]
    options = parser().parse_args(given)
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
