"""Requests that are not used: counted each, told to the journal at most once a minute.

The first is told at once with who sent it and why; what follows within the minute is
added up and told with it, so that a client gone wild fills no journal. Runs on the
server's own thread only.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from fleetapp.api.commands import Person
from fleetapp.terms import actors
from fleetapp.terms.modes import Role

TOLD_EVERY_S = 60.0
NOBODY = Person(actors.NOBODY, Role.OPERATOR, signed_in=False)  # no valid token
# Not understood, not permitted to ask, too long. What the fleet refuses is an answer
# of the core and has its own row; 404 is a thing that is gone.
COUNTED = frozenset({400, 401, 405, 413, 421, 422})

Later = Callable[[float, Callable[[], None]], Any]


def _on_this_loop(after_s: float, act: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_later(after_s, act)


class TurnedAway:
    """How many requests were not used, by status, since the server started."""

    def __init__(self, tell: Callable[[Person, str], None], later: Later = _on_this_loop) -> None:
        """`tell` journals a sentence; `later` calls back after some seconds."""
        self._tell = tell
        self._later = later
        self._counts: Counter[int] = Counter()
        self._waiting = 0
        self._last = ""
        self._minute_runs = False

    def note(self, person: Person, what: str, *, status: int, why: str) -> None:
        """Count a request; `what` is its method and path."""
        if status not in COUNTED:
            return
        self._counts[status] += 1
        self._last = f"{ascii(what)[1:-1][:120]}: {why[:200]} ({status})"
        if self._minute_runs:
            self._waiting += 1
            return
        self._tell(person, f"request not used: {self._last}")
        self._begin_minute()

    def counts(self) -> dict[str, int]:
        """Requests by HTTP status."""
        return {str(status): count for status, count in sorted(self._counts.items())}

    def _begin_minute(self) -> None:
        self._minute_runs = True
        self._later(TOLD_EVERY_S, self._end_minute)

    def _end_minute(self) -> None:
        self._minute_runs = False
        if not self._waiting:
            return
        count, self._waiting = self._waiting, 0
        self._tell(NOBODY, f"{count} more requests not used within a minute, last {self._last}")
        self._begin_minute()
