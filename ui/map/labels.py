"""Names on the map that never cover each other.

Which names are shown, and at which side of their mark, is planned when something
changed and at most a few times a second, a piece in each frame; until a plan is ready
the one before is painted. The more important plan first; what finds no free side
stays hidden.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

from fleetapp.api.layout import Layout, StationDrawing
from fleetapp.api.views import RobotView
from fleetapp.terms.modes import RobotState, StationKind, ZoneKind

from ..theme.style import font
from ..theme.tokens import Theme
from .budget import Budget
from .scene import Scene

RIM_PX = 3
MOST_ROBOT_LABELS = 80
CELL_PX = 64
PLAN_KEPT_S = 0.3
ZOOM_PLAN_KEPT_S = 0.12
STEPS_AT_ONCE = 30  # of a plan
NAME_OVER_M = 0.9
WALL_PX = 6
URGENT = frozenset(
    {RobotState.HELD, RobotState.STOPPED, RobotState.EMERGENCY_STOP, RobotState.SILENT}
)
Text = tuple[str, str, bool]  # words, colour token, whether it names a robot
Marked = tuple[str, str, float]  # selected, hovered, zoom
Area = tuple[float, float, float, float]  # left, top, right, bottom, px


@dataclass(frozen=True, slots=True)
class Label:
    """A planned name: its mark (a robot's id, or a place in metres) and its offset, px."""

    text: Text
    robot_id: str
    x_m: float
    y_m: float
    dx_px: float
    dy_px: float


@dataclass(slots=True)
class Planning:
    """A plan that is being made: what it is for, when it was begun, what is planned of it."""

    marked: Marked
    began_s: float
    steps: Iterator[Label | None]
    labels: list[Label] = field(default_factory=list)


class Room:
    """Which parts of the screen are taken, in a grid of cells."""

    def __init__(self) -> None:
        """All is free."""
        self._cells: dict[tuple[int, int], list[Area]] = {}
        self.count = 0

    def take(self, area: Area) -> bool:
        """Take an area if no part of it is taken; whether it was free."""
        cells = list(_cells(area))
        for cell in cells:
            for other in self._cells.get(cell, ()):
                if (
                    area[0] < other[2]
                    and other[0] < area[2]
                    and area[1] < other[3]
                    and other[1] < area[3]
                ):
                    return False
        for cell in cells:
            self._cells.setdefault(cell, []).append(area)
        self.count += 1
        return True


class Labels:
    """The names on one map."""

    def __init__(self, layout: Layout, theme: Theme, ratio: float) -> None:
        """Nothing is planned yet."""
        self._layout = layout
        self._theme = theme
        self._ratio = ratio
        self._robot_font = font(11, 650)
        self._place_font = font(11, 500)
        self._robot_metrics = QFontMetricsF(self._robot_font)
        self._place_metrics = QFontMetricsF(self._place_font)
        self._pictures: dict[Text, QPixmap] = {}
        self._widths: dict[tuple[str, bool], float] = {}
        self._halls = (*_rooms(layout), *_groups(layout))
        self._plan: tuple[Label, ...] | None = None
        self._planned_s = float("-inf")
        self._planned_for: Marked = ("", "", 0.0)
        self._coming: Planning | None = None

    def paint(self, painter: QPainter, scene: Scene, important: list[RobotView]) -> bool:
        """Paint the names, `important` robots first; whether some are still to be drawn."""
        marked: Marked = (scene.selected, scene.hovered, scene.view.zoom)
        kept_s = PLAN_KEPT_S if marked == self._planned_for else ZOOM_PLAN_KEPT_S
        if self._coming is None and scene.now_s - self._planned_s >= kept_s:
            self._coming = Planning(marked, scene.now_s, self._planned(scene, important))
        if self._coming is not None:
            self._go_on(self._coming, scene.budget)
        unfinished = self._coming is not None or marked != self._planned_for
        for label in self._plan or ():
            picture = self._pictures.get(label.text)
            if picture is None:
                if not scene.budget.is_left:
                    unfinished = True
                    continue
                with scene.budget:
                    picture = self._pictures[label.text] = self._drawn(label.text)
            place = scene.places.get(label.robot_id) if label.robot_id else (label.x_m, label.y_m)
            if place is not None:
                spot = scene.view.to_screen(place[0], place[1])
                at = QPointF(spot.x() + label.dx_px - RIM_PX, spot.y() + label.dy_px - RIM_PX)
                painter.drawPixmap(at, picture)
        return unfinished

    def _go_on(self, coming: "Planning", budget: Budget) -> None:
        """Plan while there is time; the very first plan as a whole, for a map without names."""
        while True:
            with budget:
                some = list(islice(coming.steps, STEPS_AT_ONCE))
            coming.labels += [label for label in some if label is not None]
            if len(some) < STEPS_AT_ONCE:
                break
            if self._plan is not None and not budget.is_left:
                return
        self._plan, self._planned_for = tuple(coming.labels), coming.marked
        self._planned_s, self._coming = coming.began_s, None

    def _planned(self, scene: Scene, important: list[RobotView]) -> Iterator[Label | None]:
        """A name, or None for something without one."""
        room = Room()
        for robot in important:
            yield self._robot(scene, robot, room)
        if not scene.small:
            yield from self._places(scene, room)

    def _robot(self, scene: Scene, robot: RobotView, room: Room) -> Label | None:
        special = robot.robot_id in (scene.selected, scene.hovered)
        shown = special or (not scene.small and _named(robot.state, scene.view.zoom))
        place = scene.places.get(robot.robot_id) if shown else None
        if place is None or (room.count >= MOST_ROBOT_LABELS and not special):
            return None
        token = "accent" if special else ("p2" if robot.state is RobotState.SILENT else "text-1")
        spot = scene.view.to_screen(place[0], place[1])
        width, height = self._width(robot.name, robot=True), self._robot_metrics.height()
        for dx, dy in (
            (20.0, -height / 2),
            (-20.0 - width, -height / 2),
            (-width / 2, -20.0 - height),
            (-width / 2, 14.0),
        ):
            left, top = spot.x() + dx, spot.y() + dy
            if left < 0 or left + width > scene.view.width_px:
                continue  # the edge would cut it
            if room.take((left, top, left + width, top + height)):
                return Label((robot.name, token, True), robot.robot_id, 0, 0, dx, dy)
        return None

    def _places(self, scene: Scene, room: Room) -> Iterator[Label | None]:
        zoom = scene.view.zoom
        for station in self._layout.stations:
            if zoom >= _shown_from(station):
                name = station.name or station.station_id
                yield self._place(scene, name, "map-label", station.x_m, station.y_m, room)
        for name, x_m, y_m in self._halls:
            yield self._place(scene, name, "map-label", x_m, y_m, room)
        for aisle in self._layout.aisles:
            yield self._place(scene, aisle.name, "map-aisle-label", aisle.x_m, aisle.y_m, room)
        for zone in self._layout.zones if scene.show_zones and zoom > 14 else ():
            x = sum(p[0] for p in zone.polygon) / len(zone.polygon)
            y = sum(p[1] for p in zone.polygon) / len(zone.polygon)
            limit = f" {zone.max_speed_mps:g} m/s" if zone.max_speed_mps else ""
            token = "people" if zone.kind is ZoneKind.PEOPLE_CROSSING else "map-label"
            yield self._place(scene, f"{zone.name}{limit}", token, x, y, room)

    def _place(
        self, scene: Scene, name: str, token: str, x_m: float, y_m: float, room: Room
    ) -> Label | None:
        spot = scene.view.to_screen(x_m, y_m)
        if not QRectF(0, 0, scene.view.width_px, scene.view.height_px).contains(spot):
            return None
        width, height = self._width(name, robot=False), self._place_metrics.height()
        dx, dy = _within(scene, self._layout, spot.x(), width), -height / 2
        left, top = spot.x() + dx, spot.y() + dy
        if room.take((left, top, left + width, top + height)):
            return Label((name, token, False), "", x_m, y_m, dx, dy)
        return None

    def _width(self, words: str, *, robot: bool) -> float:
        width = self._widths.get((words, robot))
        if width is None:
            metrics = self._robot_metrics if robot else self._place_metrics
            width = self._widths[words, robot] = metrics.horizontalAdvance(words)
        return width

    def _drawn(self, text: Text) -> QPixmap:
        """Text with a rim of floor colour, so that it reads on anything."""
        words, token, robot = text
        metrics = self._robot_metrics if robot else self._place_metrics
        width = self._width(words, robot=robot) + 2 * RIM_PX
        height = metrics.height() + 2 * RIM_PX
        picture = QPixmap(round(width * self._ratio) + 1, round(height * self._ratio) + 1)
        picture.setDevicePixelRatio(self._ratio)
        picture.fill(Qt.GlobalColor.transparent)
        path = QPainterPath()
        chosen = self._robot_font if robot else self._place_font
        path.addText(RIM_PX, RIM_PX + metrics.ascent(), chosen, words)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._theme.colour("map-floor", 0.9), 3)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, pen)
        painter.fillPath(path, self._theme.colour(token))
        painter.end()
        return picture


def _within(scene: Scene, layout: Layout, x_px: float, width: float) -> float:
    """Offset of a name in the middle of its place, moved so that no outer wall cuts it."""
    west = scene.view.to_screen(layout.bounds[0], 0).x() + WALL_PX
    east = scene.view.to_screen(layout.bounds[2], 0).x() - WALL_PX
    left = min(max(x_px - width / 2, west), max(west, east - width))
    return left - x_px


def _rooms(layout: Layout) -> Iterator[tuple[str, float, float]]:
    """Rooms that have a name, in their middle."""
    for shape in layout.shapes:
        if shape.kind == "room" and shape.label:
            xs, ys = zip(*shape.polygon, strict=True)
            yield shape.label, (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _groups(layout: Layout) -> Iterator[tuple[str, float, float]]:
    """Chargers and parking: one name each, over the outermost column of them."""
    middle = (layout.bounds[0] + layout.bounds[2]) / 2
    for kind, name in ((StationKind.CHARGER, "Chargers"), (StationKind.PARKING, "Parking")):
        places = [s for s in layout.stations if s.kind is kind]
        if len(places) > 1:
            first = max(places, key=lambda s: (round(abs(s.x_m - middle), 1), s.y_m))
            yield name, first.x_m, first.y_m + first.height_m / 2 + NAME_OVER_M


def _named(state: RobotState, zoom: float) -> bool:
    """Far away only those that need somebody, nearer those that wait, then all."""
    return zoom > 24 or state in URGENT or (state is RobotState.WAITING and zoom >= 9)


def _shown_from(station: StationDrawing) -> float:
    """The zoom from which a station has a name, px a metre."""
    if station.kind is StationKind.PICK:
        return 30
    return 20 if station.kind in (StationKind.PARKING, StationKind.CHARGER) else 0


def _cells(area: Area) -> Iterator[tuple[int, int]]:
    for column in range(int(area[0] // CELL_PX), int(area[2] // CELL_PX) + 1):
        for line in range(int(area[1] // CELL_PX), int(area[3] // CELL_PX) + 1):
            yield (column, line)
