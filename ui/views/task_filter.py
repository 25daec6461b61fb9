"""What the table of tasks is narrowed to: words, stations, robot, priority."""

from collections import Counter
from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QPushButton, QWidget

from fleetapp.api.views import RobotView, TaskView
from fleetapp.terms.modes import Priority

from ..context import Context
from ..models.task_rows import ENDED, found
from .panel import Chooser, column, label, put, row

ANY = {"from": "Any place", "to": "Any station", "robot": "Any robot"}


class TaskFilter(QWidget):
    """Fields with their labels above; a set field has an accent edge."""

    changed = Signal()

    def __init__(self, context: Context) -> None:
        """Nothing is filtered."""
        super().__init__()
        self._context = context
        self._choosers = {key: Chooser(f"Filter by {key}") for key in ANY}
        self._offered: dict[str, set[str]] = {key: set() for key in ANY}
        for key, chooser in self._choosers.items():
            chooser.addItem(ANY[key])
            chooser.opens.connect(lambda k=key: self._fill(k))
            chooser.setMaxVisibleItems(14)
            chooser.currentIndexChanged.connect(lambda _n: self._told())
        self._chips = {"": _chip("All")} | {p.value: _chip(p.value.capitalize()) for p in Priority}
        self._group = QButtonGroup(self)
        for made in self._chips.values():
            self._group.addButton(made)
            made.clicked.connect(lambda _on: self.changed.emit())
        self._chips[""].setChecked(True)
        self.words = QLineEdit()
        self.words.setPlaceholderText("Task, item, station, robot   /")
        self.words.setAccessibleName("Find a task")
        self.words.setClearButtonEnabled(True)
        self.words.textChanged.connect(lambda _text: self.changed.emit())
        self._clear = QPushButton("Clear")
        self._clear.setProperty("role", "link")
        self._clear.setAccessibleName("Clear the filter")
        self._clear.clicked.connect(self.clear)
        self._build()

    def _build(self) -> None:
        def named(text: str, field: QWidget) -> QWidget:
            made = QWidget()
            made.setLayout(column(label(text, "label"), field, margins=(0, 0, 0, 0), spacing=3))
            return made

        chips = row(*(self._chips[key] for key in ("", "high", "normal", "low")), None, spacing=5)
        places = row(
            named("From", self._choosers["from"]), named("To", self._choosers["to"]), spacing=8
        )
        box = column(
            row(label("Filter", "section"), None, self._clear),
            self.words, places, named("Robot", self._choosers["robot"]),
            label("Priority", "label"), chips, margins=(16, 10, 16, 0), spacing=6,
        )  # fmt: skip
        places.setStretch(0, 1)
        places.setStretch(1, 1)
        self.setLayout(box)
        self._mark()

    # --- what it says -------------------------------------------------------------
    def kept(self, tasks: list[TaskView]) -> list[TaskView]:
        """Those of some tasks that are shown."""
        if not self.is_set():
            return tasks
        robots = self._context.store.model.robots
        chosen = {k: c.currentText() for k, c in self._choosers.items() if c.currentIndex() > 0}
        priority, words = self.priority, self.words.text()
        return [
            task
            for task in tasks
            if all(_value(task, key, robots) == wanted for key, wanted in chosen.items())
            and priority in ("", task.priority.value)
            and found(task, words, robots)
        ]

    @property
    def priority(self) -> str:
        """The chosen priority, "" for all."""
        return next((key for key, made in self._chips.items() if made.isChecked()), "")

    def is_set(self) -> bool:
        """Whether anything is filtered."""
        chosen = any(chooser.currentIndex() > 0 for chooser in self._choosers.values())
        return chosen or bool(self.priority) or bool(self.words.text())

    def clear(self) -> None:
        """Show everything of the view."""
        self.words.clear()
        for chooser in self._choosers.values():
            chooser.setCurrentIndex(0)
        self._chips[""].setChecked(True)
        self.changed.emit()

    def choose(self, key: str, wanted: str) -> None:
        """Filter by from, to or robot."""
        self._fill(key)
        self._choosers[key].setCurrentText(wanted)

    # --- keeping up -----------------------------------------------------------------
    def offer(self, tasks: Iterable[TaskView]) -> None:
        """Offer what occurs in these tasks, and count their priorities."""
        shown = list(tasks)
        robots = self._context.store.model.robots
        busy = {robots[t.robot_id].name for t in shown if t.robot_id in robots}
        lasting = [t for t in shown if t.state not in ENDED]
        self._offered = {
            "from": {t.from_station for t in lasting},
            "to": {t.to_station for t in lasting},
            "robot": busy,
        }
        counts = Counter(task.priority.value for task in shown)
        for key, made in self._chips.items():
            if key:
                put(made, f"{key.capitalize()} {counts[key]}")
                made.setAccessibleName(f"Priority {key} {counts[key]}")
        self._mark()

    def _fill(self, key: str) -> None:
        """A list is made when it opens: what it offers changes all the time."""
        chooser = self._choosers[key]
        kept = chooser.currentText() if chooser.currentIndex() > 0 else ""
        wanted = [ANY[key], *sorted(self._offered[key] | {kept} - {""})]
        chooser.blockSignals(True)  # noqa: FBT003 - Qt's argument
        chooser.clear()
        chooser.addItems(wanted)
        chooser.setCurrentText(kept or ANY[key])
        chooser.blockSignals(False)  # noqa: FBT003 - Qt's argument

    def _told(self) -> None:
        self.changed.emit()

    def _mark(self) -> None:
        self._clear.setEnabled(self.is_set())
        accent = self._context.theme.hexes["accent"]
        for chooser in self._choosers.values():
            style = f"QComboBox {{ border-color: {accent}; }}" if chooser.currentIndex() > 0 else ""
            if chooser.styleSheet() != style:
                chooser.setStyleSheet(style)


def _value(task: TaskView, key: str, robots: dict[str, RobotView]) -> str:
    """What a task has where a chooser filters."""
    robot = robots.get(task.robot_id or "")
    name = robot.name if robot is not None else ""
    return {"from": task.from_station, "to": task.to_station, "robot": name}[key]


def _chip(text: str) -> QPushButton:
    made = QPushButton(text)
    made.setProperty("role", "chip")
    made.setCheckable(True)
    made.setAccessibleName(f"Priority {text.lower()}")
    return made
