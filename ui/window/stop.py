"""Stop all: always there, F12 or Pause on every page, never behind anything."""

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication

from ..context import Context
from ..theme.marks import octagon
from ..theme.style import font

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
