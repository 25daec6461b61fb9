"""Keeps Python's collector of cyclic garbage out of the frames and on the screen's thread.

A full collection walks every object alive: with a window built that is 25 ms, one and
a half frames. What lives as long as the window is set aside once it stands, so that
later collections walk only what came after.

By itself Python collects on whichever thread happens to make objects. Garbage may hold
Qt's objects, and one that ends on another thread leaves its timers behind: Qt then
calls what is gone, and the program ends. So nothing collects but a timer here.
"""

import gc

from PySide6.QtCore import QObject, QTimer

YOUNG = 20_000  # objects made between two collections of the youngest
GENERATIONS = 20
LOOK_MS = 200


class Collector(QObject):
    """Collects on the thread that it was made on, and nowhere else."""

    def __init__(self, parent: QObject) -> None:
        """Python's own collecting ends."""
        super().__init__(parent)
        gc.disable()
        timer = QTimer(self)
        timer.setInterval(LOOK_MS)
        timer.timeout.connect(collect_if_due)
        timer.start()


def collect_if_due() -> None:
    """As Python would: the youngest often, all seldom."""
    young, middle, old = gc.get_count()
    if young < YOUNG:
        return
    if middle < GENERATIONS:
        gc.collect(0)
    else:
        gc.collect(1 if old < GENERATIONS else 2)


def set_window_aside() -> None:
    """Call once the window and its map are built."""
    gc.collect()
    gc.freeze()
