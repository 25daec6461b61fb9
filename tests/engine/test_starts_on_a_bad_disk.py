"""A start that cannot write names the file and the remedy; one that is given up ends in order."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fleetapp.audit import disk
from fleetapp.audit.disk import replace_whole
from fleetapp.cli.engine import _refused
from fleetapp.engine.brokers import OwnBroker
from fleetapp.engine.data_folder import DataFolder, take_lock
from fleetapp.mqtt.embedded import BrokerError

ROOT = Path(__file__).parents[2]
SITE = ROOT / "maps" / "small"
PATIENCE_S = 60


def engine(data, *options):
    words = ("engine", "--data", str(data), "--site", str(SITE), *options)
    return subprocess.Popen(
        [sys.executable, "-m", "fleetapp", *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def full(*_):
    raise OSError(28, "No space left on device")


def test_the_files_of_the_broker_are_named_with_the_remedy(tmp_path, monkeypatch):
    broker = OwnBroker(tmp_path / "broker", interface="uagv", listen="127.0.0.1")
    monkeypatch.setattr(broker._embedded, "start", full)

    with pytest.raises(BrokerError, match=r"broker cannot be written .*No space left.*make room"):
        broker.start(lambda *_: None, lambda *_: None, lambda *_: None)


def test_the_lock_is_named_with_the_remedy(tmp_path):
    folder = DataFolder(tmp_path)
    folder.prepare()
    folder.lock_file.symlink_to("/dev/full")

    with pytest.raises(OSError, match=r"run/lock cannot be written .*make room"):
        take_lock(folder, SITE)


def test_a_file_that_is_put_in_place_is_named_with_the_remedy(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(disk, "put_in_place", full)

    with pytest.raises(OSError, match="No space left") as raised:
        replace_whole(tmp_path / "engine.json", b"{}")
    assert _refused(raised.value) == 2

    said = capsys.readouterr().err
    assert str(tmp_path / "engine.json") in said
    assert "make room on its disk and start again" in said


def test_a_start_whose_port_is_taken_ends_in_order(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        process = engine(tmp_path, "--port", str(taken.getsockname()[1]))
        said = process.communicate(timeout=PATIENCE_S)[1]

    assert process.returncode == 2
    assert "is taken" in said
    assert list((tmp_path / "snapshots").glob("*.json"))  # the journal was written to its end


def test_settings_that_cannot_be_kept_end_no_fleet(tmp_path):
    (tmp_path / "settings.json").mkdir()
    process = engine(tmp_path)
    end = time.monotonic() + PATIENCE_S
    while not (tmp_path / "run" / "engine.json").exists() and process.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.05)
    log = tmp_path / "logs" / "engine.log"
    while "engine serves" not in log.read_text("utf-8") and process.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.05)

    assert process.poll() is None
    os.kill(process.pid, 15)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert "settings.json" in log.read_text("utf-8")
