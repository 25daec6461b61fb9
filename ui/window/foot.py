"""The foot: tasks done in each of the last sixty minutes, alarms as marks."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from fleetapp.api.model import Changes

from ..context import Context
from ..theme.marks import paint_alarm
from ..theme.style import font

MINUTE_MS = 60_000
OPEN_PX, FOLDED_PX = 76, 28


class Foot(QWidget):
    """76 high, 28 folded."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self._low = False
        self.setAccessibleName("The last hour: a click folds it")
        self.setToolTip("A click folds the last hour away, and back")
        context.store.changed.connect(self._take)

    @property
    def folded(self) -> bool:
        """Whether only a line of it is shown: as wished, else in low windows."""
        wish = self._context.kept.value("foot")
        return wish == "folded" if wish else self._low

    def set_low(self, low: bool) -> None:  # noqa: FBT001 - a state
        """Whether the window is low."""
        self._low = low
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(FOLDED_PX if self.folded else OPEN_PX)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Fold, or open."""
        del event
        self._context.kept.keep("foot", "open" if self.folded else "folded")
        self._fit()

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
        if self.folded:
            self._line(painter)
            painter.end()
            return
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
        self._alarms(painter, right, step, at_ms, 4)

    def _line(self, painter: QPainter) -> None:
        """Folded: its name, alarms as marks, where now is."""
        theme, fleet = self._context.theme, self._context.store.model.fleet
        left, right = 170.0, self.width() - 70.0
        painter.setFont(font(12, 500))
        painter.setPen(theme.colour("text-2"))
        painter.drawText(QRectF(16, 6, 120, 18), 0, "Last hour  ▴")
        painter.setPen(theme.colour("line"))
        painter.drawLine(int(left), 22, int(right), 22)
        painter.setFont(font(11))
        painter.setPen(theme.colour("text-3"))
        step = (right - left) / 60
        for back in (60, 45, 30, 15):
            painter.drawText(QRectF(right - back * step, 6, 60, 14), 0, f"−{back} min")
        painter.setPen(theme.colour("accent"))
        painter.drawText(QRectF(right + 8, 6, 50, 16), 0, "Live")
        if fleet is not None:
            self._alarms(painter, right, step, fleet.at_ms, 9)

    def _alarms(self, painter: QPainter, right: float, step: float, at_ms: int, top: float) -> None:
        theme = self._context.theme
        for alarm in self._context.store.model.alarms.values():
            back_min = (at_ms - alarm.raised_ms) / MINUTE_MS
            if back_min < 60 and alarm.priority < 4:
                x = right - back_min * step
                paint_alarm(
                    painter,
                    theme,
                    alarm.priority,
                    QRectF(x - 6, top, 12, 12),
                    faded=alarm.gone_ms is not None,
                )
