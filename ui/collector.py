"""Keeps Python's collector of cyclic garbage out of the frames.

A full collection walks every object alive: with a window built that is 25 ms, one and
a half frames. What lives as long as the window is set aside once it stands, so that
later collections walk only what came after.
"""

import gc

YOUNG = 20_000  # objects made between two collections of the youngest
GENERATIONS = 20


def set_window_aside() -> None:
    """Call once the window and its map are built."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, GENERATIONS, GENERATIONS)
