"""The foot: tasks done in each of the last sixty minutes, alarms as marks."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from fleetapp.api.model import Changes

from ..context import Context
from ..theme.marks import paint_alarm
from ..theme.style import font

MINUTE_MS = 60_000


class Foot(QWidget):
    """84 high."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self.setFixedHeight(76)
        context.store.changed.connect(self._take)

    def _take(self, changes: Changes) -> None:
        if changes.fleet or changes.everything or changes.alarms:
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Bars and marks."""
        theme = self._context.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("bg-panel"))
        painter.setPen(theme.colour("line"))
        painter.drawLine(0, 0, self.width(), 0)
        painter.setPen(theme.colour("text-2"))
        painter.setFont(font(12, 500))
        painter.drawText(QRectF(16, 14, 200, 18), 0, "Last hour")
        painter.setPen(theme.colour("text-3"))
        painter.setFont(font(11))
        painter.drawText(QRectF(16, 33, 200, 16), 0, "Tasks done a minute, alarms")
        fleet = self._context.store.model.fleet
        if fleet is not None:
            self._bars(painter, fleet.done_per_minute, fleet.at_ms)
        painter.end()

    def _bars(self, painter: QPainter, counts: tuple[int, ...], at_ms: int) -> None:
        theme = self._context.theme
        left, right, ground = 210.0, self.width() - 70.0, 56.0
        step = (right - left) / max(1, len(counts))
        most = max(4, *counts)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("line-strong"))
        for number, count in enumerate(counts):
            height = 36 * count / most
            painter.drawRect(QRectF(left + number * step, ground - height, step - 2, height))
        painter.setPen(theme.colour("text-3"))
        painter.setFont(font(11))
        for back in (60, 45, 30, 15):
            x = right - back * step
            painter.drawText(QRectF(x, 57, 60, 14), 0, f"−{back} min")
        painter.setPen(theme.colour("accent"))
        painter.drawLine(int(right), 8, int(right), 56)
        painter.drawText(QRectF(right + 8, 40, 50, 16), 0, "Live")
        painter.drawText(QRectF(right + 8, 14, 60, 16), 0, f"max {max(counts)}")
        for alarm in self._context.store.model.alarms.values():
            back_min = (at_ms - alarm.raised_ms) / MINUTE_MS
            if back_min < 60 and alarm.priority < 4:
                x = right - back_min * step
                paint_alarm(
                    painter,
                    theme,
                    alarm.priority,
                    QRectF(x - 6, 4, 12, 12),
                    faded=alarm.gone_ms is not None,
                )
