"""A broken row does not end the proof: every further one is found, and the end must be there."""

import argparse
import contextlib
import json
import sqlite3

import pytest
from running_journals import entry, until

from fleetapp.audit import proving
from fleetapp.audit.chain import FIRST
from fleetapp.audit.database import last_row, open_writer
from fleetapp.audit.reader import JournalReader
from fleetapp.audit.verify import MOST_NAMED, continue_from, verify
from fleetapp.audit.writer import JournalWriter
from fleetapp.cli.audit import add_parser

LARGEST = 2**63 - 1


@pytest.fixture
def path(tmp_path):
    """A journal of thirty rows."""
    writer = JournalWriter(
        tmp_path / "audit.db",
        "boot",
        on_durable=lambda _seq: None,
        on_trouble=print,
        on_recovered=lambda: None,
    )
    writer.start()
    writer.append([entry(n) for n in range(1, 31)])
    assert writer.close()
    return tmp_path / "audit.db"


def tamper(path, sql):
    with contextlib.closing(sqlite3.connect(path, timeout=5)) as stranger:
        stranger.execute("PRAGMA ignore_check_constraints = ON")
        stranger.execute("DROP TRIGGER IF EXISTS journal_no_update")
        stranger.execute("DROP TRIGGER IF EXISTS journal_no_delete")
        stranger.execute(sql)
        stranger.commit()


def alter(path, seq):
    tamper(path, f"UPDATE journal SET actor = 'nobody' WHERE seq = {seq}")


def insert_at(path, seq):
    columns = "wall_ns, mono_ns, boot_id, kind, type, version, actor, robot_id, task_id, order_id"
    rest = f"{columns}, order_update_id, cause_seq, body, prev_hash, hash"
    tamper(path, f"INSERT INTO journal SELECT {seq}, {rest} FROM journal WHERE seq = 3")


def test_every_broken_row_is_named_not_only_the_first(path):
    alter(path, 4)
    alter(path, 20)
    tamper(path, "DELETE FROM journal WHERE seq BETWEEN 12 AND 14")
    tamper(path, "UPDATE journal SET body = CAST(X'22FFFE22' AS TEXT) WHERE seq = 25")
    alter(path, 28)

    result = verify(path)

    assert not result.ok
    assert [broken.seq for broken in result.broken] == [4, 12, 20, 25, 28]
    assert (result.bad_seq, result.last_seq, result.ends_at) == (4, 3, 30)
    for words in ("row 4 does", "row 12 is missing: the next is 15", "row 25 holds", "row 28"):
        assert words in result.message


def test_going_on_from_a_row_that_is_gone_or_is_another_says_so_first(path):
    before = continue_from(path, 0, FIRST, most=12)

    alter(path, 12)
    tamper(path, "UPDATE journal SET hash = zeroblob(32) WHERE seq = 12")
    altered = continue_from(path, 12, bytes.fromhex(before.head))
    tamper(path, "DELETE FROM journal WHERE seq = 12")
    gone = continue_from(path, 12, bytes.fromhex(before.head))

    assert (altered.ok, altered.bad_seq) == (False, 12)
    assert "row 12 is not the one that was verified before" in altered.message
    assert (gone.ok, gone.bad_seq) == (False, 12)
    assert "row 12 is missing: it was there before" in gone.message


def test_a_row_behind_missing_ones_is_proven_by_what_it_names(path):
    tamper(path, "DELETE FROM journal WHERE seq = 12")
    alter(path, 13)

    assert [broken.seq for broken in verify(path).broken] == [12, 13]


@pytest.mark.parametrize("seq", [-5, 0, LARGEST])
def test_a_row_outside_the_numbers_is_found(path, seq):
    insert_at(path, seq)

    result = verify(path)

    assert [broken.seq for broken in result.broken] == [seq]
    assert "lies outside" in result.message


def test_a_number_that_no_journal_reaches_is_not_its_end(path):
    before = last_row(path)
    insert_at(path, LARGEST)

    assert last_row(path) == before


def test_a_new_database_takes_no_row_outside_the_numbers(tmp_path):
    database = open_writer(tmp_path / "new.db", 100)

    for seq in (-5, 0, LARGEST):
        with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
            database.conn.execute(
                f"INSERT INTO journal VALUES ({seq}, 1, 1, '', '', '', 1, '', '', '', '', 1, 1, "
                "'', '', '')"
            )
    database.conn.close()


def test_many_broken_rows_are_named_up_to_a_bound(path):
    assert MOST_NAMED >= 1000
    tamper(path, "UPDATE journal SET actor = 'nobody' WHERE seq > 5")

    result = verify(path)

    assert len(result.broken) == 25
    assert result.message.endswith("and 15 more")


def test_the_command_names_them_all(path, capsys):
    alter(path, 4)
    alter(path, 20)
    parser = argparse_of(add_parser)

    options = parser.parse_args(["audit", "verify", str(path.parent), "--json"])

    assert options.run(options) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["first_bad_seq"], told["bad_seqs"]) == (4, [4, 20])


def argparse_of(add):
    parser = argparse.ArgumentParser()
    add(parser.add_subparsers())
    return parser


@pytest.fixture
def quick(monkeypatch):
    """A proof that goes round all the time."""
    monkeypatch.setattr(proving, "VERIFY_EVERY_S", 0.02)


@pytest.fixture
def prove(path, quick):
    """Begin to prove this journal; what is told, and the reader."""
    readers = []

    def begun(durable_seq=30):
        told = []
        reader = JournalReader(path, told.append, lambda: durable_seq)
        readers.append(reader)
        reader.start_verifying()
        return told, reader

    yield begun
    for reader in readers:
        reader.stop_verifying()


def test_after_a_broken_row_was_told_later_ones_are_told_too_and_each_once(path, prove):
    alter(path, 4)
    told, reader = prove()
    until(lambda: told)

    alter(path, 20)
    until(lambda: len(told) == 2)
    alter(path, 7)
    until(lambda: len(told) == 3)

    assert [broken.seq for broken in told] == [4, 20, 7]
    proof = reader.proof()
    assert (proof.ok, proof.first_bad_seq, proof.verified_to_seq) == (False, 4, 30)


def test_a_journal_that_does_not_reach_its_last_durable_row_is_told(path, prove):
    told, _ = prove(durable_seq=31)

    until(lambda: told)

    assert told[0].text == "the journal ends at row 30, row 31 was durable"


def test_a_journal_that_is_gone_under_a_running_engine_is_told(path, prove):
    path.unlink()
    told, reader = prove()

    until(lambda: told)

    assert told[0].text == "the journal ends at row 0, row 30 was durable"
    assert not reader.proof().ok


def test_another_journal_in_its_place_is_told_though_its_chain_is_whole(path, prove, tmp_path):
    told, reader = prove()
    until(lambda: reader.proof().verified_to_seq == 30)
    writer = JournalWriter(
        tmp_path / "other.db",
        "another boot",
        on_durable=lambda _seq: None,
        on_trouble=print,
        on_recovered=lambda: None,
    )
    writer.start()
    writer.append([entry(n) for n in range(1, 41)])
    assert writer.close()

    (tmp_path / "other.db").replace(path)

    until(lambda: told)
    assert told[0].text == "row 30 is not the one that was verified before"
