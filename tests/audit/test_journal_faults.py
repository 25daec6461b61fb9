"""The journal under faults: killed, full, locked, hung, replaced. Acknowledged rows stay."""

import contextlib
import os
import sqlite3
import threading
import time
from multiprocessing import get_context

import pytest

from fleetapp.audit import writer as writer_module
from fleetapp.audit.database import last_row, open_writer
from fleetapp.audit.verify import verify
from fleetapp.audit.writer import Clock, JournalWriter
from fleetapp.core.rows import Entry

KILLS = 40


def entry(seq, body=b"{}"):
    return Entry(seq, seq, "input", "Heartbeat", 1, "system", "m/r", None, None, None, None, body)


class Told:
    """What the journal's callbacks said, with a way to wait for it."""

    def __init__(self):
        self.seq = 0
        self.troubles = []
        self.recovered = 0
        self.changed = threading.Condition()

    def durable(self, seq):
        with self.changed:
            self.seq = seq
            self.changed.notify_all()

    def trouble(self, why):
        with self.changed:
            self.troubles.append(why)
            self.changed.notify_all()

    def back(self):
        with self.changed:
            self.recovered += 1
            self.changed.notify_all()

    def until(self, true):
        with self.changed:
            assert self.changed.wait_for(true, timeout=15), (self.seq, self.troubles)


def journal(path, told, clock=None):
    return JournalWriter(
        path,
        "boot",
        on_durable=told.durable,
        on_trouble=told.trouble,
        on_recovered=told.back,
        clock=clock,
    )


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


def test_a_file_that_another_program_wrote_to_gets_nothing_more(tmp_path):
    path = tmp_path / "audit.db"
    told = Told()
    writer = journal(path, told)
    stranger = journal(path, Told())
    stranger.start()
    stranger.append([entry(1), entry(2)])
    assert stranger.close()

    writer.start()
    writer.append([entry(1)])

    told.until(lambda: told.troubles)
    assert "another program" in told.troubles[0]
    assert not writer.close(timeout_s=0.1)


def test_a_journal_that_cannot_be_read_is_never_taken_for_an_empty_one(tmp_path):
    path = tmp_path / "audit.db"
    path.write_bytes(b"this is no database, but long enough to be looked at" * 100)

    with pytest.raises(OSError, match="backup"):
        journal(path, Told())


def remove(path):
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink()


def put_older_back(path):
    path.with_name("older.db").replace(path)
    for name in (f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink()


def remove_log(path):
    path.with_name(f"{path.name}-wal").unlink()


class Doubts:
    """A running journal of three rows, and what it says of foreign hands."""

    def __init__(self, path):
        self.path, self.told, self.said = path, Told(), []
        self.writer = JournalWriter(
            path,
            "boot",
            on_durable=self.told.durable,
            on_trouble=self.told.trouble,
            on_recovered=self.told.back,
            on_foreign=lambda seq, why: self.said.append((seq, why)),
        )
        self.writer.start()
        self.append(1)
        self.told.until(lambda: self.told.seq == 1)
        older = path.with_name("older.db")
        with (
            contextlib.closing(sqlite3.connect(path)) as source,
            contextlib.closing(sqlite3.connect(older)) as copy,
        ):
            source.backup(copy)
        self.append(2, 3)
        self.told.until(lambda: self.told.seq == 3)

    def append(self, *seqs):
        self.writer.append([entry(seq) for seq in seqs])


@pytest.mark.parametrize("hand", [remove, put_older_back])
def test_nothing_is_durable_in_a_file_that_was_taken_away(tmp_path, hand):
    running = Doubts(tmp_path / "audit.db")

    hand(running.path)
    running.append(4)
    running.told.until(lambda: running.told.troubles)
    running.append(5)
    assert not running.writer.close(timeout_s=0.5)

    assert running.told.seq == running.writer.durable_seq == 3
    assert running.said == [(0, "audit.db or its log was removed or replaced while the fleet ran")]


def test_a_row_is_durable_only_in_the_log_that_lies_under_its_name(tmp_path):
    running = Doubts(tmp_path / "audit.db")

    remove_log(running.path)
    running.append(4)
    running.told.until(lambda: running.said)
    durable = running.told.seq
    running.writer.close(timeout_s=0.5)

    assert durable == 3
    assert last_row(running.path)[0] >= running.writer.durable_seq
    assert "removed or replaced" in running.said[0][1]


def test_a_file_that_is_taken_away_while_nothing_happens_is_noticed(tmp_path):
    running = Doubts(tmp_path / "audit.db")

    remove(running.path)

    running.told.until(lambda: running.told.troubles)
    assert len(running.said) == 1
    running.writer.close(timeout_s=0.1)


def test_a_trigger_that_swallows_rows_is_taken_out_and_told(tmp_path):
    running = Doubts(tmp_path / "audit.db")
    with contextlib.closing(sqlite3.connect(running.path)) as stranger:
        stranger.execute(
            "CREATE TRIGGER quiet BEFORE INSERT ON journal WHEN NEW.seq > 4 "
            "BEGIN SELECT RAISE(IGNORE); END"
        )

    running.append(4, 5)

    running.told.until(lambda: running.told.seq == 5)
    assert running.writer.close()
    assert verify(running.path).rows == 5
    assert [seq for seq, why in running.said if "quiet" in why] == [3]
    assert running.told.troubles == []


def test_a_batch_that_was_not_taken_whole_is_not_durable(tmp_path, monkeypatch):
    monkeypatch.setattr(writer_module, "drop_foreign_triggers", lambda _connection: ())
    running = Doubts(tmp_path / "audit.db")
    with contextlib.closing(sqlite3.connect(running.path)) as stranger:
        stranger.execute(
            "CREATE TRIGGER quiet BEFORE INSERT ON journal WHEN NEW.seq = 4 "
            "BEGIN SELECT RAISE(IGNORE); END"
        )

    running.append(4, 5)

    running.told.until(lambda: running.told.troubles)
    assert "did not take every row" in running.told.troubles[0]
    assert running.told.seq == last_row(running.path)[0] == 3
    running.writer.close(timeout_s=0.1)


def test_a_view_that_somebody_adds_is_no_trouble(tmp_path):
    running = Doubts(tmp_path / "audit.db")
    with contextlib.closing(sqlite3.connect(running.path)) as person:
        person.execute("CREATE VIEW mine AS SELECT seq FROM journal")

    running.append(4)

    running.told.until(lambda: running.told.seq == 4)
    assert (running.said, running.told.troubles) == ([], [])
    assert running.writer.close()


SWALLOWING = (
    "CREATE TRIGGER journal_no_delete BEFORE INSERT ON journal WHEN NEW.seq > 4 "
    "BEGIN SELECT RAISE(IGNORE); END"
)


@pytest.mark.parametrize(
    ("kind", "name", "instead"),
    [
        ("VIEW", "holds", "CREATE VIEW holds AS SELECT * FROM journal WHERE 0"),
        ("INDEX", "journal_command", "CREATE INDEX journal_command ON journal (kind)"),
        (
            "TRIGGER",
            "journal_no_delete",
            SWALLOWING,
        ),
    ],
)
def test_what_was_replaced_under_its_name_is_remade_at_a_start(
    tmp_path, caplog, kind, name, instead
):
    path = tmp_path / "audit.db"
    open_writer(path, 100).conn.close()
    made = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    with contextlib.closing(sqlite3.connect(path)) as stranger:
        before = stranger.execute(made).fetchall()
        stranger.execute(f"DROP {kind} {name}")
        stranger.execute(instead)
        stranger.commit()

    open_writer(path, 100).conn.close()

    with contextlib.closing(sqlite3.connect(path)) as person:
        assert person.execute(made).fetchall() == before
    assert f"{name} of the journal was altered" in caplog.text


class _Clock:
    def __init__(self):
        self.now_ns = 10**18

    def __call__(self):
        return self.now_ns
