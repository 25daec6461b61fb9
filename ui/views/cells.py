"""How the cells of tables are painted: words, marks, bars; groups without a fill."""

from collections import OrderedDict
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPixmap

from ..context import Context
from ..models.table import Column, Group, TableModel
from ..theme.style import font

EDGE_PX = 16
GAP_PX = 6
KEPT_ROWS = 160


@dataclass(frozen=True, slots=True)
class Form:
    """Lefts and widths of the columns, height of a row, px; pixels of the screen to one."""

    spans: tuple[tuple[int, int], ...]
    height: int
    ratio: float

    def room(self, place: int, rect: QRectF) -> QRectF:
        """What a column's content may fill of its cell."""
        left = EDGE_PX if place == 0 else GAP_PX
        return rect.adjusted(left, 0, -EDGE_PX if place == len(self.spans) - 1 else -GAP_PX, 0)


class RowPainter:
    """Paints the rows of a `TableModel`; a row that looks as before is a kept picture.

    Painting a cell takes about 40 µs from Python, a kept row 3: a table of 26 rows and
    ten columns whose order changes would hold the window for more than ten milliseconds.
    """

    def __init__(self, context: Context, model: TableModel) -> None:
        """In the context's theme."""
        self._context, self._model = context, model
        self._kept: OrderedDict[object, QPixmap] = OrderedDict()

    def paint(
        self, painter: QPainter, number: int, corner: tuple[int, int], form: Form, *, chosen: bool
    ) -> None:
        """A row with its upper left corner there; ages, which change always, come on top."""
        row = self._model.row(number)
        if row is None:
            return
        painter.drawPixmap(*corner, self._picture(number, row, form, chosen=chosen))
        if isinstance(row, Group):
            return
        for place in self._model.ageing:
            left, wide = form.spans[place]
            rect = QRectF(corner[0] + left, corner[1], wide, form.height)
            self._cell(painter, self._model.column(place), row, form.room(place, rect))

    def _picture(self, number: int, row: object, form: Form, *, chosen: bool) -> QPixmap:
        key = (self._model.looks(number), form, chosen)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = self._painted(row, form, chosen=chosen)
            if len(self._kept) > KEPT_ROWS:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return kept

    def _painted(self, row: object, form: Form, *, chosen: bool) -> QPixmap:
        theme, height = self._context.theme, form.height
        width = max((left + wide for left, wide in form.spans), default=1)
        picture = QPixmap(round(width * form.ratio), round(height * form.ratio))
        picture.setDevicePixelRatio(form.ratio)
        marked = chosen and not isinstance(row, Group)
        picture.fill(theme.colour("bg-selected" if marked else "bg-panel"))
        painter = QPainter(picture)
        painter.setPen(theme.colour("accent" if chosen else "line-soft"))
        painter.drawLine(0, height - 1, width, height - 1)
        if chosen:
            painter.drawLine(0, 0, width, 0)
        for place, (left, wide) in enumerate(form.spans):
            rect = QRectF(left, 0, wide, height)
            painter.save()
            if isinstance(row, Group):
                self._group(painter, row, form.room(place, rect), place)
            elif place not in self._model.ageing:
                painter.setClipRect(rect)
                self._cell(painter, self._model.column(place), row, form.room(place, rect))
            painter.restore()
        painter.end()
        return picture

    def _group(self, painter: QPainter, group: Group, room: QRectF, column: int) -> None:
        if column != 0:
            return
        theme = self._context.theme
        painter.setFont(font(12, 600))
        painter.setPen(theme.colour("text-2"))
        low = room.adjusted(0, 6, 0, 0)
        beyond = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
        painter.drawText(low, beyond, group.title)
        x = painter.fontMetrics().horizontalAdvance(group.title) + 8
        painter.setFont(font(12, tabular=True))
        painter.setPen(theme.colour("text-3"))
        painter.drawText(low.adjusted(x, 0, x, 0), beyond, f"{group.count:,}")

    def _cell(self, painter: QPainter, column: Column, row: object, room: QRectF) -> None:
        if column.paint is not None:
            column.paint(painter, room, row)
            return
        token = column.token(row) if column.token is not None else "text-1"
        painter.setPen(self._context.theme.colour(token))
        painter.setFont(_font_of(column, row))
        side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
        text = painter.fontMetrics().elidedText(
            column.text(row), Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, text)


def _font_of(column: Column, row: object) -> QFont:
    if column.mono:
        return _mono()
    bold = column.bold is not None and column.bold(row)
    return font(12, 600 if bold else 400, tabular=column.right)


@cache
def _mono() -> QFont:
    made = QFont("JetBrains Mono")
    made.setPixelSize(12)
    return made
