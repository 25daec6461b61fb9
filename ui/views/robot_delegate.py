"""How a robot's row is painted: mark, id, what it does, battery; why it stands.

While the fleet is stopped a row says instead whether the robot stands by its own
report, and how long that took.
"""

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QMouseEvent, QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from fleetapp.api.views import RobotView, StopView
from fleetapp.terms.modes import RobotState
from fleetapp.terms.reasons import HoldReason

from ..context import Context
from ..figures import NO_BREAK, duration, glued, percent
from ..models.robot_rows import NEED_YOU
from ..theme.marks import TEXT_TOKENS, WORDS, paint_battery, paint_state
from ..theme.style import font

LONG_NAME = 5
Index = QModelIndex | QPersistentModelIndex


class RobotDelegate(QStyledItemDelegate):
    """Paints a row: mark, id, text, battery; a sentence below for one that stands."""

    hold_wanted = Signal(str)

    def __init__(self, context: Context, parent: QObject) -> None:
        """In the context's theme."""
        super().__init__(parent)
        self._context = context

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """34 high; more with a sentence."""
        robot: RobotView | None = index.data(Qt.ItemDataRole.UserRole)
        if robot is None or robot.why is None or self._stop_of(robot) is not None:
            return QSize(200, 34)
        # The scroll bar takes its part of the list: rows are as wide as the viewport.
        area = option.widget
        wide = area.viewport().width() if isinstance(area, QAbstractScrollArea) else area.width()
        lines = min(3, len(_lines(glued(robot.why.sentence), max(160, wide - 66))))
        return QSize(200, 30 + 16 * lines + 6)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row."""
        robot: RobotView | None = index.data(Qt.ItemDataRole.UserRole)
        if robot is None:
            return
        theme, rect = self._context.theme, option.rect
        painter.save()
        painter.setClipRect(rect)
        self._ground(painter, option, rect)
        paint_state(painter, theme, robot.state, QRectF(rect.x() + 14, rect.y() + 10, 15, 15))
        painter.setFont(font(13, 650))
        painter.setPen(theme.colour("text-1"))
        name = painter.fontMetrics().elidedText(robot.name, Qt.TextElideMode.ElideRight, 110)
        painter.drawText(QRect(rect.x() + 40, rect.y() + 8, 112, 18), 0, name)
        stop = self._stop_of(robot)
        if stop is not None:
            self._doing(painter, robot.doing, _text_left(robot, rect), rect)
            self._standstill(painter, robot, stop, rect)
        else:
            self._words(painter, robot, rect)
            self._battery(painter, option, robot, rect)
            if robot.why is not None:
                self._sentence(painter, glued(robot.why.sentence), rect)
        painter.setPen(theme.colour("line-soft"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect) -> None:
        theme = self._context.theme
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.colour("bg-selected"))
            painter.fillRect(QRect(rect.x(), rect.y(), 2, rect.height()), theme.colour("accent"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.colour("bg-hover"))

    def _words(self, painter: QPainter, robot: RobotView, rect: QRect) -> None:
        theme = self._context.theme
        painter.setFont(font(12, 500 if robot.state in TEXT_TOKENS else 400))
        x = _text_left(robot, rect)
        width = rect.right() - 76 - x
        word = robot.doing
        if robot.why is not None:
            word = WORDS[robot.state]
            if robot.state in (RobotState.WAITING, RobotState.SILENT):
                age = self._context.store.model.at_ms - robot.why.since_ms
                word = f"{word} {duration(age)}"
            painter.setPen(theme.colour(TEXT_TOKENS.get(robot.state, "text-1")))
            painter.drawText(QRect(x, rect.y() + 9, width, 18), 0, word)
            x += painter.fontMetrics().horizontalAdvance(word)
            word = f" · {robot.place}" if robot.place else ""
        self._doing(painter, word, x, rect)

    def _doing(self, painter: QPainter, words: str, x: int, rect: QRect) -> None:
        painter.setPen(self._context.theme.colour("text-2"))
        painter.setFont(font(12))
        room = max(0, rect.right() - 76 - x)
        text = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(x, rect.y() + 9, room, 18), 0, text)

    def _stop_of(self, robot: RobotView) -> StopView | None:
        """The fleet stop, if nothing else is to be said of this robot."""
        fleet = self._context.store.model.fleet
        stopped = robot.why is not None and robot.why.cause == HoldReason.FLEET_STOP.value
        return fleet.stop if fleet is not None and fleet.stop.active and stopped else None

    def _standstill(self, painter: QPainter, robot: RobotView, stop: StopView, rect: QRect) -> None:
        """A tick and the time, or what is still missing."""
        words, token = "told", "text-3"
        if robot.robot_id in stop.no_answer:
            words, token = "no answer", "p1"
        if robot.robot_id in stop.standing:
            after = dict(stop.still_after_ms).get(robot.robot_id)
            words = f"{after / 1000:.1f}{NO_BREAK}s" if after is not None else ""
            token = "text-1"
            tick = self._context.icons.pixmap("check", "ok")
            painter.drawPixmap(rect.right() - 70, rect.y() + 9, tick)
        painter.setPen(self._context.theme.colour(token))
        painter.setFont(font(12, 500, tabular=True))
        right = QRect(rect.right() - 76, rect.y() + 9, 68, 18)
        painter.drawText(right, Qt.AlignmentFlag.AlignRight, words)

    def _battery(
        self, painter: QPainter, option: QStyleOptionViewItem, robot: RobotView, rect: QRect
    ) -> None:
        theme = self._context.theme
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if hovered and robot.admitted and robot.state not in NEED_YOU:
            box = hold_box(rect)
            painter.setPen(theme.colour("line-strong"))
            painter.setBrush(theme.colour("bg-raised"))
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(theme.colour("text-1"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "Hold")
            return
        fraction = robot.battery_fraction
        place = QRectF(rect.right() - 72, rect.y() + 14, 20, 8)
        paint_battery(painter, theme, fraction, place)
        painter.setPen(theme.colour("text-2"))
        painter.setFont(font(12, tabular=True))
        text = "–" if fraction is None else percent(fraction)
        painter.drawText(
            QRect(rect.right() - 50, rect.y() + 9, 42, 18), Qt.AlignmentFlag.AlignRight, text
        )

    def _sentence(self, painter: QPainter, text: str, rect: QRect) -> None:
        painter.setFont(font(12))
        painter.setPen(self._context.theme.colour("text-2"))
        for number, line in enumerate(_lines(text, rect.width() - 66)[:3]):
            painter.drawText(rect.x() + 40, rect.y() + 42 + 16 * number, line)

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


def _text_left(robot: RobotView, rect: QRect) -> int:
    return rect.x() + (84 if len(robot.name) <= LONG_NAME else 160)


def hold_box(rect: QRect) -> QRectF:
    """Where the Hold button of a row is."""
    return QRectF(rect.right() - 58, rect.y() + 5, 50, 24)


def _lines(text: str, width: int) -> list[str]:
    layout = QTextLayout(text, font(12))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    layout.setTextOption(option)
    layout.beginLayout()
    found = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, 0))
        found.append(text[line.textStart() : line.textStart() + line.textLength()].strip())
    layout.endLayout()
    return found
