"""The chosen alarm: where it is, what it means, what to do about it.

Its parts are made once and only their words change: an alarm that comes while the page
is open must not hold the window.
"""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from fleetapp.api.views import AlarmView

from ..context import Context
from ..theme.marks import paint_alarm
from .panel import Facts, button, column, label, line, row
from .small_map import SmallMap

WHY_PRIORITY = {
    1: "People or goods may be in danger now: act at once.",
    2: "A robot or a part of the system is lost: act within five minutes.",
    3: "Work stands still until somebody looks.",
    4: "Good to know. Nothing stands still for it.",
}


class AlarmMark(QWidget):
    """The mark of a priority; faded once it was acknowledged or is gone."""

    def __init__(self, context: Context) -> None:
        """24 px; priority 4 is smaller on purpose."""
        super().__init__()
        self._context = context
        self._priority, self._faded = 4, True
        self.setFixedSize(QSize(24, 24))

    def show_priority(self, priority: int, *, faded: bool) -> None:
        """Another mark."""
        self._priority, self._faded = priority, faded
        self.setAccessibleName(f"Priority {priority}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The mark."""
        size = 15 if self._priority == 4 else 22
        edge = (24 - size) / 2
        painter = QPainter(self)
        where = QRectF(edge, edge, size, size)
        paint_alarm(painter, self._context.theme, self._priority, where, faded=self._faded)
        painter.end()


class Step(QWidget):
    """A number and what to do."""

    def __init__(self, number: int) -> None:
        """Without words."""
        super().__init__()
        sign = label(str(number), "number")
        sign.setFixedSize(20, 20)
        sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words = label("", wrap=True)
        whole = row(sign, self.words, spacing=10)
        whole.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
        whole.setStretch(1, 1)
        self.setLayout(whole)


class AlarmPanel(QWidget):
    """Title, map, facts, steps, acts, and why it has its priority."""

    cure_wanted = Signal()
    acknowledge_wanted = Signal()

    def __init__(self, context: Context) -> None:
        """Without an alarm."""
        super().__init__()
        self._mark = AlarmMark(context)
        self._title = label("", "title", wrap=True)
        self.where = SmallMap(context)
        self._cause = label("", "why", wrap=True)
        self._facts = Facts("Effect", "Robots", "Seen", "Acknowledged")
        self._steps: list[Step] = []
        self._cure = button("", "Enter", "default")
        self._seen = button("Acknowledge", "Space")
        for made, signal in ((self._cure, self.cure_wanted), (self._seen, self.acknowledge_wanted)):
            made.setMinimumHeight(34)
            made.clicked.connect(signal)
        self._why_head, self._why = label("", "section"), label("", "second", wrap=True)
        self._shown: object = None
        self._build()

    def _build(self) -> None:
        head = row(self._mark, self._title, spacing=10)
        head.setStretch(1, 1)
        self._todo = column(label("What to do", "section"), spacing=10)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(column(head))
        whole.addWidget(self.where)
        whole.addWidget(line())
        whole.addLayout(column(self._cause, self._facts))
        whole.addWidget(line())
        whole.addLayout(self._todo)
        whole.addWidget(line())
        whole.addLayout(column(self._cure, self._seen))
        whole.addWidget(line())
        whole.addLayout(column(self._why_head, self._why))
        whole.addStretch(1)

    def show_alarm(self, alarm: AlarmView, cure: str, robots: Sequence[str]) -> None:
        """An alarm, the verb that ends it ("" for none), the names of its robots."""
        if (alarm, cure, robots) == self._shown:
            return
        self.where.show_robot(next(iter(alarm.robot_ids), ""))
        self._mark.show_priority(alarm.priority, faded=bool(alarm.acknowledged_by))
        self._title.setText(alarm.title)
        self._cause.setText(alarm.cause)
        self._facts.put("Effect", alarm.effect)
        self._facts.put("Robots", ", ".join(robots))
        self._facts.put("Seen", f"{alarm.count} times" if alarm.count > 1 else "once")
        self._facts.put("Acknowledged", alarm.acknowledged_by or "by nobody yet")
        self._show_steps(alarm.todo)
        self._cure.setText(cure)
        self._cure.setVisible(bool(cure))
        self._seen.setVisible(not alarm.acknowledged_by)
        self._why_head.setText(f"Why priority {alarm.priority}")
        self._why.setText(WHY_PRIORITY.get(alarm.priority, ""))
        self._shown = (alarm, cure, robots)  # only what was shown whole is not shown again

    def _show_steps(self, todo: Sequence[str]) -> None:
        while len(self._steps) < len(todo):
            made = Step(len(self._steps) + 1)
            self._steps.append(made)
            self._todo.addWidget(made)
        for number, step in enumerate(self._steps):
            step.setVisible(number < len(todo))
            if number < len(todo):
                step.words.setText(todo[number])
