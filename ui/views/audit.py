"""The audit page: journal rows newest first, causes of the chosen one, export."""

import io
import zipfile
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from fleetapp.api.service import ExportRequest, JournalQuery
from fleetapp.api.views import JournalRowView, ProofView

from ..context import Context, clock, duration
from ..models.table import Column, TableModel
from .panel import button, clear, column, label, line, panel, row, upright
from .tables import Table, page

PAGE_ROWS = 200
KINDS = ("Main decisions", "All decisions", "Inputs", "All")
KIND_OF = {"Main decisions": "decision", "All decisions": "decision", "Inputs": "input"}
# What happens at every node; shown only when asked for.
STEADY = "BaseExtended,RobotWaits,WaitEnded,PlanRequested,HomeGiven,FloorTaken"


class AuditPage(QWidget):
    """Filter, table, cause chain."""

    def __init__(self, context: Context) -> None:
        """Asks when it is shown."""
        super().__init__()
        self._context = context
        self._rows: tuple[JournalRowView, ...] = ()
        self._newest = 0
        self._model = TableModel(self._columns(), lambda r: str(r.seq), context.theme.colour)
        self._table = Table(context, self._model, "Journal rows")
        self._table.selectionModel().currentRowChanged.connect(lambda *_: self._chosen())
        self._table.verticalScrollBar().valueChanged.connect(self._more)
        self._title = label("Audit", "title")
        self._proof = label("", "second")
        self._held = label("", "second")
        self._fields: dict[str, QLineEdit] = {}
        self._kind = QComboBox()
        self._kind.addItems(KINDS)
        self._kind.currentIndexChanged.connect(self.ask)
        self._chain = QVBoxLayout()
        self._chain.setSpacing(10)
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(3000)
        self._timer.timeout.connect(self._look)

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("Time", lambda r: clock(r.at_ms), 82),
            Column("Row", lambda r: f"{r.seq:,}", 80, right=True, token=lambda _r: "text-3"),
            Column("Kind", lambda r: r.kind, 78, token=lambda _r: "text-2"),
            Column("Who", lambda r: r.actor, 90, token=lambda _r: "text-2"),
            Column("What", lambda r: r.title, 300),
        )

    def _build(self) -> None:
        left = panel()
        left.setFixedWidth(230)
        fields = column(label("Filter", "section"), margins=(16, 14, 16, 12))
        for name in ("Robot", "Task", "Person", "Text"):
            made = QLineEdit()
            made.setAccessibleName(name)
            made.returnPressed.connect(self.ask)
            fields.addWidget(label(name, "label"))
            fields.addWidget(made)
            self._fields[name] = made
        fields.addWidget(label("Kind", "label"))
        fields.addWidget(self._kind)
        find = button("Show", "Enter")
        find.clicked.connect(self.ask)
        fields.addWidget(find)
        fields.addStretch(1)
        left.setLayout(fields)
        export = button("Export …", "Ctrl+E")
        export.clicked.connect(self._export)
        middle = page(
            self._title,
            (self._proof, export),
            self._table,
            (("↑ ↓", "choose"), ("←", "its cause"), ("→", "what followed"), ("Ctrl E", "export")),
            self._held,
        )
        whole = row(left, upright(), middle, upright(), self._causes(), spacing=0)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def _causes(self) -> QWidget:
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.addLayout(self._chain)
        box.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        right = panel()
        right.setFixedWidth(336)
        head = label("Why: the chain of causes", "section")
        head.setContentsMargins(16, 0, 0, 0)
        outer = column(head, line(), area, margins=(0, 14, 0, 0))
        right.setLayout(outer)
        return right

    # --- asking ---------------------------------------------------------------
    def showEvent(self, event: object) -> None:
        """Ask anew."""
        del event
        self.ask()
        self._timer.start()

    def hideEvent(self, event: object) -> None:
        """Ask no more."""
        del event
        self._timer.stop()

    def _query(self, before: int | None = None) -> JournalQuery:
        text = {name: field.text().strip() or None for name, field in self._fields.items()}
        kind = self._kind.currentText()
        return JournalQuery(
            robot_id=self._robot_id(text["Robot"]),
            task_id=text["Task"],
            actor=text["Person"],
            text=text["Text"],
            kind=KIND_OF.get(kind),
            hide_types=STEADY if kind == KINDS[0] else None,
            before_seq=before,
            limit=PAGE_ROWS,
        )

    def _robot_id(self, name: str | None) -> str | None:
        for robot in self._context.store.model.robots.values():
            if name in (robot.name, robot.robot_id):
                return robot.robot_id
        return name

    def ask(self) -> None:
        """The newest rows that match."""
        connection, query = self._context.commands.connection, self._query()
        self._context.commands.call(lambda: connection.journal(query), self._first)
        self._look()

    def _first(self, rows: object) -> None:
        if isinstance(rows, tuple):
            self._rows = rows
            self._newest = rows[0].seq if rows else 0
            self._model.set_rows(rows)
            self._held.setText("")
            if rows:
                self._table.selectRow(0)

    def _more(self, value: int) -> None:
        """At the end of the list the next page is fetched."""
        bar = self._table.verticalScrollBar()
        if value < bar.maximum() or not self._rows or len(self._rows) % PAGE_ROWS:
            return
        connection, query = self._context.commands.connection, self._query(self._rows[-1].seq)
        self._context.commands.call(lambda: connection.journal(query), self._append)

    def _append(self, rows: object) -> None:
        if isinstance(rows, tuple) and rows and rows[0].seq < self._rows[-1].seq:
            self._rows = (*self._rows, *rows)
            self._model.set_rows(self._rows)

    def _look(self) -> None:
        connection = self._context.commands.connection
        self._context.commands.call(connection.proof, self._show_proof)
        fleet = self._context.store.model.fleet
        if fleet is not None and self._newest:
            newer = fleet.journal_durable_seq - self._newest
            self._held.setText(f"{newer:,} newer rows" if newer > 0 else "")

    def _show_proof(self, proof: object) -> None:
        if not isinstance(proof, ProofView):
            return
        age = duration(self._context.store.model.at_ms - proof.verified_at_ms)
        if not proof.verified_at_ms:
            self._proof.setText("Not verified yet")
        elif proof.ok:
            self._proof.setText(f"✓ Verified up to {proof.verified_to_seq:,}, {age} ago")
        else:
            self._proof.setText(f"✗ Row {proof.first_bad_seq}: {proof.message}")
        self._proof.setProperty("role", "ok" if proof.ok else "bad")
        self._proof.style().polish(self._proof)

    # --- causes -----------------------------------------------------------------
    def _chosen(self) -> None:
        chosen: JournalRowView | None = self._model.row(self._table.currentIndex().row())
        if chosen is None:
            return
        connection = self._context.commands.connection
        self._context.commands.call(lambda: connection.chain(chosen.seq), self._show_chain)

    def _show_chain(self, rows: object) -> None:
        clear(self._chain)
        if not isinstance(rows, tuple):
            self._chain.addWidget(label(str(rows), "bad", wrap=True))
            return
        for number, entry in enumerate(rows):
            mark = "●" if number == 0 else ("○" if entry.kind == "decision" else "□")
            title = label(f"{mark}  {entry.title}", wrap=True)
            if number == 0:
                title.setStyleSheet("font-weight: 600;")
            self._chain.addWidget(title)
            where = f"{clock(entry.at_ms)} · row {entry.seq:,} · {entry.actor}"
            self._chain.addWidget(label(where, "second"))
        if rows:
            self._chain.addWidget(line())
            self._chain.addWidget(label("Record", "section"))
            self._chain.addWidget(label(_breakable(rows[0].body[:1200]), "mono", wrap=True))
            self._chain.addWidget(label(f"SHA-256 {rows[0].hash[:24]}…", "mono", wrap=True))

    def _export(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Export the journal to")
        if folder:
            self.export_to(Path(folder))

    def export_to(self, folder: Path) -> None:
        """Write CSV and manifest into a folder."""
        connection = self._context.commands.connection
        request = ExportRequest("csv", robot_id=self._query().robot_id)

        def act() -> str:
            with zipfile.ZipFile(io.BytesIO(connection.export(request))) as archive:
                for name in ("journal.csv", "manifest.json"):
                    (folder / name).write_bytes(archive.read(name))
            return f"Exported to {folder}"

        self._context.commands.call(act, lambda said: self._context.toast(str(said)))


def _breakable(body: str) -> str:
    """JSON that wraps: it may break after each comma."""
    return body.replace(",", ",\u200b").replace(":", ":\u200b")
