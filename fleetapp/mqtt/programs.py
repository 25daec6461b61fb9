"""Programs that fleetapp starts: where Debian hides them, and that they end with us."""

import ctypes
import os
import shutil
import signal
import sys
from collections.abc import Callable

EXTRA_PATH = os.pathsep.join(("/usr/sbin", "/usr/local/sbin", "/sbin"))
SET_PARENT_DEATH_SIGNAL = 1


def find_program(name: str) -> str:
    """The path of a program.

    Raises:
        FileNotFoundError: with the remedy.
    """
    path = os.environ.get("PATH", "") + os.pathsep + EXTRA_PATH
    found = shutil.which(name, path=path)
    if found is None:
        raise FileNotFoundError(
            f"{name} is not installed: apt-get install mosquitto, or name another broker "
            "with --broker mqtt://USER@HOST:PORT"
        )
    return found


def dies_with_parent() -> Callable[[], None] | None:
    """What a child calls first so that it ends when we do; None where there is no such thing.

    All is looked up here, before the fork: between fork and exec a child of a
    threaded process may only make system calls.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent, ending = os.getpid(), signal.SIGTERM

    def ask() -> None:
        prctl(SET_PARENT_DEATH_SIGNAL, ending)
        if os.getppid() != parent:
            os.kill(os.getpid(), ending)

    return ask


def end_with_parent() -> None:
    """Ask the kernel to end this process when its parent dies (Linux; else nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
