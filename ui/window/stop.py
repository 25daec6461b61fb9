"""Stop all: always there, F12 or Pause on every page, never behind anything; and its ring."""

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QVBoxLayout, QWidget

from fleetapp.api.model import Changes

from ..context import Context, duration
from ..theme.marks import octagon
from ..theme.style import font
from ..views.panel import button, column, label, line
from ..views.sheets import ReleaseAllSheet

KEYS = frozenset({Qt.Key.Key_F12, Qt.Key.Key_Pause})


class StopButton(QAbstractButton):
    """164 x 44, at the right end of the top bar."""

    pressed_for_good = Signal()

    def __init__(self, context: Context) -> None:
        """Listens for its keys in the whole application."""
        super().__init__()
        self._context = context
        self._stopped = False
        self.setFixedSize(QSize(164, 44))
        self.setAccessibleName("Stop all robots")
        self.setToolTip("Stop all (F12). Not a safety function.")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.pressed.connect(self.stop)
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """F12 and Pause stop, whatever has the focus."""
        pressed = event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if pressed and _is_stop(event):
            self.stop()
            return True
        return super().eventFilter(watched, event)

    def stop(self) -> None:
        """Stop now; pressing again sends it again, it never toggles."""
        self._context.commands.stop_all()
        self.show_stopped(stopped=True)
        self.pressed_for_good.emit()

    def show_stopped(self, *, stopped: bool) -> None:
        """Filled while the fleet is stopped."""
        if stopped != self._stopped:
            self._stopped = stopped
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Octagon, words, key."""
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        filled = self._stopped or self.isDown()
        painter.setPen(QPen(theme.colour("p1"), 2))
        painter.setBrush(theme.colour("p1-fill" if filled else "p1-wash"))
        painter.drawRoundedRect(QRectF(1, 1, self.width() - 2, self.height() - 2), 8, 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.save()
        painter.translate(27, self.height() / 2)
        painter.setBrush(theme.colour("p1-ink" if filled else "p1-fill"))
        painter.drawPolygon(octagon(11))
        painter.setBrush(theme.colour("p1-fill" if filled else "p1-ink"))
        painter.drawRect(QRectF(-5.5, -1.8, 11, 3.6))
        painter.restore()
        painter.setPen(theme.colour("p1-ink") if filled else theme.colour("text-1"))
        painter.setFont(font(15, 600))
        painter.drawText(
            QRectF(46, 0, 80, self.height()),
            Qt.AlignmentFlag.AlignVCenter,
            "Stopped" if self._stopped else "Stop all",
        )
        painter.setFont(font(11))
        key = QRectF(self.width() - 38, self.height() / 2 - 9, 28, 18)
        painter.setPen(QPen(theme.colour("p1-ink" if filled else "p1", 0.6), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(key, 4, 4)
        painter.setPen(theme.colour("p1-ink" if filled else "text-2"))
        painter.drawText(key, Qt.AlignmentFlag.AlignCenter, "F12")
        painter.end()


def _is_stop(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and not event.isAutoRepeat() and event.key() in KEYS


class Ring(QWidget):
    """One segment a robot: told, standing still by its own reports, no answer."""

    def __init__(self, context: Context) -> None:
        """Empty."""
        super().__init__()
        self._context = context
        self._parts: tuple[int, int, int] = (0, 0, 0)
        self.setMinimumHeight(220)

    def set_parts(self, standing: int, sent: int, silent: int) -> None:
        """How many robots are where."""
        if (standing, sent, silent) != self._parts:
            self._parts = (standing, sent, silent)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The segments and the count."""
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(self.width(), self.height()) - 30
        box = QRectF((self.width() - side) / 2, 15, side, side)
        total = max(1, sum(self._parts))
        span = 360 * 16 / total
        colours = ["ok"] * self._parts[0] + ["text-3"] * self._parts[1] + ["p1"] * self._parts[2]
        for number, token in enumerate(colours):
            pen = QPen(theme.colour(token), 12)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            gap = min(span * 0.15, 32)
            painter.drawArc(box, round(90 * 16 - number * span - gap / 2), round(-(span - gap)))
        painter.setPen(theme.colour("text-1"))
        painter.setFont(font(38, 600, tabular=True))
        painter.drawText(
            box.adjusted(0, -16, 0, -16), Qt.AlignmentFlag.AlignCenter, str(self._parts[0])
        )
        painter.setFont(font(13))
        painter.setPen(theme.colour("text-2"))
        words = f"of {sum(self._parts)} standing still"
        painter.drawText(box.adjusted(0, 34, 0, 34), Qt.AlignmentFlag.AlignCenter, words)
        painter.end()


class StopPanel(QWidget):
    """What the robots' own reports say about the stop, and how it ends."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._context = context
        self._ring = Ring(context)
        self._said = label("", "why", wrap=True)
        self._facts = label("", "second", wrap=True)
        self._missing = label("", wrap=True)
        self._release = button("Release all …", "", "critical")
        self._release.clicked.connect(lambda: context.open_sheet(ReleaseAllSheet(context)))
        note = label(
            "This is not a safety function. The emergency stop is on the robot.",
            "second",
            wrap=True,
        )
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(column(label("Fleet stop", "title"), self._said, self._ring, self._facts))
        box.addWidget(line())
        box.addLayout(column(label("Not standing still yet", "section"), self._missing))
        box.addWidget(line())
        box.addLayout(column(self._release, note))
        box.addStretch(1)
        context.store.changed.connect(self._take)

    def _take(self, changes: Changes) -> None:
        fleet = self._context.store.model.fleet
        if fleet is None or not (changes.fleet or changes.everything):
            return
        stop = fleet.stop
        self._ring.set_parts(len(stop.standing), len(stop.sent), len(stop.no_answer))
        if not stop.active:
            return
        self._said.setText(f"Stopped by {stop.by}. All robots stay still until a release.")
        age = duration(fleet.at_ms - (stop.since_ms or fleet.at_ms))
        sent = "" if stop.sent_after_ms is None else f", sent after {stop.sent_after_ms} ms"
        self._facts.setText(f"{age} ago{sent}")
        names = [self._name(robot_id) for robot_id in (*stop.no_answer, *stop.sent)]
        self._missing.setText(", ".join(names[:24]) or "None: all stand still.")

    def _name(self, robot_id: str) -> str:
        robot = self._context.store.model.robots.get(robot_id)
        return robot.name if robot is not None else robot_id
