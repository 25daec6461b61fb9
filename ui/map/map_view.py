"""The live map: one widget, painted from cached tiles and sprites.

Pan by dragging, zoom by wheel, click to select; keys as in the guide. It shows
and forwards; it decides nothing.
"""

import math
import time

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from fleetapp.api.layout import Layout
from fleetapp.api.model import Changes, FleetModel

from ..theme.tokens import Theme
from .budget import Budget
from .floor import Floor
from .motion import Motion
from .overlay import Overlay
from .scene import Scene
from .sprites import Sprites
from .viewport import Viewport

HIT_PX = 16
FRAME_MS = 33
SMALL_FRAME_MS = 100  # a small map says where a robot is, it is not watched
STOP_FRAME_PX = 3
SOON_MS = 8  # until the next slice of a picture that is not finished
PAN_PX = 60
CORNER_PX = 8  # the radius of what floats: there the map is seen


class MapView(QWidget):
    """The map of a layout with the robots of a model."""

    robot_selected = Signal(str)
    robot_hovered = Signal(str)
    followed_changed = Signal(str)
    zoom_changed = Signal(float)  # times the zoom that shows the whole site

    def __init__(self, model: FleetModel, theme: Theme, *, small: bool = False) -> None:
        """`small` shows a still, whole map that only centres on things."""
        super().__init__()
        self._model = model
        self._theme = theme
        self._small = small
        self._layout: Layout | None = None
        self._floor: Floor | None = None
        self._sprites = Sprites(theme, self.devicePixelRatioF())
        self._overlay: Overlay | None = None
        self._motion = Motion()
        self._view = Viewport(0, 0, 10, 100, 100)
        self._fitted = True
        self._selected = ""
        self._hovered = ""
        self._followed = ""
        self._version, self._stale = 0, False  # what of the model was painted
        self._grabbed: QPointF | None = None
        self._dragged = False
        self._stopped = False
        self._ready = not small  # whether the floor is built that will be seen first
        self.floats: tuple[QWidget, ...] = ()  # opaque siblings that lie over it
        self.show_routes = True
        self._show_zones = True
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Map of the warehouse")
        self._timer = QTimer(self)
        self._timer.setInterval(SMALL_FRAME_MS if small else FRAME_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def paint_again(self) -> None:
        """All of the map but what lies under `floats`: those need no new frame then."""
        region = QRegion(self.rect())
        for over in self.floats:
            if over.isVisible():
                box = over.geometry()
                region -= QRegion(box.adjusted(CORNER_PX, 0, -CORNER_PX, 0))
                region -= QRegion(box.adjusted(0, CORNER_PX, 0, -CORNER_PX))
        self.update(region)

    # --- what is shown ------------------------------------------------------
    def set_layout(self, layout: Layout) -> None:
        """Show another site."""
        self._layout, self._ready = layout, not self._small
        self.set_theme(self._theme)
        self.fit()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        ratio = self.devicePixelRatioF()
        self._sprites = Sprites(theme, ratio)
        if self._layout is not None:
            self._floor = Floor(self._layout, theme, ratio)
            self._floor.show_zones(shown=self._show_zones)
            self._overlay = Overlay(self._layout, theme, self._sprites)
        self.paint_again()

    def take(self, changes: Changes) -> None:
        """The model changed."""
        names = self._model.poses if changes.everything else changes.poses
        for robot_id in names:
            pose = self._model.poses.get(robot_id)
            if pose is None:
                self._motion.forget(robot_id)
            else:
                self._motion.take(pose)
        if changes.everything or changes.robots or changes.fleet:
            self._version += 1
            self._stale = True
            if not self._small:
                self.paint_again()

    def select(self, robot_id: str) -> None:
        """Mark a robot."""
        self._selected = robot_id
        self.paint_again()

    def centre_on(self, robot_id: str) -> None:
        """Bring a robot into the middle."""
        place = self._motion.where(robot_id, time.monotonic())
        if place is not None:
            self._fitted = False
            self._view = Viewport(place[0], place[1], self._view.zoom, self.width(), self.height())
            self.paint_again()

    def follow(self, robot_id: str) -> None:
        """Keep a robot in the middle; "" ends it."""
        if robot_id != self._followed:
            self._followed = robot_id
            self.followed_changed.emit(robot_id)

    @property
    def selected(self) -> str:
        """The robot that is marked, "" if none is."""
        return self._selected

    def set_routes_shown(self, shown: bool) -> None:  # noqa: FBT001 - Qt's signal
        """Bases, horizons and waiting lines, or none."""
        self.show_routes = shown
        self.paint_again()

    def show_stopped(self, *, stopped: bool) -> None:
        """A frame around the map while the fleet is stopped."""
        if stopped != self._stopped:
            self._stopped = stopped
            self.paint_again()

    def set_zones_shown(self, shown: bool) -> None:  # noqa: FBT001 - Qt's signal
        """Speed and people zones and their names, or none."""
        self._show_zones = shown
        if self._floor is not None:
            self._floor.show_zones(shown=shown)
        self.paint_again()

    @property
    def zoom(self) -> float:
        """Pixels a metre."""
        return self._view.zoom

    # --- looking ------------------------------------------------------------
    def fit(self) -> None:
        """Show all of the site."""
        if self._layout is None:
            return
        self._fitted = True
        self.follow("")
        self._view = self._whole_site()
        self._tell_zoom()
        self.paint_again()

    def _whole_site(self) -> Viewport:
        """All of the site in the part that floating bars leave free."""
        view = Viewport(0, 0, 10, self.width(), self.height())
        if self._layout is None:
            return view
        edge = 8 if self._small else 16
        top, bottom = (edge, edge) if self._small else (62, 58)
        free = QRectF(edge, top, self.width() - 2 * edge, self.height() - top - bottom)
        return view.fitted(self._layout.bounds, free)

    def _tell_zoom(self) -> None:
        self.zoom_changed.emit(self._view.zoom / self._whole_site().zoom)

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Closer or farther."""
        self._fitted = False
        self._view = self._view.zoomed(factor, at or QPointF(self.width() / 2, self.height() / 2))
        self._tell_zoom()
        self.paint_again()

    def pan_by(self, dx_px: float, dy_px: float) -> None:
        """Move the map."""
        self._fitted = False
        self.follow("")
        self._view = self._view.panned(dx_px, dy_px)
        self.paint_again()

    def robot_at(self, at: QPointF) -> str:
        """The robot under a pixel, "" if there is none."""
        now = time.monotonic()
        best, best_px = "", float(HIT_PX)
        for robot_id in self._model.robots:
            place = self._motion.where(robot_id, now)
            if place is None:
                continue
            spot = self._view.to_screen(place[0], place[1])
            distance = math.hypot(spot.x() - at.x(), spot.y() - at.y())
            if distance < best_px:
                best, best_px = robot_id, distance
        return best

    # --- Qt -------------------------------------------------------------------
    def _tick(self) -> None:
        now = time.monotonic()
        if self._followed:
            self.centre_on(self._followed)
        if self.isVisible() and (self._stale or self._motion.moving(now)):
            self.paint_again()
        elif self._floor is not None and not self._ready and not self.isVisible():
            self._ready = self._floor.prepare(self._view, Budget())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Floor, routes, robots, labels."""
        painter = QPainter(self)
        if self._floor is None or self._overlay is None:
            painter.fillRect(self.rect(), self._theme.colour("map-outside"))
            painter.end()
            return
        now, self._stale = time.monotonic(), False
        budget = Budget()
        unfinished = self._floor.paint(painter, self._view, now, budget)
        scene = Scene(
            self._view,
            self._model,
            self._selected,
            self._hovered,
            show_routes=self.show_routes,
            show_zones=self._show_zones,
            small=self._small,
            places=self._motion.places(now),
            now_s=now,
            budget=budget,
        )
        unfinished |= self._overlay.paint(painter, scene, self._version)
        if self._stopped:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.colour("p1-fill"), STOP_FRAME_PX))
            painter.drawRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5))
        painter.end()
        if unfinished:
            QTimer.singleShot(SOON_MS, self.paint_again)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is seen."""
        super().resizeEvent(event)
        if self._fitted:
            self.fit()
        else:
            view = self._view
            self._view = Viewport(view.x_m, view.y_m, view.zoom, self.width(), self.height())
            self._tell_zoom()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        if not self._small:
            self.zoom_by(2 ** (event.angleDelta().y() / 480), event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grab the map, or pick a robot."""
        self._grabbed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or hover."""
        if self._grabbed is not None and event.buttons() and not self._small:
            shift = event.position() - self._grabbed
            if self._dragged or shift.manhattanLength() > 4:
                self._dragged = True
                self._grabbed = event.position()
                self.pan_by(shift.x(), shift.y())
            return
        hovered = self.robot_at(event.position())
        if hovered != self._hovered:
            self._hovered = hovered
            self.robot_hovered.emit(hovered)
            self.paint_again()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click selects."""
        if self._grabbed is not None and not self._dragged:
            self.robot_selected.emit(self.robot_at(event.position()))
        self._grabbed = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows pan, + and - zoom, F fits."""
        steps = {
            Qt.Key.Key_Left: (PAN_PX, 0),
            Qt.Key.Key_Right: (-PAN_PX, 0),
            Qt.Key.Key_Up: (0, PAN_PX),
            Qt.Key.Key_Down: (0, -PAN_PX),
        }
        key = Qt.Key(event.key())
        if key in steps:
            self.pan_by(*steps[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(1.25)
        elif key is Qt.Key.Key_Minus:
            self.zoom_by(0.8)
        elif key is Qt.Key.Key_F:
            self.fit()
        else:
            super().keyPressEvent(event)
