"""A hall of its own: engine, broker and virtual robots as child processes, in one data folder.

Everything ends with this process: the children read a pipe that closes with it.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, TypeVar

from fleetapp.api.views import Snapshot
from fleetapp.audit.disk import open_new
from fleetapp.client.connection import ClientError, Connection
from fleetapp.simulation.robots.fleet import MAKER, serial_of
from fleetapp.terms.actors import ONE_TIME

PIN_VARIABLE = "FLEETAPP_ONE_TIME_PIN"
PATIENCE_S = 90.0
STEP_S = 0.02
SPOILED_PERMILLE = 500  # frames that lead to a question
T = TypeVar("T")


class HallError(RuntimeError):
    """The hall does not do what is needed to go on."""


class Hall:
    """One fleet, whose engine is killed and started again."""

    def __init__(self, data: Path, site: Path | None, *, robots: int, robot_type: str) -> None:
        """Nothing runs yet."""
        self.data = data
        self._site = site
        self._robots = robots
        self._robot_type = robot_type
        self._pin = f"{secrets.randbelow(10**6):06d}"
        self.connection = Connection(data)
        self._engine: subprocess.Popen[bytes] | None = None
        self._simulator: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def database(self) -> Path:
        """The journal's file."""
        return self.data / "audit.db"

    # --- beginning ------------------------------------------------------------
    def open(self) -> None:
        """Start the engine, admit the robots and let them connect.

        Raises:
            HallError: if that does not work.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        self._log = (self.data / "children.log").open("ab")
        self.start_engine()
        credentials = self.data / "robots.jsonl"
        with os.fdopen(open_new(credentials), "w", encoding="utf-8") as handle:
            for number in range(self._robots):
                name = serial_of(number + 1)
                robot_id = f"{MAKER}/{name}"
                password = self.connection.add_robot(robot_id, self._robot_type, name)
                handle.write(json.dumps({"robot_id": robot_id, "password": password or ""}) + "\n")
        self._start_simulator(credentials)
        self.until(self.all_heard, "all robots report")

    def start_engine(self) -> None:
        """Start the engine and sign in.

        Raises:
            HallError: if it does not answer in time.
        """
        command = [sys.executable, "-m", "fleetapp", "engine", "--until-stdin-closes"]
        command += ["--data", str(self.data), *self._of_site()]
        (self.data / "run" / "engine.json").unlink(missing_ok=True)
        self._engine = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            env={**os.environ, PIN_VARIABLE: self._pin},
        )
        self.connection = Connection(self.data)
        self.until(self.connection.snapshot, "the engine answers")
        self.connection.sign_in(ONE_TIME, self._pin)

    def _of_site(self) -> list[str]:
        return ["--site", str(self._site)] if self._site is not None else []

    def _start_simulator(self, credentials: Path) -> None:
        command = [sys.executable, "-m", "fleetapp", "simulate", "--until-stdin-closes"]
        command += ["--data", str(self.data), "--credentials", str(credentials), *self._of_site()]
        command += ["--robots", str(self._robots), "--type", self._robot_type]
        command += ["--start", "working", "--visualization-hz", "0"]
        command += ["--spoiled", str(SPOILED_PERMILLE)]
        self._simulator = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log
        )

    # --- watching -------------------------------------------------------------
    def snapshot(self) -> Snapshot:
        """What the engine shows now."""
        return self.connection.snapshot()

    def all_heard(self) -> Snapshot | None:
        """What it shows, once every robot has reported to this engine."""
        snapshot = self.snapshot()
        reported = [r for r in snapshot.robots if r.admitted and (r.last_report_ms or 0) > 0]
        started_ms = snapshot.fleet.started_ms
        fresh = [r for r in reported if (r.last_report_ms or 0) >= started_ms]
        return snapshot if len(fresh) == self._robots else None

    def until(self, true: Callable[[], T | None], what: str, patience_s: float = PATIENCE_S) -> T:
        """Wait until something is true, and return it.

        Raises:
            HallError: if it does not come in time, or the engine has ended.
        """
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            with suppress(ClientError):
                found = true()
                if found:
                    return found
            if self._engine is None or self._engine.poll() is not None:
                raise HallError(f"the engine has ended while we waited: {what}")
            time.sleep(STEP_S)
        raise HallError(f"not within {patience_s:.0f} s: {what}")

    def children(self) -> tuple[int, ...]:
        """The processes that the engine has started."""
        processes: dict[str, Any] = self.connection.status()["processes"]
        found = (processes[name]["pid"] for name in ("broker", "recogniser"))
        return tuple(int(pid) for pid in found if pid)

    def engine_pid(self) -> int:
        """The engine's process."""
        if self._engine is None:
            raise HallError("the engine does not run")
        return self._engine.pid

    # --- end ------------------------------------------------------------------
    def kill_engine(self) -> None:
        """End the engine without a word."""
        os.kill(self.engine_pid(), signal.SIGKILL)

    def bury_engine(self) -> None:
        """Wait until the killed engine is gone."""
        if self._engine is None:
            return
        self._engine.wait(timeout=PATIENCE_S)
        if self._engine.stdin is not None:
            self._engine.stdin.close()
        self._engine = None

    def close(self) -> dict[str, Any]:
        """End everything in order; what the virtual robots counted."""
        summary = self._end_simulator()
        if self._engine is not None:
            self._engine.terminate()
            try:
                self._engine.wait(timeout=PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.kill_engine()
            self.bury_engine()
        if self._log is not None:
            self._log.close()
        return summary

    def _end_simulator(self) -> dict[str, Any]:
        process, self._simulator = self._simulator, None
        if process is None:
            return {}
        try:
            output, _ = process.communicate(timeout=PATIENCE_S)
            return dict(json.loads(output.decode().strip().splitlines()[-1]))
        except (subprocess.TimeoutExpired, ValueError, IndexError):
            process.kill()
            process.wait(timeout=5)
            return {}


def alive(pid: int, word: bytes) -> bool:
    """Whether a process is still there and is the one meant: numbers are used again."""
    try:
        return word in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def strangers(data: Path) -> tuple[int, ...]:
    """Processes, other than this one, whose command names the data folder."""
    word = str(data).encode()
    found = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return tuple(pid for pid in found if pid != os.getpid() and alive(pid, word))
