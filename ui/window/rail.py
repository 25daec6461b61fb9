"""The rail: one button a page, a badge where a person is needed, the person below."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from ..context import Context
from ..figures import short
from ..theme.style import font

PAGES = (
    ("Map", "map"),
    ("Tasks", "list-checks"),
    ("Robots", "bot"),
    ("Reviews", "scan-search"),
    ("Alarms", "bell"),
    ("Audit", "shield-check"),
)


class RailButton(QAbstractButton):
    """Icon, word, badge."""

    def __init__(self, context: Context, text: str, icon: str) -> None:
        """56 x 52."""
        super().__init__()
        self._context, self._icon = context, icon
        self._badge, self._initials = 0, ""
        self.setText(text)
        self.setAccessibleName(f"{text} page")
        self.setCheckable(True)
        self.setFixedSize(QSize(56, 52))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_badge(self, count: int) -> None:
        """How many things need a person."""
        if count != self._badge:
            self._badge = count
            need = f", {count} need you" if count > 1 else ", 1 needs you"
            self.setAccessibleName(f"{self.text()} page{need if count else ''}")
            self.update()

    def set_initials(self, initials: str) -> None:
        """A person instead of the icon; "" for nobody."""
        if initials != self._initials:
            self._initials = initials
            self.update()

    def _sign(self, painter: QPainter, token: str) -> None:
        """The icon, or a person's initials in a disc."""
        theme = self._context.theme
        if not self._initials:
            painter.drawPixmap(18, 7, self._context.icons.pixmap(self._icon, token, 20))
            return
        painter.setBrush(theme.colour("line"))
        painter.drawEllipse(QRectF(16, 4, 25, 25))
        painter.setPen(theme.colour("text-1"))
        painter.setFont(font(11, 600))
        painter.drawText(QRectF(16, 4, 25, 25), Qt.AlignmentFlag.AlignCenter, self._initials)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """One button."""
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.underMouse():
            painter.setBrush(theme.colour("bg-selected" if self.isChecked() else "bg-hover"))
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        token = "accent" if self.isChecked() else "text-2"
        self._sign(painter, token)
        painter.setPen(theme.colour(token))
        painter.setFont(font(11, 600 if self.isChecked() else 400))
        painter.drawText(QRectF(0, 30, 56, 16), Qt.AlignmentFlag.AlignHCenter, self.text())
        if self._badge:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("p3-fill"))
            painter.drawEllipse(QRectF(36, 2, 17, 17))
            painter.setPen(theme.colour("p3-ink"))
            painter.setFont(font(11, 600))
            text = str(self._badge) if self._badge < 10 else "9+"
            painter.drawText(QRectF(36, 2, 17, 17), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()


class Rail(QWidget):
    """64 wide."""

    page_chosen = Signal(str)

    def __init__(
        self,
        context: Context,
        palette: Callable[[], None],
        settings: Callable[[], None],
        who: Callable[[], None],
    ) -> None:
        """`palette` opens the commands, `settings` and `who` their sheets."""
        super().__init__()
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(64)
        self.buttons: dict[str, RailButton] = {}
        box = QVBoxLayout(self)
        box.setContentsMargins(4, 8, 4, 8)
        box.setSpacing(2)
        for name, icon in PAGES:
            made = RailButton(context, name, icon)
            made.clicked.connect(lambda _checked=False, n=name: self.page_chosen.emit(n))
            self.buttons[name] = made
            box.addWidget(made)
        box.addStretch(1)
        for text, icon, name, act in (
            ("Ctrl K", "command", "All commands", palette),
            ("Settings", "settings", "Settings", settings),
            ("Sign in", "user", "Sign in", who),
        ):
            made = RailButton(context, text, icon)
            made.setCheckable(False)
            made.setAccessibleName(name)
            made.clicked.connect(act)
            self.buttons[text] = made
            box.addWidget(made)

    def show_page(self, name: str) -> None:
        """Mark a page as the one that is open."""
        for key, made in self.buttons.items():
            made.setChecked(key == name)

    def show_person(self, name: str) -> None:
        """Who is signed in."""
        button = self.buttons["Sign in"]
        button.setText(short(name, 9) or "Sign in")
        button.set_initials(name[:2].upper())
        button.setAccessibleName(f"{name} is signed in" if name else "Sign in")
        button.setToolTip(name)
