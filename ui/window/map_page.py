"""The map page: robots at the left, the map with what floats over it, the inspector."""

import logging
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QWidget

from fleetapp.api.model import Changes

from ..context import Context
from ..map.map_view import MapView
from ..models.stop_look import all_stand
from ..views.cover import Broken
from ..views.task_line import TaskLine
from .banner import Banner, lost_words, stop_words
from .map_bars import NARROW_PX, LayerBar, Legend, ListButton, ZoomBar
from .no_map import NoLine, NoMap

NO_ENGINE = "No connection to the engine yet."

log = logging.getLogger(__name__)


class MapPage(QWidget):
    """The map and its floating bars; grey if they cannot be made."""

    list_wanted = Signal()
    foot_moved = Signal()  # its bars take another height

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self._list_shown = True
        self._grey: Broken | None = None
        try:
            self._make()
        except Exception:
            log.exception("the page Map cannot be made")
            self._stand_in()

    def _make(self) -> None:
        """All parts anew; they come to the page once all of them are made."""
        context = self._context
        view, task_line = MapView(context.store.model, context.theme), TaskLine(context)
        legend, zoom = Legend(context, view), ZoomBar(context, view)
        layers, banner, opener = LayerBar(context, view), Banner(context), ListButton(context)
        bars = (task_line, legend, zoom, layers, opener, banner)
        for part in (view, *bars):
            part.setParent(self)
        for part in (opener, banner):
            part.hide()
        self.map, self.task_line = view, task_line
        self.list_button: QPushButton = opener
        self._legend, self._zoom, self._layers, self._banner = legend, zoom, layers, banner
        view.floats = bars
        view.robot_selected.connect(context.hub.robot_selected)
        legend.reshaped.connect(self._place_legend)
        opener.reshaped.connect(self._place)
        opener.clicked.connect(self.list_wanted)
        context.store.changed.connect(self._take)
        context.store.link_changed.connect(lambda _link: self._tell_state())

    def _stand_in(self) -> None:
        """A grey panel, and what the window tells a map is kept for the next try."""
        # The window asks nothing of the two but what these answer.
        self.map, self.task_line = cast("MapView", NoMap(self)), cast("TaskLine", NoLine(self))
        self.list_button = QPushButton(self)
        self.list_button.hide()
        self._grey = Broken(self._context, "The map")
        self._grey.setParent(self)

    def showEvent(self, event: QShowEvent) -> None:
        """One that could not be made is made when somebody opens it."""
        super().showEvent(event)
        if self._grey is not None:
            self._make_again(self._grey)

    def _make_again(self, grey: Broken) -> None:
        acts, selected = self.task_line.acts, self.map.selected
        try:
            self._make()
        except Exception:
            log.exception("the page Map cannot be made")
            return
        self._grey = None
        grey.hide()
        grey.deleteLater()
        self.task_line.acts = acts
        if self._context.layout is not None:
            self.map.set_layout(self._context.layout)
        self.map.select(selected)
        self.show_list_button(self._list_shown)
        for part in (self.map, self.task_line, self._legend, self._zoom, self._layers):
            part.show()
        self._context.store.changed.emit(Changes(everything=True, fleet=True))

    def _take(self, changes: Changes) -> None:
        self.map.take(changes)
        fleet = self._context.store.model.fleet
        if fleet is not None and (changes.fleet or changes.everything):
            self._tell_state()
            self.map.show_stopped(stopped=fleet.stop.active)

    def _tell_state(self) -> None:
        """The stop, else that the engine is gone, else nothing."""
        model, connected = self._context.store.model, self._context.store.link.connected
        if model.fleet is None:
            self.show_banner("" if connected else NO_ENGINE, "p2")
        elif model.lost is not None:
            self.show_banner(
                lost_words(model.lost), "p1" if model.fleet.stop.active else "p2", full=False
            )
        else:
            stop = model.fleet.stop
            self.show_banner(stop_words(stop), "p1", full=all_stand(stop))

    def show_list_button(self, shown: bool) -> None:  # noqa: FBT001 - a state
        """The way back to a list that is hidden."""
        self._list_shown = shown
        if self._grey is None:
            self.list_button.setVisible(shown)
            self._place()

    def show_banner(self, words: str, token: str, *, full: bool = True) -> None:
        """A banner instead of the task line; "" takes it away.

        `token` is "p1" for a stop, `full` once all robots stand; "p2" for a lost connection.
        """
        if self._grey is not None:
            return
        self._banner.setVisible(bool(words))
        self.task_line.setVisible(not words)
        if words:
            self._banner.say(words, token, full=full)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Bars keep their corners."""
        super().resizeEvent(event)
        if self._grey is not None:
            self._grey.resize(self.size())
        else:
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
        self.foot_moved.emit()

    @property
    def foot_px(self) -> int:
        """How high the bars at its foot are, with the gaps above and below them."""
        return 12 if self._grey is not None else self._legend.height() + 22
