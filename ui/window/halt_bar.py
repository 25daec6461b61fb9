"""A bar over all pages while the fleet is halted: what is known, and the way on.

A halt is no stop: robots drive on to the end of what they were given, and nothing more is
allowed until a supervisor decides. So it says which commands still work.
"""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from fleetapp.api.model import Changes
from fleetapp.api.views import HaltView

from ..context import Context
from ..figures import clock
from ..theme.marks import paint_alarm
from ..views.halts import EndHaltSheet, open_halts
from ..views.panel import button, label, put, row

LEAST_PX = 52
EDGE_PX = 2


class HaltMark(QWidget):
    """The square of priority 1."""

    def __init__(self, context: Context) -> None:
        """24 px."""
        super().__init__()
        self._context = context
        self.setFixedSize(QSize(24, 24))
        self.setAccessibleName("Priority 1")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The mark."""
        painter = QPainter(self)
        paint_alarm(painter, self._context.theme, 1, QRectF(1, 1, 22, 22))
        painter.end()


class HaltBar(QWidget):
    """Hidden while nothing is halted; the halt of everything comes first."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self._halts: tuple[HaltView, ...] = ()
        self._words = label("", "strong", wrap=True)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.go_on = button("Go on …", "", "critical", context.icons.icon("play", "text-1"))
        self.go_on.setMinimumHeight(36)
        self.go_on.setAccessibleName("Let the fleet go on")
        self.go_on.clicked.connect(self.open_sheet)
        whole = row(HaltMark(context), self._words, self.go_on, spacing=12)
        whole.setContentsMargins(16, 6, 12, 6)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self.setMinimumHeight(LEAST_PX)
        self.hide()
        context.store.changed.connect(self._take)

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.text()

    def open_sheet(self) -> None:
        """A supervisor signs, on whatever page this is."""
        if self._halts:
            self._context.open_sheet(EndHaltSheet(self._context, self._halts[0]))

    def _take(self, changes: Changes) -> None:
        if not (changes.fleet or changes.everything):
            return
        model = self._context.store.model
        # In sight before anything that may break: a cover over a hidden bar says nothing.
        self.setVisible(model.fleet is not None and bool(model.fleet.halts))
        halts = open_halts(model)
        if halts == self._halts:
            return
        if halts:
            put(self._words, halt_words(halts))
            self.setAccessibleName(self.words)
        self._halts = halts  # only what was shown: what broke is tried again

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Wash and an edge."""
        theme = self._context.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("p1-wash"))
        edge = self.rect().adjusted(0, self.height() - EDGE_PX, 0, 0)
        painter.fillRect(edge, theme.colour("p1"))
        painter.end()


def halt_words(halts: tuple[HaltView, ...]) -> str:
    """The first halt, since when, how many more there are, and what works all the while."""
    first, *others = halts
    more = ""
    if others:
        noun = "more halt follows" if len(others) == 1 else "more halts follow"
        more = f" {len(others)} {noun}."
    return f"{first.sentence} Since {clock(first.since_ms)}. Stops and holds work.{more}"
