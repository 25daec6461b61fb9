"""The import of tasks: a file, the list of its bad rows, and only then the orders."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QLabel, QLineEdit, QScrollArea, QWidget
from shiboken6 import isValid

from ..commands import new_id
from ..context import Context
from ..models.task_import import BadRow, CheckedFile, ImportReport, check_rows
from .line_sources import LineSources
from .panel import button, clear, column, label, line, row
from .sheets import Sheet

SHOWN = 100


class BadRows(QScrollArea):
    """Rows that are not taken, each with its line and remedy."""

    def __init__(self, context: Context) -> None:
        """None."""
        super().__init__()
        self._context = context
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Rows that are not taken")
        inner = QWidget()
        self._list = column(margins=(0, 0, 6, 0), spacing=0)
        outer = column(self._list, margins=(0, 0, 0, 0))
        outer.addStretch(1)
        inner.setLayout(outer)
        self.setWidget(inner)

    def show_rows(self, bad: tuple[BadRow, ...]) -> None:
        """Show these."""
        clear(self._list)
        for entry in bad[:SHOWN]:
            self._list.addWidget(self._entry("circle-x", "p1", f"Line {entry.line}", entry.remedy))
        if len(bad) > SHOWN:
            self._list.addWidget(label(f"and {len(bad) - SHOWN} more", "second"))

    def show_passed(self) -> None:
        """Nothing is wrong."""
        clear(self._list)
        words = "Stations exist, counts, priorities and times can be read."
        self._list.addWidget(self._entry("circle-check", "ok", "Passed: all rows", words))

    def _entry(self, icon: str, token: str, title: str, words: str) -> QWidget:
        mark = QLabel()
        mark.setPixmap(self._context.icons.pixmap(icon, token))
        mark.setFixedWidth(24)
        mark.setAlignment(Qt.AlignmentFlag.AlignTop)
        said = label(f"{words[:1].upper()}{words[1:]}", "second", wrap=True)
        text = column(label(title, "strong"), said, margins=(0, 0, 0, 0), spacing=1)
        made = QFrame()
        made.setProperty("role", "alarmrow")
        box = row(mark, text)
        box.setStretch(1, 1)
        box.setContentsMargins(0, 8, 0, 8)
        made.setLayout(box)
        return made


class ImportSheet(Sheet):
    """Choose a file, see what is wrong with it, import the rest."""

    def __init__(self, context: Context, order: Callable[[CheckedFile], None]) -> None:
        """`order` orders the good rows of a checked file."""
        words = "Columns: from, to, sku or label_code; also count, priority, due, after, task_id."
        super().__init__(context, "Import tasks", words, "file-up")
        self._order = order
        self._sources = LineSources(context)
        self._checked: CheckedFile | None = None
        self.body.addWidget(label("CSV file", "label"))
        self.path = QLineEdit()
        self.path.setAccessibleName("CSV file")
        self.path.setPlaceholderText("Path, then Enter")
        self.path.returnPressed.connect(lambda: self.check(Path(self.path.text()).expanduser()))
        choose = button("Choose …", "", "", context.icons.icon("folder-open"))
        choose.clicked.connect(self.choose_file)
        self.body.addLayout(row(self.path, choose))
        self.counts = label("", "strong", wrap=True)
        self.rows = BadRows(context)
        self.rows.setMinimumHeight(330)
        self.body.addWidget(self.counts)
        self.body.addWidget(line())
        self.body.addWidget(self.rows, 1)
        self.act.setText("Import")
        self.act.setIcon(context.icons.icon("check", "text-1"))
        self.act.setEnabled(False)
        self.act.clicked.connect(self.order)

    def choose_file(self) -> None:
        """A file dialog beside the window; everything goes on meanwhile."""
        dialog = QFileDialog(self, "Import tasks", self.path.text(), "CSV (*.csv);;All files (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        dialog.fileSelected.connect(lambda path: self.check(Path(path)))
        dialog.show()

    def check(self, path: Path) -> None:
        """Read the file and show what is wrong with it; nothing is ordered."""
        self.path.setText(str(path))
        self.act.setEnabled(False)
        names = self._sources.known().names

        def act() -> CheckedFile | str:
            try:
                with path.open(encoding="utf-8-sig", newline="") as handle:
                    return check_rows(path.name, handle, names, new_id)
            except (OSError, UnicodeDecodeError) as error:
                return f"{path.name} cannot be read: {error}. Save it as UTF-8 CSV."

        self.context.commands.call(act, self._read)

    def _read(self, answer: object) -> None:
        if not isValid(self):
            return  # closed while the file was read
        self._checked = answer if isinstance(answer, CheckedFile) else None
        self.said.setText("" if self._checked is not None else str(answer))
        if self._checked is None:
            self.counts.setText("")
            self.rows.show_rows(())
            return
        good, bad = len(self._checked.good), len(self._checked.bad)
        self.counts.setText(f"{good:,} of {good + bad:,} rows can be taken, {bad:,} not")
        if bad:
            self.rows.show_rows(self._checked.bad)
        else:
            self.rows.show_passed()
        self.act.setText(f"Import {good:,} task{'s' if good != 1 else ''}")
        self.act.setEnabled(good > 0)
        if good:
            self.act.setFocus()

    def order(self) -> None:
        """Hand the good rows over; the page tells what became of them."""
        if self._checked is not None:
            self._order(self._checked)
            self.context.close_sheet()


class RefusedSheet(Sheet):
    """The rows of the last import that were not taken."""

    def __init__(self, context: Context, report: ImportReport) -> None:
        """Of one report."""
        words = f"{report.name}: {report.taken:,} rows taken, {len(report.bad):,} refused."
        super().__init__(context, "Refused rows", words, "file-up")
        rows = BadRows(context)
        rows.setMinimumHeight(300)
        rows.show_rows(report.bad)
        self.body.addWidget(rows, 1)
        self.act.hide()
        self.cancel.setText("Close")
