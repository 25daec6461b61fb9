"""Rows kept as pictures: painting one takes a hundred times as long as showing it again.

A page whose order changes would paint all its rows in one frame and hold the window
for more than ten milliseconds; here a frame paints only as many as it has time for.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPixmap

KEPT = 160
BUDGET_S = 0.002  # for new pictures, a frame


class RowPictures:
    """Pictures by how they look, and how each row looked last."""

    def __init__(self, kept: int = KEPT) -> None:
        """At most `kept` pictures are held; nothing is painted yet."""
        self._most = kept
        self._kept: OrderedDict[Hashable, QPixmap] = OrderedDict()
        self._last: OrderedDict[str, tuple[Hashable, QPixmap]] = OrderedDict()
        self._until = 0.0
        self.behind = False  # whether this frame showed a row as it was

    def begin(self) -> None:
        """A new frame, with time for a few new rows."""
        self._until = time.perf_counter() + BUDGET_S
        self.behind = False

    def picture(
        self, name: str, look: Hashable, shape: Hashable, make: Callable[[], QPixmap]
    ) -> QPixmap | None:
        """The picture of the row `name` with this look and shape.

        With no time left in this frame it is the row as it looked before in the same
        shape, or None: never another row, whose words would stand beside the wrong robot.
        """
        found = self._kept.get((look, shape))
        if found is None:
            if time.perf_counter() > self._until:
                self.behind = True
                before = self._last.get(name)
                return before[1] if before is not None and before[0] == shape else None
            found = make()
        _put(self._kept, (look, shape), found, self._most)
        _put(self._last, name, (shape, found), self._most)
        return found


def blank(width_px: int, height_px: int, ratio: float, ground: QColor | None = None) -> QPixmap:
    """An empty picture for a screen with `ratio` pixels to one; clear without a `ground`."""
    made = QPixmap(max(1, round(width_px * ratio)), max(1, round(height_px * ratio)))
    made.setDevicePixelRatio(ratio)
    made.fill(ground if ground is not None else Qt.GlobalColor.transparent)
    return made


def _put(kept: OrderedDict[Any, Any], key: Hashable, value: object, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > most:
        kept.popitem(last=False)
