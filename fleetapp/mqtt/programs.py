"""Programs that fleetapp starts, and where Debian hides them."""

import os
import shutil

EXTRA_PATH = os.pathsep.join(("/usr/sbin", "/usr/local/sbin", "/sbin"))


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
