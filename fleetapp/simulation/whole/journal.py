"""The journal in virtual time: rows become durable after a while, or not for now.

Like the real one (`fleetapp.audit.writer`) it says so when rows wait too long, and
when they do no more. What the engine heard of as durable and what lies on the disk
differ by what is under way.
"""

from collections.abc import Sequence

from fleetapp.core.observations import Input
from fleetapp.core.observations_engine import JournalRecovered, JournalUnavailable
from fleetapp.core.rows import Entry
from fleetapp.engine.loop import Durable

LAG_MS = 1_000  # as the writer's


class VirtualJournal:
    """Rows in a list, and when each batch of them is on the disk."""

    def __init__(self, commit_ms: int) -> None:
        """Begin empty; a commit takes `commit_ms`."""
        self.entries: list[Entry] = []
        self.commit_ms = commit_ms
        self.locked = False  # somebody else holds the file
        self.full = False  # the disk takes nothing
        self._waiting: list[tuple[int, int, int]] = []  # queued at, ready at, last row
        self._is_in_trouble = False

    def append(self, entries: Sequence[Entry], now_ms: int) -> None:
        """Record a batch."""
        self.entries.extend(entries)
        if entries:
            self._waiting.append((now_ms, now_ms + self.commit_ms, entries[-1].seq))

    @property
    def _stands(self) -> bool:
        return self.locked or self.full

    def next_ms(self) -> int | None:
        """When it has something to say; a time that is past means now."""
        if not self._waiting:
            return None
        queued_ms, ready_ms, _ = self._waiting[0]
        if not self._stands:
            return ready_ms
        if self._is_in_trouble:
            return None
        return queued_ms if self.full else queued_ms + LAG_MS

    def due(self, now_ms: int) -> list[Durable | Input]:
        """What it says now."""
        told: list[Durable | Input] = []
        late = bool(self._waiting) and now_ms - self._waiting[0][0] >= LAG_MS
        if not self._stands:
            told.extend(self._committed(now_ms))
        trouble = bool(self._waiting) and (late or self.full)
        if trouble and not self._is_in_trouble:
            why = "the disk is full" if self.full else "the disk is slow"
            told.append(JournalUnavailable(0, why))
        elif self._is_in_trouble and not trouble and not self._stands:
            told.append(JournalRecovered(0))
        else:
            return told
        self._is_in_trouble = trouble
        return told

    def _committed(self, now_ms: int) -> list[Durable]:
        seqs = [seq for _, ready_ms, seq in self._waiting if ready_ms <= now_ms]
        self._waiting = [batch for batch in self._waiting if batch[1] > now_ms]
        return [Durable(seqs[-1])] if seqs else []

    def undurable_ends(self, durable_seq: int) -> list[int]:
        """Where the disk may end after a crash now: a commit is whole or not at all."""
        return [durable_seq, *(seq for _, _, seq in self._waiting if seq > durable_seq)]

    def crash(self, end_seq: int) -> None:
        """Lose what comes after a row, and what was to be said."""
        del self.entries[end_seq:]
        self._waiting, self._is_in_trouble = [], False
