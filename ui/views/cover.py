"""A grey panel over a part of the window that broke: what it is, and what still works.

The part lies beneath and is shown its data again when they change; the panel goes once the
part has taken them without breaking. It takes keys and presses from the part meanwhile:
nobody is to act on what they cannot see.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from fleetapp.api.model import Changes

from ..context import Context
from ..theme.style import font
from .sheets import Sheet

RETRY_MS = 1_000  # at most so often are all data shown to it again
QUIET_MS = 500  # a page takes its data within 100 ms
# True of a fleet that drives, one that is halted and one that is stopped.
ONLY_THIS = (
    "Only this part of the window broke; robots and the stop do not depend on it. "
    "The log has the details."
)
TRIED_AGAIN = "It is tried again when its data change."
CLOSED = "Esc closes it."
MADE_AGAIN = "It is made again when it is opened."
LINE_PX = 22
LOW_PX = 90


class Broken(QWidget):
    """In the place of a page that could not be made."""

    def __init__(self, context: Context, name: str) -> None:
        """Covered from the start."""
        super().__init__()
        self._cover = Cover(context, self, name, then=MADE_AGAIN)
        self._cover.stand()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All of it."""
        super().resizeEvent(event)
        self._cover.resize(self.size())


class Cover(QWidget):
    """Hidden until its part breaks."""

    def __init__(
        self,
        context: Context,
        part: QWidget,
        name: str,
        beside: QWidget | None = None,
        *,
        then: str = "",
    ) -> None:
        """Over all of `part`, or over what lies left of its child `beside`, which works on.

        `then` says how it ends; by itself or, for a sheet, by its key.
        """
        super().__init__(part)
        self._context, self._part, self._beside = context, part, beside
        self._title = f"{name} cannot be shown."
        ends = CLOSED if isinstance(part, Sheet) else TRIED_AGAIN
        self._words = f"{ONLY_THIS} {then or ends}"
        self.setAccessibleName(f"{self._title} {self._words}")
        self.setToolTip(self.accessibleName())
        self._retry = _once(self, RETRY_MS, self._show_again)
        self._quiet = _once(self, QUIET_MS, self._uncover)
        self._repeats = False  # it shows all data again itself
        self.hide()

    def cover(self) -> None:
        """The part broke just now."""
        self._quiet.stop()
        if self.isHidden():
            self._part.installEventFilter(self)
            self._context.store.changed.connect(self._note)
        self._fit()
        self.show()
        self.raise_()
        if self._beside is None:
            self._part.setEnabled(False)

    def stand(self) -> None:
        """Show for good: there is nothing beneath."""
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the part, and over what it makes anew."""
        if watched is self._part and event.type() in (QEvent.Type.Resize, QEvent.Type.ChildAdded):
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        box = self._part.rect()
        if self._beside is not None:
            box = QRect(0, 0, self._beside.x() - 8, box.height())
        self.setGeometry(box)
        if not self.isHidden():
            self.raise_()

    def _note(self, _changes: Changes) -> None:
        if self.isVisible() and not self._repeats and not self._retry.isActive():
            self._retry.start()

    def _show_again(self) -> None:
        """All data anew, so that a part that looks only at changes looks at all."""
        if not self.isVisible():
            return
        self._quiet.start()
        self._repeats = True
        self._context.store.changed.emit(Changes(everything=True, fleet=True))
        self._repeats = False
        self._part.update()
        for child in self._part.findChildren(QWidget):
            child.update()

    def _uncover(self) -> None:
        self.hide()
        self._part.removeEventFilter(self)
        self._context.store.changed.disconnect(self._note)
        self._part.setEnabled(True)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A sentence on grey; the part beneath is painted too, and so tried."""
        theme = self._context.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("bg-base"))
        low = self.height() < LOW_PX
        size = 13 if low else 15
        wide = min(460, self.width() - 32)
        box = QRectF((self.width() - wide) / 2, 0, wide, LINE_PX)
        box.moveTop((self.height() - LINE_PX) / 2 if low else self.height() * 0.36)
        painter.setPen(QPen(theme.colour("text-1")))
        painter.setFont(font(size, 600))
        middle = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        words = painter.fontMetrics().elidedText(
            self._title, Qt.TextElideMode.ElideRight, int(wide)
        )
        painter.drawText(box, middle, words)
        if not low:
            painter.setPen(theme.colour("text-2"))
            painter.setFont(font(13))
            below = QRectF(box.x(), box.bottom() + 8, wide, self.height() - box.bottom() - 16)
            top = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
            painter.drawText(below, top | Qt.TextFlag.TextWordWrap, self._words)
        painter.end()


def _once(parent: QObject, after_ms: int, act: Callable[[], None]) -> QTimer:
    made = QTimer(parent)
    made.setSingleShot(True)
    made.setInterval(after_ms)
    made.timeout.connect(act)
    return made
