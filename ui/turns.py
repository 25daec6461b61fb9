"""Work that waits for the window's next turn, so that one turn does not hold it for long."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class NextTurn(QTimer):
    """Does one thing in the next turn of the event loop, once however often it is asked."""

    def __init__(self, parent: QObject, act: Callable[[], object]) -> None:
        """Ends with its parent; `start` asks for it."""
        super().__init__(parent)
        self.setSingleShot(True)
        self.timeout.connect(act)
