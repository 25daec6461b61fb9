"""The journal as a list that is read page by page, newest on top.

Rows that come in while somebody reads are counted, never pushed in. Pure: it
says what to ask for and takes the answers.
"""

from dataclasses import dataclass, replace

from fleetapp.api.service import JournalQuery
from fleetapp.api.views import JournalRowView

PAGE_ROWS = 200
# What happens at every node; shown only when asked for.
STEADY = "BaseExtended,RobotWaits,WaitEnded,PlanRequested,HomeGiven,FloorTaken"
KINDS: dict[str, tuple[str | None, str | None]] = {
    "main": ("decision", STEADY),
    "decisions": ("decision", None),
    "inputs": ("input", None),
    "all": (None, None),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What the filter dock says; "" and None mean any."""

    kind: str = "main"
    robot_id: str = ""
    task_id: str = ""
    person: str = ""
    words: str = ""
    from_ms: int | None = None

    def query(self, before_seq: int | None = None) -> JournalQuery:
        """What to ask the engine for one page."""
        kind, hidden = KINDS[self.kind]
        return JournalQuery(
            robot_id=self.robot_id or None,
            task_id=self.task_id or None,
            actor=self.person or None,
            text=self.words or None,
            kind=kind,
            hide_types=hidden,
            from_ms=self.from_ms,
            before_seq=before_seq,
            limit=PAGE_ROWS,
        )


@dataclass(frozen=True, slots=True)
class Pages:
    """Rows read so far under one filter."""

    filter: Filter
    rows: tuple[JournalRowView, ...] = ()
    complete: bool = False  # the oldest row that fits is there
    newest_known_seq: int = 0  # of the whole journal when the first page was read

    def first(self, rows: tuple[JournalRowView, ...], durable_seq: int) -> "Pages":
        """Begin anew with the newest page."""
        newest = max(durable_seq, rows[0].seq if rows else 0)
        return replace(self, rows=rows, complete=len(rows) < PAGE_ROWS, newest_known_seq=newest)

    def older(self, rows: tuple[JournalRowView, ...]) -> "Pages":
        """Append the next page; one that does not follow is ignored."""
        if self.rows and rows and rows[0].seq >= self.rows[-1].seq:
            return self
        return replace(self, rows=(*self.rows, *rows), complete=len(rows) < PAGE_ROWS)

    def next_query(self) -> JournalQuery | None:
        """What to ask for next, None if nothing older fits."""
        if self.complete or not self.rows:
            return None
        return self.filter.query(self.rows[-1].seq)

    def held_back(self, durable_seq: int) -> int:
        """How many rows the journal has gained since the first page was read."""
        return max(0, durable_seq - self.newest_known_seq) if self.newest_known_seq else 0
