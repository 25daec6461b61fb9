"""Only a snapshot that an anchor names as it is now is used at a start."""

import shutil

import pytest
from left_folders import (
    RULES,
    alter_snapshot,
    doubt_of,
    flip_a_bit,
    floor,
    only,
    recorded,
    run_to,
    snapshot_of,
)


def test_a_snapshot_that_is_contradicted_is_never_used(data):
    shutil.copy(data / "audit.db", data / "older.db")
    run_to(data, 20)
    (data / "older.db").replace(data / "audit.db")

    record = recorded(data)

    assert record.doubts()
    assert record.restored(floor(), RULES).seq == 9
    record.leave()


@pytest.mark.parametrize("alter", [alter_snapshot, flip_a_bit])
def test_a_snapshot_that_was_altered_is_not_used_and_doubted(data, alter):
    alter(snapshot_of(data, 9))

    record = recorded(data)
    state = record.restored(floor(), RULES)
    record.leave()

    assert (state.seq, state.done_count) == (9, 0)
    (doubt,) = record.doubts()
    assert (doubt.witness, doubt.named_seq, doubt.found_seq) == ("snapshot", 9, 9)
    assert "is not the one that was written" in doubt.text


def test_beside_an_altered_snapshot_the_older_one_is_used(data):
    run_to(data, 20)
    alter_snapshot(snapshot_of(data, 20))
    record = recorded(data)

    assert [image.seq for image in record._examined.usable] == [9]
    assert record.restored(floor(), RULES).done_count == 0
    record.leave()


def test_a_snapshot_that_no_anchor_names_is_not_believed(data):
    alter_snapshot(snapshot_of(data, 9))
    only(data, "snapshot")

    record = recorded(data)
    state = record.restored(floor(), RULES)
    record.leave()

    assert (state.seq, state.done_count) == (9, 0)


def test_snapshots_that_are_gone_are_not_doubted(data):
    shutil.rmtree(data / "snapshots")

    assert doubt_of(data) is None


def test_a_start_without_rows_leaves_its_snapshots_proven(data):
    run_to(data, 9, "second life")
    record = recorded(data)

    assert [image.seq for image in record._examined.usable] == [9]
    record.leave()
