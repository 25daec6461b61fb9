"""What moves on the map: bases, horizon, waiting line, robots, badges, labels."""

import itertools
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

from fleetapp.api.layout import Layout, NodeDrawing
from fleetapp.api.model import FleetModel
from fleetapp.api.views import RobotView
from fleetapp.terms.modes import RobotState, StationKind

from ..theme.style import font
from ..theme.tokens import Theme
from .sprites import Sprites
from .viewport import Viewport

RIM_PX = 3
BAND_ZOOM = 7.0  # farther away the band is no wider than the base
MOST_LABELS = 80
URGENT = frozenset(
    {RobotState.HELD, RobotState.STOPPED, RobotState.EMERGENCY_STOP, RobotState.SILENT}
)
RANK = (
    RobotState.IDLE,
    RobotState.CHARGING,
    RobotState.SERVICE,
    RobotState.NOTICED,
    RobotState.WORKING,
    RobotState.WAITING,
    RobotState.SILENT,
    RobotState.HELD,
    RobotState.STOPPED,
    RobotState.EMERGENCY_STOP,
)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is to be painted in one frame."""

    view: Viewport
    model: FleetModel
    selected: str
    hovered: str
    show_routes: bool
    small: bool
    places: dict[str, tuple[float, float, float]]


class Overlay:
    """Paints a scene over the floor."""

    def __init__(self, layout: Layout, theme: Theme) -> None:
        """For one layout and theme."""
        self._layout = layout
        self._theme = theme
        self._nodes: dict[str, NodeDrawing] = {n.node_id: n for n in layout.nodes}
        self._sizes = {t.type_id: (t.length_m, t.width_m) for t in layout.robot_types}
        self._font = font(11, 650)
        self._place_font = font(11, 500)
        self._metrics = QFontMetricsF(self._font)
        self._place_metrics = QFontMetricsF(self._place_font)
        self._texts: dict[tuple[str, str, bool], QPixmap] = {}

    def paint(self, painter: QPainter, scene: Scene, sprites: Sprites) -> None:
        """One frame."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        robots = sorted(
            scene.model.robots.values(),
            key=lambda r: (r.robot_id == scene.selected, RANK.index(r.state), r.robot_id),
        )
        if scene.show_routes:
            for robot in robots:
                self._route(painter, scene, robot)
        taken: list[QRectF] = []
        for robot in (r for r in robots if r.robot_id in scene.places):
            self._robot(painter, scene, sprites, robot)
        if scene.show_routes and not scene.small:
            self._waiting_line(painter, scene)
        for robot in reversed(robots):
            self._label(painter, scene, robot, taken)
        if not scene.small:
            self._places(painter, scene, taken)

    def _route(self, painter: QPainter, scene: Scene, robot: RobotView) -> None:
        place = scene.places.get(robot.robot_id)
        if place is None or not robot.base or not _near(scene.view, place):
            return
        chosen = robot.robot_id == scene.selected
        points = _corners(
            [scene.view.to_screen(place[0], place[1]), *self._points(scene, robot.base[1:])]
        )
        width = self._sizes.get(robot.robot_type, (0.9, 0.7))[1] * scene.view.zoom * 1.2
        token, alpha = ("accent", 0.16) if chosen else ("map-reserve", 0.075)
        if robot.state is RobotState.SILENT:
            token, alpha = "p2", 0.16
        broad = not scene.small and (chosen or scene.view.zoom >= BAND_ZOOM)
        if broad and len(points) > 1:
            _band(painter, points, self._theme.colour(token, alpha), max(4.0, width))
        line = self._theme.colour("accent") if chosen else self._theme.colour("map-base", 0.62)
        _band(painter, points, line, 3.0 if chosen else 1.7)
        if chosen or robot.robot_id == scene.hovered:
            self._horizon(painter, scene, robot, points[-1], chosen=chosen)

    def _horizon(
        self, painter: QPainter, scene: Scene, robot: RobotView, start: QPointF, *, chosen: bool
    ) -> None:
        points = [start, *self._points(scene, robot.horizon)]
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

    def _points(self, scene: Scene, names: tuple[str, ...]) -> list[QPointF]:
        nodes = [self._nodes[name] for name in names if name in self._nodes]
        return [scene.view.to_screen(node.x_m, node.y_m) for node in nodes]

    def _robot(self, painter: QPainter, scene: Scene, sprites: Sprites, robot: RobotView) -> None:
        place = scene.places.get(robot.robot_id)
        if place is None:
            return
        spot = scene.view.to_screen(place[0], place[1])
        if not QRectF(-40, -40, scene.view.width_px + 80, scene.view.height_px + 80).contains(spot):
            return
        length_m, width_m = self._sizes.get(robot.robot_type, (0.9, 0.7))
        zoom = max(scene.view.zoom, 9.0) if not scene.small else 7.0
        length = length_m * zoom * (1.35 if scene.view.zoom < 24 else 1.0)
        width = width_m * zoom * (1.35 if scene.view.zoom < 24 else 1.0)
        if robot.robot_id in (scene.selected, scene.hovered):
            self._ring(painter, spot, length, chosen=robot.robot_id == scene.selected)
        body = sprites.body(
            robot.state, place[2], length, width, loaded=robot.load.value == "loaded"
        )
        side = body.width() / body.devicePixelRatio() / 2
        painter.drawPixmap(QPointF(spot.x() - side, spot.y() - side), body)
        badge = sprites.badge(robot.state, 10 if scene.view.zoom < 9 or scene.small else 13)
        if badge is not None:
            half = badge.width() / badge.devicePixelRatio() / 2
            painter.drawPixmap(QPointF(spot.x() + 11 - half, spot.y() - 11 - half), badge)

    def _ring(self, painter: QPainter, spot: QPointF, length: float, *, chosen: bool) -> None:
        radius = max(11.0, length * 0.875)
        accent = self._theme.colour("accent")
        painter.setPen(QPen(accent, 2))
        painter.setBrush(self._theme.colour("accent", 0.16) if chosen else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(spot, radius, radius)

    def _waiting_line(self, painter: QPainter, scene: Scene) -> None:
        """Dotted from the waiting robot to whom it waits for."""
        for robot in scene.model.robots.values():
            blocker = robot.why.blocker_id if robot.why is not None else None
            chosen = robot.robot_id in (scene.selected, scene.hovered)
            if blocker is None or not chosen:
                continue
            one = scene.places.get(robot.robot_id)
            other = scene.places.get(blocker)
            if one is None or other is None:
                continue
            pen = QPen(self._theme.colour("accent"), 1.6)
            pen.setDashPattern([1.5, 2.5])
            painter.setPen(pen)
            painter.drawLine(
                scene.view.to_screen(one[0], one[1]), scene.view.to_screen(other[0], other[1])
            )

    def _label(
        self, painter: QPainter, scene: Scene, robot: RobotView, taken: list[QRectF]
    ) -> None:
        special = robot.robot_id in (scene.selected, scene.hovered)
        urgent = robot.state in URGENT
        if not (special or urgent or scene.view.zoom > 24) or (scene.small and not special):
            return
        place = scene.places.get(robot.robot_id)
        if place is None or (len(taken) >= MOST_LABELS and not special):
            return
        token = "accent" if special else ("p2" if robot.state is RobotState.SILENT else "text-1")
        spot = scene.view.to_screen(place[0], place[1])
        self._text(painter, robot.name, spot, token, taken)

    def _text(
        self, painter: QPainter, text: str, spot: QPointF, token: str, taken: list[QRectF]
    ) -> None:
        """At the right, left, above or below; hidden where all are taken."""
        width, height = self._metrics.horizontalAdvance(text), self._metrics.height()
        for x, y in (
            (spot.x() + 20, spot.y() - height / 2),
            (spot.x() - 20 - width, spot.y() - height / 2),
            (spot.x() - width / 2, spot.y() - 20 - height),
            (spot.x() - width / 2, spot.y() + 14),
        ):
            box = QRectF(x, y, width, height)
            if any(box.intersects(other) for other in taken):
                continue
            taken.append(box)
            self._halo(painter, box, text, token, robot=True)
            return

    def _halo(self, painter: QPainter, box: QRectF, text: str, token: str, *, robot: bool) -> None:
        """Text with a rim of floor colour, so that it reads on anything; drawn once and kept."""
        key = (text, token, robot)
        picture = self._texts.get(key)
        if picture is None:
            picture = self._drawn_text(key, painter.device().devicePixelRatioF())
            self._texts[key] = picture
        painter.drawPixmap(QPointF(box.x() - RIM_PX, box.y() - RIM_PX), picture)

    def _drawn_text(self, key: tuple[str, str, bool], ratio: float) -> QPixmap:
        text, token, robot = key
        metrics = self._metrics if robot else self._place_metrics
        width = metrics.horizontalAdvance(text) + 2 * RIM_PX
        height = metrics.height() + 2 * RIM_PX
        picture = QPixmap(round(width * ratio) + 1, round(height * ratio) + 1)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        path = QPainterPath()
        path.addText(
            RIM_PX, RIM_PX + metrics.ascent(), self._font if robot else self._place_font, text
        )
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._theme.colour("map-floor", 0.9), 3)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, pen)
        painter.fillPath(path, self._theme.colour(token))
        painter.end()
        return picture

    def _places(self, painter: QPainter, scene: Scene, taken: list[QRectF]) -> None:
        view = scene.view
        for station in self._layout.stations:
            if station.kind is StationKind.PICK and view.zoom < 30:
                continue
            resting = station.kind in (StationKind.PARKING, StationKind.CHARGER)
            if resting and view.zoom < 20:
                continue
            self._place(
                painter,
                view,
                station.name or station.station_id,
                (station.x_m, station.y_m),
                "map-label",
                taken,
            )
        for aisle in self._layout.aisles:
            self._place(painter, view, aisle.name, (aisle.x_m, aisle.y_m), "map-aisle-label", taken)
        for zone in self._layout.zones:
            x = sum(p[0] for p in zone.polygon) / len(zone.polygon)
            y = sum(p[1] for p in zone.polygon) / len(zone.polygon)
            if view.zoom > 14:
                limit = f" {zone.max_speed_mps:g} m/s" if zone.max_speed_mps else ""
                token = "people" if zone.kind.value == "PEOPLE_CROSSING" else "map-label"
                self._place(painter, view, f"{zone.name}{limit}", (x, y), token, taken)

    def _place(
        self,
        painter: QPainter,
        view: Viewport,
        text: str,
        at: tuple[float, float],
        token: str,
        taken: list[QRectF],
    ) -> None:
        spot = view.to_screen(*at)
        if not QRectF(0, 0, view.width_px, view.height_px).contains(spot):
            return
        width, height = self._place_metrics.horizontalAdvance(text), self._place_metrics.height()
        box = QRectF(spot.x() - width / 2, spot.y() - height / 2, width, height)
        if any(box.intersects(other) for other in taken):
            return
        taken.append(box)
        self._halo(painter, box, text, token, robot=False)


def _path(points: list[QPointF]) -> QPainterPath:
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    return path


def _near(view: Viewport, place: tuple[float, float, float]) -> bool:
    """Whether something that begins here may be on the screen."""
    spot, reach = view.to_screen(place[0], place[1]), 15 * view.zoom
    seen = QRectF(-reach, -reach, view.width_px + 2 * reach, view.height_px + 2 * reach)
    return seen.contains(spot)


def _band(painter: QPainter, points: list[QPointF], colour: QColor, width: float) -> None:
    """A broad line through points. Straight pieces are filled rectangles.

    Filling is about ten times as fast as stroking a path with round joins.
    """
    half = width / 2
    for one, other in itertools.pairwise(points):
        dx, dy = abs(other.x() - one.x()), abs(other.y() - one.y())
        if dx < 0.5 or dy < 0.5:
            left, top = min(one.x(), other.x()), min(one.y(), other.y())
            across, down = (width, dy) if dx < 0.5 else (dx, width)
            shift_x, shift_y = (half, 0.0) if dx < 0.5 else (0.0, half)
            painter.fillRect(QRectF(left - shift_x, top - shift_y, across, down), colour)
        else:
            pen = QPen(colour, width)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawLine(one, other)


def _corners(points: list[QPointF]) -> list[QPointF]:
    """The points where the way bends, and both ends."""
    kept = points[:1]
    for before, point, after in zip(points, points[1:], points[2:], strict=False):
        across = (point.x() - before.x()) * (after.y() - point.y())
        down = (point.y() - before.y()) * (after.x() - point.x())
        if abs(across - down) > 0.5:
            kept.append(point)
    return kept + points[-1:] if len(points) > 1 else kept
