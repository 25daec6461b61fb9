"""A second place for the anchor that does not answer: no stop, row or start waits for it."""

import shutil
import threading
import time

import pytest
from left_folders import (
    PATIENCE_S,
    RULES,
    SMALL,
    cut_after,
    entry,
    floor,
    run_to,
    until,
)

from fleetapp.audit import anchor as anchor_module
from fleetapp.core.observations_engine import RecordDoubted
from fleetapp.core.state import State
from fleetapp.engine.record import Record


@pytest.fixture
def second(tmp_path_factory):
    return tmp_path_factory.mktemp("elsewhere") / "second"


@pytest.fixture
def hung(monkeypatch, second):
    """Reading the second place hangs until this is set, or the test has lost its patience."""
    released, copy = threading.Event(), shutil.copy2

    def copied(source, target, **more):
        if source == second:
            released.wait(2 * PATIENCE_S)
        return copy(source, target, **more)

    monkeypatch.setattr(shutil, "copy2", copied)
    yield released
    released.set()


def begun(data, second, told):
    record = Record(data, SMALL, "b00t", told.append, second_anchor=str(second))
    record.restored(floor(), RULES)
    record.owed()
    record.start()
    return record


def doubts_in(told):
    return [item.witness for item in told if isinstance(item, RecordDoubted)]


def end(record, hung):
    hung.set()
    record.finish(State(floor(), RULES))
    record.leave()


def test_a_ring_that_is_removed_is_told_and_made_anew_while_the_second_place_hangs(
    data, second, hung, caplog
):
    run_to(data, 12, second_anchor=str(second))
    told = []
    record = begun(data, second, told)

    (data / "ring").unlink()

    until(lambda: doubts_in(told) == ["ring"])
    until((data / "ring").exists)
    end(record, hung)


def test_the_journal_goes_on_while_the_second_place_hangs(data, second, hung, caplog):
    run_to(data, 12, second_anchor=str(second))
    told = []
    record = begun(data, second, told)
    record.journal.append([entry(13)])
    until(lambda: record.journal.durable_seq == 13)

    (data / "audit.db-wal").unlink()

    until(lambda: doubts_in(told) == ["journal"])
    until(lambda: "cannot be written" in caplog.text)
    end(record, hung)


def test_a_start_with_a_doubt_does_not_wait_for_a_second_place_that_hangs(
    data, second, hung, monkeypatch, caplog
):
    monkeypatch.setattr(anchor_module, "HANGS_S", 0.02)
    run_to(data, 12, second_anchor=str(second))
    cut_after(data / "audit.db", 6)
    left, began_s = second.read_bytes(), time.monotonic()

    record = begun(data, second, [])
    assert time.monotonic() - began_s < PATIENCE_S
    until(lambda: record.watch() or not record.status()["second_anchor"]["ok"])

    assert second.read_bytes() == left
    end(record, hung)
    assert (data / "evidence" / "b00t" / "second.anchor").read_bytes() == left
