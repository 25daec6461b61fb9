"""Keeps Python's collector of cyclic garbage out of the frames and on the screen's thread.

A full collection walks every object alive: with a window built that is 25 ms, one and
a half frames, and one of twenty thousand young objects takes 8 ms. So only the few
thousand youngest are walked, and what survives is set aside: the greatest part of it
are values that end by themselves when the next ones replace them. The rest is found
when a person opens a page, which is no time to watch a robot glide.

By itself Python collects on whichever thread happens to make objects. Garbage may hold
Qt's objects, and one that ends on another thread leaves its timers behind: Qt then
calls what is gone, and the program ends. So nothing collects but what is here.
"""

import gc
import time

from PySide6.QtCore import QObject, QTimer

YOUNG = 4_000  # objects made between two collections of them
LOOK_MS = 100
ALL_AFTER_S = 300.0  # between two full collections, if a page is opened then
ALL_AT_LATEST_S = 12 * 3600.0  # however quiet the shift


class Collector(QObject):
    """Collects on the thread that it was made on, and nowhere else."""

    def __init__(self, parent: QObject) -> None:
        """Python's own collecting ends."""
        super().__init__(parent)
        gc.disable()
        self._all_s = time.monotonic()
        timer = QTimer(self)
        timer.setInterval(LOOK_MS)
        timer.timeout.connect(self._look)
        timer.start()

    def _look(self) -> None:
        if gc.get_count()[0] < YOUNG:
            return
        gc.collect(0)
        gc.freeze()
        if time.monotonic() - self._all_s >= ALL_AT_LATEST_S:
            self._collect_all()

    def page_opened(self) -> None:
        """A page was built and laid out: a moment more is not felt."""
        if time.monotonic() - self._all_s >= ALL_AFTER_S:
            self._collect_all()

    def _collect_all(self) -> None:
        self._all_s = time.monotonic()
        collect_all()


def collect_all() -> None:
    """Everything, also what was set aside; once the window and its map are built too."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
