"""What the ring held and the journal did not is owed at a start; a ring that is lost is doubted."""

import json
import shutil
import sqlite3
from contextlib import closing, contextmanager

import pytest
from left_folders import (
    IDA,
    RULES,
    SMALL,
    doubt_of,
    doubt_row,
    entry,
    floor,
    given_row,
    killed,
    put_into_ring,
    recorded,
    snapshot_of,
    until,
)

from fleetapp.api.commands import HoldRobot, StopAll
from fleetapp.audit.anchor import read_anchor
from fleetapp.audit.ring_slots import FREE, SLOT_BYTES, SLOTS
from fleetapp.core.observations import CommandGiven
from fleetapp.core.observations_engine import RecordDoubted
from fleetapp.core.rows import Entry
from fleetapp.core.state import State
from fleetapp.core.turn import Row
from fleetapp.engine.record import Record


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


def tear_a_slot(ring):
    data = bytearray(ring.read_bytes())
    data[60] ^= 1
    ring.write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda ring: ring.unlink(), "is gone"),
        (lambda ring: ring.write_bytes(b""), "was cut"),
        (tear_a_slot, "cannot be read in 1 of its 256 slots"),
    ],
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


def test_a_ring_that_is_taken_away_while_the_engine_runs_halts_the_fleet(data, caplog):
    told = []
    record = Record(data, SMALL, "b00t", told.append)
    record.owed()
    record.start()

    (data / "ring").unlink()

    until(lambda: any(isinstance(item, RecordDoubted) for item in told))
    killed(record)
    (doubt,) = (item for item in told if isinstance(item, RecordDoubted))
    assert (doubt.witness, doubt.named_seq, doubt.found_seq) == ("ring", 0, 9)
    assert "removed, replaced, cut or altered while the fleet ran" in doubt.text
    assert (data / "evidence" / "b00t" / "doubt.json").exists()
    assert doubt_of(data) == doubt  # its row was never written
    assert (data / "ring").exists()


def test_a_folder_from_before_there_was_a_ring_is_not_doubted(data, caplog):
    (data / "ring").unlink()
    (data / "audit.anchor").unlink()
    alone = json.loads(snapshot_of(data, 9).read_bytes())["state"]
    snapshot_of(data, 9).write_text(json.dumps(alone))  # it named no row then

    assert doubt_of(data) is None
    assert "it names no row" in caplog.text


@pytest.mark.parametrize("spoil", [lambda _anchor: None, lambda anchor: anchor.write_text("{")])
def test_a_ring_that_is_lost_beside_any_anchor_is_doubted(data, spoil):
    (data / "ring").unlink()
    shutil.rmtree(data / "snapshots")
    spoil(data / "audit.anchor")

    record = recorded(data)
    record.leave()

    assert "ring" in [doubt.witness for doubt in record.doubts()]


def test_a_ring_that_was_lost_is_still_doubted_when_the_start_that_saw_it_was_killed(data):
    (data / "ring").unlink()
    record = recorded(data)
    (doubt,) = record.doubts()
    record.start()  # it makes a new ring
    killed(record)

    assert doubt_of(data) == doubt


def kept_while_locked(data, *stops):
    """An engine that was killed while its journal was locked, with these stops in force."""
    record = recorded(data, "b00t")
    record.owed()
    record.start()
    last = record.journal.durable_seq
    record.journal.append([entry(last + 1)])
    until(lambda: record.journal.durable_seq == last + 1)
    older = (data / "ring").read_bytes()
    for n, stop in enumerate(stops, last + 2):
        record.ring.keep(n, stop)
    until(lambda: len(read_anchor(data / "audit.anchor").ring) == len(stops))
    killed(record)
    return older


@contextmanager
def locked(database):
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


STOPS = tuple(CommandGiven(1, StopAll(f"c-{n}", "smoke"), IDA) for n in (1, 2))


@pytest.mark.parametrize("how", ["older", "freed", "half of it"])
def test_a_ring_that_lacks_what_an_anchor_names_is_doubted(data, how):
    older = kept_while_locked(data, *STOPS)
    kept = (data / "ring").read_bytes()
    rings = {"older": older, "freed": FREE * SLOTS, "half of it": kept[:SLOT_BYTES] + FREE * 255}

    (data / "ring").write_bytes(rings[how])

    lost = 1 if how == "half of it" else 2
    doubt = doubt_of(data)
    assert (doubt.witness, doubt.named_seq, doubt.found_seq) == ("ring", 0, 10)
    assert f"lacks {lost} entries that an anchor names, the newest number 2" in doubt.text


def test_a_ring_that_holds_what_an_anchor_names_is_not_doubted(data):
    kept_while_locked(data, *STOPS)

    record = recorded(data)

    assert record.doubts() == ()
    assert record.owed() == STOPS
    record.leave()


def test_what_an_anchor_names_may_be_gone_from_the_ring_when_its_row_is_durable(data):
    kept_while_locked(data, *STOPS)
    record = recorded(data)
    record.journal.start()
    record.journal.append([given_row(11, STOPS[0]), given_row(12, STOPS[1])])
    until(lambda: record.journal.durable_seq == 12)
    anchor = (data / "audit.anchor").read_bytes()
    killed(record)
    (data / "audit.anchor").write_bytes(anchor)

    (data / "ring").write_bytes(FREE * SLOTS)

    assert doubt_of(data) is None


def test_a_stop_before_the_first_row_of_a_start_is_named_too(data):
    record = recorded(data, "b00t")
    record.owed()
    with locked(data / "audit.db"):
        record.start()
        record.journal.append([entry(10)])
        record.ring.keep(11, STOPS[0])
        until(lambda: read_anchor(data / "audit.anchor").ring == ((1, 11),))
        named = read_anchor(data / "audit.anchor")
    killed(record)

    assert (named.seq, named.boot_id) == (9, "boot")
    assert len(named.snapshots) == 1
