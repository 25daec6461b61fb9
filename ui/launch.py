"""Starts an engine or a demo that outlives the window, and says why one did not start."""

import os
import subprocess
import sys
from pathlib import Path

LOG = "desktop-launch.log"
LAST_BYTES = 4_000


class Launcher:
    """One start at a time; what it prints goes to a log in the data folder."""

    def __init__(self, data: Path) -> None:
        """Nothing was started."""
        self._data = data
        self._began = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, arguments: list[str], secrets: dict[str, str]) -> None:
        """Run `fleetapp` with these arguments; secrets go by its environment."""
        log = (self._data / LOG).open("ab")
        self._began = log.tell()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fleetapp", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **secrets},
            start_new_session=True,
        )
        log.close()

    def failure(self) -> str:
        """Its last words once it ended by itself, "" while it runs; told once."""
        if self._process is None or self._process.poll() is None:
            return ""
        status, self._process = self._process.returncode, None
        with (self._data / LOG).open("rb") as log:
            log.seek(max(self._began, log.seek(0, os.SEEK_END) - LAST_BYTES))
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else f"It ended with status {status} and said nothing."
