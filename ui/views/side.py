"""The right side of a page of its own: closed while nothing is chosen, or under a sheet."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLayout, QWidget

from ..turns import FRAME_MS, Later
from .panel import upright

SIDE_PX = 336


class Side(QWidget):
    """336 wide, with a line at its left."""

    def __init__(self, content: QLayout) -> None:
        """Open, with this content."""
        super().__init__()
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(SIDE_PX + 1)
        self._wanted, self._covered = True, False
        self._paint_soon = Later(self, lambda: self.setUpdatesEnabled(True), FRAME_MS)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(upright())
        inner = QWidget()
        inner.setLayout(content)
        box.addWidget(inner, 1)

    def want(self, *, wanted: bool) -> None:
        """Whether there is something to show."""
        self._wanted = wanted
        self._appear()

    def cover(self, *, covered: bool) -> None:
        """Whether a sheet stands in its place."""
        self._covered = covered
        self._appear()

    def _appear(self) -> None:
        """It finds its room in one turn and is painted in the next: both hold the window."""
        shown = self._wanted and not self._covered
        if shown and not self.isVisible():
            self.setUpdatesEnabled(False)
            self._paint_soon.ask()
        self.setVisible(shown)
