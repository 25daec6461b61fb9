"""Plans of a robot that were asked for in vain, so that the same is not asked again at once.

Begins with a plan that is dropped and ends with a route, a person's release of the robot
or a start of the engine. The planner gives the same answer to the same question: the same
one, dropped for the same reason, is asked again after pauses that grow. Different ones in
a long row, as by contradicting reports, are asked at a bounded rate.
"""

from dataclasses import dataclass

FIRST_PAUSE_MS = 1_000  # after the second time; after the first it is asked again at once
LONGEST_PAUSE_MS = 600_000
LONG_ROW = 10
PAUSE_IN_A_ROW_MS = 5_000
LASTING_SAME = 3
LASTING_ROW = 20


@dataclass(frozen=True, slots=True)
class Fruitless:
    """The newest plan that was dropped, how often the same was, and how many in a row."""

    asked: str  # all that the question depended on
    reason: str
    same: int
    row: int
    at_ms: int

    def until_ms(self, asked: str) -> int:
        """Before when a question is not asked."""
        pause = PAUSE_IN_A_ROW_MS if self.row >= LONG_ROW else 0
        if asked == self.asked and self.same > 1:
            pause = max(pause, FIRST_PAUSE_MS << min(self.same - 2, 20))
        return self.at_ms + min(pause, LONGEST_PAUSE_MS)

    @property
    def lasts(self) -> bool:
        """Whether nobody need hope that asking again helps."""
        return self.same >= LASTING_SAME or self.row >= LASTING_ROW


def dropped(before: Fruitless | None, *, asked: str, reason: str, at_ms: int) -> Fruitless:
    """After one more plan was dropped."""
    if before is None:
        return Fruitless(asked, reason, 1, 1, at_ms)
    again = (before.asked, before.reason) == (asked, reason)
    return Fruitless(asked, reason, before.same + 1 if again else 1, before.row + 1, at_ms)
