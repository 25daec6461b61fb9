"""An engine whose core fails ends itself: nobody is to believe that somebody still decides."""

import argparse
import threading
from pathlib import Path

import pytest

from fleetapp.cli import engine as engine_command
from fleetapp.client.connection import Connection

ROOT = Path(__file__).parents[2]


@pytest.fixture
def running(tmp_path):
    parser = argparse.ArgumentParser()
    engine_command.add_options(parser)
    options = parser.parse_args(["--data", str(tmp_path), "--site", str(ROOT / "maps" / "small")])
    ending = threading.Event()
    engine = engine_command.RunningEngine(options, ending.set)
    yield engine, ending, Connection(tmp_path)
    engine.stop()


def test_the_process_is_told_to_end_when_the_core_raises(running, monkeypatch, caplog):
    engine, ending, connection = running
    connection.status()

    def broken(*_arguments):
        raise ValueError("a table of 9 x 9 nodes is too large")

    monkeypatch.setattr(engine.engine.loop, "tick", broken)

    assert ending.wait(10)
    assert engine.engine.failed
    assert "a table of 9 x 9 nodes is too large" in caplog.text
