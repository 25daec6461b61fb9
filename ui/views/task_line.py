"""The field at the top of map and tasks: one typed line orders, asks or commands.

The same field is the palette (`Ctrl+K`): all commands with their keys. What words mean
is decided in `models.task_line`, what may come next in `models.line_offers`.
"""

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QHideEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLabel

from fleetapp.api.commands import SubmitTask

from ..commands import new_id, words_of
from ..context import Context
from ..models.acts import Act, fitting
from ..models.line_hints import hints, marks
from ..models.line_offers import VERB_ROWS, Known, Offer, last_word, offers, usual_lines
from ..models.line_words import TASK_VERBS
from ..models.task_line import Line, parse
from .completion import CompletionPanel, Row
from .line_deeds import LineDeeds
from .line_field import LineField
from .line_sources import LineSources
from .panel import row

LEAST_LETTERS = 2
GAP_PX = 4
KEPT_LINES = 50
PLACEHOLDER = "New task: pick ITEM from A07-14 to P3, or ask: why r17"


class End(QLabel):
    """The right end: what is missing, or what Enter does, to be pressed."""

    pressed = Signal()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """Told."""
        self.pressed.emit()


class TaskLine(QFrame):
    """Field, and at its right end what is still missing."""

    def __init__(self, context: Context) -> None:
        """Understands the names of the site."""
        super().__init__()
        self.setProperty("role", "floating")
        self._context = context
        self._sources = LineSources(context)
        self._known = self._sources.known()
        self._deeds = LineDeeds(context)
        self.acts: tuple[Act, ...] = ()
        self._in_palette = False
        self._moved = False
        self._back = 0  # how many lines back in the history
        self._choices: tuple[Offer | Act, ...] = ()
        self.field = LineField(context.theme)
        self.field.key_told = self._key
        self.panel = CompletionPanel(context)
        self.panel.pressed.connect(self._pressed)
        self._end = End("N")
        self._end.pressed.connect(self._end_pressed)
        self._build()

    def _build(self) -> None:
        plus = QLabel()
        plus.setPixmap(self._context.icons.pixmap("plus", "accent"))
        box = row(plus, self.field, self._end, spacing=10)
        box.setContentsMargins(12, 0, 12, 0)
        box.setStretch(1, 1)
        box.setAlignment(self._end, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(box)
        self.setFixedHeight(40)
        self.field.setPlaceholderText(PLACEHOLDER)
        self.field.textEdited.connect(lambda _text: self._typed())
        self.field.pressed.connect(self._offer_usual)
        self.field.focus_changed.connect(self._focused)
        self._say("N", "cap")

    # --- opening and closing ------------------------------------------------------
    def begin(self) -> None:
        """Ready for a line."""
        self._leave_palette()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def open_palette(self) -> None:
        """All commands with their keys."""
        self._in_palette = True
        self.field.clear()
        self.field.setPlaceholderText("Command, or begin a line: pick, hold, why …")
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._typed()

    def _leave_palette(self) -> None:
        self._in_palette = False
        self.field.setPlaceholderText(PLACEHOLDER)

    def _focused(self, focused: bool) -> None:  # noqa: FBT001 - Qt's signal
        if not focused:
            self._leave_palette()
            self._close_panel()
        self._tell_end()
        self.update()

    def _close_panel(self) -> None:
        self._choices = ()
        self.panel.hide()

    def hideEvent(self, event: QHideEvent) -> None:
        """The rows go with the field."""
        super().hideEvent(event)
        self._close_panel()

    def paintEvent(self, event: QPaintEvent) -> None:
        """An accent edge while it is typed in."""
        super().paintEvent(event)
        if self.field.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._context.theme.colour("accent"), 1.5))
            edge = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
            painter.drawRoundedRect(edge, 8, 8)
            painter.end()

    def _learn(self) -> Known:
        """Names of this moment; kept until the next key."""
        self._known = self._sources.known()
        return self._known

    # --- reading what is typed ----------------------------------------------------
    def _typed(self) -> None:
        self._moved, self._back = False, 0
        self._read(with_rows=True)

    def _read(self, *, with_rows: bool) -> None:
        known, text = self._learn(), self.field.text()
        self.field.show_marks(marks(text, known.names, self.field.cursorPosition()), hints(text))
        at_end = self.field.cursorPosition() == len(text)
        self._choices = self._found(text, known) if with_rows and at_end else ()
        whole = not parse(text, known.names, "preview").missing
        first = 0 if self._choices and text and not whole else -1
        self._show_rows(0 if self._in_palette and self._choices else first)
        self._tell_end()

    def _found(self, text: str, known: Known) -> tuple[Offer | Act, ...]:
        enough = len(text) >= LEAST_LETTERS
        found = offers(text, known) if enough or (self._in_palette and text) else ()
        if not self._in_palette:
            return found
        begun = found if text else tuple(Offer(i, n, w, f"{n} ") for n, i, w in VERB_ROWS)
        return (*fitting(self.acts, text), *begun)

    def _show_rows(self, chosen: int) -> None:
        rows = tuple(_row_of(choice) for choice in self._choices)
        window = self.window()
        if self.panel.parentWidget() is not window:
            self.panel.setParent(window)
        begin, _word = last_word(self.field.text())
        inner = self.field.mapTo(window, QPoint(round(self.field.x_of(begin)), 0))
        below = self.mapTo(window, QPoint(0, self.height() + GAP_PX))
        self.panel.show_rows(rows, chosen, "", QPoint(inner.x(), below.y()))
        self._tell_enter()

    def _tell_enter(self) -> None:
        """The foot says what Enter would do to the chosen row."""
        choice = self._choice()
        if isinstance(choice, Act):
            self.panel.say_enter("" if choice.refused() else "do it")
        elif choice is None:
            meant = self._meant(self.field.text(), "preview")
            self.panel.say_enter("" if meant.missing else meant.does[:1].lower() + meant.does[1:])
        else:
            self.panel.say_enter("take and add" if self._adds(choice) else "take")

    def _tell_end(self) -> None:
        text = self.field.text()
        if not text:
            typing = self.field.hasFocus()
            self._say("" if typing else "N", "third" if typing else "cap")
            return
        if isinstance(self._choice(), Act):
            self._say("Command", "third")
            return
        meant = self._meant(text, "preview")
        self._say(meant.missing or f"Enter: {meant.does}", "third" if meant.missing else "okay")

    def _say(self, words: str, role: str) -> None:
        self._end.setText(words)
        if self._end.property("role") != role:
            self._end.setProperty("role", role)
            self._end.style().polish(self._end)

    def _meant(self, text: str, command_id: str) -> Line:
        return parse(text, self._known.names, command_id)

    # --- rows -----------------------------------------------------------------------
    def _offer_usual(self) -> None:
        """An empty field that is pressed offers what is ordered most, then the verbs."""
        if self.field.text() or self._in_palette:
            return
        known = self._learn()
        verbs = tuple(Offer(icon, name, why, f"{name} ") for name, icon, why in VERB_ROWS)
        self._choices = (*usual_lines(known), *verbs)
        self._show_rows(-1)

    def _choice(self) -> Offer | Act | None:
        number = self.panel.chosen
        return self._choices[number] if 0 <= number < len(self._choices) else None

    def _adds(self, offer: Offer) -> bool:
        """Whether Enter takes this row and sends the line at once.

        A task is sent by its first row; a robot is commanded only by a row that was
        moved to, or that is the only one.
        """
        if self._meant(offer.line, "preview").missing:
            return False
        verb = offer.line.split()[0].lower()
        return verb in TASK_VERBS or self._moved or len(self._choices) == 1

    def _take(self, choice: Offer | Act) -> None:
        if isinstance(choice, Act):
            self._run(choice)
            return
        self._moved, self._back = False, 0
        self.field.setText(choice.line)
        self._read(with_rows=True)

    def _pressed(self, number: int) -> None:
        if 0 <= number < len(self._choices):
            self._take(self._choices[number])

    def _run(self, act: Act) -> None:
        refused = act.refused()
        if refused:
            self._say(refused, "warn")
            return
        self.leave()
        act.run()

    # --- keys -------------------------------------------------------------------------
    def _key(self, key: str) -> bool:
        """Whether a key of the field was used."""
        if key == "enter":
            self.enter()
            return True
        if key == "close":
            self._escape()
            return True
        if key == "take":
            choice = self._choice() or next(iter(self._choices), None)
            if choice is not None:
                self._take(choice)
            return choice is not None
        step = 1 if key == "down" else -1
        if self._choices:
            self._moved = True
            self.panel.choose((max(self.panel.chosen, -1) + step) % len(self._choices))
            self._tell_enter()
            return True
        return self._recall(-step)

    def _recall(self, step: int) -> bool:
        lines = self._context.typed_lines
        self._back = max(0, min(self._back + step, len(lines)))
        self.field.setText(lines[-self._back] if self._back else "")
        self._read(with_rows=False)
        return True

    def _escape(self) -> None:
        """First the rows, then the line, then the field."""
        if self._in_palette or not (self._choices or self.field.text()):
            self.leave()
        elif self._choices:
            self._close_panel()
        else:
            self.field.clear()
            self._read(with_rows=False)

    def leave(self) -> None:
        """Empty, and single letters are keys again."""
        self.field.clear()
        self._close_panel()
        self.field.clearFocus()
        self._tell_end()

    def _end_pressed(self) -> None:
        """As Enter, once the line is whole as it stands."""
        if self._meant(self.field.text(), "preview").missing:
            self.field.setFocus()
            return
        self.panel.choose(-1)
        self.enter()

    def enter(self) -> None:
        """Take the chosen row; only a whole, valid line is sent."""
        self._learn()
        choice, text = self._choice(), self.field.text()
        if isinstance(choice, Act):
            self._run(choice)
            return
        if choice is not None and (self._moved or self._meant(text, "preview").missing):
            if not self._adds(choice):
                self._take(choice)
                return
            text = choice.line
        meant = self._meant(text, new_id())
        if meant.missing:
            if text:
                self._say(meant.missing, "warn")
            return
        self._remember(text.strip())
        if any(isinstance(command, SubmitTask) for command in meant.commands):
            self.field.clear()  # the next task may follow
            self._read(with_rows=False)
        else:
            self.leave()
        self._deeds.do(meant, lambda answer: self._answered(answer, text))

    def _remember(self, line: str) -> None:
        lines = self._context.typed_lines
        if lines[-1:] != [line]:
            lines.append(line)
        del lines[:-KEPT_LINES]
        self._back = 0

    def _answered(self, answer: object, text: str) -> None:
        """A refused line comes back, so that it can be mended."""
        self._context.toast(words_of(answer))
        if not getattr(answer, "accepted", False) and not self.field.text():
            self.field.setText(text.strip())
            self._read(with_rows=False)
        self.tell(answer)

    def tell(self, answer: object) -> None:
        """The engine's word on a command, until the next key."""
        taken = getattr(answer, "accepted", False)
        self._say("Taken" if taken else words_of(answer), "okay" if taken else "warn")
        self._end.setToolTip(words_of(answer))


def _row_of(choice: Offer | Act) -> Row:
    if isinstance(choice, Act):
        return Row(choice.icon, choice.name, "", choice.key, choice.refused())
    return Row(choice.icon, choice.name, choice.why)
