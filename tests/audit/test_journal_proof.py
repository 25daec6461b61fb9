"""The journal on disk: durable, in order, and every changed byte is found."""

import csv
import sqlite3
import threading
from pathlib import Path

import pytest

from fleetapp.api.service import ExportRequest, JournalQuery
from fleetapp.audit.chain import COLUMNS
from fleetapp.audit.export import export
from fleetapp.audit.reader import JournalReader
from fleetapp.audit.verify import verify
from fleetapp.audit.writer import JournalWriter
from fleetapp.core.rows import Entry


def entry(seq, **changes):
    values = {
        "seq": seq,
        "at_ms": 1000 + seq,
        "kind": "decision",
        "type": "TaskMoved",
        "version": 1,
        "actor": "core",
        "robot_id": "sim/r01",
        "task_id": "T-1",
        "order_id": "o-1",
        "order_update_id": 3,
        "cause_seq": seq - 1 or None,
        "body": b'{"reason":"test"}',
    }
    return Entry(**{**values, **changes})


class Told:
    def __init__(self):
        self.durable = threading.Event()
        self.seq = 0
        self.troubles = []
        self.recovered = threading.Event()
        self.wanted = 0

    def on_durable(self, seq):
        self.seq = seq
        if seq >= self.wanted:
            self.durable.set()


def write(path, entries):
    told = Told()
    told.wanted = entries[-1].seq
    writer = JournalWriter(
        path,
        "boot",
        on_durable=told.on_durable,
        on_trouble=told.troubles.append,
        on_recovered=told.recovered.set,
    )
    writer.start()
    writer.append(entries)
    assert told.durable.wait(10)
    assert writer.close()
    return told


def test_what_was_reported_durable_is_seen_by_another_connection(tmp_path):
    path = tmp_path / "audit.db"
    write(path, [entry(n) for n in range(1, 51)])

    rows = sqlite3.connect(path).execute("SELECT count(*), max(seq) FROM journal").fetchone()

    assert rows == (50, 50)
    assert verify(path).ok


def test_the_chain_goes_on_after_a_restart(tmp_path):
    path = tmp_path / "audit.db"
    write(path, [entry(1), entry(2)])
    write(path, [entry(3)])

    result = verify(path)

    assert result.ok
    assert result.rows == 3


@pytest.mark.parametrize("column", [*COLUMNS, "prev_hash", "hash"])
def test_a_change_in_any_column_of_any_row_is_found(tmp_path, column):
    path = tmp_path / "audit.db"
    write(path, [entry(n) for n in range(1, 6)])
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER journal_no_update")
    value = connection.execute(f"SELECT {column} FROM journal WHERE seq = 3").fetchone()[0]
    changed = value + 100 if isinstance(value, int) else str(value)[:-1] + "~"
    connection.execute(f"UPDATE journal SET {column} = ? WHERE seq = 3", (changed,))
    connection.commit()

    result = verify(path)

    assert not result.ok
    assert result.bad_seq == 3


@pytest.mark.parametrize("column", ["robot_id", "task_id", "order_id", "order_update_id"])
def test_a_value_turned_into_null_is_found(tmp_path, column):
    path = tmp_path / "audit.db"
    write(path, [entry(n) for n in range(1, 4)])
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER journal_no_update")
    connection.execute(f"UPDATE journal SET {column} = NULL WHERE seq = 2")
    connection.commit()

    assert not verify(path).ok


def test_a_missing_row_is_found_and_named(tmp_path):
    path = tmp_path / "audit.db"
    write(path, [entry(n) for n in range(1, 6)])
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER journal_no_delete")
    connection.execute("DELETE FROM journal WHERE seq = 2")
    connection.commit()

    result = verify(path)

    assert not result.ok
    assert "row 2 is missing" in result.message


def test_ordinary_tools_cannot_change_or_delete_rows(tmp_path):
    path = tmp_path / "audit.db"
    write(path, [entry(1)])
    connection = sqlite3.connect(path)

    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        connection.execute("UPDATE journal SET actor = 'me'")
    with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
        connection.execute("DELETE FROM journal")


def test_a_locked_database_loses_nothing_is_told_and_recovers(tmp_path):
    path = tmp_path / "audit.db"
    write(path, [entry(1)])
    told = Told()
    told.wanted = 3
    trouble = threading.Event()
    locker = sqlite3.connect(path, isolation_level=None)
    locker.execute("BEGIN EXCLUSIVE")
    writer = JournalWriter(
        path,
        "boot2",
        on_durable=told.on_durable,
        on_trouble=lambda _why: trouble.set(),
        on_recovered=told.recovered.set,
    )
    writer.start()

    writer.append([entry(2), entry(3)])
    assert trouble.wait(10)
    assert told.seq == 0
    locker.execute("ROLLBACK")

    assert told.recovered.wait(10)
    assert told.durable.wait(10)
    assert writer.close()
    assert verify(path).rows == 3


def test_formulas_are_harmless_in_csv(tmp_path):
    path = tmp_path / "audit.db"
    write(path, [entry(1, actor="=HYPERLINK(1)", robot_id="@SUM", task_id="+1", order_id="-2")])

    files = export(path, ExportRequest("csv"), tmp_path / "out")

    with Path(files[0]).open(encoding="utf-8", newline="") as handle:
        row = next(csv.DictReader(handle))
    assert row["actor"] == "'=HYPERLINK(1)"
    assert row["robot_id"] == "'@SUM"
    assert row["task_id"] == "'+1"
    assert row["order_id"] == "'-2"


def test_filters_are_parameters_never_sql(tmp_path):
    path = tmp_path / "audit.db"
    write(path, [entry(1), entry(2)])
    reader = JournalReader(path)

    assert reader.rows(JournalQuery(robot_id="' OR 1=1 --")) == ()
    assert len(reader.rows(JournalQuery(robot_id="sim/r01"))) == 2


def test_causes_lead_back_to_the_first(tmp_path):
    path = tmp_path / "audit.db"
    write(path, [entry(1), entry(2), entry(3)])

    assert [row.seq for row in JournalReader(path).chain(3)] == [3, 2, 1]
