"""The tasks: what is under way, what waits, what is done; order, find, import, cancel."""

from collections import Counter

from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QWidget

from fleetapp.api.commands import CancelTask, RequeueTask
from fleetapp.api.model import Changes
from fleetapp.api.views import NOT_STOPPED, RobotView, TaskView
from fleetapp.terms.modes import RobotState

from ..commands import new_id, words_of
from ..context import Context
from ..figures import clock
from ..models.table import TableModel
from ..models.task_import import CheckedFile, ImportReport, submit_checked
from ..models.task_rows import grouped, views_of
from ..turns import FRAME_MS, REFRESH_MS, Later
from .dock import ViewDock
from .import_sheet import ImportSheet, RefusedSheet
from .panel import button, column, label, panel, row, upright
from .sheets import CancelSheet
from .side import Side
from .tables import Table, page
from .task_columns import TaskColumns, widths_in
from .task_filter import TaskFilter
from .task_line import TaskLine
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
SHOWN_BAD_ROWS = 2
LEAST_FOOT_PX = 700
LEAST_HIGH_PX = 760
FREE_PX = 1 << 20
SCROLL_PX = 12


class TasksPage(QWidget):
    """Views at the left, table, the chosen task at the right."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self._context = context
        self._chosen = ""
        self._stop = NOT_STOPPED
        self._columns = TaskColumns(context)
        self._model = TableModel(
            self._columns.all(), lambda t: str(t.task_id), context.theme.colour
        )
        self._table = Table(context, self._model, "Tasks")
        self._table.selectionModel().currentRowChanged.connect(lambda *_: self._clicked())
        self._title = label("Tasks", "title")
        self._second = label("", "second")
        self.task_line = TaskLine(context)
        self.filter = TaskFilter(context)
        self.filter.changed.connect(self.refresh)
        self._report: ImportReport | None = None
        self._panel = TaskPanel(context)
        self._panel.cancel.clicked.connect(self.cancel)
        self._panel.requeue.clicked.connect(self.requeue)
        self._build()
        QShortcut(QKeySequence("Del"), self, self.cancel)
        QShortcut(QKeySequence("/"), self, self.filter.words.setFocus)
        self._chosen_soon = Later(self, self._show_chosen, FRAME_MS)
        self._refresh_soon = Later(self, self.refresh, REFRESH_MS)
        context.store.changed.connect(self._take)
        context.hub.task_selected.connect(self.show_task)
        context.hub.tasks_sought.connect(self.filter.words.setText)

    def _build(self) -> None:
        title = QWidget()
        title.setLayout(row(self._title, self._second, spacing=12))
        self.middle = middle = panel("page")
        typed = row(self.task_line)
        typed.setContentsMargins(12, 12, 12, 0)
        listed = page(title, (), self._table, KEYS, self._count_label())
        middle.setLayout(column(typed, listed, margins=(0, 0, 0, 0), spacing=0))
        self.side_panel = Side(column(self._panel, margins=(0, 0, 0, 0)))
        whole = row(self._left(), upright(), middle, self.side_panel, spacing=0)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def _left(self) -> QWidget:
        context = self._context
        self._dock = ViewDock(context, "Tasks")
        for key, text, sign in VIEWS:
            self._dock.add(key, text, sign)
        self._dock.section("Ended, as far as kept here")
        for key, text, icon in CLOSED:
            self._dock.add(key, text, icon)
        self._dock.chosen.connect(lambda _view: self.refresh())
        self._dock.box.addWidget(self.filter)
        self._dock.box.addStretch(1)
        self._import_head = label("", "section")
        self._import_name = label("", "strong")
        self._import_words = label("", "second", wrap=True)
        self._import_bad = label("", "second", wrap=True)
        for part in (self._import_head, self._import_name, self._import_words, self._import_bad):
            part.hide()
        importing = button("Import CSV …", "", "", context.icons.icon("file-up"))
        importing.clicked.connect(self.open_import)
        self._refused = button("Refused rows")
        self._refused.clicked.connect(self._show_refused)
        self._refused.hide()
        self._dock.put(self._import_head, self._import_name, self._import_words, self._import_bad)
        self._dock.box.addSpacing(6)
        buttons = row(importing, self._refused)
        buttons.setContentsMargins(16, 0, 16, 0)
        self._dock.box.addLayout(buttons)
        return self._dock

    def _count_label(self) -> QWidget:
        self._shown = label("", "third")
        return self._shown

    @property
    def _robots(self) -> dict[str, RobotView]:
        return self._context.store.model.robots

    # --- showing ----------------------------------------------------------------
    def _take(self, changes: Changes) -> None:
        if not self.isVisible():
            return
        if self._stop_moved_on():
            self._model.paint_all()
            self._chosen_soon.ask()
        if changes.everything or changes.tasks or changes.robots:
            self._refresh_soon.ask()
        elif changes.fleet:
            self._model.tick()

    def _stop_moved_on(self) -> bool:
        """Whether other robots stand than before: their tasks say so."""
        fleet = self._context.store.model.fleet
        before, self._stop = self._stop, fleet.stop if fleet is not None else NOT_STOPPED
        return before != self._stop

    def refresh(self) -> None:
        """Those of the view that fit what is sought, under their groups."""
        tasks = self._context.store.model.tasks.values()
        views = {task.task_id: views_of(task, self._robots) for task in tasks}
        counts = Counter(view for those in views.values() for view in those)
        for key, *_rest in (*VIEWS, *CLOSED):
            self._dock.set_count(key, counts[key])
        wanted = [t for t in tasks if self._dock.view in views[t.task_id]]
        shown = self.filter.kept(wanted)
        self.filter.offer(wanted)
        self._model.set_rows(grouped(shown, self._robots))
        late = sum(1 for t in shown if self._columns.is_late(t))
        self._title.setText(f"{len(shown)} {self._dock.view.replace('under', 'under way')}")
        self._second.setText(f"{late} late" if late else "")
        self._shown.setText(f"{len(shown)} of {len(tasks)} shown")
        if self._chosen not in self._context.store.model.tasks and shown:
            self._chosen = shown[0].task_id
        self._chosen_soon.ask()

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

    def show_task(self, task_id: str) -> None:
        """Choose it, in a view that holds it."""
        task = self._context.store.model.tasks.get(task_id)
        if task is None:
            return
        self.filter.clear()
        if self._dock.view not in views_of(task, self._robots):
            ended = task.state.value
            self._dock.choose(ended if ended in {key for key, *_rest in CLOSED} else "open")
        self.choose(task_id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where room is short, columns go in the order in which they are missed least."""
        super().resizeEvent(event)
        side = self.side_panel.width() if self.side_panel.isVisibleTo(self) else 0
        room = self.width() - self._dock.width() - side - 1
        for number, width in enumerate(widths_in(self._columns.all(), room - SCROLL_PX)):
            self._table.setColumnHidden(number, not width)
            if width:
                self._table.setColumnWidth(number, width)
        self._shown.setVisible(room > LEAST_FOOT_PX)
        self._import_bad.setMaximumHeight(0 if self.height() < LEAST_HIGH_PX else FREE_PX)

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
        """Put a failed task back into the queue, or send one on without the task before it."""
        self._context.commands.send(RequeueTask(new_id(), self._chosen), self._say)

    def _say(self, answer: object) -> None:
        self._context.toast(words_of(answer))
        self.task_line.tell(answer)

    def open_import(self) -> None:
        """The sheet that checks a file before anything is ordered."""
        self._context.open_sheet(ImportSheet(self._context, self._order))

    def _order(self, checked: CheckedFile) -> None:
        """Order the good rows of a file, off the screen's thread."""
        self._tell_import(checked.name, f"{len(checked.good):,} rows are being ordered", "")
        connection = self._context.commands.connection
        self._context.commands.call(
            lambda: submit_checked(checked, connection.submit), self._imported
        )

    def _imported(self, report: object) -> None:
        """What became of the file stays beside the button."""
        if not isinstance(report, ImportReport):
            name = self._import_name.text()
            words = "Broken off: what was ordered until then stands in the list."
            self._tell_import(name, words, str(report))
            return
        self._report = report
        whole = report.taken + len(report.bad)
        name = f"{report.name}, {clock(self._context.store.model.at_ms)[:5]}"
        words = f"{report.taken:,} of {whole:,} rows taken, {len(report.bad):,} refused"
        lines = [f"Line {bad.line}: {bad.remedy}" for bad in report.bad[:SHOWN_BAD_ROWS]]
        self._tell_import(name, words, "\n".join(lines))
        self._refused.setVisible(bool(lines))

    def _tell_import(self, name: str, words: str, bad: str) -> None:
        self._import_head.setText("Last import")
        self._import_name.setText(name)
        self._import_words.setText(words)
        self._import_bad.setText(bad)
        for part in (self._import_head, self._import_name, self._import_words):
            part.show()
        self._import_bad.setVisible(bool(bad))

    def _show_refused(self) -> None:
        if self._report is not None:
            self._context.open_sheet(RefusedSheet(self._context, self._report))
