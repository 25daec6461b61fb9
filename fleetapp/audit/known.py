"""What the journal knows of the ids that a command names, by index, in well under a millisecond.

On a connection of its own, for one thread. What is not durable yet is not here: the
state knows it still.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import msgspec

from fleetapp.api.commands import Command, SubmitTask
from fleetapp.audit.database import open_reader
from fleetapp.core.codec import decode
from fleetapp.core.decisions import TaskAccepted, TaskMoved
from fleetapp.core.known import NOTHING, Known, UsedId, use_of
from fleetapp.core.observations import CommandGiven
from fleetapp.tasks.task import Task

BUSY_MS = 200
UNREADABLE = Known(readable=False)
TROUBLE = (sqlite3.Error, OSError, ValueError, KeyError, msgspec.MsgspecError)

# The first command of this id that was taken; one that was refused used nothing up.
USED = """
SELECT given.version, given.body, taken.task_id
FROM journal AS given INDEXED BY journal_command
JOIN journal AS taken INDEXED BY journal_cause
  ON taken.cause_seq = given.seq AND taken.type = 'CommandAccepted'
WHERE given.type = 'CommandGiven' AND json_extract(given.body, '$.command.command_id') = ?
ORDER BY given.seq LIMIT 1
"""
LIFE = """
SELECT type, version, body FROM journal INDEXED BY journal_task_life
WHERE task_id = ? AND type IN ('TaskAccepted', 'TaskMoved') ORDER BY seq
"""


class KnownReader:
    """Answers for one database file."""

    def __init__(self, path: Path, durable_seq: Callable[[], int]) -> None:
        """The file may not exist yet; nothing is known before the first row is durable."""
        self._path = path
        self._durable_seq = durable_seq
        self._connection: sqlite3.Connection | None = None

    def of(self, command: Command) -> Known | None:
        """What is known of the ids in a command, None if nothing is. Never raises."""
        if not self._durable_seq():
            return None
        try:
            known = self._known(self._opened(), command)
        except TROUBLE:
            self.close()
            return UNREADABLE
        return None if known == NOTHING else known

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = open_reader(self._path)
            self._connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        return self._connection

    def _known(self, connection: sqlite3.Connection, command: Command) -> Known:
        used = _used(connection, command.command_id)
        task_id = used.task_id if used is not None else ""
        after = None
        if isinstance(command, SubmitTask):
            task_id = task_id or command.task_id or ""
            after = _task(connection, command.after_task_id or "")
        before = after.state if after is not None else None
        return Known(used, _task(connection, task_id), before)


def _used(connection: sqlite3.Connection, command_id: str) -> UsedId | None:
    row = connection.execute(USED, (command_id,)).fetchone()
    if row is None:
        return None
    given = decode("input", "CommandGiven", row["version"], row["body"].encode())
    return use_of(cast("CommandGiven", given).command, row["task_id"])


def _task(connection: sqlite3.Connection, task_id: str) -> Task | None:
    """A task as it was taken, with its last state and the reason of that."""
    task: Task | None = None
    for row in connection.execute(LIFE, (task_id,)) if task_id else ():
        message = decode("decision", row["type"], row["version"], row["body"].encode())
        if isinstance(message, TaskAccepted):
            task = message.task
        elif isinstance(message, TaskMoved) and task is not None:
            task = replace(task, state=message.state, note=message.reason)
    return task
