"""A journal that another hand writes to, removes or alters: nothing is durable in it, and told."""

import contextlib
import sqlite3

import pytest
from running_journals import Told, entry, journal

from fleetapp.audit import writer as writer_module
from fleetapp.audit.database import last_row, open_writer
from fleetapp.audit.verify import verify
from fleetapp.audit.writer import JournalWriter


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


def test_each_time_that_a_file_is_taken_away_is_told_once(tmp_path):
    running = Doubts(tmp_path / "audit.db")

    for seq in (4, 5):
        remove_log(running.path)
        running.append(seq)
        running.told.until(lambda seq=seq: running.told.seq == seq)
    assert running.writer.close()

    assert len(running.said) == 2
    assert verify(running.path).rows == 5


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


INDICES = {
    "unique": 'CREATE UNIQUE INDEX "by ""type" ON journal (type) WHERE seq > 3',
    "of an expression that fails": 'CREATE INDEX "by ""type" ON journal '
    "(json_extract(body, CASE WHEN seq > 3 THEN 'no path' ELSE '$' END))",
}


@pytest.mark.parametrize("name", sorted(INDICES))
def test_an_index_that_refuses_rows_is_taken_out_and_told(tmp_path, name):
    running = Doubts(tmp_path / "audit.db")
    with contextlib.closing(sqlite3.connect(running.path)) as stranger:
        stranger.execute(INDICES[name])

    running.append(4, 5)

    running.told.until(lambda: running.told.seq == 5)
    assert running.writer.close()
    assert verify(running.path).rows == 5
    assert [seq for seq, why in running.said if 'index by "type' in why] == [3]
    assert running.told.troubles == []


def test_an_index_that_was_put_there_between_two_starts_is_taken_out_and_told(tmp_path):
    Doubts(tmp_path / "audit.db").writer.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "audit.db")) as stranger:
        stranger.execute("CREATE UNIQUE INDEX one_of_each ON journal (type) WHERE seq > 3")
    told, said = Told(), []
    again = JournalWriter(
        tmp_path / "audit.db",
        "boot-2",
        on_durable=told.durable,
        on_trouble=told.trouble,
        on_recovered=told.back,
        on_foreign=lambda seq, why: said.append((seq, why)),
    )

    again.start()
    again.append([entry(4), entry(5)])

    told.until(lambda: told.seq == 5)
    assert again.close()
    assert [seq for seq, why in said if "index one_of_each" in why] == [3]


def test_an_index_of_another_table_stays(tmp_path):
    running = Doubts(tmp_path / "audit.db")
    with contextlib.closing(sqlite3.connect(running.path)) as stranger:
        stranger.execute("CREATE TABLE notes (text)")
        stranger.execute("CREATE UNIQUE INDEX by_text ON notes (text)")

    running.append(4)

    running.told.until(lambda: running.told.seq == 4)
    assert running.writer.close()
    assert running.said == []


def test_a_batch_that_was_not_taken_whole_is_not_durable(tmp_path, monkeypatch):
    monkeypatch.setattr(writer_module, "put_right", lambda _connection, _name: ())
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
