"""However a demo ends, what it started ends with it."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from fleetapp.client.connection import ClientError, Connection

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60


def until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        with suppress(ClientError, OSError, ValueError, KeyError):
            if found := condition():
                return found
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE_S} s: {what}")


def is_gone(pid):
    """Ended, or ended and not yet collected by whoever inherited it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


def test_a_demo_ended_by_kill_9_leaves_no_engine_broker_or_recogniser(tmp_path):
    command = [sys.executable, "-m", "fleetapp", "demo", "--headless", "--robots", "2"]
    command += ["--site", str(ROOT / "maps" / "small"), "--data", str(tmp_path)]
    quiet = subprocess.DEVNULL
    demo = subprocess.Popen(command, cwd=ROOT, stdin=quiet, stdout=quiet, stderr=quiet)
    status = until(Connection(tmp_path).status, "the engine answers")
    pids = [process["pid"] for process in status["processes"].values()]
    assert json.loads((tmp_path / "run" / "engine.json").read_text("utf-8"))["pid"] in pids

    demo.send_signal(signal.SIGKILL)
    demo.wait(timeout=10)

    try:
        until(lambda: all(is_gone(pid) for pid in pids), "all have ended")
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
