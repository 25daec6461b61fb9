"""The fleet stop as the robots' own reports tell it: who stands, how soon, how it ends."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from fleetapp.api.model import Changes
from fleetapp.api.views import FleetView, StopView
from fleetapp.terms.actors import named
from fleetapp.terms.modes import LoadState, RobotState

from ..context import Context
from ..figures import NO_BREAK, clock, duration
from ..models.stop_look import all_stand, stop_word, total_of
from ..theme.style import font
from ..views.panel import Facts, button, column, label, line, panel, row, scrolled
from ..views.sheets import ReleaseAllSheet
from ..views.state_pill import StatePill
from .banner import lost_words

MOST_SEGMENTS = 60  # beyond that one segment is one per cent
MISSING_SHOWN = 12
RING_PX, AIR_PX = 14, 6
BIG_PX, SMALL_PX = 38, 24
RESUME = (
    "A supervisor signs with a reason. All robots may then move; "
    "those held for reasons of their own stay held."
)
NOBODY = "No robot is admitted: there is nobody to stand still."
NOTE = (
    "A stop from this screen is not a safety function. In danger, use the emergency "
    "stop on the robot or the wall."
)


class Ring(QWidget):
    """One segment a robot, over sixty one a per cent: told, standing, no answer."""

    def __init__(self, context: Context) -> None:
        """Empty."""
        super().__init__()
        self._context = context
        self._parts: tuple[int, int, int] = (0, 0, 0)
        self.setFixedHeight(196)

    def set_parts(self, standing: int, sent: int, silent: int) -> None:
        """How many robots are where."""
        if (standing, sent, silent) != self._parts:
            self._parts = (standing, sent, silent)
            self.setAccessibleName(f"{standing} of {sum(self._parts)} robots standing still")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The segments and the count."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(self.width(), self.height()) - 24.0
        box = QRectF((self.width() - side) / 2, 12, side, side)
        colours = segments(*self._parts)
        span = 360 * 16 / max(1, len(colours))
        gap = min(span * 0.18, 32)
        for number, token in enumerate(colours):
            pen = QPen(self._context.theme.colour(token), RING_PX)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawArc(box, round(90 * 16 - number * span - gap / 2), round(-(span - gap)))
        self._count(painter, box)
        painter.end()

    def _count(self, painter: QPainter, box: QRectF) -> None:
        """Such as "9 of 12", and below it what that means."""
        theme, (standing, *_rest) = self._context.theme, self._parts
        total = sum(self._parts)
        first, second = (str(standing), f" of {total}") if total else ("–", "")
        big, small = count_fonts(first, second, box.width() - RING_PX - 2 * AIR_PX)
        wide = QFontMetricsF(big).horizontalAdvance(first)
        left = box.center().x() - (wide + QFontMetricsF(small).horizontalAdvance(second)) / 2
        base = box.center().y() + 6
        painter.setFont(big)
        painter.setPen(theme.colour("text-1"))
        painter.drawText(QPointF(left, base), first)
        painter.setFont(small)
        painter.setPen(theme.colour("text-2"))
        painter.drawText(QPointF(left + wide, base), second)
        painter.setFont(font(13, 600))
        painter.setPen(theme.colour("ok" if total and standing == total else "text-2"))
        below = QRectF(box.x(), base + 8, box.width(), 20)
        words = "standing still" if total else "no robot"
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, words)


def count_fonts(first: str, second: str, room_px: float) -> tuple[QFont, QFont]:
    """Of the count in the ring: smaller where a large fleet's has more digits."""
    big, small = font(BIG_PX, 600, tabular=True), font(SMALL_PX, 500, tabular=True)
    wide = QFontMetricsF(big).horizontalAdvance(first)
    wide += QFontMetricsF(small).horizontalAdvance(second)
    share = min(1.0, room_px / wide)
    return (
        font(int(BIG_PX * share), 600, tabular=True),
        font(int(SMALL_PX * share), 500, tabular=True),
    )


def segments(standing: int, sent: int, silent: int) -> tuple[str, ...]:
    """The colour of each segment, clockwise from the top; nobody missing is rounded away."""
    total = standing + sent + silent
    parts = [standing, sent, silent]
    if total > MOST_SEGMENTS:
        missing = [-(-count * 100 // total) for count in (sent, silent)]
        parts = [100 - sum(missing), *missing]
    tokens = ("ok-fill", "text-3", "p1-fill")
    return tuple(
        token for token, count in zip(tokens, parts, strict=True) for _ in range(max(0, count))
    )


class Strip(QWidget):
    """When each robot stood, on a line from the stop onwards."""

    def __init__(self, context: Context) -> None:
        """Nobody yet."""
        super().__init__()
        self._context = context
        self._after_ms: tuple[int, ...] = ()
        self.setFixedHeight(38)
        self.setAccessibleName("Times from the stop to standing still")

    def set_times(self, after_ms: tuple[int, ...]) -> None:
        """Milliseconds after the stop, one a robot."""
        if after_ms != self._after_ms:
            self._after_ms = after_ms
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Marks, line, seconds."""
        theme = self._context.theme
        painter = QPainter(self)
        last_s = max(2, -(-max(self._after_ms, default=0) // 1000))
        scale = (self.width() - 20) / last_s
        painter.setPen(theme.colour("line-strong"))
        painter.drawLine(0, 20, self.width(), 20)
        for after in self._after_ms:
            x = after / 1000 * scale
            painter.fillRect(QRectF(x, 4, 4, 14), theme.colour("text-2"))
        painter.setPen(theme.colour("text-3"))
        painter.setFont(font(11, tabular=True))
        wide_of = painter.fontMetrics().horizontalAdvance
        for x, words in seconds_below(last_s, scale, self.width(), wide_of):
            painter.drawText(QPointF(x, 34), words)
        painter.end()


def seconds_below(
    last_s: int, scale: float, room_px: int, wide_of: Callable[[str], int]
) -> list[tuple[float, str]]:
    """At most five seconds with their places from the left; the last one is whole, too."""
    step = max(1, -(-last_s // 4))
    named = [(second * scale, f"{second}{NO_BREAK}s") for second in range(0, last_s + 1, step)]
    return [(min(x, room_px - wide_of(words)), words) for x, words in named]


class StopPanel(QWidget):
    """Count, sentence, who and when, who is missing, and the way out."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._context = context
        self._ring = Ring(context)
        self._pill = StatePill(context)
        self._said = label("", "why", wrap=True)
        self._facts = Facts("Pressed by", "Sent to all", "No answer", "Load in grip")
        self._strip = Strip(context)
        self._missing_head = label("Not standing still yet", "section")
        self._missing = label("", wrap=True)
        self._release = button(
            "Release all …", "", "critical", context.icons.icon("play", "text-1")
        )
        self._release.clicked.connect(lambda: context.open_sheet(ReleaseAllSheet(context)))
        self._build()
        context.store.changed.connect(self._take)

    def _build(self) -> None:
        """What was reported scrolls in a low window; the way out and the warning do not."""
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scrolled(self._reported()), 1)
        whole.addWidget(line())
        whole.addLayout(column(self._release, label(NOTE, "second", wrap=True), spacing=10))

    def _reported(self) -> QWidget:
        made = panel()
        box = QVBoxLayout(made)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        head = row(label("Fleet stop", "title"), None, self._pill)
        box.addLayout(column(head, self._ring, margins=(16, 14, 16, 8)))
        box.addWidget(line())
        # Who does not stand yet is in sight in any window: figures can wait below it.
        missing = column(self._missing_head, self._missing, margins=(0, 0, 0, 0), spacing=4)
        box.addLayout(column(self._said, missing, spacing=10))
        box.addWidget(line())
        box.addLayout(column(self._facts, self._strip, spacing=10))
        box.addWidget(line())
        box.addLayout(column(label("Resume", "section"), label(RESUME, "second", wrap=True),
                             margins=(16, 12, 16, 12)))  # fmt: skip
        box.addStretch(1)
        return made

    def _take(self, changes: Changes) -> None:
        fleet = self._context.store.model.fleet
        if fleet is None or not (changes.fleet or changes.everything):
            return
        stop = fleet.stop
        self._ring.set_parts(len(stop.standing), len(stop.sent), len(stop.no_answer))
        if not stop.active:
            return
        self._show_pill(fleet, stop)
        self._said.setText(self._sentence(stop))
        self._put_facts(fleet, stop)
        self._strip.set_times(tuple(after for _robot, after in stop.still_after_ms))
        missing = [self._name(robot_id) for robot_id in (*stop.no_answer, *stop.sent)]
        beyond = f" and {len(missing) - MISSING_SHOWN} more" if len(missing) > MISSING_SHOWN else ""
        self._missing.setText(", ".join(missing[:MISSING_SHOWN]) + beyond)
        for part in (self._missing_head, self._missing):
            part.setVisible(bool(missing))

    def _show_pill(self, fleet: FleetView, stop: StopView) -> None:
        age = duration(fleet.at_ms - (stop.since_ms or fleet.at_ms))
        words = f"{stop_word(stop)} {age}" if all_stand(stop) else stop_word(stop)
        self._pill.show_state(RobotState.STOPPED, words, hollow=not all_stand(stop))

    def _put_facts(self, fleet: FleetView, stop: StopView) -> None:
        at = clock(stop.since_ms or fleet.at_ms)
        self._facts.put("Pressed by", f"{named(stop.by)}, {at}")
        sent = stop.sent_after_ms
        self._facts.put("Sent to all", "" if sent is None else f"after {sent}{NO_BREAK}ms")
        self._facts.put("No answer", str(len(stop.no_answer)) if stop.no_answer else "none")
        robots = self._context.store.model.robots.values()
        loaded = sum(1 for r in robots if r.admitted and r.load is LoadState.LOADED)
        keeps = "1 robot keeps its load" if loaded == 1 else f"{loaded} robots keep their load"
        self._facts.put("Load in grip", keeps if loaded else "none")

    def _sentence(self, stop: StopView) -> str:
        lost = self._context.store.model.lost
        if lost is not None:
            return f"{lost_words(lost)} Of no robot is it known that it stands."
        total = total_of(stop)
        if not total:
            return NOBODY
        if len(stop.standing) < total:
            told = "robots stand still by their own reports"
            told = "robot stands still by its own report" if total == 1 else told
            return f"{len(stop.standing)} of {total} {told}."
        slowest = max(stop.still_after_ms, key=lambda pair: pair[1], default=None)
        if slowest is None and total == 1:
            return f"{self._name(stop.standing[0])} stands still by its own report."
        if slowest is None:
            return f"All {total} robots stand still by their own reports."
        name, after = self._name(slowest[0]), slowest[1] / 1000
        if total == 1:
            return f"{name} stands still, after {after:.1f}{NO_BREAK}s. It is the only robot."
        return (
            f"All {total} robots stand still. The slowest was {name}, after {after:.1f}{NO_BREAK}s."
        )

    def _name(self, robot_id: str) -> str:
        robot = self._context.store.model.robots.get(robot_id)
        return robot.name if robot is not None else robot_id
