"""The filter dock of the audit page: words, robot, task, person, time, kind."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QWidget

from ..context import Context
from ..models.journal_pages import Filter
from .dock import DOCK_PX
from .panel import Chooser, Facts, button, column, label, line, row

SPANS = ((10 * 60_000, "10 min"), (3_600_000, "1 h"), (8 * 3_600_000, "8 h"), (None, "All"))
KIND_WORDS = (
    ("main", "Main decisions"),
    ("decisions", "All decisions"),
    ("inputs", "Inputs: reports, commands"),
    ("all", "Everything"),
)
ANY = "Any robot"


class AuditFilter(QWidget):
    """Says `changed` when something else is wanted."""

    changed = Signal()

    def __init__(self, context: Context) -> None:
        """Nothing is filtered but steady rows."""
        super().__init__()
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(DOCK_PX)
        self._context = context
        self._span: int | None = None
        self.words = self._field("Words", "Words in a row")
        self._robot = Chooser("Robot")
        self._robot.addItem(ANY)
        self._robot.activated.connect(lambda _n: self.changed.emit())
        self._task = self._field("Task", "Any task")
        self._person = self._field("Person", "Anyone")
        self._spans = QButtonGroup(self)
        self._kinds = QButtonGroup(self)
        self._disk = Facts("On disk", "Behind")
        self._build()

    def _field(self, name: str, hint: str) -> QLineEdit:
        made = QLineEdit()
        made.setPlaceholderText(hint)
        made.setAccessibleName(name)
        made.setClearButtonEnabled(True)
        made.returnPressed.connect(self.changed)
        return made

    def _build(self) -> None:
        clearing = button("Clear", "", "link")
        clearing.clicked.connect(self.clear)
        head = row(label("Filter", "strong"), None, clearing)
        chips = row(spacing=6)
        for number, (span, text) in enumerate(SPANS):
            chip = button(text, "", "chip")
            chip.setCheckable(True)
            chip.setChecked(span is None)
            self._spans.addButton(chip, number)
            chips.addWidget(chip)
        chips.addStretch(1)
        self._spans.idClicked.connect(self._spanned)
        box = column(
            head, self.words,
            label("Robot", "label"), self._robot,
            label("Task", "label"), self._task,
            label("Person", "label"), self._person,
            label("Time back from now", "label"), chips,
            margins=(16, 12, 16, 12), spacing=6,
        )  # fmt: skip
        box.addSpacing(6)
        box.addWidget(line())
        box.addSpacing(6)
        box.addWidget(label("Kind", "section"))
        for number, (key, text) in enumerate(KIND_WORDS):
            made = QRadioButton(text)
            made.setChecked(key == "main")
            self._kinds.addButton(made, number)
            box.addWidget(made)
        self._kinds.idClicked.connect(lambda _n: self.changed.emit())
        box.addStretch(1)
        box.addWidget(line())
        box.addWidget(label("Journal", "section"))
        box.addWidget(self._disk)
        self.setLayout(box)

    def _spanned(self, number: int) -> None:
        self._span = SPANS[number][0]
        self.changed.emit()

    def clear(self) -> None:
        """Nothing is filtered."""
        for field in (self.words, self._task, self._person):
            field.clear()
        self._robot.setCurrentIndex(0)
        self._spans.button(len(SPANS) - 1).setChecked(True)
        self._kinds.button(0).setChecked(True)
        self._span = None
        self.changed.emit()

    def refresh(self) -> None:
        """Robots that can be chosen, and how far the journal is."""
        robots = sorted(self._context.store.model.robots.values(), key=lambda r: r.name)
        if self._robot.count() != len(robots) + 1:
            kept = self._robot.currentText()
            self._robot.clear()
            self._robot.addItem(ANY)
            for robot in robots:
                self._robot.addItem(robot.name, robot.robot_id)
            self._robot.setCurrentIndex(max(0, self._robot.findText(kept)))
        fleet = self._context.store.model.fleet
        if fleet is not None:
            self._disk.put("On disk", f"up to {fleet.journal_durable_seq:,}")
            self._disk.put("Behind", f"{fleet.journal_lag_ms} ms")

    def filter(self) -> Filter:
        """What is wanted now."""
        now = self._context.store.model.at_ms
        kind = KIND_WORDS[max(0, self._kinds.checkedId())][0]
        return Filter(
            kind,
            str(self._robot.currentData() or ""),
            self._task.text().strip(),
            self._person.text().strip(),
            self.words.text().strip(),
            now - self._span if self._span is not None else None,
        )
