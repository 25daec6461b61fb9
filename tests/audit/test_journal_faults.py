"""The journal under faults: killed, full, locked, hung. Acknowledged rows stay."""

import os
import sqlite3
import threading
import time
from multiprocessing import get_context

import pytest
from running_journals import Told, entry, journal

from fleetapp.audit import writer as writer_module
from fleetapp.audit.database import last_row, open_writer
from fleetapp.audit.verify import verify
from fleetapp.audit.writer import Clock, JournalWriter
from fleetapp.core.rows import Entry

KILLS = 40


def write_until_killed(path, pipe):
    """The body of a process: batches of five, each acknowledgement said through the pipe."""
    room = threading.Semaphore(8)

    def say(seq):
        os.write(pipe, b"%d\n" % seq)
        room.release()

    out = JournalWriter(path, "boot", on_durable=say, on_trouble=print, on_recovered=lambda: None)
    out.start()
    seq = out.durable_seq
    while True:
        room.acquire()
        out.append([entry(seq + n) for n in range(1, 6)])
        seq += 5


def test_forty_kills_lose_no_acknowledged_row_and_break_no_chain(tmp_path):
    path = tmp_path / "audit.db"
    acknowledged = 0

    for n in range(KILLS):
        reading, writing = os.pipe()
        process = get_context("fork").Process(target=write_until_killed, args=(path, writing))
        process.start()
        os.close(writing)
        with os.fdopen(reading) as said:
            for _ in range(1 + n % 7):
                acknowledged = int(said.readline())
            process.kill()
            for line in said:
                acknowledged = int(line)
        process.join()
        process.close()
        assert last_row(path)[0] >= acknowledged

    result = verify(path)
    assert result.ok
    assert result.rows >= acknowledged > 0


class Pragmas:
    """Reads back, on the journal's own thread and connection, how it makes rows durable."""

    def __init__(self):
        self.read = []

    def of(self, writer):
        conn = writer._file.database.conn
        names = ("synchronous", "journal_mode", "recursive_triggers")
        self.read.append(tuple(conn.execute(f"PRAGMA {name}").fetchone()[0] for name in names))


def test_what_is_called_durable_survives_a_power_cut_also_after_the_file_was_locked(tmp_path):
    path = tmp_path / "audit.db"
    told, pragmas = Told(), Pragmas()
    writer = journal(path, told)
    writer._on_durable = lambda seq: (pragmas.of(writer), told.durable(seq))
    writer.start()
    writer.append([entry(1)])
    told.until(lambda: told.seq == 1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer.append([entry(2)])
    told.until(lambda: told.troubles)
    other.execute("ROLLBACK")
    other.close()

    told.until(lambda: told.seq == 2)
    writer.close()

    assert pragmas.read == [(2, "wal", 1), (2, "wal", 1)]  # synchronous 2: FULL


def test_a_full_disk_is_told_loses_nothing_and_recovers_by_itself(tmp_path, monkeypatch):
    path = tmp_path / "audit.db"
    full = threading.Event()
    full.set()

    def on_small_disk(path, busy_ms):
        database = open_writer(path, busy_ms)
        pages = 40 if full.is_set() else 2**30
        database.conn.execute(f"PRAGMA max_page_count={pages}")
        return database

    monkeypatch.setattr(writer_module, "open_writer", on_small_disk)
    told = Told()
    writer = journal(path, told)
    writer.start()
    rows = [entry(n, b'{"text":"' + b"x" * 500 + b'"}') for n in range(1, 2001)]
    for n in range(0, len(rows), 100):
        writer.append(rows[n : n + 100])
    told.until(lambda: told.troubles)
    assert "full" in told.troubles[0]
    acknowledged = told.seq
    assert acknowledged == last_row(path)[0]

    full.clear()

    told.until(lambda: told.seq == 2000 and told.recovered == 1)
    assert writer.close()
    assert verify(path).rows == 2000


def test_a_commit_that_failed_only_for_us_is_not_written_twice(tmp_path, monkeypatch):
    path = tmp_path / "audit.db"
    told = Told()
    writer = journal(path, told)
    real = JournalWriter._write
    broken = []

    def written_but_failed(self, database, batch):
        head = real(self, database, batch)
        if not broken:
            broken.append(head)
            raise sqlite3.OperationalError("disk I/O error")
        return head

    monkeypatch.setattr(JournalWriter, "_write", written_but_failed)
    writer.start()
    writer.append([entry(n) for n in range(1, 11)])

    told.until(lambda: told.seq == 10 and told.recovered == 1)

    writer.append([entry(11)])
    told.until(lambda: told.seq == 11)
    assert writer.close()
    assert verify(path).rows == 11
    assert len(told.troubles) == 1  # the one error: what was written is not tried again


def test_a_lock_of_a_moment_is_no_trouble_and_a_longer_one_is(tmp_path):
    path = tmp_path / "audit.db"
    told, clock = Told(), _Clock()
    writer = journal(path, told, Clock(clock, clock))
    writer.start()
    writer.append([entry(1)])
    told.until(lambda: told.seq == 1)
    locker = sqlite3.connect(path, isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    writer.append([entry(2)])
    assert told.troubles == []

    clock.now_ns += 1_100_000_000

    told.until(lambda: told.troubles)
    assert told.seq == 1
    locker.execute("ROLLBACK")
    locker.close()
    told.until(lambda: told.seq == 2 and told.recovered == 1)
    assert writer.close()
    assert verify(path).ok


def test_a_disk_that_hangs_without_an_error_is_told_by_the_next_append(tmp_path, monkeypatch):
    told, clock, hang = Told(), _Clock(), threading.Event()
    real = JournalWriter._write

    def hanging(self, database, batch):
        hang.wait(15)
        return real(self, database, batch)

    monkeypatch.setattr(JournalWriter, "_write", hanging)
    writer = journal(tmp_path / "audit.db", told, Clock(clock, clock))
    writer.start()
    writer.append([entry(1)])
    clock.now_ns += 1_100_000_000
    begun = time.monotonic()

    writer.append([entry(2)])

    assert time.monotonic() - begun < 1
    assert "slow" in told.troubles[0]
    hang.set()
    told.until(lambda: told.seq == 2 and told.recovered == 1)
    assert writer.close()


def test_too_many_waiting_rows_are_trouble_however_young(tmp_path):
    told, clock = Told(), _Clock()
    writer = journal(
        tmp_path / "audit.db", told, Clock(clock, clock)
    )  # not started: nothing drains

    writer.append([entry(n) for n in range(1, 10_001)])
    assert told.troubles == []

    writer.append([entry(10_001)])

    assert len(told.troubles) == 1
    writer.start()
    told.until(lambda: told.recovered == 1)
    assert writer.close()


@pytest.mark.parametrize("body", [b"\xff", b'{"n":1}'])
def test_a_row_that_cannot_be_written_is_trouble_and_never_an_exception(tmp_path, body):
    told = Told()
    writer = journal(tmp_path / "audit.db", told)
    writer.start()
    bad = Entry(2, 2, "input", "X", 2**70, "a", None, None, None, None, None, body)

    writer.append([entry(1)])
    told.until(lambda: told.seq == 1)
    writer.append([bad])

    told.until(lambda: told.troubles)
    assert not writer.close(timeout_s=0.1)
    assert verify(tmp_path / "audit.db").rows == 1


class _Clock:
    def __init__(self):
        self.now_ns = 10**18

    def __call__(self):
        return self.now_ns
