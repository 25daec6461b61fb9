"""Stop all: always there, F12 or Pause on every page, never behind anything.

Its word, its octagon and its edge say what is known: on its way or not reached (hollow
octagon, for not reached with a broken edge), told (hollow with its bar), standing (full
octagon, once all robots stand by their own reports). Filled from the press on.
"""

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication

from fleetapp.api.views import NOT_STOPPED, StopView

from ..context import Context
from ..models.stop_look import NOT_REACHED, all_stand, nobody_answers, stop_word
from ..stop_call import StopPhase
from ..theme.marks import hollow_octagon, octagon
from ..theme.style import font

KEYS = frozenset({Qt.Key.Key_F12, Qt.Key.Key_Pause})
TIP = "Stop all (F12). Not a safety function."
WORDS = {
    StopPhase.NONE: "Stop all",
    StopPhase.SENDING: "Sending",
    StopPhase.NOT_REACHED: NOT_REACHED,
    StopPhase.REFUSED: "Refused",
}
FILLED = frozenset({StopPhase.SENDING, StopPhase.IN_FORCE, StopPhase.NOT_REACHED})
LONG_WORD = 8
KEY_PX = 38  # from the left of its key's cap to the right end
WORD_AT_PX, WORD_PX = 43, 78  # the cap of its key begins 5 px behind


class StopButton(QAbstractButton):
    """164 x 44, at the right end of the top bar."""

    pressed_for_good = Signal()

    def __init__(self, context: Context) -> None:
        """Listens for its keys in the whole application."""
        super().__init__()
        self._context = context
        self._call = context.commands.stop_call
        self._shown = NOT_STOPPED  # how far it has come, by the engine's newest picture
        self._lost = False  # the engine is gone since that picture
        self.setFixedSize(QSize(164, 44))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.pressed.connect(self.stop)
        self._call.changed.connect(self._tell)
        self._call.told.connect(lambda sentence: context.toast(sentence))  # noqa: PLW0108 - the window sets it later
        self._tell()
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """F12 and Pause stop, whatever has the focus."""
        pressed = event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if pressed and _is_stop(event):
            self.stop()
            return True
        return False

    def stop(self) -> None:
        """Stop now; pressing again sends it again, it never toggles."""
        self._context.commands.stop_all()
        self.pressed_for_good.emit()

    def take(self, stop: StopView, *, lost: bool) -> None:
        """Who stands by now; of nobody is it known once the engine is gone."""
        if (stop, lost) != (self._shown, self._lost):
            self._shown, self._lost = stop, lost
            self._tell()

    @property
    def word(self) -> str:
        """What it says; "Stopped" only once all robots stand."""
        if self._call.phase is StopPhase.IN_FORCE:
            return NOT_REACHED if self._unreached else stop_word(self._shown)
        return WORDS[self._call.phase]

    @property
    def _unreached(self) -> bool:
        """Whether of no robot is it known that the stop has come to it."""
        if self._call.phase is StopPhase.IN_FORCE:
            return self._lost or nobody_answers(self._shown)
        return self._call.phase is StopPhase.NOT_REACHED

    @property
    def _all_stand(self) -> bool:
        return self._call.phase is StopPhase.IN_FORCE and all_stand(self._shown)

    def _tell(self) -> None:
        """Words for the eye and for a screen reader."""
        phase, reason = self._call.phase, self._call.reason
        if phase is StopPhase.IN_FORCE and self._lost:
            reason = "no word of the engine any more"
        again = " It is tried again." if phase is StopPhase.NOT_REACHED else ""
        self.setToolTip(f"{self.word}: {reason}.{again} {TIP}" if reason else TIP)
        said = "" if phase is StopPhase.NONE else f": {self.word.lower()}"
        self.setAccessibleName(f"Stop all robots{said}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Octagon, words, key."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        filled = self._call.phase in FILLED or self.isDown()
        self._paint_ground(painter, filled=filled)
        self._paint_octagon(painter, filled=filled)
        self._paint_words(painter, filled=filled)
        painter.end()

    def _paint_ground(self, painter: QPainter, *, filled: bool) -> None:
        """A broken edge within the fill while nobody is reached."""
        theme = self._context.theme
        painter.setPen(QPen(theme.colour("p1"), 2))
        painter.setBrush(theme.colour("p1-fill" if filled else "p1-wash"))
        box = QRectF(1, 1, self.width() - 2, self.height() - 2)
        painter.drawRoundedRect(box, 8, 8)
        if self._unreached:
            painter.setPen(QPen(theme.colour("p1-ink"), 2, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(2, 2, -2, -2), 6, 6)

    def _paint_octagon(self, painter: QPainter, *, filled: bool) -> None:
        """Full where all stand or it may be pressed, hollow on its way."""
        theme = self._context.theme
        ink = theme.colour("p1-ink" if filled else "p1-fill")
        full = self._call.phase is StopPhase.NONE or self._all_stand
        painter.save()
        painter.translate(27, self.height() / 2)
        if not full and self._call.phase is StopPhase.IN_FORCE and not self._unreached:
            hollow_octagon(painter, ink, 10, 2)
            painter.restore()
            return
        painter.setPen(Qt.PenStyle.NoPen if full else QPen(ink, 2))
        painter.setBrush(ink if full else Qt.BrushStyle.NoBrush)
        painter.drawPolygon(octagon(11 if full else 10))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("p1-fill" if filled else "p1-ink"))
        if full:
            painter.drawRect(QRectF(-5.5, -1.8, 11, 3.6))
        painter.restore()

    def _paint_words(self, painter: QPainter, *, filled: bool) -> None:
        theme = self._context.theme
        painter.setPen(theme.colour("p1-ink") if filled else theme.colour("text-1"))
        words, size = fitted(self.word)
        painter.setFont(font(size, 600, tabular=True))
        room = QRectF(WORD_AT_PX, 0, WORD_PX, self.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        painter.setFont(font(11))
        key = QRectF(self.width() - KEY_PX, self.height() / 2 - 9, 28, 18)
        painter.setPen(QPen(theme.colour("p1-ink" if filled else "p1", 0.6), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(key, 4, 4)
        painter.setPen(theme.colour("p1-ink" if filled else "text-2"))
        painter.drawText(key, Qt.AlignmentFlag.AlignCenter, "F12")


def fitted(word: str) -> tuple[str, int]:
    """A word and its size, such that it is never cut: a long count stands in a second line."""
    for size in (13, 12) if len(word) > LONG_WORD else (15,):
        if QFontMetricsF(font(size, 600, tabular=True)).horizontalAdvance(word) <= WORD_PX:
            return word, size
    return word.replace(" ", "\n", 1), 12


def _is_stop(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and not event.isAutoRepeat() and event.key() in KEYS
