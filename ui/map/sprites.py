"""Robots as pictures, turned in steps of three degrees and kept."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap

from fleetapp.terms.modes import RobotState

from ..theme.marks import paint_state
from ..theme.tokens import Theme

STEP_DEG = 3
BODIES: dict[RobotState, str] = {
    RobotState.WORKING: "robot-working",
    RobotState.WAITING: "robot-waiting",
    RobotState.HELD: "robot-waiting",
    RobotState.STOPPED: "robot-waiting",
    RobotState.EMERGENCY_STOP: "robot-waiting",
    RobotState.SILENT: "hollow",
    RobotState.NOTICED: "noticed",
}
BADGES = frozenset(
    {
        RobotState.WAITING,
        RobotState.HELD,
        RobotState.STOPPED,
        RobotState.EMERGENCY_STOP,
        RobotState.CHARGING,
        RobotState.SERVICE,
    }
)


Sprite = tuple[QPixmap, float]  # the picture and half of its side, px


class Sprites:
    """Pictures of one theme."""

    def __init__(self, theme: Theme, ratio: float) -> None:
        """None are drawn yet."""
        self._theme = theme
        self.ratio = ratio
        self._bodies: dict[tuple[str, int, int, int, bool], Sprite] = {}
        self._badges: dict[tuple[RobotState, int], Sprite] = {}

    def body(
        self,
        state: RobotState,
        heading_rad: float,
        length_px: float,
        width_px: float,
        *,
        loaded: bool,
    ) -> Sprite:
        """A robot from above, nose along its heading; never smaller than 8 x 6 px."""
        long = max(8, round(length_px))
        wide = max(6, round(width_px))
        turn = round(math.degrees(heading_rad) / STEP_DEG) * STEP_DEG % 360
        key = (BODIES.get(state, "robot-idle"), turn, long, wide, loaded)
        sprite = self._bodies.get(key)
        if sprite is None:
            picture = self._draw(*key)
            sprite = self._bodies[key] = (picture, picture.width() / self.ratio / 2)
        return sprite

    def _draw(self, kind: str, turn: int, long: int, wide: int, loaded: bool) -> QPixmap:  # noqa: FBT001 - a cache key
        side = math.ceil(math.hypot(long, wide)) + 4
        pixmap = QPixmap(round(side * self.ratio), round(side * self.ratio))
        pixmap.setDevicePixelRatio(self.ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(side / 2, side / 2)
        painter.rotate(-turn)
        path = _bullet(long, wide)
        if kind in ("hollow", "noticed"):
            pen = QPen(self._theme.colour("p2" if kind == "hollow" else "text-2"), 1.6)
            pen.setDashPattern([2, 1.6])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(path)
        else:
            painter.setPen(QPen(self._theme.colour("map-floor"), 1.2))
            painter.setBrush(self._theme.colour(kind))
            painter.drawPath(path)
            self._details(painter, long, wide, loaded=loaded)
        painter.end()
        return pixmap

    def _details(self, painter: QPainter, long: int, wide: int, *, loaded: bool) -> None:
        ink = self._theme.colour("robot-ink")
        if long >= 12:
            painter.setPen(QPen(ink, 1.4))
            x = long * 0.30
            painter.drawLine(QPointF(x - 2, -wide * 0.2), QPointF(x + 1.5, 0))
            painter.drawLine(QPointF(x + 1.5, 0), QPointF(x - 2, wide * 0.2))
        if loaded:
            size = min(long * 0.42, wide * 0.6)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawRect(QRectF(-long * 0.40, -size / 2, size, size))

    def badge(self, state: RobotState, size_px: int) -> Sprite | None:
        """The mark at a robot's upper right, None for states that need none."""
        if state not in BADGES:
            return None
        key = (state, size_px)
        if key not in self._badges:
            side = size_px + 4
            pixmap = QPixmap(round(side * self.ratio), round(side * self.ratio))
            pixmap.setDevicePixelRatio(self.ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("map-floor", 0.8))
            painter.drawEllipse(QRectF(0, 0, side, side))
            paint_state(painter, self._theme, state, QRectF(2, 2, size_px, size_px))
            painter.end()
            self._badges[key] = (pixmap, side / 2)
        return self._badges[key]


def _bullet(long: float, wide: float) -> QPainterPath:
    """Square behind, round in front."""
    half, side = long / 2, wide / 2
    path = QPainterPath(QPointF(-half + 2, -side))
    path.lineTo(half - side * 0.8, -side)
    path.cubicTo(QPointF(half, -side), QPointF(half, side), QPointF(half - side * 0.8, side))
    path.lineTo(-half + 2, side)
    path.quadTo(QPointF(-half, side), QPointF(-half, side - 2))
    path.lineTo(-half, -side + 2)
    path.quadTo(QPointF(-half, -side), QPointF(-half + 2, -side))
    return path
