"""Cyclic garbage may hold Qt's objects: it ends on the screen's thread and nowhere else."""

import gc
import threading

import pytest
from PySide6.QtCore import QObject

from ui.collector import ALL_AFTER_S, YOUNG, Collector

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
    gc.unfreeze()


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


def opened(owner, monkeypatch, seconds_later):
    """A page is opened so long after the collector began; garbage was set aside before."""
    collector = Collector(owner)
    kept = Knot()
    gc.freeze()
    del kept
    now = collector._all_s + seconds_later
    monkeypatch.setattr("ui.collector.time.monotonic", lambda: now)
    collector.page_opened()


def test_what_was_set_aside_is_collected_when_a_page_is_opened(qtbot, owner, monkeypatch):
    opened(owner, monkeypatch, ALL_AFTER_S)

    assert [threading.get_ident()] == ENDED_ON


def test_pages_opened_one_after_the_other_are_not_held_up_each_time(qtbot, owner, monkeypatch):
    opened(owner, monkeypatch, ALL_AFTER_S / 2)

    assert ENDED_ON == []


def test_values_that_are_replaced_end_without_a_collection(qtbot, owner):
    Collector(owner)
    kept = [Knot()]
    kept[0].itself = None
    make_many(kept)
    qtbot.waitUntil(lambda: gc.get_count()[0] < YOUNG)  # set aside

    kept.clear()

    assert len(ENDED_ON) == 1
