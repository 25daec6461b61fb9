"""What failed beside the core since the last tick: the core hears of it and holds the robot.

Sessions, effects and the columns of rows work for one robot each; one that fails costs
that robot, not the fleet. The traceback goes to the log, the kind of fault into the
journal (DESIGN.md, section 3 "Guard").
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from fleetapp.core.about import about
from fleetapp.core.observations_engine import PartBroke
from fleetapp.core.turn import Row

log = logging.getLogger(__name__)


class Faults:
    """Faults on their way to the core."""

    def __init__(self) -> None:
        """Nothing failed yet."""
        self._untold: list[PartBroke] = []
        self.unwritable: set[int] = set()  # rows of which the record holds only the place

    def __len__(self) -> int:
        return len(self._untold)

    @contextmanager
    def guard(self, part: str, robot_id: str = "") -> Iterator[None]:
        """Let nothing that fails within leave; it is told with the next tick."""
        try:
            yield
        except Exception as error:
            log.exception("%s failed for %s", part, robot_id or "the fleet")
            self.note(part, robot_id, error)

    def note(self, part: str, robot_id: str, error: Exception) -> None:
        """Remember what failed, for whom."""
        self._untold.append(PartBroke(robot_id, 0, part, type(error).__name__))

    def is_untold(self, part: str, robot_id: str) -> bool:
        """Whether the core has yet to hear that this part failed for this robot."""
        return any(fault.part == part and fault.robot_id == robot_id for fault in self._untold)

    def of_columns(self, row: Row, error: Exception) -> None:
        """The columns of a row failed: what it permits must not leave."""
        self.unwritable.add(row.seq)
        self.of_row("row", row, error)

    def of_row(self, part: str, row: Row, error: Exception) -> None:
        """An effect or the columns of a row failed."""
        name = type(row.message).__name__
        log.error("%s of row %d (%s) failed", part, row.seq, name, exc_info=error)
        self.note(f"{part}:{name}", _robot_of(row), error)

    def take(self) -> list[PartBroke]:
        """What failed since the last call."""
        taken, self._untold = self._untold, []
        return taken


def _robot_of(row: Row) -> str:
    try:
        return about(row.message).robot_id or ""
    except Exception:
        log.exception("row %d does not say whom it is about", row.seq)
        return ""
