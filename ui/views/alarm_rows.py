"""An alarm as a row: mark, time and age, title, cause, effect, at most two actions."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from fleetapp.api.views import AlarmView

from ..context import Context
from ..figures import clock, duration
from ..theme.marks import paint_alarm
from .panel import button, label, row


class AlarmMark(QWidget):
    """The mark of a priority; faded once it was acknowledged or is gone."""

    def __init__(self, context: Context, priority: int, *, faded: bool) -> None:
        """22 px; priority 4 is smaller on purpose."""
        super().__init__()
        self._context, self._priority, self._faded = context, priority, faded
        self.setFixedSize(QSize(24, 24))
        self.setAccessibleName(f"Priority {priority}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The mark."""
        size = 15 if self._priority == 4 else 22
        edge = (24 - size) / 2
        painter = QPainter(self)
        where = QRectF(edge, edge, size, size)
        paint_alarm(painter, self._context.theme, self._priority, where, faded=self._faded)
        painter.end()


class Cure:
    """The act that ends an alarm, as a verb."""

    __slots__ = ("act", "text")

    def __init__(self, text: str, act: Callable[[], None]) -> None:
        """`act` is done at a click or Enter."""
        self.text, self.act = text, act


class AlarmRow(QFrame):
    """One alarm; a click chooses it."""

    chosen = Signal(str)
    acknowledged = Signal(str)

    def __init__(self, context: Context, alarm: AlarmView, cure: Cure | None) -> None:
        """Made anew when the alarm changes; only its age moves on."""
        super().__init__()
        self._context, self._alarm = context, alarm
        self.setProperty("role", "alarmrow")
        self.setProperty("chosen", "no")
        faded = bool(alarm.acknowledged_by or alarm.gone_ms)
        mark = AlarmMark(context, alarm.priority, faded=faded)
        self._age = label("", "third")
        when = QVBoxLayout()
        when.setSpacing(2)
        when.addWidget(label(clock(alarm.raised_ms)[:5], "second"))
        when.addWidget(self._age)
        when.addStretch(1)
        times = QWidget()
        times.setFixedWidth(66)
        when.setContentsMargins(0, 1, 0, 0)
        times.setLayout(when)
        whole = row(mark, times, self._text(), *self._actions(cure), spacing=10)
        whole.setAlignment(mark, Qt.AlignmentFlag.AlignTop)
        whole.setStretch(2, 1)
        whole.setContentsMargins(16, 12, 16, 12)
        self.setLayout(whole)
        self.setAccessibleName(f"{alarm.title}, priority {alarm.priority}")
        self.tick()

    def _text(self) -> QWidget:
        alarm = self._alarm
        tags = []
        if alarm.count > 1:
            tags.append(label(f"{alarm.count} times", "tag"))
        if alarm.acknowledged_by:
            tags.append(label(f"Acknowledged by {alarm.acknowledged_by}", "tag"))
        if alarm.gone_ms is not None:
            tags.append(label("Gone", "tag"))
        made = QWidget()
        box = QVBoxLayout(made)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(3)
        bold = "" if alarm.acknowledged_by else "strong"
        box.addLayout(row(label(alarm.title, bold), *tags, None))
        named = (("Cause", alarm.cause), ("Effect", alarm.effect))
        for name, words in named if alarm.priority < 4 else named[:1]:
            if words:
                head = label(name, "third")
                line = row(head, label(words, "second", wrap=True), spacing=6)
                head.setFixedWidth(36)
                line.setStretch(1, 1)
                line.setAlignment(head, Qt.AlignmentFlag.AlignTop)
                box.addLayout(line)
        return made

    def _actions(self, cure: Cure | None) -> tuple[QPushButton, ...]:
        made = []
        if cure is not None:
            first = button(cure.text)
            first.clicked.connect(cure.act)
            made.append(first)
        if not self._alarm.acknowledged_by:
            seen = button("Acknowledge", "Space")
            seen.clicked.connect(lambda: self.acknowledged.emit(self._alarm.alarm_id))
            made.append(seen)
        return tuple(made)

    def tick(self) -> None:
        """Its age moves on."""
        end = self._alarm.gone_ms or self._context.store.model.at_ms
        self._age.setText(duration(end - self._alarm.raised_ms))

    def set_chosen(self, *, chosen: bool) -> None:
        """Give it the ground of what is chosen."""
        self.setProperty("chosen", "yes" if chosen else "no")
        self.style().unpolish(self)
        self.style().polish(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose it."""
        super().mousePressEvent(event)
        self.chosen.emit(self._alarm.alarm_id)
