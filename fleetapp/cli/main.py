"""The `fleetapp` program: one command a module, listed here and nowhere else.

Exit status: 0 done, 1 the answer is no, 2 wrong usage or bad input, 3 the engine's core failed.
"""

import argparse
import importlib
import os
import sys

# A command, its module in this room, and its line in the help. Only the module of the
# command that was asked for is imported: all of them together take more than a second.
COMMANDS: dict[str, tuple[str, str]] = {
    "desktop": ("desktop", "open the window (also: fleetapp alone)"),
    "demo": ("demo", "the demo warehouse with virtual robots"),
    "engine": ("engine", "run the engine without a window"),
    "shutdown": ("shutdown", "end a running engine in order"),
    "task": ("task", "order, list, cancel or import tasks"),
    "robot": ("robot", "add, list or remove robots"),
    "user": ("user", "add, list or remove people, change passwords"),
    "status": ("status", "processes, ports, robots, journal lag"),
    "why": ("status", "why a robot stands, or where a task is"),
    "halt": ("halt", "what halts the fleet; let it go on"),
    "diagnostics": ("diagnostics", "a ZIP for support, without secrets"),
    "audit": ("audit", "verify, export or explain the journal"),
    "site": ("site", "check a site's folder, or make a new one"),
    "simulate": ("simulate", "virtual robots that speak VDA 5050 2.1"),
    "perceive": ("perceive", "find packages in images"),
    "train": ("train", "train the package detector"),
    "bench": ("bench", "measure screen, window, task line, traffic or journal on this machine"),
    "recogniser": ("recogniser", "the recogniser's process (started by the engine)"),
}

# A word that many try first and that could mean two things.
STOP = (
    "fleetapp: there is no `stop`: `fleetapp shutdown` ends an engine (--stop-robots stops its "
    "robots first); all robots are stopped in the window, with F12"
)


def parser(command: str = "") -> argparse.ArgumentParser:
    """The command line of one command; for a name that is none, only the list of them."""
    root = argparse.ArgumentParser(
        prog="fleetapp", description="Warehouse fleet manager for VDA 5050 robots."
    )
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    if command in COMMANDS:
        importlib.import_module(f"fleetapp.cli.{COMMANDS[command][0]}").add_parser(commands)
        return root
    for name, (_module, text) in COMMANDS.items():
        commands.add_parser(name, help=text)
    root.add_argument("--version", action="store_true", help="print the version and end")
    return root


def print_version() -> int:
    """The version of the package that is installed; status 1 if none is."""
    from importlib import metadata  # noqa: PLC0415 - 20 ms that no other command needs

    try:
        print(f"fleetapp {metadata.version('fleetapp')}")
    except metadata.PackageNotFoundError:
        print(
            "fleetapp --version: the package is not installed: see `packaging/run setup`",
            file=sys.stderr,
        )
        return 1
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status; without one, open the window."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["--version"]:
        return print_version()
    if given[:1] == ["stop"]:
        print(STOP, file=sys.stderr)
        return 2
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
