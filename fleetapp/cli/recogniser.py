"""`fleetapp recogniser`: the recogniser's process; the engine starts it."""

import argparse
import os
import sys
import threading
import time
from pathlib import Path

LOOK_EVERY_S = 0.5


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser(
        "recogniser", help="the recogniser's process (started by the engine)"
    )
    parser.add_argument("--bundle", type=Path, required=True, help="folder of the model bundle")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until standard input closes; the core comes first where both want a processor."""
    # Before the model is loaded, which takes a while: an engine that is killed meanwhile
    # leaves nobody behind, though nothing reads standard input yet.
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(5)
    from fleetapp.vision.bundle import BundleError  # noqa: PLC0415 - torch is loaded here only
    from fleetapp.vision.worker import RequestError, serve  # noqa: PLC0415

    try:
        serve(options.bundle, sys.stdin.buffer, sys.stdout.buffer)
    except (BundleError, RequestError) as error:
        print(f"fleetapp recogniser: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The engine has gone in the middle of an answer; Python would flush once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 0
    return 0


def _end_with(engine_pid: int) -> None:
    """End when the engine is gone and another process has taken us over."""
    while os.getppid() == engine_pid:
        time.sleep(LOOK_EVERY_S)
    os._exit(0)
