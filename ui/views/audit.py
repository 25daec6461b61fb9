"""The audit page: journal rows newest first, causes of the chosen one, export."""

from pathlib import Path

from PySide6.QtCore import QRectF, QTimer
from PySide6.QtGui import QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import QLabel, QWidget

from fleetapp.api.views import JournalRowView, ProofView

from ..context import Context
from ..figures import duration
from ..models.journal_pages import Pages
from ..models.table import Column, TableModel
from .audit_filter import AuditFilter
from .cause_chain import CauseChain, tenths
from .export_sheet import ExportSheet
from .panel import button, column, label, row, upright
from .side import Side
from .tables import Table, page

KEYS = (("↑ ↓", "choose"), ("←", "its cause"), ("→", "what followed"), ("Ctrl E", "export"))
LOOK_MS = 3_000


class AuditPage(QWidget):
    """Filter, table, cause chain."""

    def __init__(self, context: Context) -> None:
        """Asks when it is shown."""
        super().__init__()
        self._context = context
        self._filter = AuditFilter(context)
        self._filter.changed.connect(self.ask)
        self._pages = Pages(self._filter.filter())
        self._asking = False
        self._chosen = 0
        self._following: tuple[JournalRowView, ...] = ()
        self._model = TableModel(self._columns(), lambda r: str(r.seq), context.theme.colour)
        self._table = Table(context, self._model, "Journal rows")
        self._table.selectionModel().currentRowChanged.connect(lambda *_: self._choose_row())
        self._table.verticalScrollBar().valueChanged.connect(self._more)
        self._title = label("Audit", "title")
        self._proof_sign, self._proof = QLabel(), label("", "second")
        self._held = label("", "second")
        self._show_newer = button("Show", "", "link")
        self._show_newer.clicked.connect(self.ask)
        self._chain = CauseChain(context)
        self._chain.wanted.connect(self.choose)
        self._build()
        for key, act in (
            ("Ctrl+E", self.open_export),
            ("Left", self.to_cause),
            ("Right", self.to_following),
            ("/", self._filter.words.setFocus),
        ):
            QShortcut(QKeySequence(key), self, act)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("Number", lambda r: f"{r.seq:,}", 92, right=True, token=lambda _r: "text-2"),
            Column("Time", lambda r: tenths(r.at_ms), 88, token=lambda _r: "text-2", right=True),
            Column("", lambda r: r.kind, 34, paint=self._paint_kind),
            Column("Who", lambda r: r.actor, 84, token=lambda _r: "text-2"),
            Column("Robot", self._robot, 60),
            Column("Task", lambda r: r.task_id or "–", 90, token=lambda _r: "text-2"),
            Column("What happened", lambda r: r.title, 372, bold=lambda r: r.seq == self._chosen,
                   sentence=True),
            Column("Because of", lambda r: f"{r.cause_seq:,}" if r.cause_seq else "–", 96,
                   right=True, token=lambda _r: "text-3"),
        )  # fmt: skip

    def _build(self) -> None:
        export = button("Export …", "Ctrl E", "", self._context.icons.icon("download", "text-1"))
        export.clicked.connect(self.open_export)
        proof = QWidget()
        proof.setLayout(row(self._proof_sign, self._proof, spacing=6))
        newer = QWidget()
        newer.setLayout(row(self._held, self._show_newer, spacing=6))
        self.middle = middle = page(self._title, (proof, export), self._table, KEYS, newer)
        head = label("Why", "title")
        head.setContentsMargins(16, 12, 16, 4)
        self.side_panel = Side(column(head, self._chain, margins=(0, 0, 0, 0), spacing=0))
        whole = row(self._filter, upright(), middle, self.side_panel, spacing=0)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def _robot(self, entry: JournalRowView) -> str:
        robot = self._context.store.model.robots.get(entry.robot_id or "")
        return robot.name if robot is not None else (entry.robot_id or "–")

    def _paint_kind(self, painter: QPainter, room: QRectF, entry: JournalRowView) -> None:
        icon = "git-branch" if entry.kind == "decision" else "arrow-down-to-line"
        if entry.actor in self._people():
            icon = "user"
        pixmap = self._context.icons.pixmap(icon, "text-3")
        painter.drawPixmap(int(room.left()), int(room.center().y()) - 8, pixmap)

    def _people(self) -> frozenset[str]:
        person = self._context.person
        return frozenset({"local", person.name if person is not None else "local"})

    # --- asking ---------------------------------------------------------------
    def showEvent(self, event: object) -> None:
        """Ask anew, unless somebody is reading."""
        del event
        if not self._pages.rows:
            self.ask()
        self._look()
        self._timer.start()

    def hideEvent(self, event: object) -> None:
        """Ask no more."""
        del event
        self._timer.stop()

    def ask(self) -> None:
        """The newest rows that match; the answer to an older question is dropped."""
        wanted = self._filter.filter()
        self._pages = Pages(wanted)
        connection, query = self._context.commands.connection, wanted.query()
        self._context.commands.call(
            lambda: connection.journal(query),
            lambda rows: self._first(rows) if self._pages.filter == wanted else None,
        )
        self._look()

    def _first(self, rows: object) -> None:
        if not isinstance(rows, tuple):
            self._chain.say(str(rows))
            return
        self._pages = self._pages.first(rows, self._durable())
        self._show_rows()
        if rows:
            self._table.selectRow(0)
        else:
            self._chain.say("No row fits. Clear the filter to see all.")

    def _more(self, value: int) -> None:
        """Near the end of the list the next page is fetched."""
        bar = self._table.verticalScrollBar()
        query = self._pages.next_query()
        if query is None or self._asking or value < bar.maximum() - bar.pageStep():
            return
        self._asking = True
        connection, wanted = self._context.commands.connection, self._pages.filter
        self._context.commands.call(
            lambda: connection.journal(query), lambda rows: self._older(rows, wanted)
        )

    def _older(self, rows: object, wanted: object) -> None:
        self._asking = False
        if isinstance(rows, tuple) and self._pages.filter == wanted:
            self._pages = self._pages.older(rows)
            self._show_rows()

    def _show_rows(self) -> None:
        self._model.set_rows(self._pages.rows)
        more = "" if self._pages.complete else " and more"
        self._title.setText(f"{len(self._pages.rows):,} rows{more}")
        row_no = self._model.number_of(str(self._chosen))
        if row_no >= 0:
            self._table.selectRow(row_no)
        self._count_newer()

    def _durable(self) -> int:
        fleet = self._context.store.model.fleet
        return fleet.journal_durable_seq if fleet is not None else 0

    def _count_newer(self) -> None:
        newer = self._pages.held_back(self._durable())
        self._held.setText(f"{newer:,} newer rows are held back while you read" if newer else "")
        self._show_newer.setVisible(newer > 0)

    def _look(self) -> None:
        self._filter.refresh()
        self._count_newer()
        self._context.commands.call(self._context.commands.connection.proof, self._show_proof)

    def _show_proof(self, proof: object) -> None:
        if not isinstance(proof, ProofView):
            return
        age = duration(self._context.store.model.at_ms - proof.verified_at_ms)
        sign, token = "shield-check", "ok" if proof.ok else "p1"
        words = f"Verified up to {proof.verified_to_seq:,}, {age} ago"
        if not proof.ok:
            at = "" if proof.first_bad_seq is None else f"Row {proof.first_bad_seq}: "
            sign, words = "circle-x", f"{at}{proof.message}"
        elif not proof.verified_at_ms:
            token, words = "text-3", "Not verified yet"
        self._proof_sign.setPixmap(self._context.icons.pixmap(sign, token))
        self._proof.setText(words)
        role = "bad" if token == "p1" else "second"
        if self._proof.property("role") != role:
            self._proof.setProperty("role", role)
            self._proof.style().polish(self._proof)

    # --- causes -----------------------------------------------------------------
    def _choose_row(self) -> None:
        entry = self._model.row(self._table.currentIndex().row())
        if isinstance(entry, JournalRowView) and entry.seq != self._chosen:
            self.choose(entry.seq)

    def choose(self, seq: int) -> None:
        """Show why a row came about, whether or not the table has it."""
        self._chosen = seq
        number = self._model.number_of(str(seq))
        if number >= 0 and self._table.currentIndex().row() != number:
            self._table.selectRow(number)
        self._model.paint_all()
        connection = self._context.commands.connection
        self._context.commands.call(
            lambda: (connection.chain(seq), connection.consequences(seq)),
            lambda answer: self._show_chain(seq, answer),
        )

    def _show_chain(self, seq: int, answer: object) -> None:
        if seq != self._chosen:
            return
        if not isinstance(answer, tuple):
            self._chain.say(str(answer))
            return
        chain, self._following = answer
        self._chain.show_chain(chain, self._following)

    def to_cause(self) -> None:
        """The row that this one came from."""
        entry = self._model.row(self._model.number_of(str(self._chosen)))
        if isinstance(entry, JournalRowView) and entry.cause_seq:
            self.choose(entry.cause_seq)

    def to_following(self) -> None:
        """The first row that came from this one."""
        if self._following:
            self.choose(self._following[0].seq)

    def open_export(self) -> None:
        """Format, range and folder, in a sheet."""
        folder = Path.home() / "fleetapp-audit"
        self._context.open_sheet(ExportSheet(self._context, self._filter.filter(), folder))
