"""The robots, those that need a person first; a sentence for each that stands."""

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QKeySequence, QPainter, QPaintEvent, QPixmap, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from fleetapp.api.commands import HoldRobot
from fleetapp.api.model import Changes
from fleetapp.api.views import RobotView
from fleetapp.terms.modes import RobotState

from ..commands import new_id, words_of
from ..context import Context
from ..models.robot_rows import NEED_YOU, ORDER, RobotListModel
from ..models.store import joined
from ..theme.marks import paint_state
from ..turns import REFRESH_MS, Later
from .robot_delegate import RobotDelegate

CHIPS = ("all", "need", "waiting", "working")
STOP_CHIPS = ("all", "moving", "silent")
MARK_PX = 12


class RobotRows(QListView):
    """The rows; those for which a frame had no time come in the next."""

    def __init__(self, delegate: RobotDelegate) -> None:
        """Rows of different heights."""
        super().__init__()
        self._pictures = delegate.pictures
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self.viewport().update)
        self.setItemDelegate(delegate)
        self.setMouseTracking(True)
        self.setUniformItemSizes(False)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Robots")

    def paintEvent(self, event: QPaintEvent) -> None:
        """A frame."""
        self._pictures.begin()
        super().paintEvent(event)
        if self._pictures.behind:
            self._again.start()


class RobotList(QWidget):
    """Head, chips and list."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._context = context
        self._model = RobotListModel(context.store)
        self._delegate = RobotDelegate(context, self)
        self._delegate.hold_wanted.connect(self._hold)
        self._view = RobotRows(self._delegate)
        self._view.setModel(self._model)
        self._view.clicked.connect(self._clicked)
        self._chips: dict[str, QPushButton] = {}
        self._build()
        self._heights: dict[str, int] = {}
        self._chosen = ""
        self._changes: list[Changes] = []
        self._take_soon = Later(self, self._take, REFRESH_MS)
        context.store.changed.connect(self._note)
        context.hub.robot_selected.connect(self._select)

    def _build(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 12, 0, 0)
        box.setSpacing(8)
        box.addLayout(self._head())
        row = QHBoxLayout()
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(6)
        for key in dict.fromkeys(CHIPS + STOP_CHIPS):
            chip = QPushButton()
            chip.setProperty("role", "chip")
            chip.setCheckable(True)
            chip.setChecked(key == "all")
            if key not in CHIPS:
                chip.hide()
            chip.clicked.connect(lambda _checked, k=key: self._filter(k))
            self._chips[key] = chip
            row.addWidget(chip)
        for key, state in (("waiting", RobotState.WAITING), ("working", RobotState.WORKING)):
            self._chips[key].setIcon(self._mark(state))
            self._chips[key].setIconSize(QSize(MARK_PX, MARK_PX))
            self._chips[key].setToolTip(f"{key.capitalize()} robots")
        row.addStretch(1)
        box.addLayout(row)
        box.addWidget(self._view, 1)

    def _head(self) -> QHBoxLayout:
        """Title, and a search that opens beside it with `/`."""
        title = QLabel("Robots")
        title.setProperty("role", "strong")
        self._find = QLineEdit()
        self._find.setPlaceholderText("Name, place, identity")
        self._find.setAccessibleName("Find a robot")
        self._find.setClearButtonEnabled(True)
        self._find.textChanged.connect(self._sought)
        self._find.hide()
        opener = QPushButton()
        opener.setProperty("role", "flat")
        opener.setIcon(self._context.icons.icon("search"))
        opener.setAccessibleName("Find a robot")
        opener.setToolTip("Find a robot (/)")
        opener.clicked.connect(self.open_search)
        QShortcut(QKeySequence("/"), self, self.open_search)
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, 10, 0)
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self._find)
        head.addWidget(opener)
        return head

    def open_search(self) -> None:
        """Open the search; again closes it and shows all."""
        self._find.setVisible(not self._find.isVisible())
        if self._find.isVisible():
            self._find.setFocus()
        else:
            self._find.clear()

    def _sought(self, words: str) -> None:
        self._model.words = words
        self._model.refresh()

    def _filter(self, key: str) -> None:
        for name, chip in self._chips.items():
            chip.setChecked(name == key)
        self._model.only = key
        self._model.refresh()

    def _note(self, changes: Changes) -> None:
        """The list is read, not watched: it takes a turn of its own, not the map's."""
        if self.isVisible() and (changes.everything or changes.robots or changes.fleet):
            self._changes.append(changes)
            self._take_soon.ask()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up: beside another page nobody reads it."""
        super().showEvent(event)
        self._changes.append(Changes(everything=True))
        self._take_soon.ask()

    def _take(self) -> None:
        changes, self._changes = joined(self._changes), []
        self._model.take(changes)
        self._fit_rows()
        self._count()
        self._mark_chosen()

    def _fit_rows(self) -> None:
        """Qt asks for the height of a row once: it is told when one changed."""
        robots, wide = self._context.store.model.robots, self._view.viewport().width()
        heights = {name: self._delegate.height_of(robot, wide) for name, robot in robots.items()}
        if heights != self._heights:
            self._heights = heights
            self._view.scheduleDelayedItemsLayout()

    def _mark(self, state: RobotState) -> QIcon:
        """The mark of a state as an icon."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(round(MARK_PX * ratio), round(MARK_PX * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        paint_state(painter, self._context.theme, state, QRectF(0, 0, MARK_PX, MARK_PX))
        painter.end()
        return QIcon(picture)

    def _count(self) -> None:
        robots = self._context.store.model.robots.values()
        states = [robot.state for robot in robots]
        self._say("all", "All", len(states))
        self._say("need", "Need you", sum(1 for state in states if state in NEED_YOU))
        self._say("waiting", "", states.count(RobotState.WAITING), "Waiting")
        self._say("working", "", states.count(RobotState.WORKING), "Working")
        fleet = self._context.store.model.fleet
        stop = fleet.stop if fleet is not None else None
        stopped = stop is not None and stop.active
        if stop is not None and stopped:
            self._say("moving", "Still moving", len(stop.sent))
            self._say("silent", "No answer", len(stop.no_answer))
        for key, chip in self._chips.items():
            chip.setVisible(key in (STOP_CHIPS if stopped else CHIPS))
        if self._model.only not in (STOP_CHIPS if stopped else CHIPS):
            self._filter("all")

    def _say(self, key: str, words: str, count: int, name: str = "") -> None:
        chip = self._chips[key]
        text = f"{words} {count}".strip()
        if chip.text() != text:
            chip.setText(text)
            chip.setAccessibleName(f"{name or words} {count}")

    def _clicked(self, index: QModelIndex) -> None:
        robot: RobotView | None = index.data(Qt.ItemDataRole.UserRole)
        if robot is not None:
            self._context.hub.robot_selected.emit(robot.robot_id)

    def _select(self, robot_id: str) -> None:
        self._chosen = robot_id
        self._mark_chosen()

    def _mark_chosen(self) -> None:
        """Also a robot that was chosen before the list knew it."""
        row = self._model.row_of(self._chosen)
        if row >= 0 and self._view.currentIndex().row() != row:
            self._view.setCurrentIndex(self._model.index(row))

    def next_in_need(self, step: int) -> None:
        """Select the next or previous robot that needs a person."""
        wanted = [r for r in self._context.store.model.robots.values() if r.why is not None]
        wanted.sort(key=lambda r: (ORDER.index(r.state), r.name))
        if not wanted:
            return
        current: RobotView | None = self._view.currentIndex().data(Qt.ItemDataRole.UserRole)
        ids = [r.robot_id for r in wanted]
        at = ids.index(current.robot_id) if current and current.robot_id in ids else -step
        self._context.hub.robot_selected.emit(ids[(at + step) % len(ids)])

    def _hold(self, robot_id: str) -> None:
        self._context.commands.send(
            HoldRobot(new_id(), robot_id), lambda answer: self._context.toast(words_of(answer))
        )
