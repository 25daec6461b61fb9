"""How large the window opens: as wished, else all of a screen that is smaller."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QWidget

WISHED = QSize(1600, 1000)
FRAME_PX = 40  # of the title above a window, which no window knows before it is shown


def open_on(window: QWidget, available: QSize) -> None:
    """The stop stands at the right end of the top bar: it must not lie beside the screen."""
    room = available - QSize(0, FRAME_PX)
    window.resize(WISHED.boundedTo(room).expandedTo(window.minimumSize()))
    if WISHED.width() > room.width() or WISHED.height() > room.height():
        window.setWindowState(Qt.WindowState.WindowMaximized)
