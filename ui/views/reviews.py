"""Reviews: is this the right package? Accept, correct or reject, then a reason.

No answer is the default and Enter does nothing, so that nobody accepts by habit.
An answer is sent after three seconds; until then Ctrl+Z takes it back.
"""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QListWidget, QVBoxLayout, QWidget

from fleetapp.api.commands import AnswerReview
from fleetapp.api.model import Changes
from fleetapp.api.views import ReviewView
from fleetapp.terms.modes import ReviewAnswer

from ..commands import new_id
from ..context import Context, duration
from .frame_view import FrameView
from .panel import button, column, label, line, panel, row, upright
from .robot_list import str_of

UNDO_MS = 3_000
REASONS = ("I read it", "Known item", "Damaged", "Note")


class ReviewsPage(QWidget):
    """Queue at the left, frame in the middle, question at the right."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self._shown = ""
        self._open_ids: tuple[str, ...] = ()
        self._answer: ReviewAnswer | None = None
        self._pending: AnswerReview | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(UNDO_MS)
        self._timer.timeout.connect(self.send_pending)
        self._frame = FrameView(context)
        self._queue = QListWidget()
        self._queue.setAccessibleName("Open reviews")
        self._queue.currentRowChanged.connect(self._choose)
        self._answered = QListWidget()
        self._answered.setAccessibleName("Answered reviews")
        self._make_labels()
        self._build()
        self._add_keys()
        context.store.changed.connect(self._take)

    def _make_labels(self) -> None:
        self._title = label("Reviews", "title")
        self._doubt = label("", "why", wrap=True)
        self._meaning = label("", "second", wrap=True)
        self._signed = label("", "second", wrap=True)
        self._model = label("", "second", wrap=True)
        self._correct = QLineEdit()
        self._correct.setPlaceholderText("Type or scan the code on the package")
        self._correct.hide()
        self._grid = QGridLayout()
        heads = ("", "The task expects", "The camera sees", "")
        for number, head in enumerate(heads):
            self._grid.addWidget(label(head, "section"), 0, number)
        self._table: list[list[QLabel]] = []
        for line_no, name in enumerate(("Package", "Label code", "Place"), start=1):
            cells = [label(name, "second"), label(""), label(""), label("")]
            for number, cell in enumerate(cells):
                self._grid.addWidget(cell, line_no, number)
            self._table.append(cells)
        for number in (1, 2, 3):
            self._grid.setColumnStretch(number, 1)

    def _build(self) -> None:
        whole = row(spacing=0)
        whole.setContentsMargins(0, 0, 0, 0)
        left = panel()
        left.setFixedWidth(250)
        left.setLayout(
            column(
                label("Queue", "section"),
                self._queue,
                label("Answered", "section"),
                self._answered,
                margins=(12, 14, 12, 12),
            )
        )
        brighten = button("Brighten", "B")
        brighten.clicked.connect(self._frame.toggle_bright)
        middle = panel("page")
        inner = column(row(self._title, None, brighten), self._frame, line(), self._grid)
        inner.setStretch(1, 1)
        middle.setLayout(inner)
        whole.addWidget(left)
        whole.addWidget(upright())
        whole.addWidget(middle, 1)
        whole.addWidget(upright())
        whole.addWidget(self._question())
        self.setLayout(whole)

    def _question(self) -> QWidget:
        right = panel()
        right.setFixedWidth(320)
        answers = QVBoxLayout()
        for answer, text, key in (
            (ReviewAnswer.ACCEPT, "Accept, it is right", "A"),
            (ReviewAnswer.CORRECT, "Correct …", "C"),
            (ReviewAnswer.REJECT, "Reject, do not pick", "R"),
        ):
            made = button(text, key, "critical")
            made.clicked.connect(lambda _checked=False, a=answer: self.choose_answer(a))
            answers.addWidget(made)
        reasons = []
        for number, text in enumerate(REASONS, start=1):
            chip = button(f"{number} {text}", "", "chip")
            chip.clicked.connect(lambda _checked=False, n=number: self.choose_reason(n))
            reasons.append(chip)
        box = column(
            label("Why it asks", "section"),
            self._doubt,
            self._meaning,
            line(),
            answers,
            self._correct,
            label("Because", "label"),
            row(*reasons[:2], None),
            row(*reasons[2:], None),
            self._signed,
            line(),
            label("What follows", "section"),
            label(
                "Accept: it picks and drives on. Correct: your code counts if the task wants it. "
                "Reject: it leaves, a person picks.",
                "second",
                wrap=True,
            ),
            self._model,
        )
        box.addStretch(1)
        right.setLayout(box)
        return right

    def _add_keys(self) -> None:
        keys = {
            "A": lambda: self.choose_answer(ReviewAnswer.ACCEPT),
            "C": lambda: self.choose_answer(ReviewAnswer.CORRECT),
            "R": lambda: self.choose_answer(ReviewAnswer.REJECT),
            "B": self._frame.toggle_bright,
            "Ctrl+Z": self.take_back,
        }
        for key, act in keys.items():
            QShortcut(QKeySequence(key), self, act)
        for number in range(1, 5):
            QShortcut(QKeySequence(str(number)), self, lambda n=number: self.choose_reason(n))

    # --- showing --------------------------------------------------------------
    def _take(self, changes: Changes) -> None:
        if self.isVisible() and (changes.everything or changes.reviews or changes.fleet):
            self.refresh()

    def showEvent(self, event: object) -> None:
        """Catch up."""
        del event
        self.refresh()

    def refresh(self) -> None:
        """The queue, oldest first; the shown one stays."""
        reviews = self._context.store.model.reviews.values()
        waiting = sorted((r for r in reviews if r.answered_ms is None), key=lambda r: r.asked_ms)
        ids = tuple(r.review_id for r in waiting)
        now = self._context.store.model.at_ms
        if ids != self._open_ids:
            self._open_ids = ids
            self._fill(waiting)
        for number, review in enumerate(waiting):
            age = duration(now - review.asked_ms)
            self._queue.item(number).setText(f"{self._name(review)}  {review.station}  ·  {age}")
        if self._shown not in ids:
            self._show(waiting[0] if waiting else None)
            if waiting:
                self._queue.setCurrentRow(0)

    def _fill(self, waiting: list[ReviewView]) -> None:
        self._queue.blockSignals(True)  # noqa: FBT003 - Qt's word
        self._queue.clear()
        self._queue.addItems([review.station for review in waiting])
        self._queue.blockSignals(False)  # noqa: FBT003 - Qt's word
        self._answered.clear()
        done = [r for r in self._context.store.model.reviews.values() if r.answered_ms is not None]
        done.sort(key=lambda r: -(r.answered_ms or 0))
        for review in done[:20]:
            word = review.answer.value if review.answer is not None else "released"
            self._answered.addItem(f"{self._name(review)} {word} by {review.answered_by}")

    def _name(self, review: ReviewView) -> str:
        robot = self._context.store.model.robots.get(review.robot_id)
        return robot.name if robot is not None else review.robot_id

    def _choose(self, number: int) -> None:
        if 0 <= number < len(self._open_ids):
            self._show(self._context.store.model.reviews.get(self._open_ids[number]))

    def _show(self, review: ReviewView | None) -> None:
        self._shown = review.review_id if review is not None else ""
        self._answer = None
        self._correct.hide()
        self._frame.show_review(review, b"")
        if review is None:
            self._title.setText("No reviews")
            for target in (self._doubt, self._meaning, self._signed, self._model):
                target.setText("")
            self._put_cells([["", "", ""]] * 3)
            return
        self._title.setText(f"{self._name(review)} asks: is this the right carton?")
        self._doubt.setText(review.doubt)
        self._meaning.setText(review.meaning)
        self._model.setText(
            f"Needs {round(review.threshold * 100)} %. Light {review.light:.2f}, sharpness "
            f"{review.sharpness:.2f}. {review.bundle}, {review.bundle_digest[:8]}"
        )
        self._put_cells(_comparison(review))
        connection = self._context.commands.connection
        self._context.commands.call(
            lambda: connection.review_crop(review.review_id),
            lambda jpeg: self._picture(review, jpeg),
        )

    def _picture(self, review: ReviewView, jpeg: object) -> None:
        if review.review_id == self._shown:
            self._frame.show_review(review, jpeg if isinstance(jpeg, bytes) else b"")

    def _put_cells(self, rows: list[list[str]]) -> None:
        for cells, texts in zip(self._table, rows, strict=True):
            for cell, text in zip(cells[1:], texts, strict=True):
                cell.setText(text)

    # --- answering ------------------------------------------------------------
    def choose_answer(self, answer: ReviewAnswer) -> None:
        """First the answer, then a reason."""
        if not self._shown:
            return
        self._answer = answer
        self._correct.setVisible(answer is ReviewAnswer.CORRECT)
        if answer is ReviewAnswer.CORRECT:
            self._correct.setFocus()
        self._signed.setText(f"{answer.value.capitalize()}: now give the reason, 1 to 4.")

    def choose_reason(self, number: int) -> None:
        """The reason completes the answer; it is sent after three seconds."""
        if self._answer is None or not self._shown or self._pending is not None:
            return
        code = self._correct.text().strip() or None
        self._pending = AnswerReview(new_id(), self._shown, self._answer, REASONS[number - 1], code)
        self._signed.setText("Ctrl+Z takes it back within 3 s; only then does the robot go on.")
        self._timer.start()

    def take_back(self) -> None:
        """Within the three seconds nothing was sent."""
        if self._pending is not None:
            self._timer.stop()
            self._pending = None
            self._answer = None
            self._signed.setText("Taken back.")

    def send_pending(self) -> None:
        """The three seconds are over."""
        command, self._pending = self._pending, None
        if command is not None:
            self._context.commands.send(
                command, lambda answer: self._signed.setText(str_of(answer))
            )


def _comparison(review: ReviewView) -> list[list[str]]:
    """Expected, seen, verdict: package, code, place."""
    target = next((p for p in review.packages if p.is_target), None)
    seen = f"1 carton, {round(target.confidence * 100)} % sure" if target else "nothing sure"
    codes = ", ".join(target.codes) if target else ""
    sure = target is not None and target.confidence >= review.threshold
    wanted = review.expected_code or ""
    if not wanted:
        verdict = "no code to verify"
    elif wanted in codes.split(", "):
        verdict = "✓ agrees"
    else:
        verdict = "≠ differs" if codes else "? not read"
    return [
        ["1 carton", seen, "✓ agrees" if sure else "? not sure"],
        [wanted or review.expected_sku or "–", codes or "–", verdict],
        [review.station, review.station, "✓ agrees"],
    ]
