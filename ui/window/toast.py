"""One line for five seconds: what became of what the person just did, on every page."""

from PySide6.QtCore import QPoint, QSize, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from ..context import Context

SHOWN_MS = 5_000
MARGIN_PX = 12
ABOVE_FOOT_PX = 56  # clear of the legend and the zoom bar of the map


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
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.setInterval(SHOWN_MS)
        self._end.timeout.connect(self.hide)
        self.hide()

    def say(self, words: str, over: QWidget) -> None:
        """Words over a part of the window; wrapped where that is narrow."""
        corner = over.mapTo(self.window(), QPoint(0, over.height()))
        room = over.width() - 2 * MARGIN_PX
        self.setWordWrap(False)
        self.setText(words)
        wanted = self.sizeHint()
        if wanted.width() > room:
            self.setWordWrap(True)
            wanted = QSize(room, self.heightForWidth(room))
        self.resize(wanted)
        self.move(corner.x() + MARGIN_PX, corner.y() - ABOVE_FOOT_PX - wanted.height())
        self.show()
        self.raise_()
        self._end.start()
