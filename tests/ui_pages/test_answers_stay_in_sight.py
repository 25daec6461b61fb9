"""What a stop leaves on the screen: closing waits for it, and its answer is told everywhere."""

import threading

import pytest

from fleetapp.client.connection import ClientError
from fleetapp.client.live import LinkState
from ui.stop_call import StopPhase
from ui.views.first_run import FirstRun
from ui.views.panel import button
from ui.window.main_window import MainWindow


@pytest.fixture
def window(qtbot, context):
    made = MainWindow(context, FirstRun(context, ""), "dark")
    qtbot.addWidget(made)
    context.store.link = LinkState(connected=True, detail="")
    made.show()
    yield made
    context.commands.finish()
    made.leave()


def press_stop_and_close(window):
    window.close()
    made = window._sheet.findChildren(type(button("")))
    next(b for b in made if b.text().startswith("Stop all first")).click()


def test_the_window_closes_when_the_engine_has_answered_the_stop(
    qtbot, window, context, connection, monkeypatch
):
    may_answer, at_once = threading.Event(), connection.submit

    def answer_later(command, signature=None):
        may_answer.wait(5)
        return at_once(command, signature)

    monkeypatch.setattr(connection, "submit", answer_later)
    press_stop_and_close(window)
    assert window.isVisible()

    may_answer.set()

    qtbot.waitUntil(lambda: not window.isVisible())


def test_the_window_stays_when_the_stop_reached_nobody(
    qtbot, window, context, connection, monkeypatch
):
    def refuse(_command, _signature=None):
        raise ClientError("no engine runs")

    monkeypatch.setattr(connection, "submit", refuse)
    press_stop_and_close(window)

    qtbot.waitUntil(lambda: context.commands.stop_call.phase is StopPhase.NOT_REACHED)
    assert window.isVisible()


@pytest.mark.parametrize("page", ["Map", "Alarms", "Audit"])
def test_what_became_of_a_command_is_told_on_every_page(qtbot, window, context, page):
    window.show_page(page)

    context.toast("r17 is held.")

    assert window._toast.isVisible()
    assert window._toast.text() == "r17 is held."
    inside = window.rect().contains(window._toast.geometry())
    assert inside


def test_long_words_are_wrapped_and_short_ones_after_them_take_no_more_room(qtbot, window, context):
    window.show_page("Map")
    context.toast("r17 is held.")
    short = window._toast.size()

    context.toast("The stop has not reached the engine. " * 8)
    assert window._toast.width() <= window.map_page.width()
    assert window._toast.height() > short.height()
    context.toast("r17 is held.")

    assert window._toast.size() == short
