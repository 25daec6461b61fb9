"""One line for five seconds: what became of what the person just did, on every page.

What to do while the stop reaches nobody is no such line: it stays until the stop is
answered, and what else is said meanwhile stands below it.
"""

from PySide6.QtCore import QPoint, QSize, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from ..context import Context
from ..stop_call import StopPhase
from ..turns import Later
from .page_stack import PageStack

SHOWN_MS = 5_000
MARGIN_PX = 12


class Toast(QLabel):
    """At the bottom left of the open page, over no side; in no layout: nothing moves for it."""

    def __init__(self, context: Context, window: QWidget, pages: PageStack) -> None:
        """Hidden."""
        super().__init__(window)
        theme = context.theme.hexes
        self.setStyleSheet(
            f"background: {theme['bg-raised']}; border: 1px solid {theme['line']};"
            "border-radius: 8px; padding: 8px 12px;"
        )
        self._call = context.commands.stop_call
        self._advice, self._news = "", ""
        self._pages = pages
        self._place_soon = Later(self, self._tell)  # once all parts have their new places
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.setInterval(SHOWN_MS)
        self._end.timeout.connect(self._forget)
        self._call.told.connect(self._keep)
        self._call.changed.connect(self._tell)
        pages.room_changed.connect(self._place_soon.ask)
        self.hide()

    def say(self, words: str) -> None:
        """Words for five seconds; wrapped where the page is narrow."""
        self._news = words
        self._end.start()
        self._tell()

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
            self._show(words)
        else:
            self.hide()

    def _show(self, words: str) -> None:
        free = self._pages.room()
        corner = self._pages.mapTo(self.window(), QPoint(free.x(), free.y() + free.height()))
        room = free.width() - 2 * MARGIN_PX
        self.setWordWrap(False)
        self.setText(words)
        wanted = self.sizeHint()
        if wanted.width() > room:
            self.setWordWrap(True)
            wanted = QSize(room, self.heightForWidth(room))
        self.resize(wanted)
        self.move(corner.x() + MARGIN_PX, corner.y() - wanted.height())
        self.show()
        self.raise_()
