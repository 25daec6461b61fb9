"""What floats over the map: which layers are shown, how near it is looked at, the legend."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QShortcut,
)
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from fleetapp.api.model import Changes
from fleetapp.api.views import RobotView, StopView
from fleetapp.terms.modes import RobotState

from ..context import Context
from ..map.map_view import MapView
from ..models.robot_rows import NEED_YOU
from ..models.stop_look import TOLD, ids_still_to_stand
from ..theme.marks import WORDS, paint_state, paint_stop
from ..theme.style import font
from ..views.panel import button, row
from ..views.pictures import blank

LEGEND = (
    RobotState.WORKING,
    RobotState.WAITING,
    RobotState.HELD,
    RobotState.STOPPED,
    RobotState.EMERGENCY_STOP,
    RobotState.CHARGING,
    RobotState.SILENT,
    RobotState.NOTICED,
)
Mark = tuple[RobotState, bool]  # and whether it is told to stop and does not stand yet
LEGEND_PX, LEGEND_ROW_PX, LEGEND_GAP_PX, LEGEND_EDGE_PX = 34, 22, 22, 14
WIDEST_PX = 10_000
NARROW_PX = 900  # below this the layer buttons have no words


class ListButton(QPushButton):
    """Opens the list of robots where it is hidden; says how many need a person."""

    reshaped = Signal()

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self.setProperty("role", "floating")
        self.setIcon(context.icons.icon("bot", "text-1"))
        self.setFixedHeight(40)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        context.store.changed.connect(lambda _changes: self._tell())
        self._tell()

    def _tell(self) -> None:
        robots = self._context.store.model.robots.values()
        need = sum(1 for robot in robots if robot.state in NEED_YOU)
        in_need = f"{need} need you" if need != 1 else "1 needs you"
        words = f"Robots, {in_need}  ["
        if words != self.text():
            self.setText(words)
            self.setAccessibleName(f"Show the list of robots, {in_need}")
            self.reshaped.emit()


class LayerBar(QFrame):
    """Routes, zones, follow: each a switch."""

    def __init__(self, context: Context, view: MapView) -> None:
        """For one map."""
        super().__init__()
        self.setProperty("role", "floating")
        self._context, self._view = context, view
        self._words: dict[QPushButton, str] = {}
        self._bar = row(spacing=2)
        self._bar.setContentsMargins(4, 3, 4, 3)
        self._routes = self._switch("route", "Routes", "1", view.set_routes_shown)
        self._zones = self._switch("layers", "Zones", "2", view.set_zones_shown)
        self._follow = self._switch("locate-fixed", "Follow", "Shift+F", self._follow_selected)
        self._routes.setChecked(True)
        self._zones.setChecked(True)
        self._follow.setEnabled(False)
        self.setLayout(self._bar)
        self.setFixedHeight(40)
        view.followed_changed.connect(lambda robot_id: self._follow.setChecked(bool(robot_id)))
        context.hub.robot_selected.connect(self._selected)

    def _switch(self, icon: str, words: str, key: str, act: Callable[[bool], None]) -> QPushButton:
        made = QPushButton(words)
        made.setProperty("role", "layer")
        made.setCheckable(True)
        made.setIcon(self._context.icons.icon(icon))
        made.setAccessibleName(f"{words} on the map")
        made.setToolTip(f"{words}  {key}")
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.toggled.connect(act)
        QShortcut(QKeySequence(key), self, made.toggle)
        self._words[made] = words
        self._bar.addWidget(made)
        return made

    def _selected(self, robot_id: str) -> None:
        self._follow.setEnabled(bool(robot_id))
        if self._follow.isChecked():
            self._view.follow(robot_id)

    def _follow_selected(self, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._view.follow(self._view.selected if on else "")

    def set_narrow(self, narrow: bool) -> None:  # noqa: FBT001 - a state
        """Icons alone where there is no room for words."""
        for made, words in self._words.items():
            made.setText("" if narrow else words)


class ZoomBar(QFrame):
    """Minus, how near, plus, fit."""

    def __init__(self, context: Context, view: MapView) -> None:
        """For one map."""
        super().__init__()
        self.setProperty("role", "floating")
        self._near = QLabel("100 %")
        self._near.setProperty("role", "second")
        self._near.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._near.setFixedWidth(48)
        self._near.setToolTip("100 %: the whole site")
        bar = row(spacing=2)
        bar.setContentsMargins(4, 2, 4, 2)
        bar.addWidget(_small(context, "minus", "Zoom out  −", lambda: view.zoom_by(0.8)))
        bar.addWidget(self._near)
        bar.addWidget(_small(context, "plus", "Zoom in  +", lambda: view.zoom_by(1.25)))
        bar.addWidget(_small(context, "maximize", "Fit  F", view.fit))
        self.setLayout(bar)
        self.setFixedSize(156, 34)
        view.zoom_changed.connect(self._tell)

    def _tell(self, times_fitted: float) -> None:
        self._near.setText(f"{round(times_fitted * 100)} %")


def _small(context: Context, icon: str, text: str, act: Callable[[], None]) -> QWidget:
    made = button("", "", "flat")
    made.setIcon(context.icons.icon(icon))
    made.setToolTip(text)
    made.setAccessibleName(text)
    made.setFixedSize(30, 28)
    made.clicked.connect(act)
    return made


class Legend(QFrame):
    """Only the marks that occur, and the scale; in as many rows as its room asks for."""

    reshaped = Signal()

    def __init__(self, context: Context, view: MapView) -> None:
        """Follows the store."""
        super().__init__()
        self.setProperty("role", "floating")
        self._context, self._view = context, view
        self._states: tuple[Mark, ...] = ()
        self._stop: StopView | None = None
        self._room_px = WIDEST_PX
        self._places: tuple[QPointF, ...] = ()
        self._picture = QPixmap()
        self._drawn_for: tuple[QSize, tuple[Mark, ...], float] = (QSize(), (), 0.0)
        context.store.changed.connect(self._take)
        view.zoom_changed.connect(lambda _times: self._fit())
        self._fit()

    def set_room(self, room_px: int) -> None:
        """How wide it may be."""
        if room_px != self._room_px:
            self._room_px = room_px
            self._fit()

    def _take(self, changes: Changes) -> None:
        model = self._context.store.model
        before, self._stop = self._stop, model.fleet.stop if model.fleet is not None else None
        if not (changes.robots or changes.everything or before != self._stop):
            return
        told = ids_still_to_stand(model.robots.values(), model.fleet)
        there = {self._mark(robot, told=robot.robot_id in told) for robot in model.robots.values()}
        marks = (mark for state in LEGEND for mark in ((state, False), (state, True)))
        self._states = tuple(mark for mark in marks if mark in there)
        self._fit()

    def _mark(self, robot: RobotView, *, told: bool) -> Mark:
        """As the map shows it: of a lost engine all robots are silent."""
        if self._context.store.model.lost is not None and robot.admitted:
            return RobotState.SILENT, False
        return robot.state, told

    def _scale(self) -> tuple[int, float]:
        """A round number of metres, and how long they are here."""
        zoom = self._view.zoom
        metres = next(m for m in (1, 2, 5, 10, 20, 50) if m * zoom >= 40 or m == 50)
        return metres, metres * zoom

    def _fit(self) -> None:
        """Find the places of marks and scale, and the size that holds them."""
        words = QFontMetricsF(font(12))
        metres, long_px = self._scale()
        wide = [20 + words.horizontalAdvance(_word(mark)) for mark in self._states]
        wide.append(long_px + 8 + words.horizontalAdvance(f"{metres} m"))
        self._places = in_rows(wide, self._room_px - 2 * LEGEND_EDGE_PX)
        right = max(at.x() + w for at, w in zip(self._places, wide, strict=True))
        size = QSize(int(right) + 2 * LEGEND_EDGE_PX, int(self._places[-1].y()) + LEGEND_PX)
        self.update()
        if size != self.size():
            self.resize(size)
            self.reshaped.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Kept as a picture: it lies over the map and is painted with each of its frames."""
        super().paintEvent(event)
        now = (self.size(), self._states, self._view.zoom)
        if now != self._drawn_for:
            self._picture = blank(self.width(), self.height(), self.devicePixelRatioF())
            self._draw(self._picture)
            self._drawn_for = now
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.end()

    def _draw(self, picture: QPixmap) -> None:
        """Marks, words, scale."""
        theme = self._context.theme
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(12))
        painter.translate(LEGEND_EDGE_PX, 0)
        for (state, told), at in zip(self._states, self._places, strict=False):
            where = QRectF(at.x(), at.y() + 10, 14, 14)
            if told:
                paint_stop(painter, theme, where, full=False)
            else:
                paint_state(painter, theme, state, where)
            painter.setPen(theme.colour("text-2"))
            painter.drawText(QRectF(at.x() + 20, at.y() + 8, 120, 18), 0, _word((state, told)))
        metres, long_px = self._scale()
        at = self._places[-1]
        left, right, low = at.x(), at.x() + long_px, at.y() + 20
        painter.setPen(QPen(theme.colour("text-2"), 1))
        painter.drawPolyline([QPointF(left, low - 6), QPointF(left, low),
                              QPointF(right, low), QPointF(right, low - 6)])  # fmt: skip
        painter.drawText(QRectF(right + 8, at.y() + 8, 60, 18), 0, f"{metres} m")
        painter.end()


def _word(mark: Mark) -> str:
    state, told = mark
    return TOLD if told else WORDS[state]


def in_rows(wide: Sequence[float], room_px: float) -> tuple[QPointF, ...]:
    """Upper left corners of things of these widths, beside each other while there is room."""
    places: list[QPointF] = []
    x, y = 0.0, 0.0
    for width in wide:
        if x > 0 and x + width > room_px:
            x, y = 0.0, y + LEGEND_ROW_PX
        places.append(QPointF(x, y))
        x += width + LEGEND_GAP_PX
    return tuple(places)
