"""One line for five seconds: what became of what the person just did, on every page.

What to do while the stop reaches nobody is no such line: it stays until the stop is
answered, and what else is said meanwhile stands below it.
"""

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from ..context import Context
from ..stop_call import StopPhase
from .map_page import MapPage

SHOWN_MS = 5_000
MARGIN_PX = 12
ABOVE_FOOT_PX = 56


class Toast(QLabel):
    """At the bottom left of what it is shown over; in no layout, so that nothing moves."""

    def __init__(self, context: Context, window: QWidget) -> None:
        """Hidden."""
        super().__init__(window)
        theme = context.theme.hexes
        self.setStyleSheet(
            f"background: {theme['bg-raised']}; border: 1px solid {theme['line']};"
            "border-radius: 8px; padding: 8px 12px;"
        )
        self._call = context.commands.stop_call
        self._advice, self._news = "", ""
        self._over = window
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.setInterval(SHOWN_MS)
        self._end.timeout.connect(self._forget)
        self._call.told.connect(self._keep)
        self._call.changed.connect(self._tell)
        window.installEventFilter(self)
        self.hide()

    def say(self, words: str, over: QWidget) -> None:
        """Words over a part of the window; wrapped where that is narrow."""
        self._over, self._news = over, words
        self._end.start()
        self._tell()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep its corner in a window of another size."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            QTimer.singleShot(0, self, self._tell)
        return super().eventFilter(watched, event)

    def _keep(self, words: str) -> None:
        """Advice, if the stop reaches nobody."""
        if self._call.phase is StopPhase.NOT_REACHED:
            self._advice = words
            self._tell()

    def _forget(self) -> None:
        self._news = ""
        self._tell()

    def _tell(self) -> None:
        if self._advice and self._call.phase is not StopPhase.NOT_REACHED:
            self._news = "" if self._news == self._advice else self._news
            self._advice = ""
        words = "\n".join(dict.fromkeys(filter(None, (self._advice, self._news))))
        if words:
            self._show(words, self._over)
        else:
            self.hide()

    def _show(self, words: str, over: QWidget) -> None:
        corner = over.mapTo(self.window(), QPoint(0, over.height()))
        room = over.width() - 2 * MARGIN_PX
        self.setWordWrap(False)
        self.setText(words)
        wanted = self.sizeHint()
        if wanted.width() > room:
            self.setWordWrap(True)
            wanted = QSize(room, self.heightForWidth(room))
        self.resize(wanted)
        above = over.foot_px if isinstance(over, MapPage) else ABOVE_FOOT_PX
        self.move(corner.x() + MARGIN_PX, corner.y() - above - wanted.height())
        self.show()
        self.raise_()
