"""A banner over the map: the fleet stop, or a connection that is lost."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from fleetapp.api.views import FleetView, StopView
from fleetapp.terms.actors import LOCAL
from fleetapp.terms.modes import RobotState

from ..context import Context
from ..figures import clock
from ..models.stop_look import all_stand, total_of
from ..theme.marks import paint_state, paint_stop
from ..theme.style import font


class Banner(QWidget):
    """40 high, where the task line else is: sign and words on a wash."""

    def __init__(self, context: Context) -> None:
        """Nothing to say."""
        super().__init__()
        self._context = context
        self._words, self._token, self._full = "", "p1", True

    def say(self, words: str, token: str, *, full: bool = True) -> None:
        """Show words in the colour of a token, "p1" or "p2"; a stop is full once all stand."""
        if (words, token, full) != (self._words, self._token, self._full):
            self._words, self._token, self._full = words, token, full
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
        sign = QRectF(14, 11, 18, 18)
        if self._token == "p1":
            paint_stop(painter, theme, sign, full=self._full)
        else:
            paint_state(painter, theme, RobotState.SILENT, sign)
        painter.setPen(theme.colour("text-1"))
        painter.setFont(font(13, 600))
        room = QRectF(42, 0, self.width() - 54, self.height())
        words = painter.fontMetrics().elidedText(
            self._words, Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()


def lost_words(last: FleetView) -> str:
    """While the engine is gone: since when, and how many stood still then; by its last word."""
    since = clock(last.at_ms)
    if not last.stop.active:
        return f"No word of the engine since {since}: what is shown is old."
    stood = f"{len(last.stop.standing)} of {total_of(last.stop)}"
    return f"Not reached, engine gone since {since}. {stood} stood then."


def stop_words(stop: StopView) -> str:
    """Who stopped the fleet, when, and how many stand; "" while it is not stopped."""
    if not stop.active:
        return ""
    at = "" if stop.since_ms is None else f" at {clock(stop.since_ms)}"
    who = f" by {stop.by}" if stop.by != LOCAL else ""
    total = total_of(stop)
    stand = f"{len(stop.standing)} of {total} stand still" if total else "No robot is admitted"
    what = "Fleet stopped" if all_stand(stop) else "Fleet stop"
    return f"{what}{who}{at}. {stand}. New tasks wait."
