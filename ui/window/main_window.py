"""The main window: top bar, rail, pages, inspector, foot. It shows and forwards."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QHBoxLayout,
    QMainWindow,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from fleetapp.api.layout import Layout
from fleetapp.api.model import Changes
from fleetapp.api.views import PersonView

from ..context import Context
from ..views.cover import Cover
from ..views.door_sheets import SignInSheet
from ..views.first_run import FirstRun
from ..views.inspector import RobotInspector
from ..views.keys import ENTER, stays
from ..views.panel import line, upright
from ..views.reading import first_field, put_in_reading_order
from ..views.robot_list import RobotList
from ..views.settings import SettingsSheet
from ..views.task_line import TaskLine
from ..views.tasks import TasksPage
from .acts import acts_of
from .closing import Closing
from .foot import Foot
from .halt_bar import HaltBar
from .map_page import MapPage
from .map_side import MapSide
from .page_stack import PageStack
from .rail import PAGES, Rail
from .stop_panel import StopPanel
from .toast import Toast
from .top_bar import TopBar

LOW_PX = 800
INSPECTOR_PX = 336


class MainWindow(QMainWindow):
    """One window over one engine."""

    def __init__(self, context: Context, first_run: FirstRun, theme_choice: str) -> None:
        """Everything is built; pages fill when data come."""
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("fleetapp")
        self.setMinimumSize(1280, 720)
        self._context = context
        self._chosen = ""
        self._theme_choice = theme_choice
        self._leaves = False
        self._closing = Closing(context, self.open_sheet, lambda: self._sheet, self.leave, self)
        self._side_folded = False
        self.top = TopBar(context)
        self.rail = Rail(
            context, lambda: self._line().open_palette(), self.show_settings, self.show_sign_in
        )
        self.map_page = MapPage(context)
        self.robots = RobotList(context)
        self.inspector = RobotInspector(context)
        self._stop_panel = StopPanel(context)
        self._side = QStackedWidget()
        self._side.setFixedWidth(INSPECTOR_PX)
        self._side.addWidget(self.inspector)
        self._side.addWidget(self._stop_panel)
        self._sheet: QWidget | None = None
        self._foot = Foot(context)
        self._halt_bar = HaltBar(context)
        self._map_side = MapSide(context, self.robots, self.map_page)
        self.first_run = first_run
        self._pages = PageStack(context, self._map_side, first_run)
        self._toast = Toast(context, self, self._pages)
        self._build()
        self._connect()
        self._add_keys()
        self._add_acts()
        self._add_covers()
        self._show_side()
        self._pages.prepare()

    def _build(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addWidget(upright())
        middle.addWidget(self._pages, 1)
        self._side_line = upright()
        middle.addWidget(self._side_line)
        middle.addWidget(self._side)
        whole = QWidget()
        whole.setObjectName("window")
        box = QVBoxLayout(whole)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.top)
        box.addWidget(line())
        box.addWidget(self._halt_bar)
        box.addLayout(middle, 1)
        box.addWidget(self._foot)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        hub = self._context.hub
        self.rail.page_chosen.connect(self.show_page)
        hub.page_wanted.connect(self.show_page)
        hub.robot_selected.connect(self.select)
        hub.person_changed.connect(self._person)
        self._context.store.changed.connect(self._take)
        self.top.stop.pressed_for_good.connect(self._stopped)
        self._context.open_sheet = self.open_sheet
        self._context.close_sheet = self.close_sheet
        self._context.toast = self.toast

    @property
    def tasks(self) -> TasksPage | None:
        """The page of tasks, None if it could not be made."""
        return self._pages.tasks

    def _add_acts(self) -> None:
        acts = acts_of(self, self._context)
        self.map_page.task_line.acts = acts
        if self.tasks is not None:
            self.tasks.task_line.acts = acts

    def _add_covers(self) -> None:
        """The parts beside the pages, each with a grey panel of its own; never the stop."""
        for part, name in (
            (self.map_page, "The map"),
            (self.robots, "The list of robots"),
            (self.inspector, "The robot"),
            (self._stop_panel, "The fleet stop"),
            (self._foot, "The last hour"),
            (self._halt_bar, "The halt of the fleet"),
        ):
            Cover(self._context, part, name)
        Cover(self._context, self.top, "The figures", beside=self.top.stop)

    def _add_keys(self) -> None:
        keys: dict[str, Callable[[], object]] = {
            "N": lambda: self._line().begin(),
            "Ctrl+K": lambda: self._line().open_palette(),
            "H": self.hold_chosen,
            "Shift+H": self.release_chosen,
            "J": self.next_in_need,
            "K": lambda: self.robots.next_in_need(-1),
            "F": self.fit_map,
            "M": lambda: self.show_page("Map"),
            "[": self.toggle_list,
            "]": self.toggle_inspector,
        }
        for number, (name, _) in enumerate(PAGES, start=1):
            keys[f"Alt+{number}"] = partial(self.show_page, name)
        for key, act in keys.items():
            QShortcut(QKeySequence(key), self, partial(self._unless_first_run, act))
        QShortcut(QKeySequence("Esc"), self, self._escape)
        # A filter, not `event`: there a painter that raises would bring the window down.
        self.installEventFilter(self)

    def _unless_first_run(self, act: Callable[[], object]) -> None:
        """Before a site runs there is no page to act on, and nothing leads back here."""
        if not self._at_first_run:
            act()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Keys that belong to a focused button or to the open sheet are no commands."""
        if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        its_own = stays(event, self.focusWidget(), self._sheet)
        event.setAccepted(its_own)
        return its_own

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, as Space does."""
        focus = self.focusWidget()
        if event.key() in ENTER and isinstance(focus, QAbstractButton):
            if not isinstance(focus, QRadioButton | QCheckBox):  # Space chooses there
                focus.click()
            return
        super().keyPressEvent(event)

    # --- regions ----------------------------------------------------------------
    def show_page(self, name: str) -> None:
        """Open a page."""
        had_tasks = self.tasks
        if not self._pages.open(name):
            return
        if self.tasks is not had_tasks:
            self._add_acts()
        self.rail.show()
        self.top.show_bare(bare=False)
        self.rail.show_page(name)
        self._foot.setVisible(name == "Map")
        self._show_side()
        self._context.hub.page_opened.emit(name)

    @property
    def page(self) -> str:
        """The page that is open, "" before the first one."""
        return self._pages.page

    @property
    def _at_first_run(self) -> bool:
        return self._pages.currentWidget() is self.first_run

    def show_first_run(self) -> None:
        """No engine runs."""
        self._pages.open_first_run()
        for part in (self._side, self._side_line, self._foot, self.rail):
            part.hide()
        self.top.show_bare(bare=True)

    def set_layout(self, layout: Layout) -> None:
        """The site is known."""
        self._context.layout = layout
        self.map_page.map.set_layout(layout)
        self._context.hub.site_known.emit()
        if self._at_first_run:
            self.show_page("Map")

    def select(self, robot_id: str) -> None:
        """Show a robot in the inspector and on the map."""
        self._side_folded = False
        self._chosen = robot_id
        self._map_side.close_over()
        self._show_side()
        self.map_page.map.select(robot_id)
        self.inspector.show_robot(robot_id)

    def _show_side(self) -> None:
        """The sheet, else the stop, else the chosen robot, else nothing."""
        fleet = self._context.store.model.fleet
        stopped = fleet is not None and fleet.stop.active
        on_map = self.page == "Map"
        if self._sheet is not None:
            self._side.setCurrentWidget(self._sheet)
        elif stopped and on_map:
            self._side.setCurrentWidget(self._stop_panel)
        else:
            self._side.setCurrentWidget(self.inspector)
        own = self._pages.side
        if own is not None:
            own.cover(covered=self._sheet is not None)
        shown = self._sheet is not None or (
            own is None and ((bool(self._chosen) and not self._side_folded) or (stopped and on_map))
        )
        self._side.setVisible(shown)
        self._side_line.setVisible(shown)

    def open_sheet(self, sheet: QWidget) -> None:
        """Put a sheet over the inspector."""
        self.close_sheet()
        self._sheet = sheet
        Cover(self._context, sheet, "This sheet")
        self._side.addWidget(sheet)
        self._show_side()
        # Letters typed beside a field are commands: what is asked for takes the keyboard.
        first_field(sheet).setFocus()

    def close_sheet(self) -> None:
        """Take the sheet away."""
        sheet, self._sheet = self._sheet, None
        if sheet is not None:
            self._side.removeWidget(sheet)
            sheet.deleteLater()
        self._show_side()

    def toast(self, text: str) -> None:
        """One line for five seconds."""
        self._toast.say(text)

    def show_settings(self) -> None:
        """The settings sheet."""
        self.open_sheet(SettingsSheet(self._context, self._theme_choice))

    def show_sign_in(self) -> None:
        """The sign-in sheet."""
        self.open_sheet(SignInSheet(self._context))

    # --- what the palette asks ------------------------------------------------------
    @property
    def chosen_robot(self) -> str:
        """The id of the chosen robot, "" if none."""
        return self._chosen

    def hold_chosen(self) -> None:
        """Hold the chosen robot."""
        self.inspector.hold()

    def release_chosen(self) -> None:
        """Open the sheet that releases the chosen robot."""
        self.inspector.release()

    def next_in_need(self) -> None:
        """Choose the next robot that needs a person."""
        self.robots.next_in_need(1)

    def fit_map(self) -> None:
        """Show the whole site."""
        self.map_page.map.fit()

    def toggle_list(self) -> None:
        """Show or hide the list of robots."""
        self._map_side.toggle()

    def toggle_inspector(self) -> None:
        """Fold or open the inspector of what is chosen."""
        self._side_folded = not self._side_folded
        self._show_side()

    def import_tasks(self) -> None:
        """Open the import of tasks."""
        self.show_page("Tasks")
        if self.tasks is not None:
            self.tasks.open_import()

    # --- what happens -------------------------------------------------------------
    def _line(self) -> TaskLine:
        """The task line of this page, else the map's; a banner there leaves that of Tasks."""
        tasks = self.tasks
        if tasks is not None and self.page == "Tasks":
            return tasks.task_line
        self.show_page("Map" if not self.map_page.task_line.isHidden() else "Tasks")
        on_map = self.page == "Map"
        return self.map_page.task_line if on_map or tasks is None else tasks.task_line

    def _escape(self) -> None:
        if self._sheet is not None:
            self.close_sheet()
            return
        self._chosen = ""
        self.map_page.map.select("")
        self._show_side()

    def _stopped(self) -> None:
        self.close_sheet()
        self._unless_first_run(lambda: self.show_page("Map"))

    def _person(self, person: object) -> None:
        self._context.person = person if isinstance(person, PersonView) else None
        name = self._context.person.name if self._context.person is not None else ""
        self.rail.show_person(name)

    def _take(self, changes: Changes) -> None:
        model = self._context.store.model
        if changes.fleet or changes.everything:
            self._show_side()
        if changes.reviews or changes.everything:
            waiting = sum(1 for r in model.reviews.values() if r.answered_ms is None)
            self.rail.buttons["Reviews"].set_badge(waiting)
        if changes.alarms or changes.everything:
            on = sum(
                1
                for a in model.alarms.values()
                if a.gone_ms is None and a.acknowledged_by is None and a.priority < 4
            )
            self.rail.buttons["Alarms"].set_badge(on)
        if changes.robots or changes.everything:
            noticed = sum(1 for r in model.robots.values() if not r.admitted)
            self.rail.buttons["Robots"].set_badge(noticed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A low window folds the foot."""
        super().resizeEvent(event)
        self._foot.set_low(self.height() < LOW_PX)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: FBT001 - Qt's argument
        """Tab, as the window is read: top bar, rail, page, side, foot."""
        put_in_reading_order(self)
        return super().focusNextPrevChild(forward)

    # --- closing --------------------------------------------------------------------
    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask in a sheet, unless nothing runs and no stop is tried, or it was answered."""
        stays_open = not self._leaves and self._closing.is_due and self._closing.ask()
        event.setAccepted(not stays_open)

    def leave(self) -> None:
        """Close; the engine goes on."""
        self._leaves = True
        self.close()
