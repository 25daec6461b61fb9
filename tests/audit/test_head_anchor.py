"""Heads kept outside the database: written after commits, at most a second behind."""

import sqlite3
import stat
import threading
import time

import pytest
from running_journals import PATIENCE_S, entry, until

from fleetapp.audit import anchor as anchor_module
from fleetapp.audit.anchor import (
    AnchorError,
    AnchorKeeper,
    SecondPlace,
    read_anchor,
    read_distant,
)
from fleetapp.audit.database import last_row, open_writer
from fleetapp.audit.heads import EMPTY, Head, NamedHead, compare
from fleetapp.audit.writer import JournalWriter


@pytest.fixture
def journals(tmp_path):
    """Journals of one database, each with an anchor beside it."""
    opened = []

    def begun(second=None):
        keeper = AnchorKeeper(tmp_path / "audit.anchor", "boot", str(tmp_path), second)
        writer = JournalWriter(
            tmp_path / "audit.db",
            "boot",
            on_durable=lambda _seq: None,
            on_trouble=lambda _why: None,
            on_recovered=lambda: None,
            anchor=keeper,
        )
        writer.start()
        opened.append(writer)
        return writer

    yield begun
    for writer in opened:
        writer.close()


def write(writer, first, last):
    writer.append([entry(n) for n in range(first, last + 1)])
    until(lambda: writer.durable_seq == last)


def anchored(folder):
    """The row that the anchor names, 0 for none."""
    anchor = read_anchor(folder / "audit.anchor")
    return anchor.seq if anchor is not None else 0


def head_of(path):
    seq, hashed = last_row(path)
    return Head(seq, hashed.hex())


def test_the_anchor_follows_the_journal_within_a_second(tmp_path, journals):
    writer = journals()
    write(writer, 1, 5)
    until((tmp_path / "audit.anchor").exists)
    begun = time.monotonic()

    write(writer, 6, 9)

    until(lambda: anchored(tmp_path) == 9)
    assert time.monotonic() - begun < 1
    assert read_anchor(tmp_path / "audit.anchor").head == head_of(tmp_path / "audit.db")
    assert stat.S_IMODE((tmp_path / "audit.anchor").stat().st_mode) == 0o600


def test_a_journal_in_use_writes_its_anchor_a_few_times_a_second(tmp_path, journals, monkeypatch):
    written = []
    real = anchor_module.replace_whole
    monkeypatch.setattr(
        anchor_module,
        "replace_whole",
        lambda path, data: (written.append(time.monotonic()), real(path, data)),
    )
    writer = journals()

    for n in range(1, 61):
        write(writer, n, n)

    assert writer.close()
    assert len(written) <= 3 + (written[-1] - written[0]) / anchor_module.EVERY_S
    assert read_anchor(tmp_path / "audit.anchor").seq == 60


def test_a_start_that_writes_no_row_leaves_the_anchor_as_it_is(tmp_path, journals):
    first = journals()
    write(first, 1, 5)
    assert first.close()
    before = (tmp_path / "audit.anchor").read_bytes()

    assert journals().close()

    assert (tmp_path / "audit.anchor").read_bytes() == before


def test_a_second_place_gets_the_same(tmp_path, journals):
    second = SecondPlace(tmp_path / "elsewhere.anchor")
    second.start()
    writer = journals(second)

    write(writer, 1, 5)

    until((tmp_path / "elsewhere.anchor").exists)
    assert read_distant(tmp_path / "elsewhere.anchor").head == head_of(tmp_path / "audit.db")
    second.stop()


def test_a_second_place_that_fails_is_told_once_and_stops_nothing(tmp_path, journals, caplog):
    second = SecondPlace(tmp_path / "not" / "there.anchor")
    second.start()
    writer = journals(second)

    for n in range(1, 4):
        write(writer, n, n)
        until(lambda n=n: anchored(tmp_path) == n)

    assert second.trouble
    second.stop()
    assert caplog.text.count("does not work") == 1


def test_a_second_place_that_hangs_holds_up_no_row(tmp_path, journals, monkeypatch):
    hang, real = threading.Event(), anchor_module.replace_whole

    def hanging(path, data):
        if path.name == "elsewhere.anchor":
            hang.wait(PATIENCE_S)
        real(path, data)

    monkeypatch.setattr(anchor_module, "replace_whole", hanging)
    second = SecondPlace(tmp_path / "elsewhere.anchor")
    second.start()
    writer = journals(second)

    write(writer, 1, 1)
    write(writer, 2, 2)

    until(lambda: anchored(tmp_path) == 2)
    assert not (tmp_path / "elsewhere.anchor").exists()
    hang.set()
    second.stop()


def test_a_second_place_that_hangs_is_told_once_and_again_works_when_it_answers(
    tmp_path, monkeypatch, caplog
):
    hang, real = threading.Event(), anchor_module.replace_whole
    monkeypatch.setattr(anchor_module, "HANGS_S", 0.02)
    monkeypatch.setattr(
        anchor_module,
        "replace_whole",
        lambda path, data: (hang.wait(PATIENCE_S), real(path, data)),
    )
    second = SecondPlace(tmp_path / "elsewhere.anchor")
    second.start()
    second.look()
    assert not second.trouble

    second.give(b"{}")

    until(lambda: second.look() or second.trouble)
    second.look()
    assert "does not answer" in second.trouble
    assert caplog.text.count("does not work") == 1
    hang.set()
    until(lambda: not second.trouble)
    second.stop()


def test_a_second_place_is_not_written_over_before_it_is_copied(tmp_path):
    place = tmp_path / "elsewhere.anchor"
    place.write_bytes(b"what contradicts")
    second = SecondPlace(place)

    second.keep_as(tmp_path / "evidence" / "kept")
    second.start()
    second.give(b"newer")
    until(lambda: second.trouble)
    assert place.read_bytes() == b"what contradicts"
    (tmp_path / "evidence").mkdir()
    second.give(b"newest")

    until(lambda: place.read_bytes() == b"newest")
    assert (tmp_path / "evidence" / "kept").read_bytes() == b"what contradicts"
    second.stop()


def test_a_full_disk_under_the_anchor_does_not_stop_the_journal(
    tmp_path, journals, monkeypatch, caplog
):
    def full(_path, _data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(anchor_module, "replace_whole", full)
    writer = journals()

    write(writer, 1, 3)

    assert writer.close()
    assert caplog.text.count("cannot be written") == 1


def test_no_anchor_is_no_error_and_another_file_is_one(tmp_path):
    path = tmp_path / "audit.anchor"
    assert read_anchor(path) is None

    for content in (b"", b"{", b'{"seq":1}', b"\xff", b"[" * 100_000):
        path.write_bytes(content)
        with pytest.raises(AnchorError):
            read_anchor(path)


def test_what_waits_for_a_row_is_done_with_its_hash_when_it_is_durable(tmp_path, journals):
    writer = journals()
    locker = sqlite3.connect(tmp_path / "audit.db", isolation_level=None)
    write(writer, 1, 1)
    locker.execute("BEGIN IMMEDIATE")
    done = []

    writer.append([entry(n) for n in range(2, 5)])
    writer.when_durable(3, done.append)
    writer.append([entry(n) for n in range(5, 8)])
    assert done == []
    locker.execute("ROLLBACK")
    locker.close()

    until(lambda: done)
    stored = (
        sqlite3.connect(tmp_path / "audit.db")
        .execute("SELECT hash FROM journal WHERE seq = 3")
        .fetchone()[0]
    )
    assert done == [Head(3, stored)]


def test_what_is_asked_of_a_row_that_is_durable_already_is_done_at_once(tmp_path, journals):
    writer = journals()
    write(writer, 1, 4)
    done = []

    writer.when_durable(4, done.append)

    until(lambda: done)
    assert done == [head_of(tmp_path / "audit.db")]


def test_what_is_asked_of_a_row_before_the_last_one_is_done_with_its_own_hash(tmp_path, journals):
    writer = journals()
    write(writer, 1, 2)
    earlier = head_of(tmp_path / "audit.db")
    write(writer, 3, 4)
    done = []

    writer.when_durable(2, done.append)

    until(lambda: done)
    assert done == [earlier]


def test_what_fails_after_a_row_does_not_end_the_journal(tmp_path, journals, caplog):
    writer = journals()

    def broken(_head):
        raise ValueError("no snapshot today")

    writer.when_durable(1, broken)
    write(writer, 1, 1)
    write(writer, 2, 2)

    assert last_row(tmp_path / "audit.db")[0] == 2
    assert "what was to follow row 1" in caplog.text


def test_a_head_that_the_journal_holds_stands(tmp_path, journals):
    writer = journals()
    write(writer, 1, 5)
    named = NamedHead("anchor", head_of(tmp_path / "audit.db"))
    write(writer, 6, 9)

    found = compare(tmp_path / "audit.db", (named, NamedHead("ring", EMPTY)))

    assert (found.ends_at, found.contradicted) == (9, ())


def test_a_row_that_was_altered_is_found_though_its_stored_hash_was_left(tmp_path, journals):
    writer = journals()
    write(writer, 1, 5)
    named = NamedHead("anchor", head_of(tmp_path / "audit.db"))
    assert writer.close()
    connection = sqlite3.connect(tmp_path / "audit.db")
    connection.execute("DROP TRIGGER journal_no_update")
    connection.execute("""UPDATE journal SET body = '{"n":2}' WHERE seq = 5""")
    connection.commit()
    connection.close()

    assert compare(tmp_path / "audit.db", (named,)).contradicted == (named,)


def test_a_commit_is_on_the_disk_before_it_is_told(tmp_path):
    database = open_writer(tmp_path / "audit.db", 100)

    assert database.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.conn.close()
