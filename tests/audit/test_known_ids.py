"""What the journal knows of command ids and task ids, however long ago they were used."""

import sqlite3
from dataclasses import replace

import pytest

from fleetapp.api import commands as asked
from fleetapp.api.commands import Person
from fleetapp.audit.database import open_writer
from fleetapp.audit.known import LIFE, UNREADABLE, USED, KnownReader
from fleetapp.core import decisions as made
from fleetapp.core.known import digest_of
from fleetapp.core.observations import CommandGiven
from fleetapp.core.turn import Row
from fleetapp.engine.entries import entries_of
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import Priority, Role, TaskState
from fleetapp.terms.reasons import Refusal

ZOE = Person("Zoe", Role.SUPERVISOR, signed_in=True)
ORDER = asked.SubmitTask("c-1", "A1", "P1", sku="S", task_id="T-1")
TASK = Task("T-1", "S", None, 1, "A1", "P1", Priority.NORMAL, None, None, None, 5, "Zoe")


def raised(_row, error):
    raise error


class Journal:
    """A database with the rows that a test wants."""

    def __init__(self, path):
        self.path = path
        self.seq = 0
        self.database = open_writer(path, 100)
        self.reader = KnownReader(path, lambda: self.seq)

    def put(self, message, cause=None):
        self.seq += 1
        (e,) = entries_of((Row(self.seq, message, cause),), 5, raised)
        self.database.conn.execute(
            "INSERT INTO journal VALUES (?, 0, 0, 'b', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '')",
            (e.seq, e.kind, e.type, e.version, e.actor, e.robot_id, e.task_id, e.order_id,
             e.order_update_id, e.cause_seq, e.body.decode()),
        )  # fmt: skip
        return self.seq

    def given(self, command):
        return self.put(CommandGiven(5, command, ZOE))

    def taken(self, command, task_id=None):
        cause = self.given(command)
        self.put(made.CommandAccepted(command.command_id, "done", task_id), cause)
        return cause

    def ordered(self, order, task):
        self.taken(order, task.task_id)
        self.put(made.TaskAccepted(task))

    def moved(self, task_id, *states):
        for state in states:
            self.put(made.TaskMoved(6, task_id, state, f"it is {state.value}"))


@pytest.fixture
def journal(tmp_path):
    made_here = Journal(tmp_path / "audit.db")
    yield made_here
    made_here.reader.close()
    made_here.database.conn.close()


def test_nothing_is_known_of_ids_that_nobody_used(journal):
    journal.ordered(ORDER, TASK)

    assert journal.reader.of(replace(ORDER, command_id="c-2", task_id="T-2")) is None
    assert journal.reader.of(asked.ReleaseHold("c-3", "m/r", "looked")) is None


def test_a_used_command_id_is_known_with_its_content_and_what_became_of_its_task(journal):
    journal.ordered(ORDER, TASK)
    journal.moved("T-1", TaskState.FAILED, TaskState.QUEUED, TaskState.DONE)

    known = journal.reader.of(replace(ORDER, count=7))

    assert (known.used.what, known.used.task_id) == ("SubmitTask", "T-1")
    assert known.used.digest == digest_of(ORDER)
    assert (known.task.state, known.task.note) == (TaskState.DONE, "it is done")


def test_a_used_task_id_is_known_under_another_command_id_with_its_content(journal):
    journal.ordered(ORDER, replace(TASK, count=3))
    journal.moved("T-1", TaskState.CANCELLED)

    known = journal.reader.of(replace(ORDER, command_id="c-2"))

    assert known.used is None
    assert (known.task.count, known.task.state) == (3, TaskState.CANCELLED)


def test_how_the_task_before_it_ended_is_known(journal):
    journal.ordered(ORDER, TASK)
    journal.moved("T-1", TaskState.DONE)

    known = journal.reader.of(replace(ORDER, command_id="c-2", task_id="T-2", after_task_id="T-1"))

    assert (known.used, known.task, known.before) == (None, None, TaskState.DONE)


def test_a_command_that_was_refused_used_its_id_up_for_nothing(journal):
    cause = journal.given(replace(ORDER, to_station="nowhere"))
    journal.put(
        made.CommandRefused("c-1", "SubmitTask", "Zoe", Refusal.UNKNOWN_STATION, "no"), cause
    )

    assert journal.reader.of(ORDER) is None
    journal.taken(ORDER, "T-1")
    assert journal.reader.of(ORDER).used.digest == digest_of(ORDER)


def test_the_first_command_of_an_id_counts_whatever_acted_under_it_later(journal):
    journal.taken(ORDER, "T-1")
    journal.taken(asked.StopAll("c-1", "fire"))

    assert journal.reader.of(ORDER).used.what == "SubmitTask"


def test_before_the_first_durable_row_nothing_is_known_and_no_file_is_needed(tmp_path):
    reader = KnownReader(tmp_path / "none.db", lambda: 0)

    assert reader.of(ORDER) is None


@pytest.mark.parametrize("content", [None, b"", b"no database, long enough to be read " * 40])
def test_a_journal_that_cannot_be_read_is_said_and_never_taken_for_an_empty_one(tmp_path, content):
    path = tmp_path / "audit.db"
    if content is not None:
        path.write_bytes(content)

    assert KnownReader(path, lambda: 7).of(ORDER) == UNREADABLE


def test_a_row_that_this_program_cannot_read_is_said_and_never_passed_over(journal):
    journal.ordered(ORDER, TASK)
    journal.database.conn.execute("DROP TRIGGER journal_no_update")
    journal.database.conn.execute("UPDATE journal SET version = 99 WHERE type = 'CommandGiven'")

    assert journal.reader.of(ORDER) == UNREADABLE


def test_once_it_can_be_read_again_it_is_known_again(journal, tmp_path):
    journal.ordered(ORDER, TASK)
    away = tmp_path / "away.db"
    journal.database.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    journal.path.rename(away)
    lost = journal.reader.of(ORDER)
    away.rename(journal.path)

    assert lost == UNREADABLE
    assert journal.reader.of(ORDER).used.task_id == "T-1"


@pytest.mark.parametrize("question", [USED, LIFE])
def test_questions_are_answered_by_index_and_never_by_reading_the_whole_journal(journal, question):
    plan = journal.database.conn.execute(f"EXPLAIN QUERY PLAN {question}", ("x",)).fetchall()

    steps = [row[3] for row in plan]
    assert steps
    assert all(step.startswith(("SEARCH", "USE TEMP")) for step in steps), steps


def test_an_old_journal_gets_its_indexes_when_it_is_opened(journal):
    journal.ordered(ORDER, TASK)
    for name in ("journal_command", "journal_task_life"):
        journal.database.conn.execute(f"DROP INDEX {name}")
    assert journal.reader.of(ORDER) == UNREADABLE

    open_writer(journal.path, 100).conn.close()

    assert journal.reader.of(ORDER).task.task_id == "T-1"
    assert isinstance(journal.database.conn, sqlite3.Connection)
