"""State and alarm marks: a shape, a colour and, for alarms, a digit. Drawn, never fonts."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from fleetapp.terms.modes import RobotState

from .style import font
from .tokens import Theme

FILLS: dict[RobotState, str] = {
    RobotState.STOPPED: "p1-fill",
    RobotState.EMERGENCY_STOP: "p1-fill",
    RobotState.HELD: "p3-fill",
    RobotState.SILENT: "p2",
    RobotState.WAITING: "text-2",
    RobotState.WORKING: "text-2",
    RobotState.CHARGING: "text-2",
    RobotState.IDLE: "text-3",
    RobotState.SERVICE: "text-3",
    RobotState.NOTICED: "text-2",
}
WORDS: dict[RobotState, str] = {
    RobotState.STOPPED: "Stopped",
    RobotState.EMERGENCY_STOP: "Emergency stop",
    RobotState.HELD: "Held",
    RobotState.SILENT: "Silent",
    RobotState.WAITING: "Waiting",
    RobotState.WORKING: "Working",
    RobotState.CHARGING: "Charging",
    RobotState.IDLE: "Free",
    RobotState.SERVICE: "In service",
    RobotState.NOTICED: "Noticed",
}
TEXT_TOKENS: dict[RobotState, str] = {
    RobotState.STOPPED: "p1",
    RobotState.EMERGENCY_STOP: "p1",
    RobotState.HELD: "p3",
    RobotState.SILENT: "p2",
}


def paint_state(painter: QPainter, theme: Theme, state: RobotState, where: QRectF) -> None:
    """The mark of a state inside a square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(where.center())
    scale = where.width() / 16
    painter.scale(scale, scale)
    colour = theme.colour(FILLS[state])
    ink = theme.colour("p1-ink" if FILLS[state] == "p1-fill" else "p3-ink")
    _SHAPES[state](painter, colour, ink)
    painter.restore()


def paint_stop(painter: QPainter, theme: Theme, where: QRectF, *, full: bool) -> None:
    """The octagon of the fleet stop: hollow until all robots stand."""
    if full:
        paint_state(painter, theme, RobotState.STOPPED, where)
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(where.center())
    painter.scale(where.width() / 16, where.width() / 16)
    hollow_octagon(painter, theme.colour("p1"), 7.2, 1.6)
    painter.restore()


def hollow_octagon(painter: QPainter, colour: QColor, radius: float, line_px: float) -> None:
    """Its edge and its bar; the stop is told, not yet in force everywhere."""
    painter.setPen(QPen(colour, line_px))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolygon(octagon(radius))
    _filled(painter, colour)
    painter.drawRect(QRectF(-radius / 2, -radius * 0.16, radius, radius * 0.32))


def _filled(painter: QPainter, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)


def _pointer(painter: QPainter, colour: QColor, _ink: QColor) -> None:
    _filled(painter, colour)
    painter.drawPolygon(QPolygonF([QPointF(-4, -5), QPointF(5, 0), QPointF(-4, 5)]))


def _bars(painter: QPainter, colour: QColor, _ink: QColor) -> None:
    _filled(painter, colour)
    painter.drawRoundedRect(QRectF(-4.5, -5, 3, 10), 1, 1)
    painter.drawRoundedRect(QRectF(1.5, -5, 3, 10), 1, 1)


def _diamond(painter: QPainter, colour: QColor, ink: QColor) -> None:
    _filled(painter, colour)
    painter.drawPolygon(QPolygonF([QPointF(0, -8), QPointF(8, 0), QPointF(0, 8), QPointF(-8, 0)]))
    painter.setBrush(ink)
    painter.drawRect(QRectF(-2.6, -3, 1.8, 6))
    painter.drawRect(QRectF(0.8, -3, 1.8, 6))


def octagon(radius: float) -> QPolygonF:
    """A regular octagon, flat side up."""
    return QPolygonF(
        [
            QPointF(
                radius * math.cos(math.pi / 8 + n * math.pi / 4),
                radius * math.sin(math.pi / 8 + n * math.pi / 4),
            )
            for n in range(8)
        ]
    )


def _octagon(painter: QPainter, colour: QColor, ink: QColor) -> None:
    _filled(painter, colour)
    painter.drawPolygon(octagon(8))
    painter.setBrush(ink)
    painter.drawRect(QRectF(-4, -1.4, 8, 2.8))


def _double_octagon(painter: QPainter, colour: QColor, ink: QColor) -> None:
    _filled(painter, colour)
    painter.drawPolygon(octagon(6))
    painter.setBrush(ink)
    painter.drawRect(QRectF(-3, -1.1, 6, 2.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 1.2))
    painter.drawPolygon(octagon(8))


def _ring(painter: QPainter, colour: QColor, _ink: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 1.6))
    painter.drawEllipse(QPointF(0, 0), 4.6, 4.6)


def _dashed_ring(painter: QPainter, colour: QColor, _ink: QColor) -> None:
    pen = QPen(colour, 2)
    pen.setDashPattern([1.5, 1.2])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    painter.drawEllipse(QPointF(0, 0), 6, 6)


def _bolt(painter: QPainter, colour: QColor, _ink: QColor) -> None:
    _filled(painter, colour)
    path = QPainterPath(QPointF(1.5, -7))
    for x, y in ((-4.5, 1), (-0.8, 1), (-1.5, 7), (4.5, -1.5), (0.8, -1.5)):
        path.lineTo(x, y)
    path.closeSubpath()
    painter.drawPath(path)


def _wrench(painter: QPainter, colour: QColor, _ink: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(colour, 2.2)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawLine(QPointF(-5, 5), QPointF(1.5, -1.5))
    painter.drawArc(QRectF(0, -7, 7, 7), 210 * 16, 240 * 16)


def _question(painter: QPainter, colour: QColor, _ink: QColor) -> None:
    pen = QPen(colour, 1.4)
    pen.setDashPattern([2, 1.6])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    painter.drawRoundedRect(QRectF(-7, -7, 14, 14), 3, 3)
    painter.setPen(colour)
    painter.setFont(font(10, 700))
    painter.drawText(QRectF(-7, -7, 14, 14), Qt.AlignmentFlag.AlignCenter, "?")


_SHAPES = {
    RobotState.STOPPED: _octagon,
    RobotState.EMERGENCY_STOP: _double_octagon,
    RobotState.HELD: _diamond,
    RobotState.SILENT: _dashed_ring,
    RobotState.WAITING: _bars,
    RobotState.WORKING: _pointer,
    RobotState.CHARGING: _bolt,
    RobotState.IDLE: _ring,
    RobotState.SERVICE: _wrench,
    RobotState.NOTICED: _question,
}


def paint_alarm(
    painter: QPainter, theme: Theme, priority: int, where: QRectF, *, faded: bool = False
) -> None:
    """Square, triangle, inverted triangle or circle with its digit."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(where.center())
    painter.scale(where.width() / 16, where.width() / 16)
    painter.setOpacity(0.4 if faded else 1.0)
    _filled(painter, theme.colour(f"p{priority}-fill"))
    shapes = {
        1: QPolygonF([QPointF(-7, -7), QPointF(7, -7), QPointF(7, 7), QPointF(-7, 7)]),
        2: QPolygonF([QPointF(0, -8), QPointF(8, 7), QPointF(-8, 7)]),
        3: QPolygonF([QPointF(-8, -7), QPointF(8, -7), QPointF(0, 8)]),
    }
    if priority in shapes:
        painter.drawPolygon(shapes[priority])
    else:
        painter.drawEllipse(QPointF(0, 0), 7, 7)
    painter.setPen(theme.colour(f"p{priority}-ink"))
    painter.setFont(font(10, 700))
    lift = {2: 2.0, 3: -2.0}.get(priority, 0.0)
    painter.drawText(QRectF(-8, -8 + lift, 16, 16), Qt.AlignmentFlag.AlignCenter, str(priority))
    painter.restore()


def paint_battery(painter: QPainter, theme: Theme, fraction: float | None, where: QRectF) -> None:
    """A small battery box; unknown is an empty one."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("line-strong"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    body = QRectF(where.x() + 0.5, where.y() + 0.5, where.width() - 3, where.height() - 1)
    painter.drawRoundedRect(body, 2, 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("line-strong"))
    painter.drawRect(
        QRectF(body.right() + 0.5, where.y() + where.height() / 4, 2, where.height() / 2)
    )
    if fraction is not None:
        token = "p3-fill" if fraction < 0.2 else "text-2"
        painter.setBrush(theme.colour(token))
        inner = body.adjusted(1.5, 1.5, -1.5, -1.5)
        inner.setWidth(inner.width() * max(0.0, min(1.0, fraction)))
        painter.drawRoundedRect(inner, 1, 1)
    painter.restore()
