"""Cyclic garbage may hold Qt's objects: it ends on the screen's thread and nowhere else."""

import gc
import threading

import pytest
from PySide6.QtCore import QObject

from ui.collector import YOUNG, Collector

ENDED_ON = []


class Knot:
    """Garbage that only the collector finds; remembers on which thread it ended."""

    def __init__(self):
        self.itself = self

    def __del__(self):
        ENDED_ON.append(threading.get_ident())


@pytest.fixture
def owner():
    ENDED_ON.clear()
    yield QObject()
    gc.disable()  # as in all tests


def make_many(kept):
    kept.extend([] for _ in range(3 * YOUNG))


def test_a_thread_that_makes_many_objects_collects_nothing(qtbot, owner):
    gc.enable()
    Collector(owner)
    Knot()
    kept = []

    worker = threading.Thread(target=make_many, args=(kept,))
    worker.start()
    worker.join()
    while_working = tuple(ENDED_ON)
    qtbot.waitUntil(lambda: bool(ENDED_ON))

    assert while_working == ()
    assert set(ENDED_ON) == {threading.get_ident()}
