"""How the cells of tables are painted: words, marks, bars; groups without a fill."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ..context import Context
from ..models.table import Column, Group, TableModel
from ..theme.style import font

Index = QModelIndex | QPersistentModelIndex
EDGE_PX = 16
GAP_PX = 6


class CellDelegate(QStyledItemDelegate):
    """Paints every cell of a `TableModel`."""

    def __init__(self, context: Context, model: TableModel, parent: QObject) -> None:
        """In the context's theme."""
        super().__init__(parent)
        self._context, self._model = context, model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, line, content."""
        row = self._model.row(index.row())
        if row is None:
            return
        theme, rect = self._context.theme, option.rect
        painter.save()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen and not isinstance(row, Group):
            painter.fillRect(rect, theme.colour("bg-selected"))
        painter.setPen(theme.colour("accent" if chosen else "line-soft"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if chosen:
            painter.drawLine(rect.topLeft(), rect.topRight())
        left = EDGE_PX if index.column() == 0 else GAP_PX
        last = index.column() == self._model.columnCount() - 1
        room = QRectF(rect).adjusted(left, 0, -EDGE_PX if last else -GAP_PX, 0)
        if isinstance(row, Group):
            self._group(painter, row, room, index.column())
        else:
            self._cell(painter, self._model.column(index.column()), row, room)
        painter.restore()

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
        made = QFont("JetBrains Mono")
        made.setPixelSize(12)
        return made
    bold = column.bold is not None and column.bold(row)
    return font(12, 600 if bold else 400, tabular=column.right)
