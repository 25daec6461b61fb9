"""Robots as pictures, turned in steps of three degrees and kept."""

import math
from collections import OrderedDict

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap

from fleetapp.terms.modes import RobotState

from ..theme.marks import paint_state, paint_stop
from ..theme.tokens import Theme
from .budget import Budget

KEPT_SHEETS = 32  # sizes; who zooms through all of them does not fill the memory
STEP_DEG = 3
STEPS = 360 // STEP_DEG
STEPS_A_RAD = STEPS / (2 * math.pi)
BADGE_AT_PX = 11  # right of the middle and above it
BADGE_RIM_PX = 2
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


# A picture, and how far its left upper corner is from the middle of the robot, px.
Sprite = tuple[QPixmap, float, float]
# State, steps turned, loaded, told to stop and not yet reported to stand.
Look = tuple[RobotState, int, bool, bool]


class Sprites:
    """Pictures of one theme."""

    def __init__(self, theme: Theme, ratio: float) -> None:
        """None are drawn yet."""
        self._theme = theme
        self.ratio = ratio
        self._sheets: OrderedDict[tuple[int, int, int], Sheet] = OrderedDict()
        self._shown: dict[str, Sheet] = {}  # of each robot type, last
        self._budget = Budget()
        self.behind = False  # whether this frame showed a robot in the size it had before

    def begin(self, budget: Budget) -> None:
        """A new frame, with time for a few new pictures."""
        self._budget = budget
        self.behind = False

    def sheet(self, type_id: str, length_px: float, width_px: float, badge_px: int) -> "Sheet":
        """Robots of a type in a size, never smaller than 8 x 6 px; badges of theirs."""
        key = (max(8, round(length_px)), max(6, round(width_px)), badge_px)
        before, found = self._shown.get(type_id), self._sheets.get(key)
        if found is None:
            found = self._sheets[key] = Sheet(self, *key)
        if before is not None and before is not found:
            found.before = before.before | before.kept
        self._sheets.move_to_end(key)
        if len(self._sheets) > KEPT_SHEETS:
            self._sheets.popitem(last=False)
        self._shown[type_id] = found
        return found

    def draw(self, sheet: "Sheet", look: Look) -> Sprite:
        """A picture for a sheet; while a frame has no time, the one of the size before."""
        if not self._budget.is_left and look in sheet.before:
            self.behind = True
            return sheet.before[look]
        with self._budget:
            made = sheet.kept[look] = sheet.draw(self._theme, *look)
        return made


class Sheet:
    """Robots of one size: body and badge as one picture each."""

    def __init__(self, sprites: Sprites, long: int, wide: int, badge_px: int) -> None:
        """None are drawn yet; sizes in px."""
        self._sprites = sprites
        self._long, self._wide, self._badge_px = long, wide, badge_px
        self.kept: dict[Look, Sprite] = {}
        self.before: dict[Look, Sprite] = {}  # in another size

    def sprite(self, state: RobotState, heading_rad: float, *, loaded: bool, told: bool) -> Sprite:
        """A robot from above, nose along its heading, its badge at the upper right."""
        look = (state, round(heading_rad * STEPS_A_RAD) % STEPS, loaded, told)
        return self.kept.get(look) or self._sprites.draw(self, look)

    def draw(
        self,
        theme: Theme,
        state: RobotState,
        steps: int,
        loaded: bool,  # noqa: FBT001 - a look
        told: bool,  # noqa: FBT001 - a look
    ) -> Sprite:
        """Draw one."""
        ratio = self._sprites.ratio
        half = (math.ceil(math.hypot(self._long, self._wide)) + 4) / 2
        left, top, right, bottom = half, half, half, half
        badge = self._badge_px / 2 + BADGE_RIM_PX
        if state in BADGES:
            right, top = max(half, BADGE_AT_PX + badge), max(half, BADGE_AT_PX + badge)
        wide, high = (left + right) * ratio, (top + bottom) * ratio
        picture = QPixmap(math.ceil(wide), math.ceil(high))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(left, top)
        painter.save()
        painter.rotate(-steps * STEP_DEG)
        self._body(painter, theme, BODIES.get(state, "robot-idle"), loaded=loaded)
        painter.restore()
        if state in BADGES:
            self._badge(painter, theme, state, badge, full=not told)
        painter.end()
        return picture, left, top

    def _body(self, painter: QPainter, theme: Theme, kind: str, *, loaded: bool) -> None:
        path = _bullet(self._long, self._wide)
        if kind in ("hollow", "noticed"):
            pen = QPen(theme.colour("p2" if kind == "hollow" else "text-2"), 1.6)
            pen.setDashPattern([2, 1.6])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(path)
        else:
            painter.setPen(QPen(theme.colour("map-floor"), 1.2))
            painter.setBrush(theme.colour(kind))
            painter.drawPath(path)
            _details(painter, theme, self._long, self._wide, loaded=loaded)

    def _badge(
        self, painter: QPainter, theme: Theme, state: RobotState, radius: float, *, full: bool
    ) -> None:
        painter.translate(BADGE_AT_PX, -BADGE_AT_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("map-floor", 0.8))
        painter.drawEllipse(QPointF(0, 0), radius, radius)
        half = self._badge_px / 2
        where = QRectF(-half, -half, 2 * half, 2 * half)
        if full:
            paint_state(painter, theme, state, where)
        else:
            paint_stop(painter, theme, where, full=False)


def _details(painter: QPainter, theme: Theme, long: int, wide: int, *, loaded: bool) -> None:
    ink = theme.colour("robot-ink")
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
