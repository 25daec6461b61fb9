"""The map page with its left dock: beside the map, or over it where there is little room."""

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from ..context import Context
from .map_page import MapPage

LIST_PX, LEAST_PX, MOST_PX = 290, 240, 420
NARROW_PX = 1366  # a window below this starts with the list hidden
EDGE_PX = 5


class Edge(QFrame):
    """The edge of a dock: drag it to make the dock wider."""

    dragged = Signal(int)  # px to the right since the last one

    def __init__(self) -> None:
        """A line of one pixel, five to grab."""
        super().__init__()
        self.setProperty("role", "edge")
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setAccessibleName("Edge of the list: drag to widen it")
        self._from = QPoint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold."""
        self._from = event.globalPosition().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag."""
        at = event.globalPosition().toPoint()
        self.dragged.emit(at.x() - self._from.x())
        self._from = at


class MapSide(QWidget):
    """List, edge and map."""

    room_changed = Signal()

    def __init__(self, context: Context, robots: QWidget, map_page: MapPage) -> None:
        """As it was left, else open where there is room."""
        super().__init__()
        self._kept = context.kept
        self._robots, self._map = robots, map_page
        self._edge = Edge()
        self._width = self._kept.number("list width", LIST_PX, LEAST_PX, MOST_PX)
        self._narrow = False
        self._open_over = False
        for part in (map_page, robots, self._edge):
            part.setParent(self)
        self._edge.dragged.connect(self._widen)
        map_page.list_wanted.connect(self.toggle)
        map_page.foot_moved.connect(self.room_changed)

    @property
    def is_open(self) -> bool:
        """Whether the list is shown."""
        return self._open_over if self._narrow else self._kept.value("list") != "hidden"

    def toggle(self) -> None:
        """Show or hide the list."""
        if self._narrow:
            self._open_over = not self._open_over
        else:
            self._kept.keep("list", "hidden" if self.is_open else "shown")
        self.place()

    def close_over(self) -> None:
        """A list that lies over the map goes away when something was chosen in it."""
        if self._narrow and self._open_over:
            self.toggle()

    def _widen(self, by_px: int) -> None:
        self._width = min(MOST_PX, max(LEAST_PX, self._width + by_px))
        self._kept.keep("list width", str(self._width))
        self.place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the parts in their places."""
        super().resizeEvent(event)
        self._narrow = self.window().width() < NARROW_PX
        self.place()

    def place(self) -> None:
        """Put list, edge and map where they belong."""
        shown = self.is_open
        self._robots.setVisible(shown)
        self._edge.setVisible(shown)
        self._robots.setGeometry(0, 0, self._width, self.height())
        self._edge.setGeometry(self._width, 0, EDGE_PX, self.height())
        left = self._width + 1 if shown and not self._narrow else 0
        self._map.setGeometry(left, 0, self.width() - left, self.height())
        self._map.show_list_button(not shown)
        self._robots.raise_()
        self._edge.raise_()
        self.room_changed.emit()

    def room(self) -> QRect:
        """The map beside the list, above the bars at its foot."""
        left = self._width + EDGE_PX if self.is_open else 0
        return QRect(left, 0, self.width() - left, self.height() - self._map.foot_px)
