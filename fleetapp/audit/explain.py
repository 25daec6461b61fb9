"""What was decided about a robot or a task, and the chain of causes behind it.

For a robot: the newest decision up to a time, back to the first input. For a
task: everything decided about it, oldest first. Nothing is left out unsaid:
like rows in a row are counted in one line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from fleetapp.api.service import AuditReader, JournalQuery
from fleetapp.api.views import JournalRowView

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Explanation:
    """Rows with what led from one to the next."""

    rows: tuple[JournalRowView, ...]
    causes: bool  # each row is because of the next; else in order of time


def explain_robot(reader: AuditReader, robot_id: str, at_ms: int | None) -> Explanation:
    """The newest decision about a robot up to a time (all of it if None), and its causes."""
    query = JournalQuery(robot_id=robot_id, kind="decision", to_ms=at_ms, limit=1)
    newest = reader.rows(query)
    return Explanation(reader.chain(newest[0].seq) if newest else (), causes=True)


def explain_task(reader: AuditReader, task_id: str, at_ms: int | None) -> Explanation:
    """All decisions about a task up to a time, oldest first."""
    rows: list[JournalRowView] = []
    before: int | None = None
    while True:
        page = reader.rows(
            JournalQuery(
                task_id=task_id, kind="decision", to_ms=at_ms, before_seq=before, limit=PAGE
            )
        )
        rows.extend(page)
        if len(page) < PAGE:
            return Explanation(tuple(reversed(rows)), causes=False)
        before = page[-1].seq


def in_words(explanation: Explanation) -> tuple[str, ...]:
    """One line a row; a run of rows of one type is its first row and their number."""
    lines: list[str] = []
    for _, run in groupby(explanation.rows, key=lambda row: (row.type, row.robot_id)):
        like = tuple(run)
        because = "because " if lines and explanation.causes else ""
        lines.append(f"{because}{_line(like[0])}{_and_more(like)}")
    return tuple(lines)


def _and_more(like: Sequence[JournalRowView]) -> str:
    if len(like) == 1:
        return ""
    return f" (and {len(like) - 1} more like it, to #{like[-1].seq})"


def _line(row: JournalRowView) -> str:
    moment = datetime.fromtimestamp(row.at_ms / 1000, tz=UTC)
    by = "" if row.actor in ("core", "system", "") else f" [{row.actor}]"
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC  #{row.seq}  {row.title}{by}"
