"""In the place of a map and a task line that could not be made.

The window goes on telling them what it tells those: it knows of no broken map. They keep
what a map that is made later must know, and do nothing.
"""

from PySide6.QtWidgets import QWidget

from fleetapp.api.layout import Layout

from ..models.acts import Act


class NoMap(QWidget):
    """Remembers which robot is chosen."""

    def __init__(self, parent: QWidget) -> None:
        """Hidden."""
        super().__init__(parent)
        self.selected = ""
        self.hide()

    def set_layout(self, layout: Layout) -> None:
        """It stands in the context."""

    def select(self, robot_id: str) -> None:
        """For the map that is made later."""
        self.selected = robot_id

    def fit(self) -> None:
        """There is nothing to see."""


class NoLine(QWidget):
    """Hidden, so that the window turns to the line of the tasks."""

    def __init__(self, parent: QWidget) -> None:
        """Knows no commands."""
        super().__init__(parent)
        self.acts: tuple[Act, ...] = ()
        self.hide()

    def begin(self) -> None:
        """Nobody can type here."""

    def open_palette(self) -> None:
        """Nobody can type here."""
