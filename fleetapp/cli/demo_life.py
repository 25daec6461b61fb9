"""The life of a demo: its processes, its orders, and a simulated supervisor.

Talks to the engine only as any client does.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Any

from fleetapp.api.commands import SubmitTask
from fleetapp.api.views import Delta, Snapshot
from fleetapp.audit.disk import open_new
from fleetapp.cli.demo_figures import Figures
from fleetapp.cli.demo_summary import rows_before
from fleetapp.cli.demo_supervisor import answer_what_waits
from fleetapp.cli.desktop import window_command, window_environment
from fleetapp.cli.engine import PIN_VARIABLE
from fleetapp.client.connection import ClientError, Connection, Signature
from fleetapp.client.live import LinkState, LiveFeed
from fleetapp.mqtt.programs import dies_with_parent
from fleetapp.simulation.robots.fleet import MAKER, serial_of
from fleetapp.terms.actors import ONE_TIME
from fleetapp.terms.modes import StationKind

START_S = 30.0
END_S = 20.0
STEP_S = 0.25
LAST_WORDS_BYTES = 3000


class DemoError(RuntimeError):
    """The demo cannot go on; the message names the remedy."""


class Demo:
    """Engine, simulator and window, and what a warehouse would ask of them."""

    def __init__(self, options: argparse.Namespace, pin: str) -> None:
        """Nothing runs yet."""
        self._options = options
        self._signature = Signature(ONE_TIME, pin)
        self._random = random.Random(options.seed)
        self._connection = Connection(options.data)
        self._engine: subprocess.Popen[bytes] | None = None
        self._simulator: subprocess.Popen[bytes] | None = None
        self._window: subprocess.Popen[bytes] | None = None
        self._feed: LiveFeed | None = None
        self._figures = Figures()
        self._picks: tuple[str, ...] = ()
        self._packs: tuple[str, ...] = ()
        self._log: IO[bytes] | None = None
        self._log_began = 0  # what lies before is of earlier demos

    # --- beginning ----------------------------------------------------------
    def start(self) -> None:
        """Start engine, robots and window.

        Raises:
            DemoError: with the remedy.
        """
        self._options.data.mkdir(parents=True, exist_ok=True)
        self._log = (self._options.data / "demo.log").open("ab")
        self._figures.first_row = rows_before(self._options.data) + 1
        self._log_began = self._log.tell()
        self._credentials.unlink(missing_ok=True)
        self._start_engine()
        self._start_simulator()
        self._wait_for_engine()
        try:
            self._admit()
            layout = self._connection.layout()
        except ClientError as error:
            raise DemoError(f"the robots were not admitted: {error}") from error
        if not self._options.headless:
            self._start_window()
        by_kind: dict[StationKind, list[str]] = {}
        for station in layout.stations:
            by_kind.setdefault(station.kind, []).append(station.station_id)
        self._picks = tuple(by_kind.get(StationKind.PICK, ()))
        self._packs = tuple(by_kind.get(StationKind.PACK, ()))
        if not self._picks or not self._packs:
            raise DemoError("the site has no pick or pack stations: choose another with --site")
        self._feed = LiveFeed(self._connection, _ignore, _ignore)
        self._feed.start()

    def _start_engine(self) -> None:
        options = self._options
        command = [sys.executable, "-m", "fleetapp", "engine", "--until-stdin-closes"]
        command += ["--data", str(options.data)]
        for name in (
            "site",
            "broker",
            "broker_password_file",
            "listen",
            "interface",
            "bundle",
            "port",
        ):
            value = getattr(options, name)
            if value is not None:
                command += [f"--{name.replace('_', '-')}", str(value)]
        environment = {**os.environ, PIN_VARIABLE: self._signature.password}
        (options.data / "run" / "engine.json").unlink(missing_ok=True)
        self._engine = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=self._log, stderr=self._log, env=environment
        )

    def _wait_for_engine(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            if self._engine is None or self._engine.poll() is not None:
                raise DemoError(f"the engine ended:\n{self._last_words()}")
            try:
                self._connection.snapshot()
            except ClientError:
                time.sleep(0.05)
            else:
                return
        raise DemoError(f"the engine did not start in {START_S:.0f} s:\n{self._last_words()}")

    def _last_words(self) -> str:
        """What the processes of this demo said last; a trace stays in the log."""
        with (self._options.data / "demo.log").open("rb") as log:
            log.seek(max(self._log_began, log.seek(0, os.SEEK_END) - LAST_WORDS_BYTES))
            text = log.read().decode("utf-8", errors="replace")
        said = [line for line in text.splitlines() if line.startswith(("fleetapp ", "error:"))]
        return "\n".join(said[-12:]) or text

    @property
    def _credentials(self) -> Path:
        path: Path = self._options.data / "robots.jsonl"
        return path

    def _admit(self) -> None:
        """Admit the robots and write down their passwords: then the simulator connects them."""
        supervisor = Connection(self._options.data)
        supervisor.sign_in(ONE_TIME, self._signature.password)
        unfinished = self._credentials.with_suffix(".new")
        with os.fdopen(open_new(unfinished), "w", encoding="utf-8") as handle:
            for number in range(self._options.robots):
                name = serial_of(number + 1)
                robot_id = f"{MAKER}/{name}"
                password = supervisor.add_robot(robot_id, self._options.type, name)
                handle.write(json.dumps({"robot_id": robot_id, "password": password or ""}) + "\n")
        unfinished.replace(self._credentials)

    def _start_simulator(self) -> None:
        """Beside the engine's start: it takes as long to load as the engine to answer."""
        options = self._options
        command = [sys.executable, "-m", "fleetapp", "simulate", "--until-stdin-closes"]
        command += ["--data", str(options.data), "--credentials", str(self._credentials)]
        command += ["--wait", str(2 * START_S), "--robots", str(options.robots)]
        command += ["--type", options.type, "--seed", str(options.seed), "--start", "working"]
        command += ["--interface", options.interface]
        if options.site is not None:
            command += ["--site", str(options.site)]
        self._simulator = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log
        )

    def _start_window(self) -> None:
        options = self._options
        command = window_command(options.data, options.theme)
        for name in ("page", "size", "select", "screenshot"):
            value = getattr(options, name)
            if value is not None:
                command += [f"--{name}", str(value)]
        if options.screenshot is not None:
            command += ["--after", str(options.after)]
        self._window = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stderr=self._log,
            env=window_environment(unseen=options.screenshot is not None),
            preexec_fn=dies_with_parent(),  # noqa: PLW1509 - one system call, looked up before
        )

    # --- life -----------------------------------------------------------------
    def live(self) -> None:
        """Order, answer, look after the processes, until the time is over."""
        began = time.monotonic()
        duration = self._options.duration
        while True:
            now = time.monotonic() - began
            self._figures.duration_s = now
            if duration is not None and now >= duration:
                return
            if self._picture_taken():
                return
            if self._simulator is not None and self._simulator.poll() is not None:
                raise DemoError(f"the virtual robots ended:\n{self._last_words()}")
            try:
                self._look_after(self._connection.snapshot(), now)
            except ClientError:
                if self._engine_was_ended():
                    return
                self._revive()
            time.sleep(STEP_S)

    def _engine_was_ended(self) -> bool:
        """It ended in order, as `fleetapp shutdown` has it: nobody wants it back."""
        return self._engine is not None and self._engine.poll() == 0

    def _picture_taken(self) -> bool:
        path = self._options.screenshot
        if path is None or self._window is None or self._window.poll() is None:
            return False
        if self._window.returncode != 0 or not path.exists():
            raise DemoError(f"{path} was not written:\n{self._last_words()}")
        return True

    def _look_after(self, snapshot: Snapshot, now: float) -> None:
        self._figures.note(now, snapshot.fleet)
        wanted = max(4, self._options.robots // 3)
        queued = sum(1 for task in snapshot.tasks if task.state.value == "queued")
        for _ in range(max(0, wanted - queued)):
            self._order()
        if self._options.headless and not self._options.attended:
            submit = partial(self._connection.submit, signature=self._signature)
            answer_what_waits(snapshot, submit)

    def _order(self) -> None:
        sku = f"4006381-{self._random.randrange(10**5):05d}"
        with_code = self._random.random() < 0.85
        outcome = self._connection.submit(
            SubmitTask(
                uuid.uuid4().hex,
                self._random.choice(self._picks),
                self._random.choice(self._packs),
                sku=sku,
                label_code=f"L{self._random.randrange(10**9):09d}" if with_code else None,
                due_ms=time.time_ns() // 1_000_000 + 600_000,
            )
        )
        if outcome.accepted:
            self._figures.created += 1

    def _revive(self) -> None:
        """An engine that died is started again."""
        if self._engine is not None and self._engine.poll() is not None:
            self._start_engine()
            self._wait_for_engine()

    # --- end ------------------------------------------------------------------
    def stop(self) -> Figures:
        """End everything; what was measured."""
        with suppress(ClientError):
            self._figures.status = self._connection.status()
            self._figures.note(self._figures.duration_s, self._connection.snapshot().fleet)
        if self._feed is not None:
            self._feed.stop()
        self._figures.simulator = self._end_simulator()
        for process in (self._window, self._engine):
            _end(process)
        if self._log is not None:
            self._log.close()
        return self._figures

    def _end_simulator(self) -> dict[str, Any]:
        process = self._simulator
        if process is None:
            return {}
        try:
            output, _ = process.communicate(timeout=END_S)
            return dict(json.loads(output.decode().strip().splitlines()[-1]))
        except (subprocess.TimeoutExpired, ValueError, IndexError):
            _end(process)
            return {}


def _end(process: "subprocess.Popen[bytes] | None") -> None:
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(timeout=END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=5)


def _ignore(_message: Snapshot | Delta | LinkState) -> None:
    """The demo holds a live client so that what clients get is measured."""
