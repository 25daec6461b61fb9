"""The ways of the robots: released base, reserved band, horizon, waiting line.

A base is turned into Qt shapes in metres once and kept while it stays the same;
each frame adds only the piece from the robot to the first bend. All bands of one
colour go to Qt in one call, which is several times as fast as one by one.
"""

from dataclasses import dataclass, field
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from fleetapp.api.layout import Layout
from fleetapp.api.views import RobotView
from fleetapp.terms.modes import RobotState

from ..theme.tokens import Theme
from .floor_painter import in_metres
from .scene import Place, Scene

BAND_ZOOM = 7.0  # farther away the band is no wider than the base
LINE_PX = 2.0
CHOSEN_PX = 3.0
USUAL_M = 0.84  # the band of a robot of unknown type
RESHAPED_A_FRAME = 80
MOST_BANDS = 900  # pieces; with more in sight the bands cover the floor and tell nothing
STRAIGHT_M = 0.02
Point = tuple[float, float]
KINDS = ("silent", "normal", "chosen")
BANDS = (  # kind, colour, alpha
    ("normal", "map-reserve", 0.075),
    ("silent", "p2", 0.16),
    ("chosen", "accent", 0.16),
)
LINES = (  # kind, colour, alpha, width
    ("silent", "map-base", 0.62, LINE_PX),
    ("normal", "map-base", 0.62, LINE_PX),
    ("chosen", "accent", 1.0, CHOSEN_PX),
)


@dataclass(slots=True)
class Strokes:
    """What is painted in one colour, metres.

    Pieces along an axis are rectangles, which Qt fills many times as fast as it strokes a
    line under a transform; the few slanted ones are lines.
    """

    bands: list[QRectF] = field(default_factory=list)
    lines: list[QRectF] = field(default_factory=list)
    slanted: list[QLineF] = field(default_factory=list)

    def add_piece(self, one: Point, other: Point, band_m: float, line_m: float) -> None:
        """A straight piece of a way; a width of 0 leaves its band out."""
        if abs(one[0] - other[0]) < STRAIGHT_M or abs(one[1] - other[1]) < STRAIGHT_M:
            if band_m:
                self.bands.append(_along(one, other, band_m, 0.0))
            self.lines.append(_along(one, other, line_m, line_m / 2))
        else:
            self.slanted.append(QLineF(*one, *other))

    def add_all(self, others: "Strokes", *, broad: bool) -> None:
        """What others hold too, their bands if `broad`."""
        if broad:
            self.bands += others.bands
        self.lines += others.lines
        self.slanted += others.slanted


@dataclass(frozen=True, slots=True)
class Way:
    """A base from its second node on, in metres, for one width of line."""

    nodes: tuple[str, ...]
    line_m: float
    points: tuple[Point, ...]
    strokes: Strokes
    box: tuple[float, float, float, float]


class Routes:
    """Paints the ways of a layout's robots."""

    def __init__(self, layout: Layout, theme: Theme) -> None:
        """For one layout and theme."""
        self._theme = theme
        self._nodes: dict[str, Point] = {n.node_id: (n.x_m, n.y_m) for n in layout.nodes}
        self._widths = {t.type_id: t.width_m * 1.2 for t in layout.robot_types}
        self._ways: dict[str, Way] = {}
        self._to_reshape = 0
        self._pieces = 0  # of bands in sight, in the frame before
        self._broad = False  # whether bands are painted in this frame

    def paint(self, painter: QPainter, scene: Scene, robots: list[RobotView]) -> None:
        """All bases, then the horizon of the one selected and the one hovered."""
        strokes = {kind: Strokes() for kind in KINDS}
        lines = {kind: width_px / scene.view.zoom for kind, _token, _alpha, width_px in LINES}
        special: list[tuple[RobotView, Place]] = []
        seen = scene.view.box()
        self._to_reshape = RESHAPED_A_FRAME
        self._broad = scene.view.zoom >= BAND_ZOOM and self._pieces <= MOST_BANDS
        self._broad &= not scene.small
        self._pieces = 0
        for robot in robots:
            place = scene.places.get(robot.robot_id)
            if place is None or len(robot.base) < 2:
                continue
            if robot.robot_id in (scene.selected, scene.hovered):
                special.append((robot, place))
            way = self._ways.get(robot.robot_id)
            if way is None or way.nodes is not robot.base:
                way = self._way(robot, scene)
            if not way.points or not _touches(way, place, seen):
                continue
            kind = "silent" if robot.state is RobotState.SILENT else "normal"
            if robot.robot_id == scene.selected:
                kind = "chosen"
            if way.line_m != lines[kind] and self._to_reshape > 0:
                way = self._way(robot, scene)
            self._gather(strokes[kind], way, robot, place, broad=self._broad or kind == "chosen")
        self._paint_strokes(painter, scene, strokes)
        for robot, place in special:
            self._horizon(painter, scene, robot, place)

    def _gather(
        self, into: Strokes, way: Way, robot: RobotView, place: Place, *, broad: bool
    ) -> None:
        band_m = self._widths.get(robot.robot_type, USUAL_M) if broad else 0.0
        into.add_piece((place[0], place[1]), way.points[0], band_m, way.line_m)
        into.add_all(way.strokes, broad=broad)
        self._pieces += 1 + len(way.strokes.bands)

    def _way(self, robot: RobotView, scene: Scene) -> Way:
        """The kept shapes; those of another zoom are made anew a few hundred a frame."""
        line_m = (CHOSEN_PX if robot.robot_id == scene.selected else LINE_PX) / scene.view.zoom
        way = self._ways.get(robot.robot_id)
        if way is not None and way.nodes == robot.base:
            if way.line_m == line_m or self._to_reshape <= 0:
                return way
            self._to_reshape -= 1
        band_m = self._widths.get(robot.robot_type, USUAL_M)
        way = self._ways[robot.robot_id] = way_of(robot.base, self._nodes, band_m, line_m)
        return way

    def _paint_strokes(self, painter: QPainter, scene: Scene, strokes: dict[str, Strokes]) -> None:
        painter.save()
        painter.setTransform(in_metres(scene.view))
        for kind, token, alpha in BANDS:
            some = strokes[kind]
            if self._broad or (kind == "chosen" and not scene.small):
                _fill(painter, some.bands, some.slanted, self._theme.colour(token, alpha), USUAL_M)
        for kind, token, alpha, width_px in LINES:
            some, colour = strokes[kind], self._theme.colour(token, alpha)
            _fill(painter, some.lines, some.slanted, colour, width_px / scene.view.zoom)
        painter.restore()

    def _horizon(self, painter: QPainter, scene: Scene, robot: RobotView, place: Place) -> None:
        """Dotted from the end of the base, its decision point, to a ringed goal."""
        view = scene.view
        ends = self._way(robot, scene).points or ((place[0], place[1]),)
        start = view.to_screen(*ends[-1])
        known = [self._nodes[name] for name in robot.horizon if name in self._nodes]
        points = [start, *(view.to_screen(x, y) for x, y in known)]
        chosen = robot.robot_id == scene.selected
        colour = self._theme.colour("accent" if chosen else "map-horizon")
        pen = QPen(colour, 2)
        pen.setDashPattern([1, 2.5])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(_path(points))
        painter.setPen(QPen(colour, 2))
        painter.drawEllipse(points[-1], 5, 5)
        painter.setBrush(colour)
        painter.drawEllipse(start, 2.5, 2.5)

    def paint_waiting(self, painter: QPainter, scene: Scene) -> None:
        """Dotted from the waiting robot to whom it waits for, of the one selected or hovered."""
        for robot_id in {scene.selected, scene.hovered}:
            robot = scene.model.robots.get(robot_id)
            blocker = robot.why.blocker_id if robot is not None and robot.why is not None else None
            one, other = scene.places.get(robot_id), scene.places.get(blocker or "")
            if one is None or other is None:
                continue
            pen = QPen(self._theme.colour("accent"), 1.6)
            pen.setDashPattern([1.5, 2.5])
            painter.setPen(pen)
            painter.drawLine(
                scene.view.to_screen(one[0], one[1]), scene.view.to_screen(other[0], other[1])
            )


def way_of(base: tuple[str, ...], nodes: dict[str, Point], band_m: float, line_m: float) -> Way:
    """The shapes of a base from its second node on; widths of its band and line in metres."""
    points = tuple(corners([nodes[name] for name in base[1:] if name in nodes]))
    strokes = Strokes()
    for one, other in pairwise(points):
        strokes.add_piece(one, other, band_m, line_m)
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    box = (min(xs), min(ys), max(xs), max(ys)) if points else (0.0, 0.0, 0.0, 0.0)
    return Way(base, line_m, points, strokes, box)


def corners(points: list[Point]) -> list[Point]:
    """The points where the way bends, and both ends."""
    if len(points) < 3:
        return points
    kept = points[:1]
    for before, point, after in zip(points, points[1:], points[2:], strict=False):
        across = (point[0] - before[0]) * (after[1] - point[1])
        down = (point[1] - before[1]) * (after[0] - point[0])
        if abs(across - down) > 1e-3:
            kept.append(point)
    return kept + points[-1:]


def _touches(way: Way, place: Place, seen: tuple[float, float, float, float]) -> bool:
    """Whether a way and its robot may be on the screen."""
    left, low, right, high = way.box
    return (
        (left <= seen[2] or place[0] <= seen[2])
        and (right >= seen[0] or place[0] >= seen[0])
        and (low <= seen[3] or place[1] <= seen[3])
        and (high >= seen[1] or place[1] >= seen[1])
    )


def _along(one: Point, other: Point, width_m: float, longer_m: float) -> QRectF:
    """A rectangle about a straight piece along an axis, longer at both ends."""
    half = width_m / 2
    left, right = (one[0], other[0]) if one[0] < other[0] else (other[0], one[0])
    low, high = (one[1], other[1]) if one[1] < other[1] else (other[1], one[1])
    if right - left < high - low:
        length = high - low + 2 * longer_m
        return QRectF((left + right) / 2 - half, low - longer_m, width_m, length)
    length = right - left + 2 * longer_m
    return QRectF(left - longer_m, (low + high) / 2 - half, length, width_m)


def _fill(
    painter: QPainter, along: list[QRectF], slanted: list[QLineF], colour: QColor, width_m: float
) -> None:
    """Rectangles without smooth edges: along the axes they do not need them."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # noqa: FBT003 - Qt's signature
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if along:
        painter.drawRects(along)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if slanted:
        pen = QPen(colour, width_m)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLines(slanted)


def _path(points: list[QPointF]) -> QPainterPath:
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    return path
