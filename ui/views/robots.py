"""The robots page: noticed ones to admit above, then the table."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from fleetapp.api.model import Changes
from fleetapp.api.views import NOT_STOPPED, RobotView
from fleetapp.terms.modes import RobotState

from ..context import Context
from ..figures import duration, percent, robots_of
from ..models.robot_rows import NEED_YOU, ORDER
from ..models.stop_look import state_word, still_to_stand, why_sentence
from ..models.table import Column, TableModel
from ..theme.marks import TEXT_TOKENS, paint_battery, paint_state, paint_stop
from ..theme.style import font
from ..turns import REFRESH_MS, Later
from .dock import ViewDock
from .noticed import NoticedCard
from .panel import clear, label, row, upright
from .tables import Table, page

KEYS = (("↑ ↓", "choose"), ("/", "find"), ("H", "hold"), ("Shift H", "release …"), ("M", "map"))
VIEWS: tuple[tuple[str, str, RobotState | str, Callable[[RobotView], bool]], ...] = (
    ("all", "All", "bot", lambda r: r.admitted),
    ("need", "Need you", RobotState.HELD, lambda r: r.state in NEED_YOU),
    ("waiting", "Waiting", RobotState.WAITING, lambda r: r.state is RobotState.WAITING),
    ("working", "Working", RobotState.WORKING, lambda r: r.state is RobotState.WORKING),
    ("charging", "Charging", RobotState.CHARGING, lambda r: r.state is RobotState.CHARGING),
    ("idle", "Free", RobotState.IDLE, lambda r: r.state is RobotState.IDLE),
    ("service", "In service", RobotState.SERVICE, lambda r: r.state is RobotState.SERVICE),
)
SHOWN_CARDS = 3


class RobotsPage(QWidget):
    """Views, cards and table."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self._model = TableModel(self._columns(), lambda r: str(r.robot_id), context.theme.colour)
        self._table = Table(context, self._model, "Robots")
        self._table.selectionModel().currentRowChanged.connect(lambda *_: self._clicked())
        self._title = label("Robots", "title")
        self._second = label("", "second")
        self._cards = QVBoxLayout()
        self._cards.setContentsMargins(16, 12, 16, 4)
        self._card_room = QWidget()
        self._card_room.setLayout(self._cards)
        self._card_room.hide()
        self._noticed: tuple[str, ...] = ()
        self._stop = NOT_STOPPED
        self._find = QLineEdit()
        self._find.setPlaceholderText("Name, place, identity")
        self._find.setAccessibleName("Find a robot")
        self._find.setClearButtonEnabled(True)
        self._find.textChanged.connect(lambda _text: self.refresh())
        self._types = label("", "second", wrap=True)
        self._software = label("", "second", wrap=True)
        self._build()
        QShortcut(QKeySequence("/"), self, self._find.setFocus)
        self._chosen = ""
        context.hub.robot_selected.connect(self._choose)
        self._refresh_soon = Later(self, self.refresh, REFRESH_MS)
        context.store.changed.connect(self._take)

    def _build(self) -> None:
        self._dock = ViewDock(self._context, "Robots")
        for key, text, sign, _fits in VIEWS:
            self._dock.add(key, text, sign)
        self._dock.chosen.connect(lambda _view: self.refresh())
        self._dock.section("Find")
        self._dock.put(self._find)
        self._dock.section("Types")
        self._dock.put(self._types)
        self._dock.section("Software")
        self._dock.put(self._software)
        self._dock.box.addStretch(1)
        note = "A noticed robot gets no order and no name until a person admits it."
        self._dock.put(label(note, "third", wrap=True))
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self._card_room)
        inner.addWidget(self._table, 1)
        title = QWidget()
        title.setLayout(row(self._title, self._second, spacing=12))
        self.middle = page(title, (), body, KEYS)
        whole = row(self._dock, upright(), self.middle, spacing=0)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("", self._word, 44, paint=self._paint_mark),
            Column("Robot", lambda r: r.name, 56, bold=lambda _r: True),
            Column("Type", lambda r: r.robot_type or "–", 78, token=lambda _r: "text-2"),
            Column("State", self._state, 150, stretches=True, paint=self._paint_state),
            Column("Place", lambda r: r.place or "–", 88),
            Column("Battery", _battery, 92, paint=self._paint_battery),
            Column("Last report", self._age, 96, right=True, token=self._age_token, ages=True),
            Column("VDA", lambda r: r.protocol or "–", 50, token=lambda _r: "text-2"),
            Column("Software", lambda r: r.software or "–", 92, token=lambda _r: "text-2"),
            Column("Quirks", lambda r: ", ".join(r.quirks) or "none", 90,
                   token=lambda r: "text-1" if r.quirks else "text-3"),
        )  # fmt: skip

    def _age(self, robot: RobotView) -> str:
        if robot.last_report_ms is None:
            return "–"
        age_ms = max(0, self._context.store.model.at_ms - robot.last_report_ms)
        return f"{age_ms / 1000:.1f} s ago" if age_ms < 10_000 else f"{duration(age_ms)} ago"

    def _age_token(self, robot: RobotView) -> str:
        return "p2" if robot.state is RobotState.SILENT else "text-2"

    def _paint_mark(self, painter: QPainter, room: QRectF, robot: RobotView) -> None:
        place = QRectF(room.left(), room.center().y() - 8, 16, 16)
        if still_to_stand(robot, self._context.store.model.fleet):
            paint_stop(painter, self._context.theme, place, full=False)
        else:
            paint_state(painter, self._context.theme, robot.state, place)

    def _word(self, robot: RobotView) -> str:
        return state_word(robot, self._context.store.model.fleet)

    def _why(self, robot: RobotView) -> str:
        return f" · {why_sentence(robot, self._context.store.model.fleet)}"

    def _state(self, robot: RobotView) -> str:
        return robot.doing if robot.why is None else f"{self._word(robot)}{self._why(robot)}"

    def _paint_state(self, painter: QPainter, room: QRectF, robot: RobotView) -> None:
        """What it does; of one that stands the state, and why as far as there is room."""
        theme, middle = self._context.theme, Qt.AlignmentFlag.AlignVCenter
        head, rest = robot.doing, ""
        if robot.why is not None:
            head, rest = self._word(robot), self._why(robot)
        painter.setFont(font(12, 400 if robot.why is None else 600))
        painter.setPen(theme.colour(TEXT_TOKENS.get(robot.state, "text-1")))
        elide = Qt.TextElideMode.ElideRight
        head = painter.fontMetrics().elidedText(head, elide, int(room.width()))
        painter.drawText(room, middle, head)
        room = room.adjusted(painter.fontMetrics().horizontalAdvance(head), 0, 0, 0)
        painter.setFont(font(12))
        painter.setPen(theme.colour("text-2"))
        rest = painter.fontMetrics().elidedText(rest, elide, max(0, int(room.width())))
        painter.drawText(room, middle, rest)

    def _paint_battery(self, painter: QPainter, room: QRectF, robot: RobotView) -> None:
        theme = self._context.theme
        corner = QPointF(room.left() + 4, room.center().y() - 4)
        place = QRectF(corner.x(), corner.y(), 20, 8)
        paint_battery(painter, theme, robot.battery_fraction, place)
        painter.setFont(font(12, tabular=True))
        painter.setPen(theme.colour("text-2"))
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room.adjusted(26, 0, -8, 0), side, _battery(robot))

    def _take(self, changes: Changes) -> None:
        if not self.isVisible():
            return
        if changes.everything or changes.robots:
            self._refresh_soon.ask()
        elif changes.fleet and self._stop_moved_on():
            self._model.paint_all()
        elif changes.fleet:
            self._model.tick()

    def _stop_moved_on(self) -> bool:
        """Whether other robots stand than before."""
        fleet = self._context.store.model.fleet
        before, self._stop = self._stop, fleet.stop if fleet is not None else NOT_STOPPED
        return before != self._stop

    def showEvent(self, event: object) -> None:
        """Catch up."""
        del event
        self.refresh()

    def refresh(self) -> None:
        """Rows that need a person first; cards for those nobody admitted."""
        robots = sorted(
            self._context.store.model.robots.values(),
            key=lambda r: (ORDER.index(r.state) if r.why is not None else 9, r.name),
        )
        admitted = [r for r in robots if r.admitted]
        for key, _text, _sign, fits in VIEWS:
            self._dock.set_count(key, sum(1 for r in admitted if fits(r)))
        fits = next(view[3] for view in VIEWS if view[0] == self._dock.view)
        self._model.set_rows([r for r in admitted if fits(r) and self._sought(r)])
        self._mark_chosen()
        self._title.setText(robots_of(len(admitted)))
        self._tell(admitted)
        self._show_cards([r for r in robots if not r.admitted])

    def _sought(self, robot: RobotView) -> bool:
        text = f"{robot.name} {robot.place} {robot.robot_id} {robot.robot_type}".lower()
        return all(word in text for word in self._find.text().lower().split())

    def _tell(self, admitted: list[RobotView]) -> None:
        for target, words in (
            (self._types, [r.robot_type for r in admitted]),
            (self._software, [r.software or "not told" for r in admitted]),
        ):
            lines = [f"{word}: {words.count(word)}" for word in sorted(set(words))]
            text = "\n".join(lines) or "–"
            if target.text() != text:
                target.setText(text)

    def _show_cards(self, noticed: list[RobotView]) -> None:
        free = sum(1 for r in noticed if not r.remedy)
        words = f"{len(noticed)} noticed, {free} of them can be admitted" if noticed else ""
        self._second.setText(words)
        seen = tuple(f"{r.robot_id}|{r.remedy}" for r in noticed)
        if seen == self._noticed:
            return
        clear(self._cards)
        noticed.sort(key=lambda r: (bool(r.remedy), r.robot_id))
        for robot in noticed[:SHOWN_CARDS]:
            self._cards.addWidget(NoticedCard(self._context, robot))
        if len(noticed) > SHOWN_CARDS:
            self._cards.addWidget(label(f"and {len(noticed) - SHOWN_CARDS} more", "third"))
        self._card_room.setVisible(bool(noticed))
        self._noticed = seen

    def _choose(self, robot_id: str) -> None:
        """Whoever chose it, on the map or elsewhere."""
        self._chosen = robot_id
        self._mark_chosen()

    def _mark_chosen(self) -> None:
        number = self._model.number_of(self._chosen)
        if number < 0:
            self._table.clearSelection()
        elif self._table.currentIndex().row() != number or not self._table.selectedIndexes():
            self._table.selectRow(number)

    def _clicked(self) -> None:
        robot: RobotView | None = self._model.row(self._table.currentIndex().row())
        if robot is not None and robot.robot_id != self._chosen:
            self._context.hub.robot_selected.emit(robot.robot_id)


def _battery(robot: RobotView) -> str:
    return "–" if robot.battery_fraction is None else percent(robot.battery_fraction)
