"""The field of the task line: its words painted as they are understood, hints after them."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextCharFormat,
    QTextLayout,
)
from PySide6.QtWidgets import QApplication, QLineEdit

from ..models.line_hints import Kind, Mark
from ..theme.style import font
from ..theme.tokens import Theme

CARET_PX = 5  # Qt's cursor rectangle begins this far before the caret
TOKENS = {Kind.SIGN: "text-3"}
KEYS = {
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
    Qt.Key.Key_Tab: "take",
    Qt.Key.Key_Escape: "close",
    Qt.Key.Key_Return: "enter",
    Qt.Key.Key_Enter: "enter",
}


class LineField(QLineEdit):
    """Tells keys that do not write, and paints marks and hints."""

    pressed = Signal()
    focus_changed = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        """Empty."""
        super().__init__()
        self._theme = theme
        self._marks: tuple[Mark, ...] = ()
        self._hints = ""
        self.key_told: Callable[[str], bool] = lambda _key: False
        self.setFrame(False)
        self.setStyleSheet("border: none; background: transparent; padding: 0;")
        self.setAccessibleName("New task, question or command")

    def show_marks(self, marks: tuple[Mark, ...], hints: str) -> None:
        """Paint these from now on."""
        self._marks, self._hints = marks, hints
        kind = QInputMethodEvent.AttributeType.TextFormat
        cursor = self.cursorPosition()
        formats = [
            QInputMethodEvent.Attribute(kind, r.start - cursor, r.length, r.format)
            for r in self._formats()
        ]
        # A line edit takes formats for its own text only from an input method.
        QApplication.sendEvent(self, QInputMethodEvent("", formats))
        self.update()

    def _formats(self) -> list[QTextLayout.FormatRange]:
        made = []
        for mark in self._marks:
            look = QTextCharFormat()
            look.setForeground(self._theme.colour(TOKENS.get(mark.kind, "text-1")))
            if mark.kind is Kind.VERB:
                look.setFontWeight(600)
            if mark.kind is Kind.CODE:
                look.setFontFamilies(["JetBrains Mono", "DejaVu Sans Mono"])
            span = QTextLayout.FormatRange()
            span.start, span.length, span.format = mark.start, mark.length, look
            made.append(span)
        return made

    def x_of(self, place: int) -> float:
        """Where a letter begins, in this widget."""
        layout = QTextLayout(self.text(), self.font())
        layout.setFormats(self._formats())
        layout.beginLayout()
        line = layout.createLine()
        layout.endLayout()
        caret = self.cursorRect().x() + CARET_PX
        if not line.isValid():
            return caret
        cursor = line.cursorToX(self.cursorPosition())
        return caret + _first(line.cursorToX(place)) - _first(cursor)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, dots under unknown words, hints after it."""
        super().paintEvent(event)
        if not self.text():
            return
        painter = QPainter(self)
        middle = self.rect().center().y()
        for mark in self._marks:
            if mark.kind is Kind.UNKNOWN:
                pen = QPen(self._theme.colour("p3"), 2, Qt.PenStyle.CustomDashLine)
                pen.setDashPattern([1, 1.2])
                painter.setPen(pen)
                y = middle + 10.0
                ends = self.x_of(mark.start), self.x_of(mark.start + mark.length)
                painter.drawLine(QPointF(ends[0], y), QPointF(ends[1], y))
        x = self.x_of(len(self.text())) + (3 if self.text().endswith(" ") else 8)
        painter.setFont(font(13))
        painter.setPen(self._theme.colour("text-3"))
        room = QRectF(x, 0, self.width() - x, self.height())
        words = painter.fontMetrics().elidedText(
            self._hints, Qt.TextElideMode.ElideRight, int(room.width())
        )
        if room.width() > 30:
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()

    # --- what the person does ---------------------------------------------------
    def event(self, event: QEvent) -> bool:
        """Tab takes a row before it would move the focus."""
        if not isinstance(event, QKeyEvent):
            return super().event(event)
        key, kind = event.key(), event.type()
        if kind is QEvent.Type.KeyPress and key == Qt.Key.Key_Tab and self.key_told("take"):
            return True
        if kind is QEvent.Type.ShortcutOverride and key == Qt.Key.Key_Escape:
            event.accept()  # else the window would take it, and clear the selection
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Enter and Escape belong to the line."""
        told = KEYS.get(Qt.Key(event.key()), "")
        if told and self.key_told(told):
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on an empty field asks for rows to press."""
        super().mousePressEvent(event)
        self.pressed.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Told."""
        super().focusInEvent(event)
        self.focus_changed.emit(True)  # noqa: FBT003 - Qt's signal

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Told."""
        super().focusOutEvent(event)
        self.focus_changed.emit(False)  # noqa: FBT003 - Qt's signal


def _first(x: object) -> float:
    """Qt gives the place alone, or with the cursor it stands for."""
    return float(x[0]) if isinstance(x, tuple) else float(x)  # type: ignore[arg-type]
