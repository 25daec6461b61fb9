"""Calls to the engine are made off the screen's thread; their answers come back on it."""

import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QLabel

from fleetapp.client.connection import ClientError
from ui.commands import Commands


@pytest.fixture
def commands(qtbot):
    made = Commands(connection=None)
    yield made
    made.finish()


def test_the_answer_comes_on_the_thread_of_the_screen(qtbot, commands):
    heard = []

    commands.call(
        threading.get_ident, lambda made_on: heard.append((made_on, QThread.currentThread()))
    )
    qtbot.waitUntil(lambda: bool(heard))

    made_on, heard_on = heard[0]
    assert made_on != threading.get_ident()
    assert heard_on is commands.thread()


def test_an_error_of_the_engine_is_an_answer(qtbot, commands):
    heard = []

    def refused():
        raise ClientError("no engine runs")

    commands.call(refused, heard.append)
    qtbot.waitUntil(lambda: bool(heard))

    assert isinstance(heard[0], ClientError)


def test_an_answer_whose_sheet_was_closed_is_dropped(qtbot, commands):
    sheet, may_answer, later = QLabel(), threading.Event(), []

    commands.call(lambda: may_answer.wait(5), lambda _answer: sheet.setText("never"))
    commands.call(lambda: may_answer.wait(5), later.append)
    sheet.deleteLater()
    qtbot.wait(0)
    may_answer.set()
    qtbot.waitUntil(lambda: bool(later))

    assert later == [True]


def test_other_faults_in_taking_an_answer_are_not_hidden(qtbot, commands):
    def broken(_answer):
        raise RuntimeError("the page forgot something")

    with qtbot.captureExceptions() as faults:
        commands.call(lambda: None, broken)
        qtbot.waitUntil(lambda: bool(faults))

    assert "the page forgot something" in str(faults[0][1])


def test_who_asked_may_be_freed_by_the_answer_itself(qtbot):
    """An answer once was a Qt object of the calls that its own end freed: the program crashed."""

    class Asker(QObject):
        def __init__(self):
            super().__init__()
            self.commands = Commands(connection=None, parent=self)
            self.commands.call(lambda: 1, self.take)

        def take(self, _answer):
            return

    asker = Asker()
    asker.commands.finish()
    seen = weakref.ref(asker)

    del asker

    def freed():
        gc.collect()
        return seen() is None

    qtbot.waitUntil(freed)
