"""Rows that are not what was written: doubted at a start, or while the engine runs, once."""

import shutil
import sqlite3

import pytest
from left_folders import (
    RULES,
    SMALL,
    a_stranger_writes,
    altered,
    doubt_of,
    doubt_row,
    entry,
    floor,
    killed,
    recorded,
    run_to,
    until,
)

from fleetapp.core.codec import encode
from fleetapp.core.observations_engine import RecordDoubted
from fleetapp.core.state import State
from fleetapp.engine.doubts import MOST_BROKEN
from fleetapp.engine.record import Record


def test_a_proof_that_breaks_while_running_is_told_once_and_its_witnesses_are_kept(data):
    told = []
    altered(data / "audit.db", 4)  # no witness names this row
    record = Record(data, SMALL, "b00t", told.append)
    assert record.doubts() == ()
    record.start()

    until(lambda: any(isinstance(item, RecordDoubted) for item in told))

    record.finish(State(floor(), RULES))
    record.leave()
    (doubt,) = (item for item in told if isinstance(item, RecordDoubted))
    assert (doubt.witness, doubt.named_seq, doubt.found_seq) == ("proof", 4, 3)
    assert (data / "evidence" / "b00t" / "000000000009.json").exists()


def test_a_broken_proof_that_was_recorded_is_not_told_at_the_next_start(data):
    told = []
    doubt = RecordDoubted(1, "proof", 4, 3, "row 4 does not match its hash")
    record = Record(data, SMALL, "one", told.append)
    record.start()
    record.journal.append([doubt_row(10, doubt)])
    record.finish(State(floor(), RULES))
    record.leave()
    altered(data / "audit.db", 4)

    record = Record(data, SMALL, "two", told.append)
    record.start()
    until(lambda: not record.audit.proof().ok)
    record.finish(State(floor(), RULES))
    record.leave()

    assert not [item for item in told if isinstance(item, RecordDoubted)]


def test_a_file_that_another_program_wrote_to_is_doubted(data, caplog):
    told = []
    record = Record(data, SMALL, "b00t", told.append)
    record.start()
    record.journal.append([entry(10)])
    until(lambda: record.journal.durable_seq == 10)

    stranger = sqlite3.connect(data / "audit.db")
    row = (11, 1, 1, "x", "input", "X", 1, "x", *[None] * 5, "{}", "00" * 32, "11" * 32)
    stranger.execute(f"INSERT INTO journal VALUES ({', '.join('?' * 16)})", row)
    stranger.commit()
    stranger.close()
    record.journal.append([entry(11)])

    until(lambda: any(isinstance(item, RecordDoubted) for item in told))
    record.finish(State(floor(), RULES))
    record.leave()
    (doubt,) = (item for item in told if isinstance(item, RecordDoubted))
    assert (doubt.witness, doubt.named_seq, doubt.found_seq) == ("journal", 10, 11)
    assert "another program" in doubt.text
    assert "cannot be written" in caplog.text


def test_rows_that_are_followed_at_a_start_are_proven_before_anything_is_allowed(data):
    shutil.rmtree(data / "snapshots")
    altered(data / "audit.db", 4)
    altered(data / "audit.db", 7)

    record = recorded(data)
    assert record.restored(floor(), RULES).seq == 9
    record.leave()

    assert [(doubt.witness, doubt.named_seq) for doubt in record.doubts()] == [
        ("proof", 4),
        ("proof", 7),
    ]


def test_rows_before_a_proven_snapshot_wait_for_the_proof_in_the_background(data):
    altered(data / "audit.db", 4)

    record = recorded(data)
    record.restored(floor(), RULES)
    record.leave()

    assert record.doubts() == ()


def test_of_very_many_broken_rows_some_are_told_at_a_start(tmp_path):
    run_to(tmp_path, 99)
    shutil.rmtree(tmp_path / "snapshots")
    for seq in range(1, 60):
        altered(tmp_path / "audit.db", seq)

    record = recorded(tmp_path)
    record.restored(floor(), RULES)
    record.leave()

    assert len(record.doubts()) == MOST_BROKEN


@pytest.mark.parametrize("value", ["X'22'", "CAST(X'22FFFE22' AS TEXT)"])
def test_a_body_that_is_no_text_does_not_keep_the_fleet_from_starting(data, caplog, value):
    shutil.rmtree(data / "snapshots")
    connection = sqlite3.connect(data / "audit.db")
    connection.execute("DROP TRIGGER journal_no_update")
    connection.execute(f"UPDATE journal SET body = {value} WHERE seq = 4")
    connection.commit()
    connection.close()

    record = recorded(data)
    state = record.restored(floor(), RULES)
    record.leave()

    assert state.seq == 9
    assert [row.seq for row in state.unfolded] == [4]
    assert [doubt.named_seq for doubt in record.doubts()] == [4]
    assert "row 4" in caplog.text


def test_a_row_with_the_largest_number_does_not_become_the_end(data):
    connection = sqlite3.connect(data / "audit.db")
    row = (2**63 - 1, 1, 1, "x", "input", "X", 1, "x", *[None] * 5, "{}", "00" * 32, "11" * 32)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute(f"INSERT INTO journal VALUES ({', '.join('?' * 16)})", row)
    connection.commit()
    connection.close()

    record = recorded(data)

    assert (record.journal.durable_seq, record.restored(floor(), RULES).seq) == (9, 9)
    record.leave()


def test_a_doubt_whose_row_was_never_written_is_told_at_the_next_starts(data, caplog):
    told = []
    record = Record(data, SMALL, "b00t", told.append)
    record.start()
    record.journal.append([entry(10)])
    until(lambda: record.journal.durable_seq == 10)
    a_stranger_writes(data, 11)
    record.journal.append([entry(11)])
    until(lambda: any(isinstance(item, RecordDoubted) for item in told))
    killed(record)
    (doubt,) = (item for item in told if isinstance(item, RecordDoubted))

    assert doubt_of(data) == doubt  # nothing was recorded: every start says it
    record = recorded(data)
    assert record.doubts() == (doubt,)
    record.start()
    record.journal.append([entry(12), doubt_row(13, doubt)])
    until(lambda: record.journal.durable_seq == 13)
    killed(record)

    assert doubt_of(data) is None
    assert "cannot be written" in caplog.text


def test_a_forged_row_does_not_make_a_doubt_recorded(data):
    shutil.rmtree(data / "snapshots")
    altered(data / "audit.db", 4)
    connection = sqlite3.connect(data / "audit.db")
    forged = encode(RecordDoubted(1, "proof", 4, 3, "row 4 does not match its hash")).decode()
    connection.execute(
        "UPDATE journal SET type = 'RecordDoubted', body = ? WHERE seq = 6", (forged,)
    )
    connection.commit()
    connection.close()

    record = recorded(data)
    record.restored(floor(), RULES)
    record.leave()

    assert [doubt.named_seq for doubt in record.doubts()] == [4, 6]
