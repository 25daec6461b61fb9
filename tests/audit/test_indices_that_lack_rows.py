"""An index that lacks rows hides them from people: verification names them, a start mends it."""

import contextlib
import sqlite3
from dataclasses import replace

import pytest
from running_journals import Told, entry, until

from fleetapp.audit.database import expected
from fleetapp.audit.put_right import COUNTED
from fleetapp.audit.verify import verify
from fleetapp.audit.writer import JournalWriter

TYPES = ("RobotHeld", "CommandGiven", "TaskAccepted", "TaskMoved", "RobotHeld", "HoldReleased")
HOLDS = "SELECT count(*) FROM holds"


def row(seq, kind):
    body = b'{"command":{"command_id":"c"}}'
    return replace(entry(seq, body), type=kind)


def ran(path, first, *kinds):
    """A journal that wrote these rows, and what it said of foreign hands."""
    told, said = Told(), []
    writer = JournalWriter(
        path,
        "boot",
        on_durable=told.durable,
        on_trouble=told.trouble,
        on_recovered=told.back,
        on_foreign=lambda seq, why: said.append((seq, why)),
    )
    writer.start()
    writer.append([row(n, kind) for n, kind in enumerate(kinds, first)])
    until(lambda: writer.durable_seq == first + len(kinds) - 1)
    assert writer.close()
    return said


def hide(path, name):
    """Build an index without its rows, and write its right definition back."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as hand:
        hand.execute("PRAGMA writable_schema=ON")
        sql = expected()[name][1]
        hand.execute(f"DROP INDEX {name}")
        hand.execute(f"{sql} {'AND' if 'WHERE' in sql else 'WHERE'} seq < 0")
        hand.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql, name))
        (version,) = hand.execute("PRAGMA schema_version").fetchone()
        hand.execute(f"PRAGMA schema_version={version + 1}")


def ask(path, sql):
    with contextlib.closing(sqlite3.connect(path)) as reader:
        return reader.execute(sql).fetchone()[0]


@pytest.fixture
def path(tmp_path):
    ran(tmp_path / "audit.db", 1, *TYPES)
    return tmp_path / "audit.db"


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_rows_that_an_index_lacks_are_named_by_verification(path, name):
    hide(path, name)

    found = verify(path)

    assert (found.ok, found.rows, found.bad_seq) == (False, len(TYPES), None)
    assert f"missing from index {name}" in found.message
    assert "REINDEX" in found.message


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_an_index_that_lacks_rows_is_made_anew_at_a_start_and_told(path, name, caplog):
    hide(path, name)

    said = ran(path, len(TYPES) + 1, "RobotHeld")

    assert verify(path).message == f"{len(TYPES) + 1} rows verified"
    assert [seq for seq, why in said if name in why] == [len(TYPES)]
    assert f"index {name} of the journal lacked rows" in caplog.text


def test_all_of_them_are_made_anew_and_people_see_every_hold_again(path, caplog):
    for name in COUNTED:
        hide(path, name)
    assert ask(path, HOLDS) == 0

    ((_, why),) = ran(path, len(TYPES) + 1, "RobotHeld")

    assert ask(path, HOLDS) == 4
    assert why.endswith(f"made anew: {', '.join(COUNTED)}")
    assert "lacked rows" in caplog.text


def test_an_index_of_a_journal_with_a_gap_lacks_nothing(path):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as hand:
        hand.execute("DROP TRIGGER journal_no_delete")
        hand.execute("DELETE FROM journal WHERE seq = 3")

    assert ran(path, len(TYPES) + 1, "RobotHeld") == []


def test_every_index_of_ours_is_counted():
    assert set(COUNTED) == {name for name, (kind, _) in expected().items() if kind == "index"}
