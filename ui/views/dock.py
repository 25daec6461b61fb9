"""The left dock of a page: views as rows with a mark, a name and a count."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from fleetapp.terms.modes import RobotState

from ..context import Context
from ..theme.marks import paint_state
from ..theme.style import font
from .panel import label

DOCK_PX = 276


class DockRow(QAbstractButton):
    """One view: mark or icon, name, count; the chosen one has an accent bar."""

    def __init__(self, context: Context, text: str, sign: RobotState | str) -> None:
        """`sign` is a robot state or the name of an icon."""
        super().__init__()
        self._context, self._sign = context, sign
        self._count: int | None = None
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFixedHeight(30)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_count(self, count: int) -> None:
        """How many the view holds."""
        if count != self._count:
            self._count = count
            self.setAccessibleName(f"{self.text()}, {count}")
            self.update()

    def sizeHint(self) -> QSize:
        """As wide as the dock."""
        return QSize(DOCK_PX, 30)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """One row."""
        theme, chosen = self._context.theme, self.isChecked()
        painter = QPainter(self)
        if chosen or self.underMouse():
            painter.fillRect(self.rect(), theme.colour("bg-selected" if chosen else "bg-hover"))
        if chosen or self.hasFocus():
            painter.fillRect(QRectF(0, 0, 2, self.height()), theme.colour("accent"))
        if isinstance(self._sign, RobotState):
            paint_state(painter, theme, self._sign, QRectF(16, 8, 14, 14))
        else:
            token = "accent" if chosen else "text-2"
            painter.drawPixmap(15, 7, self._context.icons.pixmap(self._sign, token))
        painter.setFont(font(12, 600 if chosen else 400))
        painter.setPen(theme.colour("text-1" if chosen else "text-2"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(42, 0, self.width() - 100, 30), middle, self.text())
        if self._count is not None:
            painter.setFont(font(12, 400, tabular=True))
            right = Qt.AlignmentFlag.AlignRight | middle
            painter.drawText(QRectF(self.width() - 80, 0, 64, 30), right, f"{self._count:,}")
        painter.end()


class ViewDock(QWidget):
    """A head, views of which one is chosen, and room for more below."""

    chosen = Signal(str)

    def __init__(self, context: Context, title: str) -> None:
        """Without views."""
        super().__init__()
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(DOCK_PX)
        self._context = context
        self._rows: dict[str, DockRow] = {}
        self.view = ""
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 12)
        self.box.setSpacing(0)
        head = label(title, "strong")
        head.setContentsMargins(16, 13, 16, 11)
        self.box.addWidget(head)

    def add(self, key: str, text: str, sign: RobotState | str) -> None:
        """Another view; the first one is chosen."""
        made = DockRow(self._context, text, sign)
        made.clicked.connect(lambda: self.choose(key))
        self._rows[key] = made
        self.box.addWidget(made)
        if not self.view:
            self.view = key
            made.setChecked(True)

    def section(self, text: str) -> None:
        """A small heading."""
        made = label(text, "section")
        made.setContentsMargins(16, 14, 16, 6)
        self.box.addWidget(made)

    def put(self, *parts: QWidget) -> None:
        """Widgets with the dock's margins."""
        inner = QVBoxLayout()
        inner.setContentsMargins(16, 0, 16, 0)
        inner.setSpacing(6)
        for part in parts:
            inner.addWidget(part)
        self.box.addLayout(inner)

    def choose(self, key: str) -> None:
        """Choose a view."""
        self.view = key
        for name, row in self._rows.items():
            row.setChecked(name == key)
        self.chosen.emit(key)

    def set_count(self, key: str, count: int) -> None:
        """How many a view holds."""
        self._rows[key].set_count(count)
