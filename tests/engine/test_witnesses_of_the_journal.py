"""Anchor, snapshots and ring tell at a start whether this is the journal that was left."""

import hashlib
import json
import shutil
import sqlite3
import time
from functools import cache
from pathlib import Path

import pytest

from fleetapp.api.commands import HoldRobot, Person, StopAll
from fleetapp.audit.chain import row_hash
from fleetapp.audit.ring import Ring, Told
from fleetapp.core.codec import encode
from fleetapp.core.observations import CommandGiven
from fleetapp.core.observations_engine import RecordDoubted
from fleetapp.core.rows import Entry
from fleetapp.core.state import Rules, State, prepare_floor
from fleetapp.core.turn import Row
from fleetapp.engine.doubts import MOST_BROKEN
from fleetapp.engine.record import Record
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.terms.modes import Role

SMALL = Path(__file__).parents[2] / "maps" / "small"
RULES = Rules(confidence_permille=600)
PATIENCE_S = 10
IDA = Person("Ida", Role.OPERATOR, signed_in=True)


@cache
def floor():
    site = load_site(SMALL)
    return prepare_floor(site, build_roadmaps(site, None))


def until(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def entry(seq):
    body = b'{"at_ms":1,"robot_id":"m/r"}'
    return Entry(seq, seq, "input", "Heartbeat", 1, "system", "m/r", None, None, None, None, body)


def doubt_row(seq, doubt):
    return Entry(seq, 1, "input", "RecordDoubted", 1, "system", *[None] * 5, encode(doubt))


def recorded(data, boot_id="boot", **more):
    return Record(data, SMALL, boot_id, lambda _item: None, **more)


def run_to(data, seq, boot_id="boot", **more):
    """An engine's record that writes rows up to a number, then ends in order."""
    record = recorded(data, boot_id, **more)
    record.restored(floor(), RULES)
    record.owed()
    record.start()
    record.journal.append([entry(n) for n in range(record.journal.durable_seq + 1, seq + 1)])
    record.finish(State(floor(), RULES, seq=seq))
    record.leave()


def doubt_of(data, **more):
    record = recorded(data, "looking", **more)
    record.leave()
    return next(iter(record.doubts()), None)


def cut_after(database, seq):
    connection = sqlite3.connect(database)
    connection.execute("DROP TRIGGER journal_no_delete")
    connection.execute("DELETE FROM journal WHERE seq > ?", (seq,))
    connection.commit()
    connection.close()


@pytest.fixture
def data(tmp_path):
    """A data folder with a journal of nine rows, its anchor and a snapshot."""
    run_to(tmp_path, 9)
    return tmp_path


def only(data, witness):
    """Take the other witnesses away."""
    if witness != "anchor":
        (data / "audit.anchor").unlink()
    if witness != "snapshot":
        shutil.rmtree(data / "snapshots")
    if witness != "ring":
        (data / "ring").unlink()


def put_into_ring(data):
    """A stop that was given when the journal's end was durable, and is recorded by now."""
    record = recorded(data)
    ring = Ring(data / "ring", "b", lambda: record.journal.durable_head, Told(print, print))
    ring.start()
    ring.keep(10, CommandGiven(1, StopAll("c-1", "test"), IDA))
    ring.stop()
    record.leave()


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


def test_a_snapshot_that_is_contradicted_is_never_used(data):
    shutil.copy(data / "audit.db", data / "older.db")
    run_to(data, 20)
    (data / "older.db").replace(data / "audit.db")

    record = recorded(data)

    assert record.doubts()
    assert record.restored(floor(), RULES).seq == 9
    record.leave()


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


def test_before_the_doubt_is_recorded_its_witnesses_stay(data):
    cut_after(data / "audit.db", 6)
    record = recorded(data)
    record.start()
    record.ring.stop()
    record.audit.stop_verifying()
    record.journal.close()
    record.leave()  # ended before its first row

    assert doubt_of(data).named_seq == 9


def test_a_command_that_the_journal_never_got_is_owed_once(data):
    put_into_ring(data)
    record = recorded(data)

    owed = record.owed()

    assert [given.command for given in owed] == [StopAll("c-1", "test")]
    assert owed[0].person == IDA
    record.leave()


def test_a_command_under_a_number_that_was_used_long_before_is_owed_too(tmp_path):
    given = CommandGiven(1, StopAll("c-1", "test"), IDA)
    body = b'{"at_ms":1,"command":{"command_id":"c-1","reason":""},"command_type":"StopAll"}'
    record = recorded(tmp_path)
    record.start()
    record.journal.append(
        [
            Entry(1, 1, "input", "CommandGiven", 1, "Ida", None, None, None, None, None, body),
            entry(2),
        ]
    )
    until(lambda: record.journal.durable_seq == 2)
    record.ring.keep(3, given)
    record.ring.stop()
    record.journal.close()
    record.audit.stop_verifying()
    record.leave()

    again = recorded(tmp_path)

    assert again.owed() == (given,)
    again.leave()


def altered(database, seq):
    connection = sqlite3.connect(database)
    connection.execute("DROP TRIGGER IF EXISTS journal_no_update")
    connection.execute("UPDATE journal SET actor = 'nobody' WHERE seq = ?", (seq,))
    connection.commit()
    connection.close()


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


def snapshot_of(data, seq):
    return data / "snapshots" / f"{seq:012d}.json"


def alter_snapshot(path):
    """What somebody does who lets robots drive again: the state changed, the checksum remade."""
    file = json.loads(path.read_bytes())
    state = {**file["state"], "done_count": 4711}
    content = json.dumps(state, separators=(",", ":"))
    row = f"{file['seq']} {file['row_hash']} ".encode()
    checksum = hashlib.sha256(row + content.encode()).hexdigest()
    path.write_text(
        f'{{"seq":{file["seq"]},"row_hash":"{file["row_hash"]}",'
        f'"checksum":"{checksum}","state":{content}}}'
    )


def flip_a_bit(path):
    data = bytearray(path.read_bytes())
    data[data.index(b'"done_count":') + 13] ^= 1
    path.write_bytes(data)


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


@pytest.mark.parametrize(
    ("damage", "words"),
    [(lambda ring: ring.unlink(), "is gone"), (lambda ring: ring.write_bytes(b""), "was cut")],
)
def test_a_ring_that_is_lost_beside_a_journal_is_doubted_once(data, damage, words):
    damage(data / "ring")

    record = recorded(data)
    (doubt,) = record.doubts()
    record.start()
    record.journal.append([entry(10), doubt_row(11, doubt)])
    record.note([Row(11, doubt, None)])
    record.finish(State(floor(), RULES))
    record.leave()

    assert (doubt.witness, doubt.named_seq, doubt.found_seq) == ("ring", 0, 9)
    assert words in doubt.text
    assert doubt_of(data) is None


def given_row(seq, given):
    return Entry(seq, 1, "input", "CommandGiven", 1, "Ida", *[None] * 5, encode(given))


def killed(record):
    """What lies on the disk when the engine is no more."""
    record.ring.stop()
    record.journal.close()
    record.audit.stop_verifying()
    record.leave()


def test_two_commands_of_one_id_are_owed_each_for_itself(tmp_path):
    first, second = (
        CommandGiven(1, HoldRobot("c-1", robot, "smoke"), IDA) for robot in ("m/a", "m/b")
    )
    record = recorded(tmp_path)
    record.start()
    record.ring.keep(2, first)
    record.ring.keep(3, second)
    record.journal.append([entry(1), given_row(2, first)])
    until(lambda: record.journal.durable_seq == 2)
    killed(record)

    again = recorded(tmp_path)
    assert again.owed() == (second,)
    again.start()
    again.note([Row(3, second, None)])
    again.journal.append([given_row(3, second)])
    until(lambda: again.journal.durable_seq == 3)
    killed(again)

    third = recorded(tmp_path)
    assert third.owed() == ()  # it entered at the second start, under another number
    third.leave()


def test_a_stop_that_was_given_again_under_its_id_is_owed_though_the_first_is_recorded(tmp_path):
    stop = CommandGiven(1, StopAll("c-1", "smoke"), IDA)
    record = recorded(tmp_path)
    record.start()
    record.ring.keep(2, stop)
    record.ring.keep(5, stop)  # after a release that has row 4
    record.journal.append([entry(1), given_row(2, stop), entry(3), entry(4)])
    until(lambda: record.journal.durable_seq == 4)
    killed(record)

    again = recorded(tmp_path)

    assert again.owed() == (stop,)
    again.leave()


def a_stranger_writes(data, seq):
    """A row with a right chain, as another program appends it."""
    connection = sqlite3.connect(data / "audit.db")
    (before,) = connection.execute("SELECT hash FROM journal ORDER BY seq DESC").fetchone()
    values = (seq, 1, 1, "x", "input", "Heartbeat", 1, "x", *[None] * 5, '{"at_ms":1}')
    own = row_hash(bytes.fromhex(before), values).hex()
    connection.execute(
        f"INSERT INTO journal VALUES ({', '.join('?' * 16)})", (*values, before, own)
    )
    connection.commit()
    connection.close()


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


def test_a_ring_that_was_lost_is_still_doubted_when_the_start_that_saw_it_was_killed(data):
    (data / "ring").unlink()
    record = recorded(data)
    (doubt,) = record.doubts()
    record.start()  # it makes a new ring
    killed(record)

    assert doubt_of(data) == doubt


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
