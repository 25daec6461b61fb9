"""Small building blocks of pages: labels by role, lines, key hints, fact rows."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QIcon,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ..theme.style import font
from ..turns import Later
from .breakable import Words

CAP_GAP_PX = 10
FOCUS_AIR_PX = 8


def label(text: str, role: str = "", *, wrap: bool = False) -> QLabel:
    """A label in one of the style sheet's roles."""
    made = Words(text, wrap=wrap)
    # What a robot or a label says is shown as it is, never taken for markup.
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def put(target: QLabel | QPushButton, text: str) -> None:
    """Other words; the same ones cost nothing."""
    if target.text() != text:
        target.setText(text)


def line() -> QFrame:
    """A thin line across."""
    made = QFrame()
    made.setProperty("role", "line")
    made.setFixedHeight(1)
    return made


def upright() -> QFrame:
    """A thin line down."""
    made = QFrame()
    made.setProperty("role", "line")
    made.setFixedWidth(1)
    return made


def panel(role: str = "panel") -> QWidget:
    """A widget with the ground of its role."""
    made = QWidget()
    made.setProperty("role", role)
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return made


class Scrolled(QScrollArea):
    """What has the focus stays in sight, however it came there and whatever takes room."""

    def __init__(self) -> None:
        """Without content."""
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._soon = Later(self, lambda: self._follow(self.window().focusWidget()))
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focused)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A refusal below it takes room from it."""
        super().resizeEvent(event)
        self._soon.ask()  # once its content has found its new height

    def _focused(self, _before: QWidget | None, now: QWidget | None) -> None:
        # What is pressed with the mouse is in sight, and must not move before it is let go.
        if QApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self._follow(now)

    def _follow(self, focused: QWidget | None) -> None:
        content = self.widget()
        if focused is not None and content is not None and content.isAncestorOf(focused):
            # Qt's own would be content with the cursor of a field.
            middle = focused.mapTo(content, focused.rect().center())
            self.ensureVisible(0, middle.y(), 0, focused.height() // 2 + FOCUS_AIR_PX)


def scrolled(content: QWidget) -> QScrollArea:
    """A side that is higher than a low window scrolls; nothing of it is squeezed."""
    made = Scrolled()
    made.setWidget(content)
    return made


class KeyButton(QPushButton):
    """A button whose key stands in a cap at its right end."""

    def __init__(self, text: str, key: str) -> None:
        """`key` is "" where there is none."""
        super().__init__(text)
        self._key = key
        self.setProperty("keyed", "yes" if key else "no")
        self.setAccessibleName(text)

    def setText(self, text: str) -> None:
        """Other words; their name follows, unless it was given one of its own."""
        if self.accessibleName() == self.text():
            self.setAccessibleName(text)
        super().setText(text)

    def sizeHint(self) -> QSize:
        """Room for the cap."""
        hint = super().sizeHint()
        return QSize(hint.width() + self._cap_width(), hint.height())

    def minimumSizeHint(self) -> QSize:
        """Nothing is cut."""
        return self.sizeHint()

    def _cap_width(self) -> int:
        if not self._key:
            return 0
        return self.fontMetrics().horizontalAdvance(self._key) + CAP_GAP_PX + 2

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button, then its cap."""
        super().paintEvent(event)
        if not self._key:
            return
        filled = self.property("role") == "default"
        role = QPalette.ColorRole.HighlightedText if filled else QPalette.ColorRole.ButtonText
        ink = self.palette().color(role)
        ink.setAlphaF(0.75 if self.isEnabled() else 0.35)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(11, 500))
        width = max(18, painter.fontMetrics().horizontalAdvance(self._key) + 10)
        cap = QRectF(self.width() - width - 10.5, self.height() / 2 - 9, width, 18)
        painter.setPen(ink)
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._key)
        ink.setAlphaF(0.3)
        painter.setPen(ink)
        painter.drawRoundedRect(cap, 4, 4)
        painter.end()


def button(text: str, key: str = "", role: str = "", icon: QIcon | None = None) -> KeyButton:
    """A button that shows its key."""
    made = KeyButton(text, key)
    if role:
        made.setProperty("role", role)
    if icon is not None:
        made.setIcon(icon)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


class Chooser(QComboBox):
    """A combo box with a chevron of the theme."""

    opens = Signal()  # before its list is shown

    def __init__(self, name: str) -> None:
        """`name` is told to screen readers."""
        super().__init__()
        self.setAccessibleName(name)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """It scrolls what the box stands in; a choice is made by a press or a key."""
        event.ignore()

    def showPopup(self) -> None:
        """Tell whoever fills it."""
        self.opens.emit()
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box, then its chevron."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self.palette().color(QPalette.ColorRole.ButtonText)
        ink.setAlphaF(0.7 if self.isEnabled() else 0.3)
        painter.setPen(QPen(ink, 1.6))
        x, y = self.width() - 20.0, self.height() / 2 - 2
        painter.drawPolyline([QPointF(x, y), QPointF(x + 4.5, y + 4.5), QPointF(x + 9, y)])
        painter.end()


def keys_line(*keys: tuple[str, str]) -> QHBoxLayout:
    """Keys in caps, each with what it does."""
    box = QHBoxLayout()
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(6)
    for names, meaning in keys:
        for name in names.split(" "):
            box.addWidget(label(name, "cap"))
        box.addWidget(label(meaning, "second"))
        box.addSpacing(14)
    return box


def column(
    *items: QWidget | QLayout,
    margins: tuple[int, int, int, int] = (16, 14, 16, 14),
    spacing: int = 8,
) -> QVBoxLayout:
    """Things below each other."""
    box = QVBoxLayout()
    box.setContentsMargins(*margins)
    box.setSpacing(spacing)
    _fill(box, items)
    return box


def row(*items: QWidget | QLayout | None, spacing: int = 8) -> QHBoxLayout:
    """Things beside each other; None stretches."""
    box = QHBoxLayout()
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(spacing)
    for item in items:
        if item is None:
            box.addStretch(1)
        elif isinstance(item, QLayout):
            box.addLayout(item)
        else:
            box.addWidget(item)
    return box


def _fill(box: QVBoxLayout, items: tuple[QWidget | QLayout, ...]) -> None:
    for item in items:
        if isinstance(item, QLayout):
            box.addLayout(item)
        else:
            box.addWidget(item)


class Facts(QWidget):
    """Names at the left, values at the right; kept and only their texts changed."""

    def __init__(self, *names: str) -> None:
        """Rows with these names."""
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, 78)
        grid.setColumnStretch(1, 1)
        self._values: dict[str, QLabel] = {}
        for number, name in enumerate(names):
            head = label(name, "second")
            value = label("–", wrap=True)
            value.setProperty("role", "fact")
            grid.addWidget(head, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, number, 1)
            self._values[name] = value

    def put(self, name: str, text: str) -> None:
        """Set a value; unknown is a dash."""
        wanted = text or "–"
        if self._values[name].text() != wanted:
            self._values[name].setText(wanted)

    def clear(self) -> None:
        """Nothing is known."""
        for value in self._values.values():
            value.setText("–")


def clear(box: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := box.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.deleteLater()
        inner = item.layout()
        if inner is not None:
            clear(inner)
