"""A banner over the map: the fleet stop, or a connection that is lost."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from fleetapp.api.views import StopView
from fleetapp.terms.actors import LOCAL
from fleetapp.terms.modes import RobotState

from ..context import Context
from ..figures import clock
from ..theme.marks import paint_state
from ..theme.style import font

SIGNS = {"p1": RobotState.STOPPED, "p2": RobotState.SILENT}


class Banner(QWidget):
    """40 high, where the task line else is: sign and words on a wash."""

    def __init__(self, context: Context) -> None:
        """Nothing to say."""
        super().__init__()
        self._context = context
        self._words, self._token = "", "p1"

    def say(self, words: str, token: str) -> None:
        """Show words in the colour of a token, "p1" or "p2"."""
        if (words, token) != (self._words, self._token):
            self._words, self._token = words, token
            self.setAccessibleName(words)
            self.setToolTip(words)
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Wash, edge, sign, words."""
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour(self._token), 1.5))
        painter.setBrush(theme.colour(f"{self._token}-wash"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        paint_state(painter, theme, SIGNS[self._token], QRectF(14, 11, 18, 18))
        painter.setPen(theme.colour("text-1"))
        painter.setFont(font(13, 600))
        room = QRectF(42, 0, self.width() - 54, self.height())
        words = painter.fontMetrics().elidedText(
            self._words, Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()


def stop_words(stop: StopView) -> str:
    """Who stopped the fleet, when, and how many stand; "" while it is not stopped."""
    if not stop.active:
        return ""
    total = len(stop.standing) + len(stop.sent) + len(stop.no_answer)
    at = "" if stop.since_ms is None else f" at {clock(stop.since_ms)}"
    who = f" by {stop.by}" if stop.by != LOCAL else ""
    stand = f"{len(stop.standing)} of {total} stand still"
    return f"Fleet stopped{who}{at}. {stand}. New tasks wait."
