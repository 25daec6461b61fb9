"""The map page: robots at the left, the map with what floats over it, the inspector."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from fleetapp.api.model import Changes
from fleetapp.terms.modes import RobotState

from ..context import Context
from ..map.map_view import MapView
from ..theme.marks import WORDS, paint_state
from ..theme.style import font
from ..views.panel import button, row
from ..views.task_line import TaskLine

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


class Legend(QFrame):
    """Only the marks that occur, and the scale."""

    def __init__(self, context: Context, view: MapView) -> None:
        """Follows the store."""
        super().__init__()
        self.setProperty("role", "floating")
        self._context, self._view = context, view
        self._states: tuple[RobotState, ...] = ()
        self.setFixedHeight(34)
        context.store.changed.connect(self._take)

    def _take(self, changes: Changes) -> None:
        if not (changes.robots or changes.everything):
            return
        there = {robot.state for robot in self._context.store.model.robots.values()}
        states = tuple(state for state in LEGEND if state in there)
        if states != self._states:
            self._states = states
            self.resize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as its marks."""
        return QSize(150 + 92 * len(self._states), 34)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Marks, words, scale."""
        super().paintEvent(event)
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(12))
        x = 14.0
        for state in self._states:
            paint_state(painter, theme, state, QRectF(x, 10, 14, 14))
            painter.setPen(theme.colour("text-2"))
            painter.drawText(QRectF(x + 20, 8, 80, 18), 0, WORDS[state])
            x += 28 + painter.fontMetrics().horizontalAdvance(WORDS[state]) + 14
        metres = next(m for m in (1, 2, 5, 10, 20, 50) if m * self._view.zoom >= 40 or m == 50)
        width = metres * self._view.zoom
        painter.setPen(QPen(theme.colour("text-2"), 1))
        painter.drawPolyline(
            [QPointF(x, 14), QPointF(x, 20), QPointF(x + width, 20), QPointF(x + width, 14)]
        )
        painter.drawText(QRectF(x + width + 8, 8, 50, 18), 0, f"{metres} m")
        painter.end()
        wanted = int(x + width + 52)
        if abs(wanted - self.width()) > 2:
            self.resize(wanted, 34)


class ZoomBar(QFrame):
    """Minus, plus, fit."""

    def __init__(self, context: Context, view: MapView) -> None:
        """For one map."""
        super().__init__()
        self.setProperty("role", "floating")
        bar = row(spacing=2)
        bar.setContentsMargins(4, 2, 4, 2)
        for icon, text, act in (
            ("minus", "Zoom out", lambda: view.zoom_by(0.8)),
            ("plus", "Zoom in", lambda: view.zoom_by(1.25)),
            ("maximize", "Fit (F)", view.fit),
        ):
            made = button("", "", "flat")
            made.setIcon(context.icons.icon(icon))
            made.setToolTip(text)
            made.setAccessibleName(text)
            made.setFixedSize(30, 28)
            made.clicked.connect(act)
            bar.addWidget(made)
        self.setLayout(bar)
        self.setFixedSize(104, 34)


class MapPage(QWidget):
    """The map and its floating bars."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self.map = MapView(context.store.model, context.theme)
        self.map.setParent(self)
        self.task_line = TaskLine(context)
        self.task_line.setParent(self)
        self._legend = Legend(context, self.map)
        self._legend.setParent(self)
        self._zoom = ZoomBar(context, self.map)
        self._zoom.setParent(self)
        self._banner = QLabel(self)
        self._banner.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._banner.hide()
        self._toast = QLabel(self)
        self._toast.setStyleSheet("padding: 8px 12px;")
        self._toast.hide()
        self.map.robot_selected.connect(context.hub.robot_selected)
        context.store.changed.connect(self._take)

    def _take(self, changes: Changes) -> None:
        self.map.take(changes)
        fleet = self._context.store.model.fleet
        if fleet is not None and (changes.fleet or changes.everything):
            words = "Fleet stopped. Not a safety function." if fleet.stop.active else ""
            self.show_banner(words, "banner1")

    def show_banner(self, words: str, role: str) -> None:
        """A banner instead of the task line; "" takes it away."""
        self._banner.setVisible(bool(words))
        self.task_line.setVisible(not words)
        if words and self._banner.text() != words:
            self._banner.setText(words)
            theme = self._context.theme.hexes
            colours = ("p1-wash", "p1") if role == "banner1" else ("p2-wash", "p2")
            self._banner.setStyleSheet(
                f"background: {theme[colours[0]]}; border: 2px solid {theme[colours[1]]};"
                "border-radius: 8px; font-size: 15px; font-weight: 600;"
            )

    def show_toast(self, words: str) -> None:
        """One line at the bottom left."""
        theme = self._context.theme.hexes
        self._toast.setStyleSheet(
            f"background: {theme['bg-raised']}; border: 1px solid {theme['line']};"
            "border-radius: 8px; padding: 8px 12px;"
        )
        self._toast.setText(words)
        self._toast.adjustSize()
        self._toast.setVisible(bool(words))
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Bars keep their corners."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        self.map.resize(self.size())
        width = min(600, self.width() - 24)
        self.task_line.setGeometry(12, 12, width, 40)
        self._banner.setGeometry(12, 12, self.width() - 24, 40)
        self._legend.move(12, self.height() - 46)
        self._legend.resize(self._legend.sizeHint())
        self._zoom.move(self.width() - 116, self.height() - 46)
        self._toast.move(12, self.height() - 92)
        self._toast.raise_()
