"""The rows under the task line: what may come next, or every command with its key."""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from ..context import Context
from ..theme.style import font

WIDE_PX = 462
ROW_PX = 32
FOOT_PX = 34
MOST_ROWS = 8
EDGE_PX = 14  # room for the shadow
NAME_X = 48
WHY_X = 122
MOST_NAME_PX = 220


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `refused` is why it is not possible now, "" if it is."""

    icon: str
    name: str
    why: str
    key: str = ""
    refused: str = ""


class CompletionPanel(QWidget):
    """Rows of 32, a foot with the keys; it never takes the focus."""

    pressed = Signal(int)

    def __init__(self, context: Context) -> None:
        """Without rows."""
        super().__init__()
        self._context = context
        self.rows: tuple[Row, ...] = ()
        self.chosen = -1
        self._top = 0
        self._enter = ""
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Completions")
        self.setMouseTracking(True)
        self.hide()

    def show_rows(self, rows: tuple[Row, ...], chosen: int, enter: str, names_at: QPoint) -> None:
        """Show rows with their names beginning at a place of the parent.

        Args:
            rows: best first; more than eight scroll.
            chosen: the row that Tab takes, -1 for none.
            enter: what Enter would do.
            names_at: left end of the names, top of the panel, in the parent.
        """
        self.rows, self._enter = rows, enter
        height = min(len(rows), MOST_ROWS) * ROW_PX + FOOT_PX + 2 + 2 * EDGE_PX
        place = QRect(names_at.x() - NAME_X - EDGE_PX, names_at.y() - EDGE_PX,
                      WIDE_PX + 2 * EDGE_PX, height)  # fmt: skip
        parent = self.parentWidget()
        if parent is not None and place.right() > parent.width():
            place.moveRight(parent.width())
        place.moveLeft(max(place.left(), -EDGE_PX))
        self.setGeometry(place)
        self.choose(chosen)
        self.setVisible(bool(rows))
        self.raise_()

    def choose(self, number: int) -> None:
        """Mark a row and bring it into sight."""
        self.chosen = number
        if number >= 0:
            self._top = min(self._top, number)
            self._top = max(self._top, number - MOST_ROWS + 1)
        self._top = max(0, min(self._top, len(self.rows) - MOST_ROWS))
        if 0 <= number < len(self.rows):
            row = self.rows[number]
            self.setAccessibleDescription(f"{row.name}, {row.refused or row.why}")
        self.update()

    def say_enter(self, enter: str) -> None:
        """What Enter would do now."""
        if enter != self._enter:
            self._enter = enter
            self.update()

    # --- painting -----------------------------------------------------------------
    def paintEvent(self, _event: QPaintEvent) -> None:
        """Shadow, ground, rows, foot."""
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QRectF(self.rect()).adjusted(EDGE_PX, EDGE_PX, -EDGE_PX, -EDGE_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(1, EDGE_PX - 3, 2):
            painter.setBrush(theme.colour("shadow", 0.05))
            spread = ground.adjusted(-step, -step + 4, step, step + 3)
            painter.drawRoundedRect(spread, 8 + step, 8 + step)
        painter.setBrush(theme.colour("bg-panel"))
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawRoundedRect(ground.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        for number, row in enumerate(self.rows[self._top : self._top + MOST_ROWS]):
            room = QRectF(EDGE_PX + 1, EDGE_PX + 1 + number * ROW_PX, WIDE_PX - 2, ROW_PX)
            self._paint_row(painter, room, row, chosen=self._top + number == self.chosen)
        self._paint_foot(painter, ground)
        painter.end()

    def _paint_row(self, painter: QPainter, room: QRectF, row: Row, *, chosen: bool) -> None:
        theme, left = self._context.theme, room.left() - 1
        if chosen:
            painter.setBrush(theme.colour("bg-selected"))
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.drawRoundedRect(room.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        dim = "text-off" if row.refused else ""
        icon = self._context.icons.pixmap(row.icon, dim or "text-2")
        painter.drawPixmap(round(left + 16), round(room.center().y() - 8), icon)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font(13, 600))
        painter.setPen(theme.colour(dim or "text-1"))
        name = painter.fontMetrics().elidedText(
            row.name, Qt.TextElideMode.ElideMiddle, MOST_NAME_PX
        )
        painter.drawText(QRectF(left + NAME_X, room.top(), 300, ROW_PX), middle, name)
        x = max(WHY_X, NAME_X + painter.fontMetrics().horizontalAdvance(name) + 16)
        end = room.right() - 12 - (self._paint_cap(painter, room, row.key) if row.key else 0)
        painter.setFont(font(12))
        painter.setPen(theme.colour("text-3" if row.refused else "text-2"))
        why = QRectF(left + x, room.top(), end - left - x, ROW_PX)
        text = painter.fontMetrics().elidedText(
            row.refused or row.why, Qt.TextElideMode.ElideRight, int(why.width())
        )
        painter.drawText(why, middle, text)

    def _paint_cap(self, painter: QPainter, room: QRectF, key: str) -> float:
        theme = self._context.theme
        painter.setFont(font(11, 500))
        width = max(18, painter.fontMetrics().horizontalAdvance(key) + 10)
        cap = QRectF(room.right() - 12 - width, room.center().y() - 9, width, 18)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(theme.colour("bg-raised"))
        painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(theme.colour("text-2"))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
        return width + 12.0

    def _paint_foot(self, painter: QPainter, ground: QRectF) -> None:
        theme = self._context.theme
        foot = QRectF(ground.left(), ground.bottom() - FOOT_PX, ground.width(), FOOT_PX)
        painter.setPen(QPen(theme.colour("line-soft"), 1))
        painter.drawLine(foot.topLeft(), foot.topRight())
        x = foot.left() + 12
        for keys, words in (("↑ ↓", "choose"), ("Tab", "take"), ("Enter", self._enter)):
            if words:
                x = self._paint_keys(painter, x, foot, keys, words) + 14
        painter.setFont(font(12))
        width = painter.fontMetrics().horizontalAdvance("close") + 40
        self._paint_keys(painter, foot.right() - 12 - width, foot, "Esc", "close")

    def _paint_keys(
        self, painter: QPainter, x: float, foot: QRectF, keys: str, words: str
    ) -> float:
        for key in keys.split(" "):
            painter.setFont(font(11, 500))
            width = max(18, painter.fontMetrics().horizontalAdvance(key) + 10)
            self._paint_cap(painter, QRectF(x, foot.top(), width + 12, FOOT_PX), key)
            x += width + 4
        painter.setFont(font(12))
        painter.setPen(self._context.theme.colour("text-3"))
        room = QRectF(x + 2, foot.top(), foot.right() - x, FOOT_PX)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        return x + 2 + painter.fontMetrics().horizontalAdvance(words)

    # --- the mouse ------------------------------------------------------------------
    def row_at(self, y_px: float) -> int:
        """The row there, -1 if none."""
        number = int((y_px - EDGE_PX - 1) // ROW_PX)
        shown = min(len(self.rows), MOST_ROWS)
        return self._top + number if 0 <= number < shown else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The row under the pointer is the chosen one."""
        number = self.row_at(event.position().y())
        if number >= 0 and number != self.chosen:
            self.choose(number)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the row."""
        number = self.row_at(event.position().y())
        if number >= 0:
            self.pressed.emit(number)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """More rows than eight."""
        step = -1 if event.angleDelta().y() > 0 else 1
        self._top = max(0, min(self._top + step, len(self.rows) - MOST_ROWS))
        self.update()
        event.accept()
