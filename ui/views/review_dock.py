"""The left of the reviews page: who asks, and what was answered."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QListWidget, QWidget

from fleetapp.api.views import ReviewView

from ..context import Context
from ..figures import duration
from .dock import DOCK_PX
from .panel import Facts, column, label, line, row
from .review_queue import (
    ROW_PX,
    AnsweredDelegate,
    QueueDelegate,
    Thumbs,
    add_review,
    robot_name,
    seen_words,
)

SHOWN_ANSWERED = 30
MOST_ROWS = 6  # of the queue, before it scrolls


class ReviewDock(QWidget):
    """Two lists and a few figures; `queue` has those that wait."""

    chosen = Signal(str)  # a review's id

    def __init__(self, context: Context) -> None:
        """Nobody asks."""
        super().__init__()
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(DOCK_PX)
        self._context = context
        self._open_ids: tuple[str, ...] = ()
        self._done_ids: tuple[str, ...] = ()
        self.queue = QListWidget()
        self.queue.setAccessibleName("Open reviews")
        self.queue.setMouseTracking(True)
        thumbs = Thumbs(context, self.queue)
        self.queue.setItemDelegate(QueueDelegate(context, thumbs, self.queue))
        self._answered = QListWidget()
        self._answered.setAccessibleName("Answered reviews")
        self._answered.setItemDelegate(AnsweredDelegate(context, self._answered))
        self._answered.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self._answered.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._waits, self._count = label("", "second"), label("", "third")
        self._took = Facts("Median answer", "Answered")
        self._build()
        self.queue.currentRowChanged.connect(self._chosen)

    def _build(self) -> None:
        head = row(label("Queue", "strong"), None, self._waits)
        head.setContentsMargins(16, 13, 16, 11)
        second = row(label("Answered, as far as kept here", "strong"), None, self._count)
        second.setContentsMargins(16, 14, 16, 8)
        below = column(self._took, margins=(16, 10, 16, 12))
        box = column(
            head, self.queue, second, self._answered, line(), below,
            margins=(0, 0, 0, 0), spacing=0,
        )  # fmt: skip
        box.setStretch(3, 1)
        self.setLayout(box)

    def refresh(self, shown: str) -> list[ReviewView]:
        """Fill both lists; those that wait, oldest first. `shown` stays chosen."""
        reviews = self._context.store.model.reviews.values()
        waiting = sorted((r for r in reviews if r.answered_ms is None), key=lambda r: r.asked_ms)
        ids = tuple(r.review_id for r in waiting)
        if ids != self._open_ids:
            self._fill(waiting, shown)
            self._open_ids = ids
        self.queue.viewport().update()
        self._waits.setText(f"{len(waiting)} waiting")
        self._fill_answered([r for r in reviews if r.answered_ms is not None])
        return waiting

    def _fill(self, waiting: list[ReviewView], shown: str) -> None:
        with QSignalBlocker(self.queue):
            self.queue.clear()
            for review in waiting:
                words = f"{robot_name(self._context, review)}, {seen_words(review)}"
                add_review(self.queue, review, words)
                if review.review_id == shown:
                    self.queue.setCurrentRow(self.queue.count() - 1)
        self.queue.setFixedHeight(ROW_PX * min(len(waiting), MOST_ROWS))

    def _fill_answered(self, done: list[ReviewView]) -> None:
        done.sort(key=lambda r: -(r.answered_ms or 0))
        ids = tuple(r.review_id for r in done)
        if ids == self._done_ids:
            return
        self._answered.clear()
        for review in done[:SHOWN_ANSWERED]:
            words = f"{robot_name(self._context, review)} answered by {review.answered_by}"
            add_review(self._answered, review, words)
        self._count.setText(str(len(done)))
        took = sorted((r.answered_ms or 0) - r.asked_ms for r in done)
        self._took.put("Median answer", duration(took[len(took) // 2]) if took else "")
        self._took.put("Answered", f"{len(done)} kept here")
        self._done_ids = ids

    def _chosen(self, number: int) -> None:
        if 0 <= number < len(self._open_ids):
            self.chosen.emit(self._open_ids[number])

    def move_on(self, step: int) -> None:
        """The next or previous review."""
        last = self.queue.count() - 1
        self.queue.setCurrentRow(max(0, min(last, self.queue.currentRow() + step)))
