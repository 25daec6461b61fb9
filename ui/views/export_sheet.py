"""The export sheet: format, range, folder. The export is itself a row."""

import io
import zipfile
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QLineEdit, QRadioButton

from fleetapp.api.service import ExportRequest

from ..context import Context
from ..models.journal_pages import Filter
from .panel import button, label, row
from .sheets import Sheet

FORMATS = (("csv", "CSV, for spreadsheets"), ("jsonl", "JSON lines, exact"))


class ExportSheet(Sheet):
    """Choose and export."""

    def __init__(self, context: Context, shown: Filter, folder: Path) -> None:
        """`shown` offers its robot and time as the range."""
        super().__init__(context, "Export the journal", "", "download")
        self._shown = shown
        self._formats = {}
        self.extent.addWidget(label("Format", "section"))
        for key, text in FORMATS:
            self._formats[key] = QRadioButton(text)
            self.extent.addWidget(self._formats[key])
        self._formats["csv"].setChecked(True)
        self.body.addWidget(label("Range", "section"))
        group = label("")
        self._some = QRadioButton("Robot and time of the filter", group)
        self._every = QRadioButton("The whole journal", group)
        narrowed = bool(shown.robot_id or shown.from_ms)
        self._some.setEnabled(narrowed)
        (self._some if narrowed else self._every).setChecked(True)
        group.setFixedHeight(48)
        self._some.move(0, 2)
        self._every.move(0, 26)
        self.body.addWidget(group)
        self.body.addWidget(label("Folder", "section"))
        self._folder = QLineEdit(str(folder))
        self._folder.setAccessibleName("Folder of the export")
        choose = button("Choose …")
        choose.clicked.connect(self._choose)
        self.body.addLayout(row(self._folder, choose))
        words = (
            "Row hashes and a manifest go with it, so that the files can be verified. "
            "The export is itself a row, under your name."
        )
        self.body.addWidget(label(words, "second", wrap=True))
        self.act.setText("Export")
        self.act.setIcon(context.icons.icon("download", "text-1"))
        self.act.clicked.connect(self.export)

    def request(self) -> ExportRequest:
        """What is asked for."""
        kind = "csv" if self._formats["csv"].isChecked() else "jsonl"
        if not self._some.isChecked():
            return ExportRequest(kind)
        return ExportRequest(kind, self._shown.from_ms, None, self._shown.robot_id or None)

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Export to", self._folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._folder.setText)
        dialog.open()

    def export(self) -> None:
        """Ask the engine and write the files."""
        folder, request = Path(self._folder.text()).expanduser(), self.request()
        connection = self.context.commands.connection
        self.act.setEnabled(False)
        self.context.commands.call(lambda: _write(connection.export(request), folder), self._done)

    def _done(self, answer: object) -> None:
        self.act.setEnabled(True)
        if isinstance(answer, Path):
            self.context.toast(f"Exported to {answer}")
            self.context.close_sheet()
            return
        self.said.setText(str(answer))


def _write(content: bytes, folder: Path) -> Path | str:
    """Files of the archive into the folder; a sentence if that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                (folder / Path(name).name).write_bytes(archive.read(name))
    except (OSError, zipfile.BadZipFile) as error:
        return f"{folder} cannot be written: {error}. Choose another folder."
    return folder
