"""The pages of the window, by the names that the rail gives them; one is open.

What stands beside a page is the window's; a page that has a side of its own brings it. A
page that cannot be made is a grey panel and is made again when somebody opens it.
"""

import logging
import sys
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from ..context import Context
from ..views.alarms import AlarmsPage
from ..views.audit import AuditPage
from ..views.cover import Broken, Cover
from ..views.first_run import FirstRun
from ..views.reviews import ReviewsPage
from ..views.robots import RobotsPage
from ..views.side import Side
from ..views.tasks import TasksPage
from .map_side import MapSide

log = logging.getLogger(__name__)
KEYS_PX = 4  # what is shown for a while may lie over the keys at a page's foot
FOOT_PX = 56


WITH_SIDES = (TasksPage, RobotsPage, ReviewsPage, AlarmsPage, AuditPage)


class PageStack(QStackedWidget):
    """All pages, and the first run, which has no name."""

    room_changed = Signal()

    def __init__(self, context: Context, map_side: MapSide, first_run: FirstRun) -> None:
        """Pages fill when data come."""
        super().__init__()
        self._context = context
        self._first_run, self._map_side = first_run, map_side
        self._makers: dict[str, Callable[[Context], QWidget]] = {
            "Tasks": TasksPage,
            "Robots": RobotsPage,
            "Reviews": ReviewsPage,
            "Alarms": AlarmsPage,
            "Audit": AuditPage,
        }
        self._named: dict[str, QWidget] = {"Map": map_side}
        self.addWidget(map_side)
        for name in self._makers:
            self._named[name] = self._made(name)
            self.addWidget(self._named[name])
        self.addWidget(first_run)
        map_side.room_changed.connect(self.room_changed)
        self.currentChanged.connect(self.room_changed)

    def _made(self, name: str) -> QWidget:
        try:
            page = self._makers[name](self._context)
        except Exception:
            log.exception("the page %s cannot be made", name)
            return Broken(self._context, name)
        Cover(self._context, page, name)
        if isinstance(page, WITH_SIDES):
            page.middle.installEventFilter(self)
        return page

    @property
    def tasks(self) -> TasksPage | None:
        """The page of tasks, None if it could not be made."""
        page = self._named["Tasks"]
        return page if isinstance(page, TasksPage) else None

    def prepare(self) -> None:
        """Make now what would take long at the first look."""
        reviews = self._named["Reviews"]
        if isinstance(reviews, ReviewsPage):
            reviews.prepare()

    def open(self, name: str) -> bool:
        """Open a page; whether there is one of that name."""
        page = self._named.get(name)
        if page is None:
            return False
        if isinstance(page, Broken):
            page = self._made_again(name, page)
        # What a page raises while it shows itself comes out here: it must not keep the
        # rest of the window on another page.
        try:
            self.setCurrentWidget(page)
        except Exception as error:  # noqa: BLE001 - the hook takes what nobody caught
            sys.excepthook(type(error), error, error.__traceback__)
        return True

    def _made_again(self, name: str, broken: QWidget) -> QWidget:
        page = self._made(name)
        self._named[name] = page
        self.insertWidget(self.indexOf(broken), page)
        self.removeWidget(broken)
        broken.deleteLater()
        return page

    def open_first_run(self) -> None:
        """Show the first run instead of a page."""
        self.setCurrentWidget(self._first_run)

    @property
    def page(self) -> str:
        """The page that is open, "" before the first one."""
        shown = self.currentWidget()
        return next((name for name, page in self._named.items() if page is shown), "")

    def room(self) -> QRect:
        """Where words may lie over the open page: beside its sides and whatever floats."""
        page = self.currentWidget()
        if page is self._map_side:
            return self._map_side.room()
        if not isinstance(page, WITH_SIDES):
            return self.rect().adjusted(0, 0, 0, -FOOT_PX)
        left = page.middle.mapTo(self, QPoint()).x()
        return QRect(left, 0, page.middle.width(), self.height() - KEYS_PX)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The middle of a page becomes narrower when a side or a sheet opens beside it."""
        if event.type() in {QEvent.Type.Resize, QEvent.Type.Move}:
            self.room_changed.emit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All pages change with it."""
        super().resizeEvent(event)
        self.room_changed.emit()

    @property
    def side(self) -> Side | None:
        """The side that the open page brings, None if it has none."""
        page = self._named.get(self.page)
        if isinstance(page, TasksPage | ReviewsPage | AlarmsPage | AuditPage):
            return page.side_panel
        return None
