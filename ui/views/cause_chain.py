"""The chain of causes of a journal row, as a line with nodes, newest on top."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLayout, QScrollArea, QVBoxLayout, QWidget

from fleetapp.api.views import JournalRowView

from ..context import Context
from ..figures import clock
from ..turns import FRAME_MS, Later
from .panel import clear, column, label, line

NODE_X, NODE_Y = 21.0, 17.0
SHOWN_BODY = 1_600
SHOWN_FOLLOWING = 12


def tenths(at_ms: int) -> str:
    """Local time of day with tenths of a second."""
    return f"{clock(at_ms)}.{at_ms % 1000 // 100}"


class ChainEntry(QWidget):
    """One row of the chain: round for a decision, square for an input."""

    wanted = Signal(int)

    def __init__(
        self, context: Context, entry: JournalRowView, *, chosen: bool, last: bool
    ) -> None:
        """`last` ends the line."""
        super().__init__()
        self._context, self._entry = context, entry
        self._chosen, self._last = chosen, last
        role = "strong" if chosen else ""
        kind = "Decision" if entry.kind == "decision" else "Input"
        where = f"{tenths(entry.at_ms)} · {kind} {entry.seq:,} · {entry.actor}"
        box = column(
            label(entry.title, role, wrap=True), label(where, "second", wrap=True),
            margins=(38, 8, 12, 8), spacing=2,
        )  # fmt: skip
        self.setLayout(box)
        self.setAccessibleName(f"{entry.title}, {where}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Line and node."""
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._last:
            painter.setPen(QPen(theme.colour("line-strong"), 1))
            painter.drawLine(QPointF(NODE_X, NODE_Y + 7), QPointF(NODE_X, self.height()))
        if not self._chosen:
            painter.setPen(QPen(theme.colour("line-strong"), 1))
            painter.drawLine(QPointF(NODE_X, 0), QPointF(NODE_X, NODE_Y - 7))
        token = "accent" if self._chosen else "text-2"
        painter.setPen(QPen(theme.colour(token), 1.6))
        ground = theme.colour("accent") if self._chosen else Qt.BrushStyle.NoBrush
        painter.setBrush(ground)
        node = QRectF(NODE_X - 4.5, NODE_Y - 4.5, 9, 9)
        if self._entry.kind == "decision":
            painter.drawEllipse(node)
        else:
            painter.drawRect(node)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to that row."""
        super().mousePressEvent(event)
        self.wanted.emit(self._entry.seq)


class CauseChain(QScrollArea):
    """Title, chain, what followed, record."""

    wanted = Signal(int)

    def __init__(self, context: Context) -> None:
        """Nothing chosen."""
        super().__init__()
        self._context = context
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        self._box = QVBoxLayout(inner)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)
        self.setWidget(inner)
        self._to_come: list[Callable[[], None]] = []
        self._more = Later(self, self._add_next, FRAME_MS)

    def show_chain(
        self, chain: Sequence[JournalRowView], following: Sequence[JournalRowView]
    ) -> None:
        """From the chosen row to the first input, then what it led to."""
        self._begin()
        if not chain:
            return
        self._add(column(label(chain[0].title, "why", wrap=True)))
        self._add(line())
        some = following[:SHOWN_FOLLOWING]
        self._to_come = [
            lambda: self._part("Chain of causes, newest first", chain, chosen=True),
            *([lambda: self._part("What followed from it", some, chosen=False)] if some else []),
            lambda: self._record(chain[0]),
        ]
        self._more.ask()

    def _begin(self) -> None:
        clear(self._box)
        self._to_come = []
        self._box.addStretch(1)

    def _add(self, part: QWidget | QLayout) -> None:
        """Above the stretch at the end."""
        if isinstance(part, QLayout):
            self._box.insertLayout(self._box.count() - 1, part)
        else:
            self._box.insertWidget(self._box.count() - 1, part)

    def _add_next(self) -> None:
        """A part a turn: all of them at once would hold the window."""
        if self._to_come:
            self._to_come.pop(0)()
        if self._to_come:
            self._more.ask()

    def _part(self, title: str, entries: Sequence[JournalRowView], *, chosen: bool) -> None:
        head = label(title, "section")
        head.setContentsMargins(16, 12, 16, 4)
        self._add(head)
        for number, entry in enumerate(entries):
            made = ChainEntry(
                self._context,
                entry,
                chosen=chosen and number == 0,
                last=number == len(entries) - 1,
            )
            made.wanted.connect(self.wanted)
            self._add(made)

    def _record(self, entry: JournalRowView) -> None:
        body = entry.body[:SHOWN_BODY] + ("…" if len(entry.body) > SHOWN_BODY else "")
        self._add(line())
        self._add(
            column(
                label("Record", "section"),
                label(f"{entry.type}, {entry.kind}", "second"),
                label(_breakable(body), "mono", wrap=True),
                label("SHA-256 " + _breakable(entry.hash, every=16), "mono", wrap=True),
            )
        )

    def say(self, words: str) -> None:
        """Why nothing is shown."""
        self._begin()
        self._add(column(label(words, "second", wrap=True)))


def _breakable(text: str, every: int = 0) -> str:
    """Text that wraps after commas and colons, or after every so many characters."""
    gap = "\u200b"
    if every:
        return gap.join(text[n : n + every] for n in range(0, len(text), every))
    return text.replace(",", "," + gap).replace(":", ":" + gap)
