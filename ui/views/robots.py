"""The robots page: noticed ones to admit above, then the table."""

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from fleetapp.api.model import Changes
from fleetapp.api.views import RobotView

from ..context import Context, duration
from ..models.table import Column, TableModel
from ..theme.marks import TEXT_TOKENS, WORDS
from .panel import button, clear, column, label, row
from .sheets import AdmitSheet
from .tables import Table, page


class RobotsPage(QWidget):
    """Cards and table."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self._model = TableModel(self._columns(), lambda r: str(r.robot_id), context.theme.colour)
        self._table = Table(self._model, "Robots")
        self._table.clicked.connect(self._clicked)
        self._title = label("Robots", "title")
        self._cards = QVBoxLayout()
        self._noticed: tuple[str, ...] = ()
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addLayout(self._cards)
        inner.addWidget(self._table, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(
            page(self._title, (), body, "H hold     Shift+H release     M show on the map")
        )
        context.store.changed.connect(self._take)

    def _columns(self) -> tuple[Column, ...]:
        now = self._now
        return (
            Column("Robot", lambda r: r.name, 70),
            Column(
                "State",
                lambda r: WORDS[r.state],
                110,
                token=lambda r: TEXT_TOKENS.get(r.state, "text-1"),
            ),
            Column("Type", lambda r: r.robot_type or "–", 80, token=lambda _r: "text-2"),
            Column("Place", lambda r: r.place or "–", 90),
            Column("Battery", _battery, 70, right=True),
            Column(
                "Last report",
                lambda r: f"{duration(now() - r.last_report_ms)} ago" if r.last_report_ms else "–",
                96,
                right=True,
            ),
            Column("VDA 5050", lambda r: r.protocol or "–", 76),
            Column("Identity", lambda r: r.robot_id, 150, token=lambda _r: "text-3"),
            Column(
                "What it does, or why it stands",
                lambda r: r.why.sentence if r.why else r.doing,
                240,
                token=lambda _r: "text-2",
            ),
        )

    def _now(self) -> int:
        return self._context.store.model.at_ms

    def _take(self, changes: Changes) -> None:
        if self.isVisible() and (changes.everything or changes.robots or changes.fleet):
            self.refresh()

    def showEvent(self, event: object) -> None:
        """Catch up."""
        del event
        self.refresh()

    def refresh(self) -> None:
        """Rows by name; cards for those nobody admitted."""
        robots = sorted(self._context.store.model.robots.values(), key=lambda r: r.name)
        self._model.set_rows([r for r in robots if r.admitted])
        noticed = [r for r in robots if not r.admitted]
        self._title.setText(f"{len(robots) - len(noticed)} robots, {len(noticed)} noticed")
        seen = tuple(f"{r.robot_id}|{r.remedy}" for r in noticed)
        if seen != self._noticed:
            self._noticed = seen
            clear(self._cards)
            for robot in noticed[:4]:
                self._cards.addWidget(self._card(robot))

    def _card(self, robot: RobotView) -> QWidget:
        card = QFrame()
        card.setProperty("role", "card")
        admit = button(f"Admit {robot.serial} …")
        admit.clicked.connect(lambda: self._context.open_sheet(AdmitSheet(self._context, robot)))
        place = "" if robot.x_m is None else f", at ({robot.x_m:.2f}, {robot.y_m or 0:.2f}) m"
        what = f"{robot.robot_id} speaks VDA 5050 {robot.protocol or '?'}{place}"
        remedy = robot.remedy or "It stands on a node of this site and may be admitted."
        card.setLayout(
            row(
                column(label(what), label(remedy, "second", wrap=True), margins=(12, 10, 12, 10)),
                admit,
            )
        )
        return card

    def _clicked(self) -> None:
        robot: RobotView | None = self._model.row(self._table.currentIndex().row())
        if robot is not None:
            self._context.hub.robot_selected.emit(robot.robot_id)


def _battery(robot: RobotView) -> str:
    return "–" if robot.battery_fraction is None else f"{round(robot.battery_fraction * 100)} %"
