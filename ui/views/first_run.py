"""The first start: your password, your site, your broker. Try the demo, or open a site."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from fleetapp.api.layout import Layout
from fleetapp.api.site_drawing import layout_of
from fleetapp.layout import SiteError, load_site

from ..context import Context
from .keys import ENTER
from .panel import button, column, label, line, row
from .site_check import SiteCheck
from .site_picture import SitePicture

CARD_PX, NARROW_CARD_PX = 400, 364
WIDE_PX = 1400
CHECK_MORE_PX = 60
PICTURE_PX = 200
HIGH_PX = 780
VEIL = 0.7
TRY = "Try the demo"
STARTING = "Starting broker, recogniser and robots …"


class FirstRun(QWidget):
    """Cards side by side; the only filled button tries the demo."""

    demo_wanted = Signal()
    site_wanted = Signal(str, str, str)  # folder, broker URL or "", its password

    def __init__(self, context: Context, last_site: str) -> None:
        """`last_site` is offered if there is one."""
        super().__init__()
        self.setProperty("role", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._context, self._last = context, last_site
        self._said = label("", "second")
        self._try = button(TRY, "Enter", "default")
        self._under_way = QProgressBar()
        self._check = SiteCheck(context)
        self._check.accepted.connect(self._accept)
        self._check.hide()
        self._own_broker = QRadioButton("Your own")
        self._built_in = QRadioButton("Built in")
        self._url, self._secret = QLineEdit(), QLineEdit()
        self._ground = SitePicture(context, veil=VEIL)
        self._ground.setParent(self)
        self._demo = SitePicture(context)
        self._demo.setFixedHeight(PICTURE_PX)
        self._cards = (self._password(), self._site(), self._broker())
        left = column(*self._cards[:2], margins=(0, 0, 0, 0), spacing=12)
        left.setStretch(1, 1)
        cards = row(left, self._check, self._cards[2], spacing=12)
        inner = column(self._head(), cards, margins=(0, 0, 0, 0), spacing=12)
        box = QVBoxLayout(self)
        box.setContentsMargins(32, 28, 32, 28)
        box.addStretch(1)
        box.addLayout(row(None, inner, None))
        box.addStretch(2)
        context.commands.call(lambda: _drawing_of(context.assets), self._show_demo)

    def _show_demo(self, layout: object) -> None:
        """The demo's floor, behind everything and on its card."""
        if isinstance(layout, Layout):
            self._ground.show_layout(layout)
            self._demo.show_layout(layout)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The floor fills the window."""
        super().resizeEvent(event)
        self._ground.resize(self.size())
        self._ground.lower()
        # In a low window the words are worth more than the pictures.
        high = self.height() >= HIGH_PX
        self._demo.setVisible(high)
        self._check.show_picture(shown=high)
        wide = CARD_PX if self.width() >= WIDE_PX else NARROW_CARD_PX
        for card in self._cards:
            card.setFixedWidth(wide)
        self._check.setFixedWidth(wide + CHECK_MORE_PX)

    def _head(self) -> QWidget:
        words = "One press shows the whole program. A site and a broker of your own can wait."
        head = row(label("First start", "title"), label(words, "second"), None, self._said)
        head.setContentsMargins(20, 12, 20, 12)
        card = _card()
        card.setLayout(head)
        return card

    def _password(self) -> QWidget:
        card = _card()
        words = (
            "The first person is a supervisor. You are asked for a name and a password at "
            "Sign in, lower left, as soon as a site runs. There is no default password."
        )
        card.setLayout(
            column(_title("1", "Your password"), label(words, "second", wrap=True),
                   margins=(20, 16, 20, 16))
        )  # fmt: skip
        return card

    def _site(self) -> QWidget:
        icons = self._context.icons
        card = _card()
        demo = self._try
        demo.setIcon(icons.icon("play", "accent-ink"))
        demo.setMinimumHeight(40)
        demo.clicked.connect(self.demo_wanted)
        self._under_way.setRange(0, 0)  # as long as it takes
        self._under_way.setTextVisible(False)
        self._under_way.setFixedHeight(4)
        self._under_way.hide()
        words = (
            "A warehouse with 20 virtual robots, a real broker, the recogniser and the "
            "journal. Nothing leaves this machine."
        )
        box = column(
            _title("2", "Your site"), self._demo,
            label("Demo warehouse", "strong"), label(words, "second", wrap=True), demo,
            self._under_way,
            margins=(20, 16, 20, 16), spacing=10,
        )  # fmt: skip
        self._add_own_site(box)
        card.setLayout(box)
        return card

    def _add_own_site(self, box: QVBoxLayout) -> None:
        """The last site, and a folder of one's own."""
        icons = self._context.icons
        opening = button("Open a site folder …", "", "", icons.icon("folder-open", "text-1"))
        opening.setMinimumHeight(34)
        opening.clicked.connect(self._choose)
        box.addSpacing(8)
        box.addWidget(line())
        if self._last:
            box.addWidget(label("Recent site", "section"))
            again = button(Path(self._last).name, "", "", icons.icon("warehouse", "text-1"))
            again.setToolTip(self._last)
            again.clicked.connect(lambda: self._accept(self._last))
            box.addWidget(again)
        box.addWidget(label("A site of your own", "section"))
        own = (
            "A folder with layout.lif.json, zones.json, shapes.json and site.toml. It is "
            "checked before it opens; what is wrong is named with its remedy."
        )
        box.addWidget(label(own, "second", wrap=True))
        box.addWidget(opening)
        box.addStretch(1)

    def _broker(self) -> QWidget:
        card = _card()
        self._built_in.setChecked(True)
        self._url.setPlaceholderText("mqtts://fleet@broker.example:8883")
        self._url.setAccessibleName("Address of the broker")
        self._secret.setEchoMode(QLineEdit.EchoMode.Password)
        self._secret.setAccessibleName("Password of the broker")
        fields = (self._url, self._secret)
        for field in fields:
            field.setEnabled(False)
            self._own_broker.toggled.connect(field.setEnabled)
        built_in = "On this computer only, a password for each robot. Right for a first test."
        box = column(
            _title("3", "Your broker"),
            self._built_in, label(built_in, "second", wrap=True),
            self._own_broker, label("MQTT 3.1.1, best with TLS.", "second"),
            label("Address", "label"), self._url,
            label("Password, never written to logs", "label"), self._secret,
            margins=(20, 16, 20, 16), spacing=8,
        )  # fmt: skip
        box.addSpacing(8)
        box.addWidget(line())
        note = "Used with a site of your own. The demo always has its own broker."
        box.addWidget(label(note, "third", wrap=True))
        box.addStretch(1)
        card.setLayout(box)
        return card

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter tries the demo, unless somebody is at a site or broker of their own."""
        busy = self._check.isVisible() or self._own_broker.isChecked()
        busy |= self._under_way.isVisible()
        busy |= isinstance(self.window().focusWidget(), QPushButton)  # it does its own act
        if event.key() in ENTER and not busy:
            self.demo_wanted.emit()
            return
        super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Keys come here."""
        super().showEvent(event)
        self.setFocus()

    def say(self, text: str) -> None:
        """What is going on."""
        self._said.setText(text)

    def show_start(self, *, under_way: bool) -> None:
        """Whether something is being started: nothing else can be meanwhile."""
        self._under_way.setVisible(under_way)
        self._try.setText(STARTING if under_way else TRY)
        for card in self._cards:
            card.setEnabled(not under_way)

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Open a site folder", self._last)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.check_folder)
        dialog.open()

    def check_folder(self, folder: str) -> None:
        """Show the check list of a folder."""
        self._check.show()
        self._check.check(folder)

    def _accept(self, folder: str) -> None:
        own = self._own_broker.isChecked()
        url = self._url.text().strip() if own else ""
        if own and not url.startswith(("mqtt://", "mqtts://")):
            self.say("The broker's address begins with mqtt:// or mqtts://")
            self._url.setFocus()
            return
        self.site_wanted.emit(folder, url, self._secret.text() if own else "")


def _drawing_of(assets: Path) -> Layout | None:
    """The demo site that comes with the program; without it there is no picture."""
    try:
        return layout_of(load_site(assets.parent / "maps" / "demo"))
    except (SiteError, OSError):
        return None


def _card() -> QFrame:
    made = QFrame()
    made.setProperty("role", "firstcard")
    return made


def _title(number: str, text: str) -> QWidget:
    sign = label(number, "number")
    sign.setFixedSize(20, 20)
    sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
    made = QWidget()
    made.setLayout(row(sign, label(text, "title"), None, spacing=10))
    return made
