"""`fleetapp shutdown`: what it says of the robots, when it asks, and what it ends."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from fleetapp.api.commands import Outcome, StopAll
from fleetapp.api.views import NOT_STOPPED, FleetView, RobotView, Snapshot
from fleetapp.cli import shutdown
from fleetapp.cli.main import main
from fleetapp.client.connection import ClientError, Connection
from fleetapp.engine.data_folder import DataFolder, engine_pid, take_lock
from fleetapp.terms.modes import LoadState, OperatingMode, RobotState

ROOT = Path(__file__).parents[2]
SMALL = str(ROOT / "maps" / "small")
PATIENCE_S = 60
FLEET = FleetView(
    "s", "Site", "1", 0, 0, NOT_STOPPED, (), 0, 0, 0, 0, 0, 0, (), 0, 0, 0, 0, 0, 0, 0,
    first_user_needed=False,
)  # fmt: skip


def robot(name, *, base=(), order=None, heard=True):
    return RobotView(
        f"m/{name}", name, "carrier", "m", name, True, RobotState.WORKING, 0, "", "", 0.0, 0.0,
        0.0, 1.0, False, LoadState.EMPTY, OperatingMode.AUTOMATIC, None, order, None, (), base,
        (), "", 0 if heard else None, "2.1",
    )  # fmt: skip


DRIVES = robot("r1", base=("N1", "N2", "A05-14"), order="o1")
STANDS = robot("r2", base=("P3",), order="o2")


class Played:
    """An engine's lock, held here, and what its API answers."""

    def __init__(self, data, monkeypatch):
        folder = DataFolder(data)
        folder.prepare()
        self.data, self.killed, self.given = data, [], []
        self.robots, self.stop = (), NOT_STOPPED
        self._lock = take_lock(folder, Path(SMALL))
        monkeypatch.setattr(shutdown.os, "kill", self._kill)
        monkeypatch.setattr(Connection, "snapshot", lambda _: self._snapshot())
        monkeypatch.setattr(Connection, "submit", lambda _, command: self._take(command))
        monkeypatch.setattr(shutdown, "STAND_S", 0.3)

    def _kill(self, pid, number):
        self.killed.append((pid, number))
        self._lock.close()

    def _snapshot(self):
        return Snapshot(1, 0, replace(FLEET, stop=self.stop), self.robots, (), (), ())

    def _take(self, command):
        self.given.append(command)
        self.stop = replace(self.stop, active=True)
        return Outcome(command.command_id, True, "", "")

    def close(self):
        self._lock.close()


@pytest.fixture
def engine(tmp_path, monkeypatch):
    played = Played(tmp_path, monkeypatch)
    yield played
    played.close()


@pytest.fixture
def say(engine, capsys, monkeypatch):
    def run(*words, typed=None):
        stdin = io.StringIO(typed or "")
        stdin.isatty = lambda: typed is not None
        monkeypatch.setattr(sys, "stdin", stdin)
        status = main(["shutdown", *words, "--data", str(engine.data)])
        return status, capsys.readouterr().err

    return run


ENDED = [(os.getpid(), signal.SIGTERM)]


def test_an_engine_whose_robots_stand_is_ended_without_a_question(engine, say):
    engine.robots = (STANDS,)

    assert say() == (0, "No robot drives.\n")
    assert engine.killed == ENDED


def test_without_a_terminal_an_engine_whose_robots_drive_goes_on(engine, say):
    engine.robots = (DRIVES, STANDS)

    status, said = say()

    assert (status, engine.killed) == (1, [])
    assert "1 robot drives. Without the engine each stops at the end of its base: r1 at" in said
    assert "give --stop-robots to stop the robots first, or --yes" in said


@pytest.mark.parametrize(("typed", "status"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
def test_on_a_terminal_it_asks_and_no_is_the_default(engine, say, typed, status):
    engine.robots = (DRIVES,)

    assert say(typed=typed)[0] == status
    assert engine.killed == (ENDED if status == 0 else [])


def test_yes_asks_nothing_and_still_says_what_happens(engine, say):
    engine.robots = (DRIVES,)

    status, said = say("--yes")

    assert (status, engine.killed, engine.given) == (0, ENDED, [])
    assert "r1 at A05-14" in said


def test_an_engine_that_does_not_answer_is_ended_only_when_somebody_is_sure(
    engine, say, monkeypatch
):
    def silent(_self):
        raise ClientError("the engine does not answer")

    monkeypatch.setattr(Connection, "snapshot", silent)

    assert say()[0] == 1
    assert engine.killed == []
    assert say("--yes")[0] == 0


def test_robots_are_stopped_first_and_the_engine_ends_when_they_stand(engine, say):
    engine.robots = (DRIVES, STANDS, robot("r3", heard=False))
    engine.stop = replace(NOT_STOPPED, standing=("m/r1", "m/r2"), no_answer=("m/r3",))

    status, said = say("--stop-robots")

    assert (status, [type(command) for command in engine.given]) == (0, [StopAll])
    assert "All robots stand. A supervisor releases them." in said
    assert engine.killed == ENDED


@pytest.mark.parametrize("part", ["sent", "no_answer"])
def test_an_engine_goes_on_while_a_stopped_robot_does_not_say_that_it_stands(engine, say, part):
    unheard = robot("r1", base=("N1", "N2"), order="o1", heard=False)  # its order goes on
    engine.robots = (unheard, STANDS)
    engine.stop = replace(NOT_STOPPED, standing=("m/r2",), **{part: ("m/r1",)})

    status, said = say("--stop-robots")

    assert (status, engine.killed) == (1, [])
    assert "no report that they stand from: r1; the engine goes on" in said
    assert say("--stop-robots", "--yes")[0] == 0


def test_where_no_engine_runs_that_is_said(tmp_path, capsys):
    assert main(["shutdown", "--data", str(tmp_path / "none")]) == 1

    assert f"no engine runs on {tmp_path / 'none'}" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_stop_is_no_command_and_both_meanings_are_named(capsys):
    assert main(["stop"]) == 2

    said = capsys.readouterr().err
    assert "`fleetapp shutdown` ends an engine" in said
    assert "F12" in said


def until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            if condition():
                return
        except ClientError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE_S} s: {what}")


def test_a_real_demo_ends_with_its_engine_and_is_not_started_again(tmp_path):
    words = ("demo", "--headless", "--json", "--robots", "2", "--site", SMALL)
    demo = subprocess.Popen(
        [sys.executable, "-m", "fleetapp", *words, "--data", str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        heard = Connection(tmp_path)
        until(lambda: [r for r in heard.snapshot().robots if r.last_report_ms], "robots report")

        assert main(["shutdown", "--stop-robots", "--data", str(tmp_path)]) == 0

        assert engine_pid(DataFolder(tmp_path)) is None
        summary = json.loads(demo.communicate(timeout=PATIENCE_S)[0])
        assert (demo.returncode, summary["journal_verified"]) == (0, True)
    finally:
        demo.terminate()
        demo.wait(timeout=20)
