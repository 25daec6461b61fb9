"""The top bar: site, clock, connection, figures, alarms, and the stop at its right end."""

import time

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from fleetapp.api.model import Changes

from ..context import Context
from ..figures import percent, robots_of, short
from ..models.store import Word
from ..theme.marks import paint_alarm
from ..theme.style import font
from ..views.panel import label, panel, row, upright
from .stop import StopButton

SPARK_MINUTES = 20


class Logo(QWidget):
    """The mark of the program."""

    def __init__(self, context: Context) -> None:
        """32 px in a field of 64."""
        super().__init__()
        self._context = context
        self.setFixedSize(QSize(64, 56))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A robot in a frame."""
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("text-1"), 2))
        painter.drawRoundedRect(QRectF(17, 13, 30, 30), 7, 7)
        painter.setBrush(theme.colour("text-1"))
        painter.drawRoundedRect(QRectF(24, 22, 17, 12), 4, 4)
        painter.setBrush(theme.colour("bg-panel"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRect(QRectF(27, 25.5, 5, 5))
        painter.end()


class Alarms(QWidget):
    """Counts by priority."""

    def __init__(self, context: Context) -> None:
        """None yet."""
        super().__init__()
        self._context = context
        self._counts = (0, 0, 0, 0)
        self.setFixedSize(QSize(176, 44))

    def set_counts(self, counts: tuple[int, int, int, int]) -> None:
        """How many alarms of each priority are on."""
        if counts != self._counts:
            self._counts = counts
            self.setAccessibleName("Alarms by priority: " + ", ".join(map(str, counts)))
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Marks and numbers."""
        theme = self._context.theme
        painter = QPainter(self)
        painter.setPen(theme.colour("text-3"))
        painter.setFont(font(11))
        painter.drawText(QRectF(0, 2, 176, 14), 0, "Alarms, by priority")
        for number, count in enumerate(self._counts):
            x = number * 43
            where = QRectF(x, 21, 16, 16)
            paint_alarm(painter, theme, number + 1, where, faded=count == 0)
            painter.setFont(font(15, 600, tabular=True))
            painter.setPen(theme.colour("text-1" if count else "text-3"))
            painter.drawText(QRectF(x + 21, 19, 24, 20), 0, str(count))
        painter.end()


class Tile(QWidget):
    """A figure with its name."""

    def __init__(self, name: str, meaning: str, beside: QWidget | None = None) -> None:
        """Unknown until it is measured; `meaning` is its definition."""
        super().__init__()
        self.setToolTip(meaning)
        self._value = label("–", "value")
        self._value.setFont(font(15, 600, tabular=True))
        self._second = label("", "second")
        box = QVBoxLayout()
        box.setContentsMargins(12, 7, 12, 7)
        box.setSpacing(0)
        box.addWidget(label(name, "label"))
        values = QHBoxLayout()
        values.setSpacing(6)
        values.addWidget(self._value)
        values.addWidget(self._second)
        if beside is not None:
            values.addWidget(beside)
        values.addStretch(1)
        box.addLayout(values)
        self.setLayout(row(upright(), box, spacing=0))

    def put(self, value: str, second: str = "", whole: str = "") -> None:
        """Show a figure; `whole` is what `second` is the beginning of, to be read on it."""
        self._second.setToolTip(whole)
        if self._value.text() != value:
            self._value.setText(value)
        if self._second.text() != second:
            self._second.setText(second)


class Spark(QWidget):
    """How the count went over the last minutes, as a line."""

    def __init__(self, context: Context) -> None:
        """No minutes yet."""
        super().__init__()
        self._context = context
        self._counts: tuple[int, ...] = ()
        self.setFixedSize(QSize(54, 16))

    def put(self, counts: tuple[int, ...]) -> None:
        """One count a minute, oldest first."""
        if counts != self._counts:
            self._counts = counts
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The line; nothing while there is nothing to compare."""
        if len(self._counts) < 3:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._context.theme.colour("text-3"), 1.4))
        most = max(1, *self._counts)
        step = (self.width() - 2) / (len(self._counts) - 1)
        painter.drawPolyline(
            [QPointF(1 + n * step, 14 - 12 * c / most) for n, c in enumerate(self._counts)]
        )
        painter.end()


class TopBar(QWidget):
    """56 high; the stop never gives way, tiles drop from the right when it is narrow."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(56)
        self._context = context
        self.stop = StopButton(context)
        self._site = label("–", "")
        self._site.setStyleSheet("font-weight: 600;")
        self._about = label("", "label")
        self._clock = label("", "clock")
        self._clock.setFont(font(18, 600, tabular=True))
        self._date = label("", "label")
        self._spark = Spark(context)
        self._sign = QLabel()
        self._make_tiles()
        self._signed, self._bare = ("", ""), False
        self._alarms = Alarms(context)
        self._build()
        context.store.changed.connect(self._take_stop)  # on its own: no figure may keep it
        context.store.changed.connect(self._take)
        timer = QTimer(self)
        timer.setInterval(500)
        timer.timeout.connect(self._tick)
        timer.start()
        self._tick()

    def _make_tiles(self) -> None:
        self._link = Tile("Connection", "Age of the newest word of the engine", self._sign)
        self._rate = Tile(
            "Tasks per hour",
            "Tasks done in the last hour; in the first hour, at the rate so far. "
            "The line: each of the last twenty whole minutes",
            self._spark,
        )
        self._open = Tile("Open tasks", "Queued and under way; late: due and not done")
        self._on_time = Tile(
            "On time, last hour", "Of the tasks done in the last hour that had a due time"
        )
        self._working = Tile("Robots working", "With a task, driving or waiting; of those admitted")

    def _build(self) -> None:
        bar = QHBoxLayout(self)
        bar.setContentsMargins(0, 0, 8, 0)
        bar.setSpacing(0)
        bar.addWidget(Logo(self._context))
        bar.addWidget(_pair(self._site, self._about, 212))
        bar.addWidget(upright())
        bar.addWidget(_pair(self._clock, self._date, 128))
        for tile in (self._link, self._rate, self._open, self._on_time, self._working):
            bar.addWidget(tile)
        bar.addStretch(1)
        bar.addWidget(self._alarms)
        bar.addSpacing(12)
        bar.addWidget(self.stop)

    def show_bare(self, *, bare: bool) -> None:
        """Before any site runs: no figures, for there are none."""
        if bare != self._bare:
            self._bare = bare
            self._site.setText("No site yet" if bare else "–")
            self._about.setText("Nothing runs on this computer" if bare else "")
            self._fit()

    def resizeEvent(self, event: object) -> None:
        """Tiles drop from the right."""
        del event
        self._fit()

    def _fit(self) -> None:
        for part in (self._link, self._rate, self._open, self._on_time, self._working):
            part.setVisible(not self._bare)
        self._alarms.setVisible(not self._bare)
        if self._bare:
            return
        self._working.setVisible(self.width() >= 1420)
        self._on_time.setVisible(self.width() >= 1300)
        for ornament in (self._spark, self._sign):
            ornament.setVisible(self.width() >= 1366)

    def _tick(self) -> None:
        self._clock.setText(time.strftime("%H:%M:%S"))
        self._date.setText(time.strftime("%a %d %b %Y"))
        store = self._context.store
        age = store.age_s()
        sign = ("circle-check", "ok") if store.word is Word.LIVE else ("circle-alert", "p2")
        if sign != self._signed:
            self._signed = sign
            self._sign.setPixmap(self._context.icons.pixmap(*sign))
        details = {
            Word.LOST: short(store.link.detail, 28),
            Word.QUIET: f"{age:.0f} s" if age < 1e6 else "",
        }
        shown = details.get(store.word, f"{age * 1000:.0f} ms")
        self._link.put(store.word, shown, store.link.detail if store.word is Word.LOST else "")

    def _take_stop(self, changes: Changes) -> None:
        fleet = self._context.store.model.fleet
        if fleet is not None and (changes.fleet or changes.everything):
            self._context.commands.stop_call.take_fleet(stopped=fleet.stop.active)
            self.stop.take(fleet.stop, lost=self._context.store.model.lost is not None)

    def _take(self, changes: Changes) -> None:
        model = self._context.store.model
        fleet = model.fleet
        if fleet is None or not (changes.fleet or changes.everything or changes.alarms):
            return
        self._site.setText(fleet.site_name)
        self._about.setText(f"{robots_of(fleet.robots_admitted)} · layout {fleet.layout_version}")
        hours = max(1 / 60, min(1.0, (fleet.at_ms - fleet.started_ms) / 3_600_000))
        self._rate.put(f"{fleet.tasks_done_last_hour / hours:.0f}")
        whole = min(SPARK_MINUTES, int((fleet.at_ms - fleet.started_ms) // 60_000))
        self._spark.put(fleet.done_per_minute[-1 - whole : -1])
        due = fleet.tasks_due_done
        self._on_time.put(percent(fleet.tasks_on_time / due) if due else "–")
        late = f"{fleet.tasks_late} late" if fleet.tasks_late else ""
        self._open.put(str(fleet.tasks_open), late)
        self._working.put(str(fleet.robots_working), f"of {fleet.robots_admitted}")
        counts = [0, 0, 0, 0]
        for alarm in model.alarms.values():
            if alarm.gone_ms is None:
                counts[alarm.priority - 1] += 1
        self._alarms.set_counts((counts[0], counts[1], counts[2], counts[3]))


def _pair(first: QWidget, second: QWidget, width: int) -> QWidget:
    made = panel()
    box = QVBoxLayout(made)
    box.setContentsMargins(12, 8, 12, 8)
    box.setSpacing(0)
    box.addWidget(first)
    box.addWidget(second)
    made.setMinimumWidth(width)
    return made
