"""The pages of the window, by the names that the rail gives them; one is open.

What stands beside a page is the window's; a page that has a side of its own brings it.
"""

from PySide6.QtWidgets import QStackedWidget, QWidget

from ..context import Context
from ..views.alarms import AlarmsPage
from ..views.audit import AuditPage
from ..views.first_run import FirstRun
from ..views.reviews import ReviewsPage
from ..views.robots import RobotsPage
from ..views.side import Side
from ..views.tasks import TasksPage
from .map_side import MapSide


class PageStack(QStackedWidget):
    """All pages, and the first run, which has no name."""

    def __init__(self, context: Context, map_side: MapSide, first_run: FirstRun) -> None:
        """Pages fill when data come."""
        super().__init__()
        self.tasks = TasksPage(context)
        self._first_run = first_run
        self._named: dict[str, QWidget] = {
            "Map": map_side,
            "Tasks": self.tasks,
            "Robots": RobotsPage(context),
            "Reviews": (reviews := ReviewsPage(context)),
            "Alarms": AlarmsPage(context),
            "Audit": AuditPage(context),
        }
        self._reviews = reviews
        for page in self._named.values():
            self.addWidget(page)
        self._sides: dict[str, Side] = {
            name: page.side_panel
            for name, page in self._named.items()
            if isinstance(page, TasksPage | ReviewsPage | AlarmsPage | AuditPage)
        }
        self.addWidget(first_run)

    def prepare(self) -> None:
        """Make now what would take long at the first look."""
        self._reviews.prepare()

    def open(self, name: str) -> bool:
        """Open a page; whether there is one of that name."""
        page = self._named.get(name)
        if page is None:
            return False
        self.setCurrentWidget(page)
        return True

    def open_first_run(self) -> None:
        """Show the first run instead of a page."""
        self.setCurrentWidget(self._first_run)

    @property
    def page(self) -> str:
        """The page that is open, "" before the first one."""
        shown = self.currentWidget()
        return next((name for name, page in self._named.items() if page is shown), "")

    @property
    def side(self) -> Side | None:
        """The side that the open page brings, None if it has none."""
        return self._sides.get(self.page)
