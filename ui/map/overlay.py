"""What moves on the map: ways, robots, badges, rings, names."""

from dataclasses import replace

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from fleetapp.api.layout import Layout
from fleetapp.api.views import RobotView
from fleetapp.terms.modes import LoadState, RobotState

from ..models.stop_look import ids_still_to_stand
from ..theme.tokens import Theme
from .labels import Labels
from .routes import Routes
from .scene import Scene
from .sprites import Sprites

EDGE_PX = 40
TO_SCALE_ZOOM = 24.0  # nearer than this robots have their true size
LARGER = 1.5  # farther away they are drawn larger than they are
USUAL_M = (0.9, 0.7)  # a robot of unknown type
RANK = {
    state: rank
    for rank, state in enumerate(
        (
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
    )
}


class Overlay:
    """Paints a scene over the floor."""

    def __init__(self, layout: Layout, theme: Theme, sprites: Sprites) -> None:
        """For one layout and theme."""
        self._theme = theme
        self._sprites = sprites
        self._sizes = {t.type_id: (t.length_m, t.width_m) for t in layout.robot_types}
        self._routes = Routes(layout, theme)
        self._labels = Labels(layout, theme, sprites.ratio)
        self._order: list[RobotView] = []
        self._told: frozenset[str] = frozenset()  # to stop, and not yet reported to stand
        self._ordered_for: tuple[int, str] = (-1, "")

    def paint(self, painter: QPainter, scene: Scene, version: int) -> bool:
        """One frame of the model's `version`; whether another is wanted at once."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        robots = self._in_order(scene, version)
        if scene.show_routes:
            self._routes.paint(painter, scene, robots)
            if not scene.small:
                self._routes.paint_waiting(painter, scene)
        self._sprites.begin(scene.budget)
        self._paint_robots(painter, scene, robots)
        return self._labels.paint(painter, scene, robots[::-1]) or self._sprites.behind

    def _in_order(self, scene: Scene, version: int) -> list[RobotView]:
        """The least important first, the selected last; of a lost engine all are silent."""
        if self._ordered_for != (version, scene.selected):
            self._ordered_for = (version, scene.selected)
            robots = list(scene.model.robots.values())
            if scene.model.lost is not None:
                robots = [replace(r, state=RobotState.SILENT) if r.admitted else r for r in robots]
            self._told = ids_still_to_stand(robots, scene.model.fleet)
            self._order = sorted(
                robots,
                key=lambda r: (r.robot_id == scene.selected, RANK[r.state], r.robot_id),
            )
        return self._order

    def _paint_robots(self, painter: QPainter, scene: Scene, robots: list[RobotView]) -> None:
        view, places = scene.view, scene.places
        zoom = 7.0 if scene.small else max(view.zoom, 9.0)
        if view.zoom < TO_SCALE_ZOOM:
            zoom *= LARGER
        badge_px = 10 if view.zoom < 9 or scene.small else 13
        sheets = {
            type_id: self._sprites.sheet(type_id, long * zoom, wide * zoom, badge_px)
            for type_id, (long, wide) in self._sizes.items()
        }
        usual = self._sprites.sheet("", USUAL_M[0] * zoom, USUAL_M[1] * zoom, badge_px)
        marked = {scene.selected, scene.hovered}
        middle_x, middle_y = view.width_px / 2, view.height_px / 2
        for robot in robots:
            place = places.get(robot.robot_id)
            if place is None:
                continue
            x = (place[0] - view.x_m) * view.zoom + middle_x
            y = (view.y_m - place[1]) * view.zoom + middle_y
            if not (
                -EDGE_PX <= x <= view.width_px + EDGE_PX
                and -EDGE_PX <= y <= view.height_px + EDGE_PX
            ):
                continue
            if robot.robot_id in marked:
                length = self._sizes.get(robot.robot_type, USUAL_M)[0] * zoom
                self._ring(painter, QPointF(x, y), length, chosen=robot.robot_id == scene.selected)
            sheet = sheets.get(robot.robot_type, usual)
            picture, left, top = sheet.sprite(
                robot.state,
                place[2],
                loaded=robot.load is LoadState.LOADED,
                told=robot.robot_id in self._told,
            )
            painter.drawPixmap(QPointF(x - left, y - top), picture)

    def _ring(self, painter: QPainter, spot: QPointF, length: float, *, chosen: bool) -> None:
        radius = max(11.0, length * 0.875)
        accent = self._theme.colour("accent")
        painter.setPen(QPen(accent, 2))
        painter.setBrush(self._theme.colour("accent", 0.16) if chosen else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(spot, radius, radius)
