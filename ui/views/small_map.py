"""A small map of the thing in question, for pages that are not about the map."""

from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from fleetapp.api.model import Changes

from ..context import Context
from ..map.map_view import MapView
from ..turns import FRAME_MS, Later
from .side import SIDE_PX

HEIGHT_PX = 230


class SmallMap(QWidget):
    """The whole site with one robot marked; a click opens the map page there."""

    def __init__(self, context: Context, width_px: int = SIDE_PX) -> None:
        """Follows the store while it is seen; `width_px` is what its page gives it."""
        super().__init__()
        self._context = context
        self._map = MapView(context.store.model, context.theme, small=True)
        self._map.setParent(self)
        self._map.resize(width_px, HEIGHT_PX)  # as it will be: its floor is built beforehand
        self._map.robot_selected.connect(self._open)
        self._map_soon = Later(self, self._show_map, FRAME_MS)
        self.setFixedHeight(HEIGHT_PX)
        context.store.changed.connect(self._take)
        context.hub.site_known.connect(self._show_site)
        self._show_site()

    def show_robot(self, robot_id: str) -> None:
        """Mark a robot; "" marks none."""
        if robot_id != self._map.selected:
            self._map.select(robot_id)

    def _show_site(self) -> None:
        """With the window, not when its page opens: that would hold it 20 ms."""
        if self._context.layout is not None:
            self._map.set_layout(self._context.layout)

    def _take(self, changes: Changes) -> None:
        if self.isVisible():
            self._map.take(changes)

    def _open(self, robot_id: str) -> None:
        wanted = robot_id or self._map.selected
        self._context.hub.page_wanted.emit("Map")
        if wanted:
            self._context.hub.robot_selected.emit(wanted)

    def showEvent(self, event: QShowEvent) -> None:
        """The map comes a turn later than what stands around it: both would be a long one."""
        super().showEvent(event)
        self._map.hide()
        self._map_soon.ask()

    def _show_map(self) -> None:
        """Catch up with everything that moved."""
        self._map.take(Changes(everything=True))
        self._map.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The map fills it."""
        super().resizeEvent(event)
        self._map.resize(self.size())
