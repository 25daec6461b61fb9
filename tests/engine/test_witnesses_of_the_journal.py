"""Anchor, snapshots and ring tell at a start whether this is the journal that was left."""

import shutil
import sqlite3

import pytest
from left_folders import (
    RULES,
    cut_after,
    doubt_of,
    entry,
    floor,
    only,
    put_into_ring,
    recorded,
    run_to,
    until,
)

from fleetapp.core.state import State


def test_a_fresh_folder_and_one_that_was_left_in_order_are_not_doubted(tmp_path):
    assert doubt_of(tmp_path) is None
    run_to(tmp_path, 9)
    assert doubt_of(tmp_path) is None
    run_to(tmp_path, 12)
    assert doubt_of(tmp_path) is None


def test_a_journal_that_is_ahead_of_its_anchor_is_usual(data):
    before = (data / "audit.anchor").read_bytes()
    run_to(data, 30)
    (data / "audit.anchor").write_bytes(before)

    assert doubt_of(data) is None


def test_a_folder_from_before_there_were_anchors_is_not_doubted(data):
    only(data, "nothing")

    assert doubt_of(data) is None


@pytest.mark.parametrize("witness", ["anchor", "snapshot", "ring"])
def test_rows_cut_off_the_end_are_noticed_by_each_witness_alone(data, witness):
    put_into_ring(data)
    only(data, witness)
    cut_after(data / "audit.db", 6)

    doubt = doubt_of(data)

    assert (doubt.witness, doubt.named_seq, doubt.found_seq) == (witness, 9, 6)
    assert "ends at row 6, it held row 9" in doubt.text


@pytest.mark.parametrize("witness", ["anchor", "snapshot", "ring"])
def test_a_database_that_is_gone_is_noticed_by_each_witness_alone(data, witness):
    put_into_ring(data)
    only(data, witness)
    for path in data.glob("audit.db*"):
        path.unlink()

    doubt = doubt_of(data)

    assert (doubt.witness, doubt.named_seq, doubt.found_seq) == (witness, 9, 0)
    assert "is gone" in doubt.text


@pytest.mark.parametrize("witness", ["anchor", "snapshot", "ring"])
def test_an_altered_last_row_is_noticed_by_each_witness_alone(data, witness):
    put_into_ring(data)
    only(data, witness)
    connection = sqlite3.connect(data / "audit.db")
    connection.execute("DROP TRIGGER journal_no_update")
    connection.execute("UPDATE journal SET actor = 'nobody' WHERE seq = 9")
    connection.commit()
    connection.close()

    doubt = doubt_of(data)

    assert (doubt.witness, doubt.named_seq, doubt.found_seq) == (witness, 9, 9)
    assert "is not the one that was written" in doubt.text


def test_an_older_copy_is_noticed_also_when_it_has_grown_since(data):
    older = data / "older.db"
    shutil.copy(data / "audit.db", older)
    run_to(data, 20)
    shutil.copy(older, data / "audit.db")
    kept = [(p, p.read_bytes()) for p in (data / "audit.anchor", *data.glob("snapshots/*20.json"))]
    for path, _ in kept:
        path.unlink()
    run_to(data, 25, "another life")  # other rows under the same numbers
    for path, content in kept:
        path.write_bytes(content)

    doubt = doubt_of(data)

    assert (doubt.named_seq, doubt.found_seq) == (20, 25)
    assert "anchor, snapshot" in doubt.text


def test_a_log_that_was_deleted_beside_the_database_is_noticed(tmp_path):
    record = recorded(tmp_path)
    record.start()
    record.journal.append([entry(n) for n in range(1, 10)])
    until(lambda: record.journal.durable_seq == 9 and record.folder.anchor.exists())
    for name in ("audit.db", "audit.anchor"):  # as a kill leaves them, but for the log
        shutil.copy(tmp_path / name, tmp_path / f"kept-{name}")
    record.finish(State(floor(), RULES))
    record.leave()
    shutil.rmtree(tmp_path / "snapshots")
    for name in ("audit.db", "audit.anchor"):
        (tmp_path / f"kept-{name}").replace(tmp_path / name)
    for path in tmp_path.glob("audit.db-*"):
        path.unlink()

    doubt = doubt_of(tmp_path)

    assert (doubt.witness, doubt.found_seq) == ("anchor", 0)


def test_a_second_place_is_a_witness_when_the_whole_folder_is_gone(tmp_path):
    data, second = tmp_path / "data", str(tmp_path / "elsewhere.anchor")
    run_to(data, 9, second_anchor=second)
    shutil.rmtree(data)

    doubt = doubt_of(data, second_anchor=second)

    assert (doubt.witness, doubt.named_seq, doubt.found_seq) == ("second anchor", 9, 0)


def test_the_anchor_of_another_fleet_is_left_alone_and_told(tmp_path, caplog):
    second = tmp_path / "elsewhere.anchor"
    run_to(tmp_path / "one", 9, second_anchor=str(second))
    before = second.read_bytes()

    run_to(tmp_path / "two", 3, second_anchor=str(second))

    assert doubt_of(tmp_path / "two", second_anchor=str(second)) is None
    assert second.read_bytes() == before
    assert f"holds the anchor of {tmp_path / 'one'}" in caplog.text


def test_a_second_place_that_cannot_be_read_is_told_and_is_no_doubt(data, caplog):
    (data / "elsewhere.anchor").mkdir()
    record = recorded(data, second_anchor=str(data / "elsewhere.anchor"))
    record.leave()

    assert record.doubts() == ()
    assert record.status()["second_anchor"]["ok"] is False
    assert "does not work" in caplog.text


def test_a_damaged_anchor_is_doubted(data):
    (data / "audit.anchor").write_bytes(b"{")

    doubt = doubt_of(data)

    assert (doubt.witness, doubt.named_seq, doubt.found_seq) == ("anchor", 0, 9)
    assert "is no anchor" in doubt.text
