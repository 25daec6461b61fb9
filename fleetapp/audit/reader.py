"""Reading the journal while it is written: rows, causes, and proof in the background.

Implements `fleetapp.api.service.AuditReader`. Connections can only read, values
are always parameters.
"""

import contextlib
import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from fleetapp.api.service import ExportRequest, JournalQuery
from fleetapp.api.views import JournalRowView, ProofView
from fleetapp.audit.database import as_ns, open_reader
from fleetapp.audit.export import export
from fleetapp.audit.proving import Proving
from fleetapp.audit.titles import title_of
from fleetapp.audit.verify import Broken

log = logging.getLogger(__name__)

LONGEST_CHAIN = 1000


class JournalReader:
    """The rows of one database file."""

    def __init__(
        self,
        path: Path,
        on_broken: Callable[[Broken], None] = lambda _broken: None,
        durable_seq: Callable[[], int] = lambda: 0,
    ) -> None:
        """The file may not exist yet; `on_broken` hears once of each row that was not so written.

        It comes from the thread that verifies. `durable_seq` is a row that must be there.
        """
        self._path = path
        self._proving = Proving(path, on_broken, durable_seq)
        self._guard = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._robot_names: dict[str, str] = {}
        self._named_to = 0

    def _select(self, sql: str, values: tuple[object, ...]) -> list[sqlite3.Row]:
        with self._guard:
            try:
                if self._connection is None:
                    self._connection = open_reader(self._path)
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                if self._connection is not None:
                    self._connection.close()
                self._connection = None
                raise RuntimeError(f"the journal cannot be read now: {error}") from error

    def rows(self, query: JournalQuery) -> tuple[JournalRowView, ...]:
        """Rows that match, newest first."""
        where, values = _where(query)
        sql = f"SELECT * FROM journal{where} ORDER BY seq DESC LIMIT ?"  # noqa: S608 - names from this module
        found = self._select(sql, (*values, max(1, min(query.limit, 1000))))
        names = self._names()
        return tuple(_view(row, names) for row in found)

    def _names(self) -> dict[str, str]:
        """What robots are called: their newest admissions; only new ones are read."""
        sql = "SELECT seq, body FROM journal WHERE type = 'RobotAdmitted' AND seq > ? ORDER BY seq"
        for row in self._select(sql, (self._named_to,)):
            self._named_to = max(self._named_to, row["seq"])
            with contextlib.suppress(ValueError, KeyError, TypeError):
                admitted = json.loads(row["body"])
                self._robot_names[admitted["robot_id"]] = str(admitted["name"])
        return self._robot_names

    def robot_called(self, text: str) -> str:
        """The id of a robot that is given as MAKER/SERIAL, or by the name it was admitted under.

        Raises:
            ValueError: if no robot was ever admitted under that name.
        """
        if "/" in text:
            return text
        called = [robot_id for robot_id, name in self._names().items() if name == text]
        if not called:
            raise ValueError(
                f"no robot {text!r} in this journal: write MAKER/SERIAL, or a name that a robot "
                "was admitted under"
            )
        return called[-1]

    def chain(self, seq: int) -> tuple[JournalRowView, ...]:
        """A row, its cause, that one's cause, to the first."""
        found: list[JournalRowView] = []
        names = self._names()
        wanted: int | None = seq
        while wanted is not None and len(found) < LONGEST_CHAIN:
            rows = self._select("SELECT * FROM journal WHERE seq = ?", (wanted,))
            if not rows:
                break
            found.append(_view(rows[0], names))
            wanted = rows[0]["cause_seq"]
        return tuple(found)

    def consequences(self, seq: int) -> tuple[JournalRowView, ...]:
        """Rows that name this one as their cause."""
        sql = "SELECT * FROM journal WHERE cause_seq = ? ORDER BY seq LIMIT 200"
        names = self._names()
        return tuple(_view(row, names) for row in self._select(sql, (seq,)))

    def commands(self, command_id: str, after_seq: int = 0) -> tuple[tuple[int, str, bytes], ...]:
        """Number, start and body of the rows after one in which a command of this id was given."""
        sql = (
            "SELECT seq, boot_id, body FROM journal WHERE type = 'CommandGiven' "
            "AND json_extract(body, '$.command.command_id') = ? AND seq > ? ORDER BY seq"
        )
        rows = self._select(sql, (command_id, after_seq))
        return tuple((row["seq"], row["boot_id"], str(row["body"]).encode()) for row in rows)

    def doubts(self) -> tuple[tuple[int, tuple[str, int, int, str]], ...]:
        """Recorded doubts: row, and witness, row named, row found and text of each."""
        sql = (
            "SELECT seq, json_extract(body, '$.witness', '$.named_seq', '$.found_seq', '$.text') "
            "AS said FROM journal WHERE type = 'RecordDoubted' AND json_valid(body)"
        )
        return tuple((row["seq"], tuple(json.loads(row["said"]))) for row in self._select(sql, ()))

    def proof(self) -> ProofView:
        """The newest verification."""
        return self._proving.view()

    def export(self, request: ExportRequest, out_dir: str) -> tuple[str, ...]:
        """Write an export and its manifest."""
        return export(self._path, request, Path(out_dir))

    def start_verifying(self) -> None:
        """Verify what is new every ten seconds."""
        self._proving.start()

    def stop_verifying(self) -> None:
        """End the verification and close the connection."""
        self._proving.stop()
        with self._guard:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def _where(query: JournalQuery) -> tuple[str, tuple[object, ...]]:
    conditions: list[str] = []
    values: list[object] = []
    for column, value in (
        ("robot_id = ?", query.robot_id),
        ("task_id = ?", query.task_id),
        ("actor = ?", query.actor),
        ("kind = ?", query.kind),
        ("type = ?", query.type),
        ("wall_ns >= ?", as_ns(query.from_ms)),
        ("wall_ns <= ?", as_ns(query.to_ms)),
        ("seq < ?", query.before_seq),
        ("instr(body, ?) > 0", query.text),
    ):
        if value is not None:
            conditions.append(column)
            values.append(value)
    hidden = tuple(filter(None, (query.hide_types or "").split(",")))[:20]
    if hidden:
        conditions.append(f"type NOT IN ({', '.join('?' * len(hidden))})")
        values.extend(hidden)
    return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), tuple(values)


def _view(row: sqlite3.Row, names: Mapping[str, str]) -> JournalRowView:
    return JournalRowView(
        row["seq"],
        row["wall_ns"] // 1_000_000,
        row["kind"],
        row["type"],
        title_of(row["type"], row["body"], names),
        row["actor"],
        row["robot_id"],
        row["task_id"],
        row["order_id"],
        row["cause_seq"],
        row["body"],
        row["hash"],
    )
