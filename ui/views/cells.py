"""How the cells of tables are painted: words, marks, bars; groups without a fill."""

from collections import OrderedDict
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPixmap

from ..context import Context
from ..models.table import Column, Group, TableModel
from ..theme.style import font
from .pictures import RowPictures, blank

EDGE_PX = 16
GAP_PX = 6
KEPT_AGES = 600


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
    """Paints the rows of a `TableModel`; a row that looks as before is a kept picture."""

    def __init__(self, context: Context, model: TableModel) -> None:
        """In the context's theme."""
        self._context, self._model = context, model
        self._rows = RowPictures()
        self._ages: OrderedDict[object, QPixmap] = OrderedDict()

    def begin(self) -> None:
        """A new frame, with time for a few new rows."""
        self._rows.begin()

    @property
    def behind(self) -> bool:
        """Whether this frame had no time for some of its rows."""
        return self._rows.behind

    def paint(
        self, painter: QPainter, number: int, corner: tuple[int, int], form: Form, *, chosen: bool
    ) -> None:
        """A row with its upper left corner there; ages, which change always, come on top."""
        row = self._model.row(number)
        if row is None:
            return
        look = (self._model.looks(number), chosen)
        picture = self._rows.picture(
            self._model.key_of(number), look, form, lambda: self._painted(row, form, chosen=chosen)
        )
        if picture is None:
            return
        painter.drawPixmap(*corner, picture)
        if not isinstance(row, Group):
            self._paint_ages(painter, row, corner, form)

    def _paint_ages(
        self, painter: QPainter, row: object, corner: tuple[int, int], form: Form
    ) -> None:
        """Ages are few words that come again and again: each is a kept picture."""
        for place in self._model.ageing:
            look = (place, form, self._model.column(place).look(row))
            age = self._ages.get(look)
            if age is None:
                age = self._ages[look] = self._age(row, place, form)
                if len(self._ages) > KEPT_AGES:
                    self._ages.popitem(last=False)
            painter.drawPixmap(corner[0] + form.spans[place][0], corner[1], age)

    def _age(self, row: object, place: int, form: Form) -> QPixmap:
        wide = form.spans[place][1]
        picture = blank(wide, form.height, form.ratio)
        painter = QPainter(picture)
        room = form.room(place, QRectF(0, 0, wide, form.height))
        self._cell(painter, self._model.column(place), row, room)
        painter.end()
        return picture

    def _painted(self, row: object, form: Form, *, chosen: bool) -> QPixmap:
        theme, height = self._context.theme, form.height
        width = max((left + wide for left, wide in form.spans), default=1)
        marked = chosen and not isinstance(row, Group)
        ground = theme.colour("bg-selected" if marked else "bg-panel")
        picture = blank(width, height, form.ratio, ground)
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
        mode = Qt.TextElideMode
        cut = mode.ElideRight if column.sentence else mode.ElideMiddle
        text = painter.fontMetrics().elidedText(column.text(row), cut, int(room.width()))
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
