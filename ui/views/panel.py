"""Small building blocks of pages: labels by role, lines, key hints, fact rows."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)


def label(text: str, role: str = "", *, wrap: bool = False) -> QLabel:
    """A label in one of the style sheet's roles."""
    made = QLabel(text)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


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


def button(text: str, key: str = "", role: str = "") -> QPushButton:
    """A button that shows its key."""
    made = QPushButton(f"{text}   {key}" if key else text)
    made.setAccessibleName(text)
    if role:
        made.setProperty("role", role)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


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


def clear(box: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := box.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.deleteLater()
        inner = item.layout()
        if inner is not None:
            clear(inner)
