"""`fleetapp` starts an engine that died under an open window again, as it was started."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from fleetapp.cli import desktop
from fleetapp.client.connection import ClientError, Connection
from fleetapp.engine.data_folder import DataFolder, died

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "maps" / "small"
PATIENCE_S = 40


@pytest.fixture
def folder(tmp_path):
    made = DataFolder(tmp_path)
    made.prepare()
    return made


@pytest.fixture
def engines():
    """All engines that a test starts; they end with it."""
    started = []
    yield started
    for engine in started:
        engine.terminate()
        engine.wait(timeout=20)


def pid_of(folder):
    return json.loads(folder.run_file.read_text("utf-8"))["pid"]


def until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        with suppress(ClientError, OSError, ValueError):
            if found := condition():
                return found
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE_S} s: {what}")


def window_of(seconds):
    """A program in the place of the window: it stays open for so long."""
    return subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({seconds})"])


def test_an_engine_that_was_killed_is_started_again_with_its_own_options(folder, engines):
    engines.append(
        desktop.start_engine(folder.root, ("--site", str(SMALL), "--interface", "hall7"))
    )
    until(Connection(folder.root).status, "the engine answers")
    first = until(lambda: pid_of(folder), "its run file")
    assert not died(folder)

    os.kill(first, signal.SIGKILL)
    until(lambda: died(folder), "it is dead")
    assert desktop.look_after(window_of(8), folder, engines) == 0

    again = until(lambda: pid_of(folder), "another engine")
    assert again != first
    assert Connection(folder.root).status()["site"] == "small"
    assert "hall7" in " ".join(desktop.last_start(folder))


def test_an_engine_that_was_ended_is_left_alone(folder, engines):
    engines.append(desktop.start_engine(folder.root, ("--site", str(SMALL))))
    until(Connection(folder.root).status, "the engine answers")
    os.kill(pid_of(folder), signal.SIGTERM)
    until(lambda: not folder.run_file.exists(), "it ended")

    assert not died(folder)
    assert desktop.look_after(window_of(2), folder, engines) == 0

    assert not folder.run_file.exists()


def test_a_site_that_is_gone_is_not_started(folder):
    folder.settings_file.write_text(json.dumps({"site": "/nowhere", "options": []}))

    assert desktop.last_start(folder) is None
