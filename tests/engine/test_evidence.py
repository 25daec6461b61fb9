"""What speaks against a journal is on the disk before what it was copied from may go."""

import json
import shutil

import pytest
from left_folders import (
    RULES,
    cut_after,
    doubt_of,
    doubt_row,
    entry,
    floor,
    put_into_ring,
    recorded,
    run_to,
    snapshot_of,
    until,
)

from fleetapp.core.state import State
from fleetapp.core.turn import Row
from fleetapp.engine.data_folder import DataFolder
from fleetapp.engine.evidence import keep_evidence
from fleetapp.engine.witnesses import Doubt

DOUBT = Doubt("ring", 0, 9, "the emergency ring is gone")


def test_evidence_outlives_a_power_cut(tmp_path, reached_the_disk):
    folder = DataFolder(tmp_path)
    folder.anchor.write_bytes(b"{}")

    assert keep_evidence(folder, "b00t", DOUBT, ())

    assert reached_the_disk == [
        "flush evidence",
        f"flush {tmp_path.name}",
        "flush doubt.json.part",
        "rename doubt.json",
        "flush b00t",
        "flush audit.anchor.part",
        "rename audit.anchor",
        "flush b00t",
    ]


def test_a_link_is_kept_as_a_link_also_where_half_a_copy_was_left(tmp_path):
    folder = DataFolder(tmp_path)
    folder.ring.symlink_to("elsewhere")
    (tmp_path / "elsewhere").write_bytes(b"somebody's")
    left = tmp_path / "evidence" / "b00t" / "ring.part"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")

    assert keep_evidence(folder, "b00t", DOUBT, ())

    assert (left.parent / "ring").is_symlink()
    assert not left.exists()


def test_what_contradicted_is_kept_and_then_out_of_the_way(data):
    put_into_ring(data)
    shutil.copy(data / "audit.db", data / "older.db")
    run_to(data, 20)
    (data / "older.db").replace(data / "audit.db")
    left = {p.name: p.read_bytes() for p in (data / "audit.anchor", data / "ring")}

    record = recorded(data, "b00t")
    record.owed()
    record.start()
    (doubt,) = record.doubts()
    record.journal.append([entry(10), doubt_row(11, doubt)])
    record.note([Row(10, entry(10), None), Row(11, doubt, None)])
    record.finish(State(floor(), RULES, seq=11))
    record.leave()

    evidence = data / "evidence" / "b00t"
    assert {name: (evidence / name).read_bytes() for name in left} == left
    assert (evidence / "000000000020.json").exists()
    assert json.loads((evidence / "doubt.json").read_text())["named_seq"] == 20
    assert sorted(p.name for p in data.glob("snapshots/*.json")) == [
        "000000000009.json",
        "000000000011.json",
    ]
    assert doubt_of(data) is None  # it has been said: the next start is a usual one


@pytest.mark.parametrize("name", ["audit.anchor", "ring", "doubt.json", "000000000009.json"])
def test_the_second_place_is_kept_whatever_its_name_is(data, tmp_path_factory, name):
    second = tmp_path_factory.mktemp("elsewhere") / name
    shutil.copytree(data, data.with_name("older"))
    run_to(data, 20, second_anchor=str(second))
    left = second.read_bytes()
    shutil.rmtree(data)
    data.with_name("older").rename(data)  # all of it, as a backup is put back

    run_to(data, 12, "b00t", second_anchor=str(second))

    kept = data / "evidence" / "b00t"
    assert (kept / "second.anchor").read_bytes() == left
    assert json.loads((kept / "audit.anchor").read_bytes())["seq"] == 9
    assert second.read_bytes() != left  # it follows the journal again


def test_before_the_doubt_is_recorded_its_witnesses_stay(data):
    cut_after(data / "audit.db", 6)
    record = recorded(data)
    record.start()
    record.ring.stop()
    record.audit.stop_verifying()
    record.journal.close()
    record.leave()  # ended before its first row

    assert doubt_of(data).named_seq == 9


def test_evidence_that_cannot_be_copied_stays_where_it_is(data, caplog):
    shutil.copy(data / "audit.db", data / "older.db")
    run_to(data, 20)
    (data / "older.db").replace(data / "audit.db")
    (data / "evidence").write_text("a file where the folder should be")
    witnesses = (data / "audit.anchor", snapshot_of(data, 20))
    left = {path: path.read_bytes() for path in witnesses}

    for n in range(4):  # as many starts as snapshots are kept, and one more
        record = recorded(data, f"boot-{n}")
        record.restored(floor(), RULES)
        record.owed()
        first = record.doubts()[0]
        record.start()
        seq = record.journal.durable_seq
        record.journal.append([doubt_row(seq + 1, first), entry(seq + 2)])
        record.note([Row(seq + 1, first, None)])
        until(lambda seq=seq, record=record: record.journal.durable_seq == seq + 2)
        record.finish(State(floor(), RULES, seq=seq + 2))
        assert record.status()["anchor"]["ok"] is False
        record.leave()

    assert {path: path.read_bytes() for path in witnesses} == left
    assert "is not whole" in caplog.text

    (data / "evidence").unlink()
    record = recorded(data, "able")
    (first,) = record.doubts()
    record.start()
    seq = record.journal.durable_seq
    record.journal.append([doubt_row(seq + 1, first)])
    record.note([Row(seq + 1, first, None)])
    record.finish(State(floor(), RULES))
    record.leave()
    kept = {path: (data / "evidence" / "able" / path.name).read_bytes() for path in witnesses}
    assert kept == left
    assert doubt_of(data) is None
