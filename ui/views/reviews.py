"""Reviews: is this the right package? Accept, correct or reject, then a reason.

No answer is the default and Enter does nothing, so that nobody accepts by habit.
An answer is sent after three seconds; until then Ctrl+Z takes it back.
"""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from fleetapp.api.commands import AnswerReview
from fleetapp.api.model import Changes
from fleetapp.api.views import ReviewView
from fleetapp.terms.modes import ReviewAnswer

from ..commands import new_id, words_of
from ..context import Context
from ..figures import glued, percent
from ..turns import FRAME_MS, REFRESH_MS, Later
from .comparison import Comparison
from .empty import Empty
from .frame_view import FrameView
from .panel import (
    Facts,
    KeyButton,
    button,
    column,
    keys_line,
    label,
    line,
    panel,
    put,
    row,
    scrolled,
    upright,
)
from .review_dock import ReviewDock
from .review_queue import robot_name
from .side import Side
from .small_map import SmallMap
from .state_pill import StatePill

UNDO_MS = 3_000
REASONS: dict[ReviewAnswer, tuple[str, ...]] = {
    ReviewAnswer.ACCEPT: ("I read it", "Known item", "Label damaged", "Note …"),
    ReviewAnswer.CORRECT: ("I read it", "Known item", "Label damaged", "Note …"),
    ReviewAnswer.REJECT: ("Another item", "Damaged", "Cannot tell", "Note …"),
}
NOTE = 4
WIDE_PX = 1300


class ReviewsPage(QWidget):
    """Queue at the left, frame in the middle, question at the right."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self._shown = ""
        self._answer: ReviewAnswer | None = None
        self._pending: AnswerReview | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(UNDO_MS)
        self._timer.timeout.connect(self.send_pending)
        self._frame = FrameView(context)
        self._dock = ReviewDock(context)
        self._dock.chosen.connect(self._choose)
        self._buttons: dict[ReviewAnswer, KeyButton] = {}
        self._chips: list[KeyButton] = []
        self._make_labels()
        self._build()
        self._add_keys()
        self._refresh_soon = Later(self, self.refresh, REFRESH_MS)
        self._compare_soon = Later(self, self._compare, FRAME_MS)
        self._ask_soon = Later(self, self._ask, FRAME_MS)
        context.store.changed.connect(self._take)

    def _make_labels(self) -> None:
        self._asked, self._asks = QWidget(), QWidget()
        self._empty = Empty(
            self._context,
            "scan-search",
            "No reviews. Robots ask here when the camera is not sure.",
            "Show the map",
            lambda: self._context.hub.page_wanted.emit("Map"),
        )
        self._where = SmallMap(self._context)
        self._title = label("Reviews", "title")
        self._robot = label("", "title")
        self._pill = StatePill(self._context)
        self._doubt = label("", "why", wrap=True)
        self._meaning = label("", "second", wrap=True)
        self._signed = label("", "second", wrap=True)
        self._follows = Facts("Accept", "Correct", "Reject")
        self._model = Facts("Needs", "Light", "Sharpness", "Recogniser")
        self._correct = QLineEdit()
        self._correct.setPlaceholderText("Type or scan the code on the package")
        self._correct.setAccessibleName("Code on the package")
        self._correct.returnPressed.connect(self._correct.clearFocus)
        self._correct.hide()
        self._note = QLineEdit()
        self._note.setPlaceholderText("Note, then Enter")
        self._note.setAccessibleName("Note")
        self._note.returnPressed.connect(self._noted)
        self._note.hide()
        self._comparison = Comparison(self._context)
        self._promise = label("Nothing is released until a person answers.", "second")

    def _build(self) -> None:
        whole = row(self._dock, upright(), self._middle(), self._question(), spacing=0)
        whole.setStretch(2, 1)
        outer = column(whole, line(), self._foot(), margins=(0, 0, 0, 0), spacing=0)
        outer.setStretch(0, 1)
        self.setLayout(outer)

    def _middle(self) -> QWidget:
        icon = self._context.icons.icon("sun", "text-1")
        brighten = button("Brighten", "B", "", icon)
        brighten.clicked.connect(self._frame.toggle_bright)
        self.middle = middle = panel("page")
        inner = column(row(self._title, None, brighten), self._frame, self._comparison, spacing=12)
        inner.setStretch(1, 1)
        self._asks.setLayout(inner)
        whole = column(self._asks, self._empty, margins=(0, 0, 0, 0), spacing=0)
        middle.setLayout(whole)
        return middle

    def _foot(self) -> QWidget:
        foot = panel()
        keys = keys_line(
            ("A", "accept"), ("C", "correct"), ("R", "reject"), ("1 2 3 4", "because"),
            ("B", "brighten"), ("↑ ↓", "next review"), ("Ctrl Z", "take back"), ("M", "map"),
        )  # fmt: skip
        box = row(keys, None, self._promise)
        box.setContentsMargins(16, 12, 16, 12)
        foot.setLayout(box)
        return foot

    def _question(self) -> QWidget:
        answers = self._answers()
        box = column(
            column(row(self._robot, self._pill, None, spacing=10)),
            line(),
            column(label("Why it asks", "section"), self._doubt, self._meaning),
            line(),
            column(
                answers,
                self._correct,
                row(label("Because", "third"), *self._chips[:2], None, spacing=6),
                row(label("Because", "hidden"), *self._chips[2:], None, spacing=6),
                self._note,
                self._signed,
            ),
            self._where,
            line(),
            column(label("What follows", "section"), self._follows),
            line(),
            column(label("How sure it must be", "section"), self._model),
            margins=(0, 0, 0, 0),
            spacing=0,
        )
        box.addStretch(1)
        self._asked.setLayout(box)
        self.side_panel = Side(column(scrolled(self._asked), margins=(0, 0, 0, 0)))
        return self.side_panel

    def _answers(self) -> QVBoxLayout:
        """Three equal buttons, none of them the default, and the reasons."""
        answers = column(margins=(0, 0, 0, 0))
        for answer, text, key, icon in (
            (ReviewAnswer.ACCEPT, "Accept, it is right", "A", "check"),
            (ReviewAnswer.CORRECT, "Correct …", "C", "pencil"),
            (ReviewAnswer.REJECT, "Reject, do not pick", "R", "x"),
        ):
            made = button(text, key, "choice", self._context.icons.icon(icon, "text-1", 20))
            made.setCheckable(True)
            made.setMinimumHeight(44)
            made.clicked.connect(lambda _checked=False, a=answer: self.choose_answer(a))
            self._buttons[answer] = made
            answers.addWidget(made)
        for number in range(1, NOTE + 1):
            chip = button("", "", "chip")
            chip.setCheckable(True)
            chip.clicked.connect(lambda _checked=False, n=number: self.choose_reason(n))
            self._chips.append(chip)
        self._offer_reasons(ReviewAnswer.ACCEPT)
        return answers

    def _add_keys(self) -> None:
        keys = {
            "A": lambda: self.choose_answer(ReviewAnswer.ACCEPT),
            "C": lambda: self.choose_answer(ReviewAnswer.CORRECT),
            "R": lambda: self.choose_answer(ReviewAnswer.REJECT),
            "B": self._frame.toggle_bright,
            "Ctrl+Z": self.take_back,
            "Down": lambda: self._dock.move_on(1),
            "Up": lambda: self._dock.move_on(-1),
        }
        for key, act in keys.items():
            QShortcut(QKeySequence(key), self, act)
        for number in range(1, 5):
            QShortcut(QKeySequence(str(number)), self, lambda n=number: self.choose_reason(n))

    def prepare(self) -> None:
        """Lay out and style what is hidden without a review: the first one comes at once."""
        for part in (self._asks, self.side_panel):
            part.grab()

    # --- showing --------------------------------------------------------------
    def _take(self, changes: Changes) -> None:
        if self.isVisible() and (changes.everything or changes.reviews or changes.fleet):
            self._refresh_soon.ask()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the keys have the foot for themselves."""
        super().resizeEvent(event)
        self._promise.setVisible(self.width() >= WIDE_PX)

    def showEvent(self, event: object) -> None:
        """Catch up."""
        del event
        self.refresh()

    def refresh(self) -> None:
        """The queue, oldest first; the shown one stays."""
        waiting = self._dock.refresh(self._shown)
        if self._shown not in {review.review_id for review in waiting}:
            self._dock.queue.setCurrentRow(0 if waiting else -1)  # which shows another one
            if not waiting or self._shown != waiting[0].review_id:
                self._show(waiting[0] if waiting else None)
        self._show_robot()

    def _choose(self, review_id: str) -> None:
        self._show(self._context.store.model.reviews.get(review_id))

    def _show_robot(self) -> None:
        review = self._context.store.model.reviews.get(self._shown)
        robot = self._context.store.model.robots.get(review.robot_id) if review else None
        self._pill.setVisible(robot is not None)
        self._robot.setText(robot_name(self._context, review) if review is not None else "")
        if robot is not None:
            self._pill.show_robot(robot)

    def _show(self, review: ReviewView | None) -> None:
        self._shown = review.review_id if review is not None else ""
        self._choose_none()
        self._frame.show_review(review, QImage())
        self._show_robot()
        self._asks.setVisible(review is not None)
        if review is None:
            self._comparison.show_review(None)
            self.side_panel.want(wanted=False)
        else:
            self._compare_soon.ask()
        self._empty.setVisible(review is None)
        self._where.show_robot(review.robot_id if review is not None else "")
        if review is None:
            for target in (self._doubt, self._meaning):
                target.setText("")
            for facts in (self._follows, self._model):
                facts.clear()
            return
        name = robot_name(self._context, review)
        self._title.setText(f"{name} asks: is this the right carton?")
        self._doubt.setText(glued(review.doubt))
        self._meaning.setText(glued(review.meaning))
        if self._pending is None:
            self._signed.setText(f"{self._person()} Ctrl+Z takes it back within 3 s.")
        self._follows.put("Accept", f"{name} picks and drives on")
        self._follows.put("Correct", "your code counts, if it fits the task")
        self._follows.put("Reject", f"{name} leaves; a person picks {review.task_id}")
        self._model.put("Needs", f"{percent(review.threshold)} sure")
        self._model.put("Light", f"{review.light:.2f} of 1")
        self._model.put("Sharpness", f"{review.sharpness:.2f} of 1")
        self._model.put("Recogniser", f"{review.bundle}, {review.bundle_digest[:8]}")
        connection = self._context.commands.connection
        self._context.commands.call(
            lambda: QImage.fromData(connection.review_crop(review.review_id)),
            lambda image: self._picture(review, image),
        )

    def _compare(self) -> None:
        """Frame, comparison, question: all in one turn would hold the window."""
        self._comparison.show_review(self._context.store.model.reviews.get(self._shown))
        self._ask_soon.ask()

    def _ask(self) -> None:
        self.side_panel.want(wanted=bool(self._shown))

    def _person(self) -> str:
        person = self._context.person
        return f"Signed as {person.name}." if person is not None else "Nobody is signed in."

    def _choose_none(self) -> None:
        self._answer = None
        self._correct.clear()
        self._note.clear()
        self._correct.hide()
        self._note.hide()
        self._mark_reason(0)
        for made in self._buttons.values():
            made.setChecked(False)

    def _picture(self, review: ReviewView, image: object) -> None:
        if review.review_id == self._shown:
            self._frame.show_review(review, image if isinstance(image, QImage) else QImage())

    # --- answering ------------------------------------------------------------
    def choose_answer(self, answer: ReviewAnswer) -> None:
        """First the answer, then a reason."""
        if not self._shown or self._pending is not None:
            return
        self._answer = answer
        for which, made in self._buttons.items():
            made.setChecked(which is answer)
        self._offer_reasons(answer)
        self._correct.setVisible(answer is ReviewAnswer.CORRECT)
        if answer is ReviewAnswer.CORRECT:
            self._correct.setFocus()
            self._signed.setText("Type the code and Enter; then give the reason, 1 to 4.")
            return
        self._signed.setText(f"{answer.value.capitalize()}: now give the reason, 1 to 4.")

    def _offer_reasons(self, answer: ReviewAnswer) -> None:
        """Why one accepts is not why one rejects."""
        self._mark_reason(0)
        for number, (chip, text) in enumerate(
            zip(self._chips, REASONS[answer], strict=True), start=1
        ):
            put(chip, f"{number} {text}")
            chip.setAccessibleName(text)

    def _mark_reason(self, number: int) -> None:
        """Show which one was given; 0 is none."""
        for other, chip in enumerate(self._chips, start=1):
            chip.setChecked(other == number)

    def choose_reason(self, number: int) -> None:
        """The reason completes the answer; 4 asks for a note first."""
        self._mark_reason(0)
        if self._answer is None or not self._shown or self._pending is not None:
            return
        if self._answer is ReviewAnswer.CORRECT and not self._correct.text().strip():
            self._signed.setText("Correct needs the code that is on the package.")
            self._correct.setFocus()
            return
        self._mark_reason(number)
        if number == NOTE:
            self._note.show()
            self._note.setFocus()
            return
        self._complete(REASONS[self._answer][number - 1])

    def _noted(self) -> None:
        """A note of one's own is the reason."""
        note = self._note.text().strip()
        if note and self._answer is not None and self._pending is None:
            self._note.clearFocus()
            self._complete(note)

    def _complete(self, reason: str) -> None:
        """It is sent after three seconds."""
        answer = self._answer
        if answer is None:
            return
        code = self._correct.text().strip() or None
        self._pending = AnswerReview(new_id(), self._shown, answer, reason, code)
        self._signed.setText(
            f"{answer.value.capitalize()}, {reason}. Ctrl+Z takes it back within 3 s; "
            "only then may the robot go on."
        )
        self._timer.start()

    def take_back(self) -> None:
        """Within the three seconds nothing was sent."""
        if self._pending is not None:
            self._timer.stop()
            self._pending = None
            self._choose_none()
            self._signed.setText("Taken back. Nothing was sent.")

    def send_pending(self) -> None:
        """The three seconds are over."""
        self._timer.stop()
        command, self._pending = self._pending, None
        if command is not None:
            self._context.commands.send(
                command, lambda answer: self._signed.setText(words_of(answer))
            )
