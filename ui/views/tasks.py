"""The tasks: what is under way, what waits, what is done; find, import, cancel."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from fleetapp.api.commands import CancelTask, RequeueTask
from fleetapp.api.model import Changes
from fleetapp.api.views import TaskView
from fleetapp.terms.modes import Priority, RobotState

from ..commands import new_id
from ..context import Context, clock, duration
from ..models.table import Column, TableModel
from ..models.task_import import ImportReport, submit_rows
from ..models.task_rows import belongs, found, grouped, sign_of, state_words
from ..theme.marks import TEXT_TOKENS, paint_state
from .dock import ViewDock
from .panel import button, column, label, panel, row, upright
from .robot_list import str_of
from .sheets import CancelSheet
from .tables import Table, page
from .task_panel import TaskPanel

KEYS = (("↑ ↓", "choose"), ("N", "new task"), ("/", "find"), ("M", "map"), ("Del", "cancel …"))
VIEWS: tuple[tuple[str, str, RobotState | str], ...] = (
    ("open", "Open", "list-checks"),
    ("need", "Need you", RobotState.HELD),
    ("under", "Under way", RobotState.WORKING),
    ("queued", "Queued", RobotState.IDLE),
)
CLOSED = (
    ("done", "Done", "check"),
    ("cancelled", "Cancelled", "x"),
    ("failed", "Failed", "circle-alert"),
)
SHOWN_BAD_ROWS = 6


class TasksPage(QWidget):
    """Views at the left, table, the chosen task at the right."""

    own_side = True

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self._chosen = ""
        self._model = TableModel(self._columns(), lambda t: str(t.task_id), context.theme.colour)
        self._table = Table(context, self._model, "Tasks")
        self._table.selectionModel().currentRowChanged.connect(lambda *_: self._clicked())
        self._title = label("Tasks", "title")
        self._second = label("", "second")
        self._find = QLineEdit()
        self._find.setPlaceholderText("Task, item, station, robot")
        self._find.setAccessibleName("Find a task")
        self._find.setClearButtonEnabled(True)
        self._find.textChanged.connect(lambda _text: self.refresh())
        self._report = label("", "second", wrap=True)
        self._panel = TaskPanel(context)
        self._panel.cancel.clicked.connect(self.cancel)
        self._panel.requeue.clicked.connect(self.requeue)
        self._build()
        QShortcut(QKeySequence("Del"), self, self.cancel)
        QShortcut(QKeySequence("/"), self, self._find.setFocus)
        context.store.changed.connect(self._take)
        context.hub.task_selected.connect(self.choose)

    def _build(self) -> None:
        context = self._context
        self._dock = ViewDock(context, "Tasks")
        for key, text, sign in VIEWS:
            self._dock.add(key, text, sign)
        self._dock.section("Ended, as far as kept here")
        for key, text, icon in CLOSED:
            self._dock.add(key, text, icon)
        self._dock.chosen.connect(lambda _view: self.refresh())
        self._dock.section("Find")
        self._dock.put(self._find)
        self._dock.box.addStretch(1)
        importing = button("Import CSV …", "", "", context.icons.icon("file-up"))
        importing.clicked.connect(self._import)
        self._dock.put(self._report, importing)
        title = QWidget()
        title.setLayout(row(self._title, self._second, spacing=12))
        middle = page(title, (), self._table, KEYS, self._count_label())
        self.side_panel = panel()
        self.side_panel.setFixedWidth(336)
        self.side_panel.setLayout(column(self._panel, margins=(0, 0, 0, 0)))
        whole = row(self._dock, upright(), middle, upright(), self.side_panel, spacing=0)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def _count_label(self) -> QWidget:
        self._shown = label("", "third")
        return self._shown

    # --- columns --------------------------------------------------------------
    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("", self._state, 44, paint=self._paint_sign),
            Column("State", self._state, 112, token=self._state_token, bold=self._is_odd),
            Column("Task", lambda t: t.task_id, 88, bold=lambda _t: True),
            Column("Item", lambda t: f"{t.count} ×", 42, right=True),
            Column("", lambda t: t.label_code or t.sku or "", 132, mono=True,
                   token=lambda _t: "text-2"),
            Column("Priority", lambda t: t.priority.value.capitalize(), 68,
                   token=_priority_token, bold=lambda t: t.priority is Priority.HIGH),
            Column("From", lambda t: t.from_station, 74),
            Column("To", lambda t: t.to_station, 48),
            Column("Robot", self._robot, 56, bold=lambda _t: True),
            Column("Steps", _steps, 74, paint=self._paint_steps),
            Column("Due", lambda t: clock(t.due_ms)[:5] if t.due_ms else "–", 56, right=True),
            Column("Time left", self._left, 92, right=True, token=self._left_token,
                   bold=self._is_late, ages=True),
        )  # fmt: skip

    @property
    def _robots(self) -> dict[str, Any]:
        return self._context.store.model.robots

    def _state(self, task: TaskView) -> str:
        return state_words(task, self._robots)

    def _is_odd(self, task: TaskView) -> bool:
        return self._state_token(task) != "text-2"

    def _state_token(self, task: TaskView) -> str:
        sign = sign_of(task, self._robots)
        return TEXT_TOKENS.get(sign, "text-2") if isinstance(sign, RobotState) else "text-3"

    def _robot(self, task: TaskView) -> str:
        robot = self._robots.get(task.robot_id or "")
        return robot.name if robot is not None else "–"

    def _is_late(self, task: TaskView) -> bool:
        late = task.due_ms is not None and task.due_ms < self._context.store.model.at_ms
        return late and task.ended_ms is None

    def _left(self, task: TaskView) -> str:
        if task.due_ms is None or task.ended_ms is not None:
            return "–"
        left = task.due_ms - self._context.store.model.at_ms
        return duration(left) if left >= 0 else f"{duration(-left)} late"

    def _left_token(self, task: TaskView) -> str:
        return "text-1" if self._is_late(task) else "text-3"

    def _paint_sign(self, painter: QPainter, room: QRectF, task: TaskView) -> None:
        sign = sign_of(task, self._robots)
        place = QRectF(room.left(), room.center().y() - 8, 16, 16)
        if isinstance(sign, RobotState):
            paint_state(painter, self._context.theme, sign, place)
            return
        painter.drawPixmap(place.topLeft(), self._context.icons.pixmap(sign, "text-3"))

    def _paint_steps(self, painter: QPainter, room: QRectF, task: TaskView) -> None:
        for number in range(5):
            token = "text-3" if number < task.step else "line"
            if number == task.step and task.robot_id:
                token = "text-1"
            bar = QRectF(room.left() + number * 12, room.center().y() - 1.5, 10, 3)
            painter.fillRect(bar, self._context.theme.colour(token))

    # --- showing ----------------------------------------------------------------
    def _take(self, changes: Changes) -> None:
        if not self.isVisible():
            return
        if changes.everything or changes.tasks or changes.robots:
            self.refresh()
        elif changes.fleet:
            self._model.tick()

    def refresh(self) -> None:
        """Those of the view that fit what is sought, under their groups."""
        tasks = self._context.store.model.tasks.values()
        for key, *_rest in (*VIEWS, *CLOSED):
            count = sum(1 for t in tasks if belongs(t, key, self._robots))
            self._dock.set_count(key, count)
        wanted = [t for t in tasks if belongs(t, self._dock.view, self._robots)]
        shown = [t for t in wanted if found(t, self._find.text(), self._robots)]
        self._model.set_rows(grouped(shown, self._robots))
        late = sum(1 for t in shown if self._is_late(t))
        self._title.setText(f"{len(shown)} {self._dock.view.replace('under', 'under way')}")
        self._second.setText(f"{late} late" if late else "")
        self._shown.setText(f"{len(shown)} of {len(tasks)} shown")
        if self._chosen not in self._context.store.model.tasks and shown:
            self._chosen = shown[0].task_id
        self._show_chosen()

    def _show_chosen(self) -> None:
        task = self._context.store.model.tasks.get(self._chosen)
        self._panel.setVisible(task is not None)
        if task is None:
            return
        self._panel.show_task(task)
        number = self._model.number_of(self._chosen)
        if number >= 0 and self._table.currentIndex().row() != number:
            self._table.setCurrentIndex(self._model.index(number, 0))

    def choose(self, task_id: str) -> None:
        """Show this task."""
        self._chosen = task_id
        self._show_chosen()

    def showEvent(self, event: object) -> None:
        """Catch up."""
        del event
        self.refresh()

    def _clicked(self) -> None:
        task = self._model.row(self._table.currentIndex().row())
        if isinstance(task, TaskView) and task.task_id != self._chosen:
            self.choose(task.task_id)

    # --- acts -------------------------------------------------------------------
    def cancel(self) -> None:
        """Preview what cancelling does; Enter there gives the task up."""
        task = self._context.store.model.tasks.get(self._chosen)
        if task is not None and task.ended_ms is None:
            self._context.open_sheet(CancelSheet(self._context, task, self._send_cancel))

    def _send_cancel(self, task_id: str) -> None:
        self._context.commands.send(CancelTask(new_id(), task_id), self._say)

    def requeue(self) -> None:
        """Put a failed task back into the queue."""
        self._context.commands.send(RequeueTask(new_id(), self._chosen), self._say)

    def _say(self, answer: object) -> None:
        self._context.toast(str_of(answer))

    def _import(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Import tasks", "", "CSV (*.csv)")
        if path:
            self.import_file(Path(path))

    def import_file(self, path: Path) -> None:
        """Order each row of a CSV file; bad rows are named with line and remedy."""
        connection = self._context.commands.connection

        def act() -> ImportReport | str:
            try:
                with path.open(encoding="utf-8-sig", newline="") as handle:
                    return submit_rows(path.name, handle, connection.submit, new_id)
            except (OSError, UnicodeDecodeError) as error:
                return f"{path.name} cannot be read: {error}. Save it as UTF-8 CSV."

        self._report.setText(f"{path.name} …")
        self._context.commands.call(act, self._imported)

    def _imported(self, report: object) -> None:
        if not isinstance(report, ImportReport):
            self._report.setText(str(report))
            return
        lines = [f"{report.name}: {report.taken} taken, {len(report.bad)} refused"]
        lines += [f"Line {bad.line}: {bad.remedy}" for bad in report.bad[:SHOWN_BAD_ROWS]]
        if len(report.bad) > SHOWN_BAD_ROWS:
            lines.append(f"and {len(report.bad) - SHOWN_BAD_ROWS} more")
        self._report.setText("\n".join(lines))
        every = [f"line {bad.line}: {bad.remedy}" for bad in report.bad]
        self._report.setToolTip("\n".join(every[:200]))


def _priority_token(task: TaskView) -> str:
    return "text-1" if task.priority is Priority.HIGH else "text-3"


def _steps(task: TaskView) -> str:
    return f"step {task.step} of 5" if task.robot_id else f"{task.step} of 5"
