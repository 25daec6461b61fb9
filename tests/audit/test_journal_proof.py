"""The journal on disk: durable, in order, and every changed byte is found."""

import csv
import hashlib
import sqlite3
import threading
from pathlib import Path

import pytest

from fleetapp.api.service import ExportRequest, JournalQuery
from fleetapp.audit.chain import COLUMNS, FIRST, row_hash
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


def tampered(path, sql, *values):
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER journal_no_update")
    connection.execute("DROP TRIGGER journal_no_delete")
    connection.execute(sql, values)
    connection.commit()
    connection.close()
    return verify(path)


TAMPERING = {
    "two rows swapped": "UPDATE journal SET body = (SELECT body FROM journal AS o WHERE o.seq = "
    "5 - journal.seq) WHERE seq IN (2, 3)",
    "a row inserted": "INSERT INTO journal SELECT 6, wall_ns, mono_ns, boot_id, kind, type, version,"
    " actor, robot_id, task_id, order_id, order_update_id, cause_seq, body, prev_hash, hash"
    " FROM journal WHERE seq = 5",
    "text made a blob": "UPDATE journal SET body = CAST(body AS BLOB) WHERE seq = 3",
    "text that is not UTF-8": "UPDATE journal SET body = CAST(X'22FFFE22' AS TEXT) WHERE seq = 3",
    "a letter in other bytes": "UPDATE journal SET actor = 'Ã©' WHERE seq = 3",
    "a character moved over the border of two columns": "UPDATE journal SET kind = 'decisionT', "
    "type = 'askMoved' WHERE seq = 3",
    "null made empty": "UPDATE journal SET order_id = '' WHERE seq = 3",
    "a number made larger than its column": "UPDATE journal SET mono_ns = 1e300 WHERE seq = 3",
}


@pytest.mark.parametrize("name", sorted(TAMPERING))
def test_every_way_of_tampering_is_found(tmp_path, name):
    path = tmp_path / "audit.db"
    write(
        path,
        [
            entry(n, actor="é", body=b'{"n":%d}' % n, order_id=None if n == 3 else "o")
            for n in range(1, 6)
        ],
    )
    assert verify(path).ok

    result = tampered(path, TAMPERING[name])

    assert not result.ok
    assert result.bad_seq in (2, 3, 6)


def test_one_bit_anywhere_in_a_body_is_found(tmp_path):
    path = tmp_path / "audit.db"
    body = '{"reason":"tést","n":1}'
    write(path, [entry(1), entry(2, body=body.encode()), entry(3)])
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER journal_no_update")
    data = body.encode()

    for place in range(len(data) * 8):
        changed = bytearray(data)
        changed[place // 8] ^= 1 << place % 8
        connection.execute(
            "UPDATE journal SET body = CAST(? AS TEXT) WHERE seq = 2", (bytes(changed),)
        )
        connection.commit()
        assert verify(path).bad_seq == 2, place


def test_a_cut_tail_shows_only_against_a_later_head(tmp_path):
    path = tmp_path / "audit.db"
    write(path, [entry(n) for n in range(1, 6)])
    later = verify(path)

    result = tampered(path, "DELETE FROM journal WHERE seq > 3")

    assert result.ok
    assert (result.last_seq, result.head) != (later.last_seq, later.head)


SQL_IN_TEXT = (
    "' OR 1=1 --",
    "'; DROP TABLE journal; --",
    '" OR ""="',
    "1) UNION SELECT * FROM sqlite_master --",
    "%",
    "_",
    "\\",
    "NULL",
    "sim/r01' AND '1'='1",
    "\x00",
)


@pytest.mark.parametrize("field", ["robot_id", "task_id", "actor", "kind", "type", "text"])
@pytest.mark.parametrize("text", SQL_IN_TEXT)
def test_no_filter_is_ever_sql(tmp_path_factory, shared, field, text):
    assert shared.rows(JournalQuery(**{field: text})) == ()
    assert len(shared.rows(JournalQuery())) == 3


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    path = tmp_path_factory.mktemp("shared") / "audit.db"
    write(path, [entry(1), entry(2), entry(3)])
    reader = JournalReader(path)
    yield reader
    reader.stop_verifying()


def test_readers_cannot_write(shared):
    shared.rows(JournalQuery())

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        shared._connection.execute("DROP TABLE journal")


def test_a_manifest_vouches_only_for_what_is_on_the_disk(tmp_path, reached_the_disk):
    write(tmp_path / "audit.db", [entry(1), entry(2)])

    export(tmp_path / "audit.db", ExportRequest("csv"), tmp_path / "out")

    assert reached_the_disk[-6:] == [
        "flush journal.part",
        "rename journal.csv",
        "flush out",
        "flush journal.part",
        "rename manifest.json",
        "flush out",
    ]


def test_an_export_that_breaks_off_does_not_look_whole(tmp_path, monkeypatch):
    path = tmp_path / "audit.db"
    write(path, [entry(1), entry(2)])
    out = tmp_path / "out"
    export(path, ExportRequest("csv"), out)

    monkeypatch.setattr("fleetapp.audit.export._utc", lambda _ns: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(path, ExportRequest("csv"), out)

    assert not (out / "manifest.json").exists()


def test_views_for_people_read_with_any_tool(tmp_path):
    path = tmp_path / "audit.db"
    write(path, [entry(1, type="RobotHeld"), entry(2, type="TaskAssigned"), entry(3)])

    connection = sqlite3.connect(path)

    assert connection.execute("SELECT seq FROM holds").fetchall() == [(1,)]
    assert connection.execute("SELECT seq FROM assignments").fetchall() == [(2,)]
    for name in ("overrides", "recognitions", "orders", "alarms"):
        assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)


def test_the_verifier_in_the_documents_agrees_with_ours(tmp_path, monkeypatch, capsys):
    page = (Path(__file__).parents[2] / "docs" / "audit-format.md").read_text("utf-8")
    program = page.split("```python\n")[1].split("```")[0]
    write(tmp_path / "audit.db", [entry(n, actor="é", task_id=None) for n in range(1, 4)])
    monkeypatch.chdir(tmp_path)

    exec(compile(program, "audit-format.md", "exec"), {})  # noqa: S102 - our own page

    assert capsys.readouterr().out.split() == ["3", verify(tmp_path / "audit.db").head]
    assert tampered(tmp_path / "audit.db", "UPDATE journal SET actor = 'e'").bad_seq == 1
    with pytest.raises(SystemExit, match="row 1"):
        exec(compile(program, "audit-format.md", "exec"), {})  # noqa: S102


def documented_hash(before, values):
    """As docs/audit-format.md says it, in other words than the program's."""
    data = before
    for value in values:
        text = b"" if value is None else str(value).encode()
        data += (2**64 - 1 if value is None else len(text)).to_bytes(8, "big") + text
    return hashlib.sha256(data).digest()


@pytest.mark.parametrize("length", [0, 1, 255, 1023, 1024, 1025, 70_000])
def test_a_hash_is_what_the_format_says_for_texts_of_every_length(length):
    values = (7, None, "x" * length, "ü" * length, -1)

    assert row_hash(FIRST, values) == documented_hash(bytes(32), values)


def test_a_journal_of_long_bodies_is_verified_by_the_documented_format(tmp_path):
    path = tmp_path / "audit.db"
    bodies = ['{"note":"%s"}' % ("ü" * length) for length in (0, 500, 505, 506, 507, 4_000)]
    write(path, [entry(n + 1, body=body.encode()) for n, body in enumerate(bodies)])

    head = bytes(32)
    for *columns, before, own in sqlite3.connect(path).execute("SELECT * FROM journal"):
        assert before == head.hex()
        head = documented_hash(head, columns)
        assert own == head.hex()

    assert verify(path).head == head.hex()
