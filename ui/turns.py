"""Work that waits for another turn of the window, so that no turn holds it for long."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

FRAME_MS = 17  # what is asked for then has a turn of its own
REFRESH_MS = 100  # a page of words is read, not watched: ten times a second is enough


class Later:
    """Does one thing in a later turn of the event loop, once however often it is asked."""

    def __init__(self, parent: QObject, act: Callable[[], object], after_ms: int = 0) -> None:
        """Ends with its parent; 0 ms is the next turn."""
        self._timer = QTimer(parent)
        self._timer.setSingleShot(True)
        self._timer.setInterval(after_ms)
        self._timer.timeout.connect(act)

    def ask(self) -> None:
        """Do it, unless that was asked already."""
        if not self._timer.isActive():
            self._timer.start()
