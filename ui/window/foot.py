"""The foot: tasks done in each of the last sixty minutes, alarms as marks."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from fleetapp.api.model import Changes

from ..context import Context
from ..figures import clock
from ..models.store import Word
from ..theme.marks import paint_alarm
from ..theme.style import font
from ..turns import Later

MINUTE_MS = 60_000
OPEN_PX, FOLDED_PX = 84, 28
MINUTES = 60
LEFT_PX, RIGHT_PX = 290, 56  # beside the bars
PIXEL_MS = 3000  # in about this time everything moves a pixel to the left
PILL_PX = 48  # of the present, with some air
MARK_PX, TIME_PX = 14, 40


class Foot(QWidget):
    """84 high, 28 folded."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self._low = False
        self._shown: object = None
        self._paint_soon = Later(self, self.update)  # not in the turn that paints the map
        self.setAccessibleName("The last hour: a click folds it")
        self.setToolTip("A click folds the last hour away, and back")
        context.store.changed.connect(self._take)

    @property
    def folded(self) -> bool:
        """Whether only a line of it is shown: as wished, else in low windows."""
        wish = self._context.kept.value("foot")
        return wish == "folded" if wish else self._low

    def set_low(self, low: bool) -> None:  # noqa: FBT001 - a state
        """Whether the window is low."""
        self._low = low
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(FOLDED_PX if self.folded else OPEN_PX)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Fold, or open."""
        del event
        self._context.kept.keep("foot", "open" if self.folded else "folded")
        self._fit()

    def _take(self, changes: Changes) -> None:
        if not (changes.fleet or changes.everything or changes.alarms):
            return
        model = self._context.store.model
        if model.fleet is None:
            return
        marks = tuple((a.raised_ms, a.priority, a.gone_ms) for a in model.alarms.values())
        word = self._context.store.word
        wanted = (model.fleet.done_per_minute, model.fleet.at_ms // PIXEL_MS, marks, word)
        if wanted != self._shown:
            self._shown = wanted
            self._paint_soon.ask()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Bars and marks."""
        theme = self._context.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("bg-panel"))
        painter.setPen(theme.colour("line"))
        painter.drawLine(0, 0, self.width(), 0)
        if self.folded:
            self._line(painter)
            painter.end()
            return
        self._open(painter)
        painter.end()

    def _open(self, painter: QPainter) -> None:
        """Its name, a bar a minute, the time of day, alarms, where now is."""
        theme, fleet = self._context.theme, self._context.store.model.fleet
        counts = fleet.done_per_minute if fleet is not None else ()
        painter.setPen(theme.colour("text-1"))
        painter.setFont(font(13, 600))
        painter.drawText(QRectF(16, 18, 200, 18), 0, "Last hour")
        painter.setPen(theme.colour("text-3"))
        painter.setFont(font(11))
        most = f", at most {max(counts)}" if any(counts) else ""
        painter.drawText(QRectF(16, 40, 250, 16), 0, f"Tasks done a minute{most}; alarms")
        if fleet is not None:
            self._bars(painter, counts, fleet.at_ms)

    def _bars(self, painter: QPainter, counts: tuple[int, ...], at_ms: int) -> None:
        theme = self._context.theme
        left, right, ground = float(LEFT_PX), float(self.width() - RIGHT_PX), 58.0
        step = (right - left) / MINUTES
        most = max(4, *counts)
        painter.setPen(theme.colour("line"))
        painter.drawLine(int(left), int(ground), int(right), int(ground))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("line-strong"))
        bars = [
            QRectF(left + number * step, ground - 34 * count / most, step - 2, 34 * count / most)
            for number, count in enumerate(counts)
            if count
        ]
        if bars:
            painter.drawRects(bars)
        self._times(painter, right, step, at_ms, 61)
        self._alarms(painter, right, step, at_ms, 6, right)
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawLine(int(right), 6, int(right), int(ground))
        self._live(painter, right, 60)

    def _times(
        self,
        painter: QPainter,
        right: float,
        step: float,
        at_ms: int,
        top: float,
        marks: Sequence[float] = (),
    ) -> None:
        """Every ten minutes the time of day."""
        painter.setPen(self._context.theme.colour("text-3"))
        painter.setFont(font(11, tabular=True))
        for x, text in times_on(right, step, at_ms, marks):
            painter.drawText(QRectF(x - 20, top, 40, 14), Qt.AlignmentFlag.AlignHCenter, text)

    def _live(self, painter: QPainter, x: float, top: float) -> None:
        """The pill at the present, if what is shown is that."""
        theme = self._context.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        word = self._context.store.word
        live = word is Word.LIVE
        painter.setBrush(theme.colour("accent-fill" if live else "p2-fill"))
        pill = QRectF(x - 23, top, 46, 18)
        painter.drawRoundedRect(pill, 9, 9)
        painter.setPen(theme.colour("accent-ink" if live else "p2-ink"))
        painter.setFont(font(11, 600))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, word)

    def _line(self, painter: QPainter) -> None:
        """Folded: its name, alarms as marks, where now is."""
        theme, fleet = self._context.theme, self._context.store.model.fleet
        right = float(self.width() - RIGHT_PX)
        step = (right - LEFT_PX) / MINUTES
        painter.setFont(font(12, 500))
        painter.setPen(theme.colour("text-2"))
        painter.drawText(QRectF(16, 6, 120, 18), 0, "Last hour  ▴")
        if fleet is not None:
            newest = right - PILL_PX / 2 - MARK_PX / 2  # no alarm hides below the pill
            raised = [alarm.raised_ms for alarm in self._context.store.model.alarms.values()]
            marks = places_of(raised, right, step, fleet.at_ms, newest)
            self._times(painter, right, step, fleet.at_ms, 8, [x for x in marks if x is not None])
            self._alarms(painter, right, step, fleet.at_ms, 8, newest)
        self._live(painter, right, 5)

    def _alarms(
        self,
        painter: QPainter,
        right: float,
        step: float,
        at_ms: int,
        top: float,
        newest: float,
    ) -> None:
        # Where two lie at one place, the one that matters more lies on top.
        alarms = sorted(self._context.store.model.alarms.values(), key=lambda a: -a.priority)
        places = places_of([a.raised_ms for a in alarms], right, step, at_ms, newest)
        for alarm, x in zip(alarms, places, strict=True):
            if x is None:
                continue
            paint_alarm(
                painter,
                self._context.theme,
                alarm.priority,
                QRectF(x - MARK_PX / 2, top, MARK_PX, MARK_PX),
                faded=alarm.gone_ms is not None,
            )


def places_of(
    raised_ms: Sequence[int], right: float, step: float, at_ms: int, newest: float
) -> list[float | None]:
    """Where alarms of these times are marked, `newest` the furthest right; None: too old."""
    back = [(at_ms - at) / MINUTE_MS for at in raised_ms]
    return [min(newest, right - m * step) if m < MINUTES else None for m in back]


def times_on(
    right: float, step: float, at_ms: int, marks: Sequence[float]
) -> list[tuple[float, str]]:
    """Times of day every ten minutes, where no mark and not the present lies over them."""
    past = at_ms % (10 * MINUTE_MS)
    found = []
    for tens in range(6):
        x = right - (past / MINUTE_MS + 10 * tens) * step
        beside = x - TIME_PX / 2 >= LEFT_PX and right - x >= PILL_PX
        if beside and all(abs(x - mark) >= (TIME_PX + MARK_PX) / 2 for mark in marks):
            found.append((x, clock(at_ms - past - tens * 10 * MINUTE_MS)[:5]))
    return found
