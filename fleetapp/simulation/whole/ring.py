"""The emergency ring in virtual time: commands in force, on the disk with the next tick.

Spent when the row is durable, as the real one (`fleetapp.audit.ring`); at a start those
enter again whose row the journal lost.
"""

from collections.abc import Sequence

from fleetapp.core.observations import CommandGiven
from fleetapp.core.rows import Entry
from fleetapp.engine.answers import Kept


class VirtualRing:
    """Commands by the row that they have in the journal."""

    def __init__(self) -> None:
        """Begin empty."""
        self._on_disk: dict[int, CommandGiven] = {}
        self._writing: dict[int, CommandGiven] = {}

    def keep(self, row_seq: int, given: CommandGiven) -> None:
        """Begin to write a command."""
        self._writing[row_seq] = given

    @property
    def writes(self) -> bool:
        """Whether something is being written."""
        return bool(self._writing)

    def due(self) -> list[Kept]:
        """What is on the disk now."""
        told = [Kept(row_seq) for row_seq in self._writing]
        self._on_disk.update(self._writing)
        self._writing = {}
        return told

    def durable(self, seq: int) -> None:
        """Rows up to this one are in the journal: these commands are spent."""
        self._on_disk = {row: given for row, given in self._on_disk.items() if row > seq}

    def crash(self) -> None:
        """What was being written is lost."""
        self._writing = {}

    def owed(self, entries: Sequence[Entry]) -> list[CommandGiven]:
        """Commands in force whose rows the journal lost, in order; they enter once more."""
        lost = [given for row, given in sorted(self._on_disk.items()) if row > len(entries)]
        self._on_disk = {}
        return lost
