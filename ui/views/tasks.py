"""The tasks: what is under way, what waits, what is done; import and cancel."""

import csv
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from fleetapp.api.commands import CancelTask, SubmitTask
from fleetapp.api.model import Changes
from fleetapp.api.views import TaskView
from fleetapp.terms.modes import Priority, TaskState

from ..commands import new_id
from ..context import Context, clock, duration
from ..models.table import Column, TableModel
from .panel import button, label
from .robot_list import str_of
from .tables import Table, page

GROUPS: dict[TaskState, int] = {
    TaskState.IN_REVIEW: 0,
    TaskState.FAILED: 0,
    TaskState.QUEUED: 2,
    TaskState.DONE: 3,
    TaskState.CANCELLED: 3,
}
WORDS: dict[TaskState, str] = {
    TaskState.QUEUED: "Queued",
    TaskState.ASSIGNED: "Assigned",
    TaskState.DRIVING_TO_PICK: "Driving to pick",
    TaskState.LOOKING: "Looking",
    TaskState.IN_REVIEW: "In review",
    TaskState.PICKING: "Picking",
    TaskState.CARRYING: "Carrying",
    TaskState.DROPPING: "Dropping",
    TaskState.RETURNING: "Bringing back",
    TaskState.DONE: "Done",
    TaskState.FAILED: "Failed",
    TaskState.CANCELLED: "Cancelled",
}
TOKENS: dict[TaskState, str] = {
    TaskState.IN_REVIEW: "p3",
    TaskState.FAILED: "p2",
    TaskState.DONE: "text-3",
    TaskState.CANCELLED: "text-3",
    TaskState.QUEUED: "text-2",
}


class TasksPage(QWidget):
    """Table of tasks."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self._model = TableModel(self._columns(), lambda t: str(t.task_id), context.theme.colour)
        self._table = Table(self._model, "Tasks")
        self._table.clicked.connect(self._clicked)
        self._title = label("Tasks", "title")
        importing = button("Import CSV …")
        importing.clicked.connect(self._import)
        self._cancel = button("Cancel task", "Del")
        self._cancel.clicked.connect(self.cancel)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(
            page(
                self._title,
                (importing, self._cancel),
                self._table,
                "N new task     Del cancel     M show on the map",
            )
        )
        QShortcut(QKeySequence(Qt.Key.Key_Delete), self._table, self.cancel)
        context.store.changed.connect(self._take)

    def _columns(self) -> tuple[Column, ...]:
        def state_token(task: TaskView) -> str:
            return TOKENS.get(task.state, "text-1")

        return (
            Column("State", lambda t: WORDS[t.state], 116, token=state_token),
            Column("Task", lambda t: t.task_id, 92),
            Column("What", lambda t: f"{t.count} × {t.label_code or t.sku or ''}", 150),
            Column("From", lambda t: t.from_station, 78),
            Column("To", lambda t: t.to_station, 56),
            Column("Robot", self._robot, 64),
            Column(
                "Priority", lambda t: t.priority.value if t.priority.value != "normal" else "", 66
            ),
            Column("Age", lambda t: duration(self._now() - t.created_ms), 84, right=True),
            Column("Due", lambda t: clock(t.due_ms) if t.due_ms else "–", 76, right=True),
            Column("Where it is, and why", lambda t: t.sentence, 240, token=lambda _t: "text-2"),
        )

    def _now(self) -> int:
        return self._context.store.model.at_ms

    def _robot(self, task: TaskView) -> str:
        robot = self._context.store.model.robots.get(task.robot_id or "")
        return robot.name if robot is not None else ""

    def _take(self, changes: Changes) -> None:
        if not self.isVisible() or not (changes.everything or changes.tasks or changes.fleet):
            return
        self.refresh()

    def refresh(self) -> None:
        """Sort: those that need a person, under way, queued, ended; newest last task first."""
        tasks = sorted(
            self._context.store.model.tasks.values(),
            key=lambda t: (GROUPS.get(t.state, 1), -(t.ended_ms or 0), t.created_ms, t.task_id),
        )
        self._model.set_rows(tasks)
        working = sum(1 for t in tasks if GROUPS.get(t.state, 1) == 1)
        queued = sum(1 for t in tasks if t.state is TaskState.QUEUED)
        self._title.setText(f"{working} under way, {queued} queued")

    def showEvent(self, event: object) -> None:
        """Catch up."""
        del event
        self.refresh()

    def _clicked(self) -> None:
        task = self._chosen()
        if task is not None and task.robot_id:
            self._context.hub.robot_selected.emit(task.robot_id)

    def _chosen(self) -> TaskView | None:
        chosen: TaskView | None = self._model.row(self._table.currentIndex().row())
        return chosen

    def cancel(self) -> None:
        """Give the chosen task up."""
        task = self._chosen()
        if task is not None:
            self._context.commands.send(
                CancelTask(new_id(), task.task_id),
                lambda answer: self._context.toast(str_of(answer)),
            )

    def _import(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Import tasks", "", "CSV (*.csv)")
        if path:
            self.import_file(Path(path))

    def import_file(self, path: Path) -> None:
        """Order each row of a CSV file; bad rows are named with line and remedy."""
        connection = self._context.commands.connection

        def act() -> str:
            good, bad = 0, []
            with path.open(encoding="utf-8-sig", newline="") as handle:
                for number, fields in enumerate(csv.DictReader(handle), start=2):
                    try:
                        outcome = connection.submit(task_of(fields))
                        problem = "" if outcome.accepted else outcome.message
                    except ValueError as error:
                        problem = str(error)
                    good += not problem
                    if problem:
                        bad.append(f"line {number}: {problem}")
            return "; ".join([f"{good} tasks taken", *bad[:3]])

        self._context.commands.call(act, lambda said: self._context.toast(str(said)))


def task_of(fields: dict[str, str]) -> SubmitTask:
    """The command for a row.

    Raises:
        ValueError: naming field and remedy.
    """
    count = fields.get("count") or "1"
    if not count.isdigit():
        raise ValueError(f"count {count!r} is not a number")
    if not fields.get("from") or not fields.get("to"):
        raise ValueError("columns from and to must name stations")
    return SubmitTask(
        new_id(),
        fields["from"],
        fields["to"],
        sku=fields.get("sku") or None,
        label_code=fields.get("label_code") or None,
        count=int(count),
        priority=Priority(fields.get("priority") or "normal"),
    )
