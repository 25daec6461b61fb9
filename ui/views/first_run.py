"""The first start: nothing runs yet. Try the demo, or open a site."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QVBoxLayout, QWidget

from .panel import button, column, label, row


class FirstRun(QWidget):
    """Two cards: the demo, and a site of one's own."""

    demo_wanted = Signal()
    site_wanted = Signal(str)

    def __init__(self, last_site: str) -> None:
        """`last_site` is offered if there is one."""
        super().__init__()
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._last = last_site
        self._said = label("", "second", wrap=True)
        demo = button("Try the demo", "", "default")
        demo.setMinimumHeight(44)
        demo.clicked.connect(self.demo_wanted)
        opening = button("Open a site folder …")
        opening.setMinimumHeight(44)
        opening.clicked.connect(self._open)
        box = QVBoxLayout(self)
        box.addStretch(1)
        box.addLayout(
            row(
                None,
                _card(
                    "Try the demo",
                    "A warehouse with twenty virtual robots, a real broker, the recogniser and "
                    "the journal. Nothing leaves this machine.",
                    demo,
                ),
                _card(
                    "Your site",
                    "A folder with layout.lif.json, zones.json, shapes.json and site.toml. "
                    "`fleetapp site check` names what is wrong in one.",
                    opening,
                ),
                None,
                spacing=24,
            )
        )
        box.addLayout(row(None, self._said, None))
        if last_site:
            again = button(f"Open {Path(last_site).name} again")
            again.clicked.connect(lambda: self.site_wanted.emit(last_site))
            box.addLayout(row(None, again, None))
        box.addStretch(2)

    def say(self, text: str) -> None:
        """What is going on."""
        self._said.setText(text)

    def _open(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Open a site folder", self._last)
        if folder:
            self.site_wanted.emit(folder)


def _card(title: str, text: str, act: QWidget) -> QWidget:
    card = QFrame()
    card.setProperty("role", "card")
    card.setFixedSize(360, 210)
    box = column(label(title, "title"), label(text, wrap=True), margins=(20, 18, 20, 18))
    box.addStretch(1)
    box.addWidget(act)
    card.setLayout(box)
    return card
