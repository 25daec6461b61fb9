"""What a demo measures while it runs: only what happened in this run.

A data folder may hold earlier runs: what was done and failed before is taken off,
and rows of the journal count from the first one of this run.
"""

from dataclasses import dataclass, field
from typing import Any

from fleetapp.api.views import FleetView


@dataclass(slots=True)
class Figures:
    """What is known so far; complete once the demo has ended."""

    first_row: int = 1  # of the journal, that belongs to this run
    created: int = 0
    duration_s: float = 0.0
    status: dict[str, Any] = field(default_factory=dict)
    simulator: dict[str, Any] = field(default_factory=dict)
    _before: tuple[int, int] | None = None  # tasks done, failed
    _failed: int = 0
    _done_at_s: list[float] = field(default_factory=list)

    def note(self, now_s: float, fleet: FleetView) -> None:
        """Take over what the engine tells, `now_s` after the demo began to live."""
        if self._before is None:
            self._before = (fleet.tasks_done, fleet.tasks_failed)
        done = fleet.tasks_done - self._before[0]
        self._failed = fleet.tasks_failed - self._before[1]
        self._done_at_s += [now_s] * (done - len(self._done_at_s))

    @property
    def done(self) -> int:
        """Tasks done in this run."""
        return len(self._done_at_s)

    @property
    def failed(self) -> int:
        """Tasks failed in this run."""
        return self._failed

    def done_halves(self) -> list[int]:
        """Tasks done in the first and in the second half of the time that it truly took."""
        first = sum(1 for at_s in self._done_at_s if at_s < self.duration_s / 2)
        return [first, self.done - first]
