"""What an engine writes to its log: its start, its end, what it supervises, and no secret."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SITE = ROOT / "maps" / "small"
PATIENCE_S = 60


def engine_command(data, *options):
    words = ("engine", "--data", str(data), "--site", str(SITE), *options)
    return [sys.executable, "-m", "fleetapp", *words]


@pytest.fixture
def engine(tmp_path):
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        engine_command(tmp_path), cwd=ROOT, stdin=quiet, stdout=quiet, stderr=quiet
    )
    yield process
    process.terminate()
    process.wait(timeout=20)


def logged(data):
    path = data / "logs" / "engine.log"
    return path.read_text("utf-8") if path.exists() else ""


def until_logged(data, words, times=1):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if logged(data).count(words) >= times:
            return
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE_S} s: {times} of {words!r} in\n{logged(data)}")


def started_pid(data, what):
    line = [line for line in logged(data).splitlines() if f"{what} started: process" in line][-1]
    return int(line.partition("process ")[2].split()[0])


def test_start_restarts_and_end_are_logged_without_a_secret(engine, tmp_path):
    until_logged(tmp_path, "engine serves: API http://127.0.0.1:")
    until_logged(tmp_path, "recogniser is ready: carton-lite")
    run = json.loads((tmp_path / "run" / "engine.json").read_text("utf-8"))
    for what in ("broker", "recogniser"):
        os.kill(started_pid(tmp_path, what), signal.SIGKILL)
        until_logged(tmp_path, f"{what} started: process", times=2)
    engine.terminate()
    assert engine.wait(timeout=20) == 0

    text = logged(tmp_path)
    assert f"process {engine.pid}, data {tmp_path}, site {SITE}" in text
    assert f"broker mqtt://fleet@127.0.0.1:{run['broker_port']}" in text
    assert f"broker is connected: mqtt://fleet@127.0.0.1:{run['broker_port']}" in text
    assert text.splitlines()[-1].endswith("engine has ended, broker and recogniser with it")
    accounts = json.loads((tmp_path / "broker" / "credentials.json").read_text("utf-8"))
    for secret in (run["token"], accounts["fleet_password"]):
        assert secret not in text


def test_a_start_that_fails_says_why_in_the_log(tmp_path):
    command = engine_command(tmp_path, "--broker", "nonsense")

    assert subprocess.run(command, cwd=ROOT, stderr=-3, timeout=60, check=False).returncode == 2

    assert "engine did not start: broker 'nonsense': write mqtt://" in logged(tmp_path)
