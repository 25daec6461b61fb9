"""Alarms as rows, each with the act that ends it; what a row says, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from fleetapp.api.views import AlarmView

from ..figures import clock

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """One row: an alarm and the verb of its first action, "" if there is none."""

    alarm: AlarmView
    cure: str

    @property
    def faded(self) -> bool:
        """Whether somebody saw it, or it is gone."""
        return bool(self.alarm.acknowledged_by or self.alarm.gone_ms)

    @property
    def since(self) -> str:
        """The time of day at which it was raised."""
        return clock(self.alarm.raised_ms)[:5]

    @property
    def tags(self) -> tuple[str, ...]:
        """What stands in frames beside the title."""
        alarm = self.alarm
        times = (f"{alarm.count} times",) if alarm.count > 1 else ()
        seen = (f"Acknowledged by {alarm.acknowledged_by}",) if alarm.acknowledged_by else ()
        return (*times, *seen, *(("Gone",) if alarm.gone_ms is not None else ()))

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Cause and effect; a notice of priority 4 has its cause alone."""
        named = (("Cause", self.alarm.cause), ("Effect", self.alarm.effect))
        return tuple((n, w) for n, w in (named if self.alarm.priority < 4 else named[:1]) if w)

    def age_ms(self, at_ms: int) -> int:
        """How long it has lasted, or lasted."""
        return (self.alarm.gone_ms or at_ms) - self.alarm.raised_ms


class AlarmListModel(QAbstractListModel):
    """The rows in the order in which they are given; one of them is chosen."""

    def __init__(self) -> None:
        """Without rows."""
        super().__init__()
        self._lines: tuple[AlarmLine, ...] = ()
        self.chosen = ""

    def set_lines(self, lines: Sequence[AlarmLine]) -> None:
        """Show these; only those that changed are painted anew."""
        before, after = self._lines, tuple(lines)
        if [one.alarm.alarm_id for one in before] != [one.alarm.alarm_id for one in after]:
            self.beginResetModel()
            self._lines = after
            self.endResetModel()
            return
        self._lines = after
        for row, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(row), self.index(row))

    def choose(self, alarm_id: str) -> None:
        """Mark a row, and no other."""
        rows = [self.row_of(self.chosen), self.row_of(alarm_id)]
        self.chosen = alarm_id
        for row in rows:
            if row >= 0:
                self.dataChanged.emit(self.index(row), self.index(row))

    @property
    def ids(self) -> tuple[str, ...]:
        """The alarms from above to below."""
        return tuple(one.alarm.alarm_id for one in self._lines)

    def row_of(self, alarm_id: str) -> int:
        """Its row, -1 if it is not shown."""
        return self.ids.index(alarm_id) if alarm_id in self.ids else -1

    def rowCount(self, _parent: Index | None = None) -> int:
        """Number of rows."""
        return len(self._lines)

    def data(self, index: Index, role: int = 0) -> object:
        """The line under `UserRole`, what it says as text."""
        if not 0 <= index.row() < len(self._lines):
            return None
        shown = self._lines[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return shown
        if role == Qt.ItemDataRole.AccessibleTextRole:
            alarm = shown.alarm
            return f"{alarm.title}, priority {alarm.priority}. {alarm.cause} {alarm.effect}"
        return None
