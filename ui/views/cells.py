"""How the cells of tables are painted: words, marks, bars; groups without a fill."""

import time
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
BUDGET_S = 0.003  # for new rows, a frame


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
        self._shown: OrderedDict[str, tuple[Form, QPixmap]] = OrderedDict()
        self._until = 0.0

    def begin(self) -> None:
        """A new frame, with time for a few new rows."""
        self._until = time.perf_counter() + BUDGET_S

    def paint(
        self, painter: QPainter, number: int, corner: tuple[int, int], form: Form, *, chosen: bool
    ) -> bool:
        """A row with its upper left corner there; ages, which change always, come on top.

        Returns whether it is as it should be: when a frame has no time left for new rows,
        a row shows for one frame more how it looked before, or an empty line if it is new
        here. Never another row's picture: its words would stand beside the wrong robot.
        """
        row = self._model.row(number)
        if row is None:
            return True
        key = self._model.key_of(number)
        picture = self._kept_picture(number, form, chosen=chosen)
        if picture is None:
            if time.perf_counter() > self._until:
                before = self._shown.get(key)
                if before is not None and before[0] == form:
                    painter.drawPixmap(*corner, before[1])
                return False
            picture = self._new_picture(number, row, form, chosen=chosen)
        self._remember(key, form, picture)
        painter.drawPixmap(*corner, picture)
        if not isinstance(row, Group):
            self._paint_ages(painter, row, corner, form)
        return True

    def _remember(self, key: str, form: Form, picture: QPixmap) -> None:
        self._shown[key] = (form, picture)
        self._shown.move_to_end(key)
        if len(self._shown) > KEPT_ROWS:
            self._shown.popitem(last=False)

    def _paint_ages(
        self, painter: QPainter, row: object, corner: tuple[int, int], form: Form
    ) -> None:
        for place in self._model.ageing:
            left, wide = form.spans[place]
            rect = QRectF(corner[0] + left, corner[1], wide, form.height)
            self._cell(painter, self._model.column(place), row, form.room(place, rect))

    def _kept_picture(self, number: int, form: Form, *, chosen: bool) -> QPixmap | None:
        key = (self._model.looks(number), form, chosen)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def _new_picture(self, number: int, row: object, form: Form, *, chosen: bool) -> QPixmap:
        made = self._painted(row, form, chosen=chosen)
        self._kept[self._model.looks(number), form, chosen] = made
        if len(self._kept) > KEPT_ROWS:
            self._kept.popitem(last=False)
        return made

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
