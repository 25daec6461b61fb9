"""The alarms: what is abnormal, since when, what to do about it."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from fleetapp.api.commands import AcknowledgeAlarm
from fleetapp.api.model import Changes
from fleetapp.api.views import AlarmView

from ..commands import new_id
from ..context import Context, clock, duration
from ..theme.marks import paint_alarm
from .panel import button, clear, column, label, row
from .robot_list import str_of
from .tables import page


class AlarmMark(QWidget):
    """The mark of a priority."""

    def __init__(self, context: Context, priority: int, *, faded: bool) -> None:
        """20 px."""
        super().__init__()
        self._context, self._priority, self._faded = context, priority, faded
        self.setFixedSize(QSize(22, 22))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The mark."""
        painter = QPainter(self)
        paint_alarm(
            painter, self._context.theme, self._priority, QRectF(1, 1, 20, 20), faded=self._faded
        )
        painter.end()


class AlarmsPage(QWidget):
    """Cards by priority, then age."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self._title = label("Alarms", "title")
        self._seen: tuple[object, ...] = ()
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self._list.setContentsMargins(16, 12, 16, 12)
        inner = QWidget()
        whole = QVBoxLayout(inner)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(self._list)
        whole.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(
            page(self._title, (), area, "Space acknowledge the first     M show on the map")
        )
        QShortcut(QKeySequence(Qt.Key.Key_Space), self, self._acknowledge_first)
        context.store.changed.connect(self._take)

    def _take(self, changes: Changes) -> None:
        if self.isVisible() and (changes.everything or changes.alarms or changes.fleet):
            self.refresh()

    def showEvent(self, event: object) -> None:
        """Catch up."""
        del event
        self.refresh()

    def _ordered(self) -> list[AlarmView]:
        return sorted(
            self._context.store.model.alarms.values(),
            key=lambda a: (a.gone_ms is not None, a.priority, a.raised_ms, a.alarm_id),
        )

    def refresh(self) -> None:
        """Cards anew only if an alarm changed."""
        alarms = self._ordered()
        on = sum(1 for a in alarms if a.gone_ms is None)
        self._title.setText(f"{on} alarms" if alarms else "No alarms")
        seen: tuple[object, ...] = tuple(alarms)
        if seen == self._seen:
            return
        self._seen = seen
        clear(self._list)
        for alarm in alarms[:60]:
            self._list.addWidget(self._card(alarm))
        if not alarms:
            self._list.addWidget(label("Nothing is abnormal.", "second"))

    def _card(self, alarm: AlarmView) -> QWidget:
        card = QFrame()
        card.setProperty("role", "card")
        age = duration(self._context.store.model.at_ms - alarm.raised_ms)
        tags = [f"{clock(alarm.raised_ms)}, {age}"]
        if alarm.gone_ms is not None:
            tags.append("gone")
        if alarm.acknowledged_by:
            tags.append(f"acknowledged by {alarm.acknowledged_by}")
        head = label(alarm.title)
        head.setStyleSheet("font-weight: 600;" if not alarm.acknowledged_by else "")
        todo = "   ".join(f"{n}. {step}" for n, step in enumerate(alarm.todo, start=1))
        actions: list[QWidget] = []
        if alarm.robot_ids:
            show = button("Show")
            show.clicked.connect(lambda: self._show(alarm.robot_ids[0]))
            actions.append(show)
        if not alarm.acknowledged_by:
            seen = button("Acknowledge")
            seen.clicked.connect(lambda: self._acknowledge(alarm.alarm_id))
            actions.append(seen)
        text = column(
            row(head, label("  ·  ".join(tags), "second"), None),
            label(f"Cause: {alarm.cause}", wrap=True),
            label(f"Effect: {alarm.effect}", "second", wrap=True),
            label(todo, "second", wrap=True),
            margins=(0, 10, 8, 10),
            spacing=4,
        )
        mark = AlarmMark(
            self._context, alarm.priority, faded=bool(alarm.acknowledged_by or alarm.gone_ms)
        )
        whole = row(mark, text, *actions, spacing=12)
        whole.setContentsMargins(12, 0, 12, 0)
        whole.setStretch(1, 1)
        card.setLayout(whole)
        return card

    def _show(self, robot_id: str) -> None:
        self._context.hub.page_wanted.emit("Map")
        self._context.hub.robot_selected.emit(robot_id)

    def _acknowledge(self, alarm_id: str) -> None:
        self._context.commands.send(
            AcknowledgeAlarm(new_id(), alarm_id),
            lambda answer: self._context.toast(str_of(answer)),
        )

    def _acknowledge_first(self) -> None:
        first = next((a for a in self._ordered() if not a.acknowledged_by), None)
        if first is not None:
            self._acknowledge(first.alarm_id)
