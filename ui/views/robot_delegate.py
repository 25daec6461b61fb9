"""How a robot's row is painted: mark, id, what it does, battery; why it stands.

While the fleet is stopped a row says instead whether the robot stands by its own
report, and how long that took.
"""

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from fleetapp.api.views import RobotView

from ..context import Context
from ..models.robot_look import RobotLook, Standstill, robot_look
from ..models.robot_rows import NEED_YOU
from ..theme.marks import TEXT_TOKENS, paint_battery, paint_state, paint_stop
from ..theme.style import font
from .pictures import RowPictures, blank
from .wrapping import wrapped

LONG_NAME = 5
LOW_PX = 34
LINE_PX = 16
MOST_LINES = 3
Index = QModelIndex | QPersistentModelIndex


class RobotDelegate(QStyledItemDelegate):
    """Paints a row: mark, id, text, battery; a sentence below for one that stands."""

    hold_wanted = Signal(str)

    def __init__(self, context: Context, parent: QObject) -> None:
        """In the context's theme."""
        super().__init__(parent)
        self._context = context
        self.pictures = RowPictures()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """34 high; more with a sentence."""
        robot: RobotView | None = index.data(Qt.ItemDataRole.UserRole)
        # The scroll bar takes its part of the list: rows are as wide as the viewport.
        area = option.widget
        wide = area.viewport().width() if isinstance(area, QAbstractScrollArea) else area.width()
        return QSize(200, LOW_PX if robot is None else self.height_of(robot, wide))

    def height_of(self, robot: RobotView, width_px: int) -> int:
        """How high the row of a robot is in a list of this width."""
        if robot.why is None:
            return LOW_PX
        sentence = robot_look(robot, self._context.store).sentence
        if not sentence:
            return LOW_PX
        return 36 + LINE_PX * len(wrapped(sentence, max(160, width_px - 66), MOST_LINES))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row."""
        robot: RobotView | None = index.data(Qt.ItemDataRole.UserRole)
        if robot is None:
            return
        look, rect = robot_look(robot, self._context.store), option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        ratio = painter.device().devicePixelRatioF()
        picture = self.pictures.picture(
            robot.robot_id,
            (look, rect.height(), chosen, hovered),
            (rect.width(), ratio),
            lambda: self._painted(look, rect.size(), ratio, chosen=chosen, hovered=hovered),
        )
        if picture is not None:
            painter.save()
            painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
            painter.drawPixmap(rect.topLeft(), picture)
            painter.restore()

    def _painted(
        self, look: RobotLook, size: QSize, ratio: float, *, chosen: bool, hovered: bool
    ) -> QPixmap:
        theme, wide = self._context.theme, size.width()
        token = "bg-selected" if chosen else "bg-hover" if hovered else "bg-panel"
        picture = blank(wide, size.height(), ratio, theme.colour(token))
        painter = QPainter(picture)
        if chosen:
            painter.fillRect(QRect(0, 0, 2, size.height()), theme.colour("accent"))
        mark = QRectF(14, 10, 15, 15)
        if look.hollow:
            paint_stop(painter, theme, mark, full=False)
        else:
            paint_state(painter, theme, look.state, mark)
        painter.setFont(font(13, 650))
        painter.setPen(theme.colour("text-1"))
        name = painter.fontMetrics().elidedText(look.name, Qt.TextElideMode.ElideMiddle, 110)
        painter.drawText(QRect(40, 8, 112, 18), 0, name)
        self._words(painter, look, wide)
        if look.standstill is not None:
            self._standstill(painter, look.standstill, wide)
        elif hovered and look.can_hold:
            self._hold(painter, QRect(0, 0, wide, size.height()))
        else:
            self._battery(painter, look, wide)
        self._sentence(painter, look.sentence, wide)
        painter.setPen(theme.colour("line-soft"))
        painter.drawLine(0, size.height() - 1, wide, size.height() - 1)
        painter.end()
        return picture

    def _words(self, painter: QPainter, look: RobotLook, wide: int) -> None:
        theme = self._context.theme
        x = 84 if len(look.name) <= LONG_NAME else 160
        if look.head:
            painter.setFont(font(12, 500 if look.state in TEXT_TOKENS else 400))
            painter.setPen(theme.colour(TEXT_TOKENS.get(look.state, "text-1")))
            painter.drawText(QRect(x, 9, wide - 77 - x, 18), 0, look.head)
            x += painter.fontMetrics().horizontalAdvance(look.head)
        painter.setPen(theme.colour("text-2"))
        painter.setFont(font(12))
        room = max(0, wide - 77 - x)
        text = painter.fontMetrics().elidedText(look.words, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(x, 9, room, 18), 0, text)

    def _standstill(self, painter: QPainter, told: Standstill, wide: int) -> None:
        """A tick and the time, or what is still missing."""
        if told.stands:
            painter.drawPixmap(wide - 71, 9, self._context.icons.pixmap("check", "ok"))
        painter.setPen(self._context.theme.colour(told.token))
        painter.setFont(font(12, 500, tabular=True))
        right = QRect(wide - 77, 9, 68, 18)
        painter.drawText(right, Qt.AlignmentFlag.AlignRight, told.words)

    def _hold(self, painter: QPainter, rect: QRect) -> None:
        theme, box = self._context.theme, hold_box(rect)
        painter.setPen(theme.colour("line-strong"))
        painter.setBrush(theme.colour("bg-raised"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(theme.colour("text-1"))
        painter.setFont(font(12))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "Hold")

    def _battery(self, painter: QPainter, look: RobotLook, wide: int) -> None:
        theme = self._context.theme
        paint_battery(painter, theme, look.battery, QRectF(wide - 73, 14, 20, 8))
        painter.setPen(theme.colour("text-2"))
        painter.setFont(font(12, tabular=True))
        right = QRect(wide - 51, 9, 42, 18)
        painter.drawText(right, Qt.AlignmentFlag.AlignRight, look.battery_words)

    def _sentence(self, painter: QPainter, text: str, wide: int) -> None:
        if not text:
            return
        painter.setFont(font(12))
        painter.setPen(self._context.theme.colour("text-2"))
        for number, line in enumerate(wrapped(text, max(160, wide - 66), MOST_LINES)):
            painter.drawText(40, 42 + LINE_PX * number, line)

    def editorEvent(
        self, event: QEvent, _model: object, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """A click on the painted Hold button."""
        robot: RobotView | None = index.data(Qt.ItemDataRole.UserRole)
        if (
            isinstance(event, QMouseEvent)
            and event.type() is QEvent.Type.MouseButtonRelease
            and robot is not None
            and robot.admitted
            and robot.state not in NEED_YOU
            and hold_box(option.rect).contains(event.position())
        ):
            self.hold_wanted.emit(robot.robot_id)
            return True
        return False


def hold_box(rect: QRect) -> QRectF:
    """Where the Hold button of a row is."""
    return QRectF(rect.right() - 58, rect.y() + 5, 50, 24)
