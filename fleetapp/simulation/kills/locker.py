"""A stranger that locks the database: `python -m fleetapp.simulation.kills.locker FILE HOW`.

`locked` holds the write lock until its input closes, `slow` holds it for 150 of every
200 ms. It says "held" when it has the lock for the first time.
"""

import select
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

HELD_S = 0.15
FREE_S = 0.05
BUSY_S = 10.0
START_S = 20.0


class Locker:
    """The stranger, as a child process."""

    def __init__(self, database: Path, how: str) -> None:
        """Start it and wait until it holds the lock.

        Raises:
            RuntimeError: if it does not get the lock.
        """
        command = [sys.executable, "-m", "fleetapp.simulation.kills.locker", str(database), how]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        said = self._process.stdout.readline() if self._process.stdout is not None else ""
        if said != "held\n":
            self.end()
            raise RuntimeError(f"the database was not locked: {said!r}")

    def end(self) -> None:
        """Let go, and wait until it has ended."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=START_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=5)
        if self._process.stdout is not None:
            self._process.stdout.close()


def _input_closes_within(seconds: float) -> bool:
    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(readable)


def main(path: str, how: str) -> int:
    """Hold and let go until the input closes."""
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    print("held", flush=True)
    while not _input_closes_within(HELD_S):
        if how == "locked":
            continue
        connection.execute("ROLLBACK")
        time.sleep(FREE_S)
        connection.execute("BEGIN IMMEDIATE")
    connection.execute("ROLLBACK")
    connection.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
