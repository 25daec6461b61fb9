"""The check list of a site folder: what was found, and how to mend it."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from fleetapp.api.site_drawing import layout_of
from fleetapp.layout.check import check_site
from fleetapp.layout.finding import Finding, Level
from fleetapp.layout.site import Site

from ..context import Context
from .panel import button, clear, column, label, line, row
from .site_picture import SitePicture

SHOWN = 40
PICTURE_PX = 240
Checked = tuple[Site | None, tuple[Finding, ...]]


class SiteCheck(QFrame):
    """Counts, findings, and the way on if no error is left."""

    accepted = Signal(str)

    def __init__(self, context: Context) -> None:
        """Nothing checked."""
        super().__init__()
        self.setProperty("role", "firstcard")
        self._context = context
        self._folder = ""
        self._title = label("Check list", "title")
        self._counts = label("", "second", wrap=True)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(self._list)
        box.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setMinimumHeight(220)
        self._picture = SitePicture(context)
        self._picture.setFixedHeight(PICTURE_PX)
        area.setWidget(inner)
        self._open = button("Open this site", "", "critical")
        self._open.setEnabled(False)
        self._open.clicked.connect(lambda: self.accepted.emit(self._folder))
        self._why = label("", "third")
        foot = row(self._open, None, self._why)
        foot.setContentsMargins(20, 12, 20, 14)
        whole = column(
            column(self._title, self._counts, margins=(20, 16, 20, 12), spacing=4),
            line(), self._picture, line(), area, line(), foot, margins=(0, 0, 0, 0), spacing=0,
        )  # fmt: skip
        whole.setStretch(4, 1)
        self.setLayout(whole)

    def show_picture(self, *, shown: bool) -> None:
        """The drawing of the site, or only the list."""
        self._picture.setVisible(shown)

    def check(self, folder: str) -> None:
        """Check a folder off the screen's thread."""
        self._folder = folder
        self._title.setText(Path(folder).name)
        self._counts.setText("Checking …")
        self._open.setEnabled(False)
        self._picture.show_layout(None)
        clear(self._list)
        self._context.commands.call(lambda: check_site(Path(folder)), self.show_result)

    def show_result(self, answer: object) -> None:
        """Errors first, then warnings, then what passed."""
        if not isinstance(answer, tuple):
            self._counts.setText(str(answer))
            return
        site, findings = answer
        errors = [f for f in findings if f.level is Level.ERROR]
        warnings = [f for f in findings if f.level is not Level.ERROR]
        words = f"{len(errors)} errors, {len(warnings)} warnings"
        if site is not None:
            sizes = f"{len(site.nodes):,} nodes, {len(site.edges):,} edges"
            words = f"{sizes}, {len(site.stations):,} stations. {words}"
        self._counts.setText(words)
        self._picture.show_layout(layout_of(site) if site is not None else None)
        for finding in (*errors, *warnings)[:SHOWN]:
            self._list.addWidget(self._line(finding))
        if not findings:
            self._list.addWidget(self._passed())
        self._open.setEnabled(not errors and site is not None)
        self._why.setText("opens when no error is left" if errors else "")

    def _line(self, finding: Finding) -> QWidget:
        bad = finding.level is Level.ERROR
        where = f"{finding.file}, {finding.object_id}" if finding.object_id else finding.file
        return self._entry(
            ("circle-x", "p1") if bad else ("circle-alert", "p3"),
            f"{'Error' if bad else 'Warning'}: {finding.message}",
            f"{where}. {finding.remedy[:1].upper()}{finding.remedy[1:]}.",
        )

    def _passed(self) -> QWidget:
        words = "Every node is known, ids are unique, every station can be reached and left."
        return self._entry(("circle-check", "ok"), "Passed: all checks", words)

    def _entry(self, sign: tuple[str, str], title: str, words: str) -> QWidget:
        mark = QLabel()
        mark.setPixmap(self._context.icons.pixmap(*sign))
        mark.setFixedWidth(24)
        text = column(
            label(title, "strong", wrap=True), label(words, "second", wrap=True),
            margins=(0, 0, 0, 0), spacing=2,
        )  # fmt: skip
        made = QFrame()
        made.setProperty("role", "alarmrow")
        box = row(mark, text)
        box.setStretch(1, 1)
        box.setContentsMargins(20, 10, 20, 10)
        made.setLayout(box)
        return made
