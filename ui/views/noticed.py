"""A noticed robot: what it says about itself, what was found, and how it may join."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QLayout, QWidget

from fleetapp.api.views import RobotView
from fleetapp.terms.modes import LoadState, OperatingMode

from ..context import Context
from ..figures import percent
from .flow import Flow
from .panel import Chooser, Facts, button, column, label, row, upright
from .sheets import AdmitSheet, next_name
from .task_panel import LONG_ID


class NoticedCard(QFrame):
    """At the left its own words, at the right the finding and the way in."""

    def __init__(self, context: Context, robot: RobotView) -> None:
        """For one robot."""
        super().__init__()
        self.setProperty("role", "card")
        self._context, self._robot = context, robot
        sign = QLabel()
        sign.setPixmap(context.icons.pixmap("scan-search", "text-2", 20))
        named = Flow(label(robot.serial, "strong", wrap=True), label(self._wish(), "second"))
        head = row(sign, named)
        head.setStretch(1, 1)
        if robot.remedy:
            self.setLayout(self._refused(head))
            return
        body = row(self._says(), upright(), self._found(), spacing=16)
        body.setStretch(2, 1)
        self.setLayout(column(head, body, margins=(16, 12, 16, 12)))

    def _wish(self) -> str:
        return "cannot be admitted yet" if self._robot.remedy else "asks to be admitted"

    def _refused(self, head: QLayout) -> QLayout:
        sign = QLabel()
        sign.setPixmap(self._context.icons.pixmap("circle-x", "p1"))
        finding = row(sign, label(self._robot.remedy, "second", wrap=True))
        finding.setStretch(1, 1)
        name = self._robot.serial if len(self._robot.serial) <= LONG_ID else "it"
        off = button(f"Admit {name}", "", "", self._context.icons.icon("user-plus"))
        off.setEnabled(False)
        text = column(head, finding, margins=(0, 0, 0, 0), spacing=4)
        whole = row(text, off, spacing=16)
        whole.setStretch(0, 1)
        whole.setContentsMargins(16, 10, 16, 10)
        return whole

    def _says(self) -> QWidget:
        robot = self._robot
        facts = Facts("Maker", "Serial", "VDA 5050", "Position", "Battery", "Mode", "Load")
        facts.setFixedWidth(290)
        facts.put("Maker", robot.maker)
        facts.put("Serial", robot.serial)
        facts.put("VDA 5050", robot.protocol)
        if robot.x_m is not None and robot.y_m is not None:
            facts.put("Position", f"x {robot.x_m:.2f}, y {robot.y_m:.2f} m")
        if robot.battery_fraction is not None:
            charging = ", charging" if robot.charging else ""
            facts.put("Battery", f"{percent(robot.battery_fraction)}{charging}")
        if robot.mode is not OperatingMode.UNKNOWN:
            facts.put("Mode", robot.mode.value)
        if robot.load is not LoadState.UNKNOWN:
            facts.put("Load", robot.load.value)
        return facts

    def _found(self) -> QLayout:
        robot = self._robot
        checks = [
            ("circle-check", "ok", f"Stands at {robot.place}" if robot.place else "On this map"),
            ("circle-check", "ok", "Carries no order of another system"),
        ]
        if robot.errors:
            checks.append(("circle-alert", "p3", "It reports: " + ", ".join(robot.errors)))
        lines = []
        for icon, token, words in checks:
            sign = QLabel()
            sign.setPixmap(self._context.icons.pixmap(icon, token))
            found = row(sign, label(words, "second", wrap=True))
            found.setStretch(1, 1)
            lines.append(found)
        kind = Chooser("Robot type")
        kind.setMinimumWidth(130)
        layout = self._context.layout
        kind.addItems([t.type_id for t in layout.robot_types] if layout is not None else [])
        admit = button(
            f"Admit as {next_name(self._context)} …",
            "",
            "default",
            self._context.icons.icon("user-plus", "accent-ink"),
        )
        admit.clicked.connect(
            lambda: self._context.open_sheet(AdmitSheet(self._context, robot, kind.currentText()))
        )
        choose = label("Choose its type. Footprint and speeds then come from the site.", wrap=True)
        box = column(*lines, choose, Flow(kind, admit), margins=(0, 0, 0, 0))
        box.setAlignment(Qt.AlignmentFlag.AlignTop)
        return box
