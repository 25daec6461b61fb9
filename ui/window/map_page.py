"""The map page: robots at the left, the map with what floats over it, the inspector."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from fleetapp.api.model import Changes

from ..context import Context
from ..map.map_view import MapView
from ..models.stop_look import all_stand
from ..views.task_line import TaskLine
from .banner import Banner, stop_words
from .map_bars import NARROW_PX, LayerBar, Legend, ListButton, ZoomBar


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
        self._legend.reshaped.connect(self._place_legend)
        self._zoom = ZoomBar(context, self.map)
        self._zoom.setParent(self)
        self._layers = LayerBar(context, self.map)
        self._layers.setParent(self)
        self.list_button = ListButton(context)
        self.list_button.setParent(self)
        self.list_button.hide()
        self._banner = Banner(context)
        self._banner.setParent(self)
        self._banner.hide()
        self.map.floats = (
            self.task_line,
            self._legend,
            self._zoom,
            self._layers,
            self.list_button,
            self._banner,
        )
        self.map.robot_selected.connect(context.hub.robot_selected)
        context.store.changed.connect(self._take)

    def _take(self, changes: Changes) -> None:
        self.map.take(changes)
        fleet = self._context.store.model.fleet
        if fleet is not None and (changes.fleet or changes.everything):
            self.show_banner(stop_words(fleet.stop), "p1", full=all_stand(fleet.stop))
            self.map.show_stopped(stopped=fleet.stop.active)

    def show_list_button(self, shown: bool) -> None:  # noqa: FBT001 - a state
        """The way back to a list that is hidden."""
        self.list_button.setVisible(shown)
        self._place()

    def show_banner(self, words: str, token: str, *, full: bool = True) -> None:
        """A banner instead of the task line; "" takes it away.

        `token` is "p1" for a stop, `full` once all robots stand; "p2" for a lost connection.
        """
        self._banner.setVisible(bool(words))
        self.task_line.setVisible(not words)
        if words:
            self._banner.say(words, token, full=full)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Bars keep their corners."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        self.map.resize(self.size())
        self._layers.set_narrow(self.width() < NARROW_PX)
        self._layers.adjustSize()
        left = 12
        if not self.list_button.isHidden():
            self.list_button.setGeometry(12, 12, self.list_button.sizeHint().width(), 40)
            left = self.list_button.width() + 20
        width = min(600, self.width() - left - 24 - self._layers.width())
        self.task_line.setGeometry(left, 12, width, 40)
        self._layers.move(left + 12 + width, 12)
        self._banner.setGeometry(left, 12, width, 40)
        self._zoom.move(self.width() - self._zoom.width() - 12, self.height() - 46)
        self._legend.set_room(self._zoom.x() - 24)
        self._place_legend()

    def _place_legend(self) -> None:
        self._legend.move(12, self.height() - 12 - self._legend.height())

    @property
    def foot_px(self) -> int:
        """How high the bars at its foot are, with the gaps above and below them."""
        return self._legend.height() + 22
