"""A demo takes its processes with it, however it ends."""

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
        with suppress(ClientError, OSError, ValueError):
            if found := condition():
                return found
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE_S} s: {what}")


def lives(pid):
    try:
        return b"Z" not in Path(f"/proc/{pid}/stat").read_bytes().split(b")")[-1].split()[:1]
    except OSError:
        return False


def test_engine_broker_and_recogniser_end_with_a_demo_that_was_killed(tmp_path):
    words = ("demo", "--headless", "--robots", "2", "--site", str(ROOT / "maps" / "small"))
    demo = subprocess.Popen(
        [sys.executable, "-m", "fleetapp", *words, "--data", str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    connection = Connection(tmp_path)

    def all_run():
        running = connection.status()["processes"]
        pids = [running[name]["pid"] for name in ("engine", "broker", "recogniser")]
        return pids if all(pids) else None

    pids = until(all_run, "engine, broker and recogniser run")
    assert json.loads((tmp_path / "run" / "engine.json").read_text())["pid"] == pids[0]

    os.kill(demo.pid, signal.SIGKILL)
    demo.wait(timeout=PATIENCE_S)

    until(lambda: not any(map(lives, pids)), f"none of {pids} is left")
