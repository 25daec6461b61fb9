"""What a stop leaves on the screen: closing waits for it, and its answer is told everywhere."""

import threading

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLabel

from fleetapp.api.commands import Outcome
from fleetapp.client.connection import ClientError
from fleetapp.client.live import LinkState
from ui.stop_call import StopPhase
from ui.views.dock import ViewDock
from ui.views.first_run import FirstRun
from ui.views.panel import button
from ui.views.side import Side
from ui.window.closing import NO_ANSWER, NOT_ASKED, PENDING_STOP, RECORDED, WAITS
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

    assert "has not reached the engine" in said_in(window)


def said_in(window):
    return window._sheet.said.text()


class LateEngine:
    """Answers a stop when it may, recorded or not, or not at all."""

    def __init__(self, connection, monkeypatch):
        self.may_answer, self.asked = threading.Event(), threading.Event()
        self.recorded = self.there = True
        monkeypatch.setattr(connection, "submit", self._submit)

    def _submit(self, command, _signature=None):
        self.asked.set()
        self.may_answer.wait(5)
        if not self.there:
            raise ClientError("no answer within 15 s")
        return Outcome(command.command_id, True, "", "Stop sent.", recorded=self.recorded)


@pytest.fixture
def late(connection, monkeypatch):
    made = LateEngine(connection, monkeypatch)
    yield made
    made.may_answer.set()


def test_the_window_stays_when_a_crash_would_lose_the_stop_and_says_so(qtbot, window, late):
    late.recorded = False
    late.may_answer.set()

    press_stop_and_close(window)

    qtbot.waitUntil(lambda: "would lose the stop" in said_in(window))
    assert window.isVisible()


def test_a_picture_of_the_stop_is_no_answer_and_closes_no_window(qtbot, window, context, late):
    press_stop_and_close(window)
    qtbot.waitUntil(late.asked.is_set)

    context.commands.stop_call.take_fleet(stopped=True)

    assert context.commands.stop_call.phase is StopPhase.IN_FORCE
    assert window.isVisible()
    late.may_answer.set()
    qtbot.waitUntil(lambda: not window.isVisible())


def test_the_window_stays_when_the_stop_is_seen_and_never_answered(qtbot, window, context, late):
    late.there = False
    press_stop_and_close(window)
    qtbot.waitUntil(late.asked.is_set)
    context.commands.stop_call.take_fleet(stopped=True)

    late.may_answer.set()

    qtbot.waitUntil(lambda: "did not say whether it is recorded" in said_in(window))
    assert window.isVisible()


def test_a_sheet_that_is_put_away_closes_no_window_later(qtbot, window, context, late):
    press_stop_and_close(window)
    qtbot.waitUntil(late.asked.is_set)

    window.close_sheet()
    late.may_answer.set()

    qtbot.waitUntil(lambda: context.commands.stop_call.phase is StopPhase.IN_FORCE)
    qtbot.waitUntil(lambda: not context.commands.stop_call.under_way)
    assert window.isVisible()


def test_a_window_whose_stop_is_still_tried_asks_also_without_an_engine(
    qtbot, window, context, late
):
    context.commands.stop_all()
    context.store.link = LinkState(connected=False, detail="no engine")

    window.close()

    assert window.isVisible()
    assert said_in(window) == PENDING_STOP


def test_the_window_stays_when_the_stop_is_seen_between_two_tries(
    qtbot, window, context, connection, monkeypatch
):
    """No try is left that could be answered: to wait for one would be for ever."""

    def refuse(_command, _signature=None):
        raise ClientError("no engine runs")

    monkeypatch.setattr(connection, "submit", refuse)
    monkeypatch.setattr("ui.stop_call.GAPS_S", (60.0,))
    press_stop_and_close(window)
    qtbot.waitUntil(lambda: context.commands.stop_call._failed == 1)

    context.commands.stop_call.take_fleet(stopped=True)

    qtbot.waitUntil(lambda: NO_ANSWER in said_in(window))
    assert said_in(window).startswith("The window stays open.")
    assert window.isVisible()


def test_the_cross_pressed_again_goes_on_waiting_for_the_answer(qtbot, window, late):
    press_stop_and_close(window)
    sheet = window._sheet

    window.close()

    assert window._sheet is sheet
    assert said_in(window) == WAITS
    late.may_answer.set()
    qtbot.waitUntil(lambda: not window.isVisible())


@pytest.mark.parametrize("asked_first", [True, False])
def test_the_open_sheet_says_what_came_of_the_stop(
    qtbot, window, context, connection, monkeypatch, asked_first
):
    there, at_once = threading.Event(), connection.submit

    def answer(command, signature=None):
        if not there.is_set():
            raise ClientError("no engine runs")
        return at_once(command, signature)

    monkeypatch.setattr(connection, "submit", answer)
    monkeypatch.setattr("ui.stop_call.GAPS_S", (0.01, 0.01))
    if asked_first:
        press_stop_and_close(window)
    else:
        context.commands.stop_all()
        window.close()
        assert said_in(window) == PENDING_STOP
    qtbot.waitUntil(lambda: "has not reached the engine: no engine runs. It" in said_in(window))

    there.set()

    qtbot.waitUntil(lambda: said_in(window) == RECORDED)
    assert window.isVisible()


def test_a_stop_that_is_released_leaves_no_old_sentence_in_the_sheet(qtbot, window, context, late):
    context.commands.stop_all()
    window.close()

    context.commands.stop_call.give_up()

    assert said_in(window) == "The fleet was released meanwhile."


def test_a_stop_that_others_pressed_is_no_news_in_the_sheet(window, context):
    window.close()

    context.commands.stop_call.take_fleet(stopped=True)

    assert said_in(window) == ""


def test_nothing_in_the_sheet_says_that_the_stop_does_not_need_the_window(window, context, late):
    context.commands.stop_all()
    window.close()

    words = " ".join(part.text() for part in window._sheet.findChildren(QLabel))
    assert "do not depend" not in words
    assert PENDING_STOP in words


def test_a_question_that_cannot_be_shown_keeps_nobody_in(window, context, monkeypatch):
    def broken(*_arguments):
        raise ValueError("no such icon")

    monkeypatch.setattr("ui.window.closing.CloseSheet", broken)

    window.close()
    assert window.isVisible()
    assert window._toast.text() == NOT_ASKED

    window.close()
    assert not window.isVisible()


def test_a_question_that_can_be_shown_again_is_asked(window, monkeypatch):
    def broken(*_arguments):
        raise ValueError("no such icon")

    with monkeypatch.context() as patched:
        patched.setattr("ui.window.closing.CloseSheet", broken)
        window.close()

    window.close()

    assert window.isVisible()
    assert window._sheet is not None


@pytest.fixture
def unreached(qtbot, window, context, connection, monkeypatch):
    """A window whose stop reaches nobody, long after it said so; gives what may answer."""
    there = threading.Event()
    at_once = connection.submit

    def answer(command, signature=None):
        if not there.is_set():
            raise ClientError("no engine runs")
        return at_once(command, signature)

    monkeypatch.setattr(connection, "submit", answer)
    monkeypatch.setattr("ui.stop_call.GAPS_S", (0.01, 0.01))
    window.resize(1600, 1000)
    window.show_page("Map")
    window._toast._end.setInterval(20)
    context.commands.stop_all()
    qtbot.waitUntil(window._toast.isVisible)
    qtbot.waitUntil(lambda: not window._toast._end.isActive())
    return there


def test_what_to_do_stays_in_sight_while_the_stop_reaches_nobody(qtbot, window, context, unreached):
    toast = window._toast
    assert toast.isVisible()
    assert "In danger use the emergency stop on the robot or the wall." in toast.text()

    context.toast("r17 is held.")
    assert toast.text().endswith("on the robot or the wall.\nr17 is held.")
    qtbot.waitUntil(lambda: not toast._end.isActive())
    assert toast.isVisible()
    assert "r17" not in toast.text()

    unreached.set()
    qtbot.waitUntil(lambda: "has not reached" not in toast.text() or toast.isHidden())


def test_what_to_do_keeps_its_place_in_a_window_of_another_size(qtbot, window, context, unreached):
    window.resize(1280, 720)

    qtbot.waitUntil(lambda: window.rect().contains(window._toast.geometry()))
    assert (
        window._toast.geometry().right()
        <= window.map_page.mapTo(window, window.map_page.rect().topRight()).x()
    )


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


@pytest.mark.parametrize("page", ["Map", "Tasks", "Robots", "Reviews", "Alarms", "Audit"])
def test_what_to_do_lies_over_no_side_and_no_sheet_of_any_page(
    qtbot, window, context, unreached, page
):
    window.resize(1280, 720)
    QApplication.processEvents()

    window.show_page(page)
    window.select("halden/r23")
    qtbot.waitUntil(lambda: covered_by(window._toast, window) == [])
    window.close()
    assert window._sheet.isVisible()

    qtbot.waitUntil(lambda: covered_by(window._toast, window) == [])
    assert window.rect().contains(window._toast.geometry())


def test_what_to_do_makes_room_for_the_list_that_opens_over_the_map(
    qtbot, window, context, unreached
):
    window.resize(1280, 720)
    QApplication.processEvents()

    window.toggle_list()
    assert window.robots.isVisible()

    qtbot.waitUntil(lambda: covered_by(window._toast, window) == [])


def covered_by(toast, window):
    """Names of the sides and sheets that a line lies over."""
    pages = window._pages
    docks = [part for kind in (ViewDock, Side) for part in pages.findChildren(kind)]
    beside = (pages._named["Reviews"]._dock, pages._named["Audit"]._filter)
    parts = (*docks, *beside, window._side, window.robots)
    return [
        type(part).__name__
        for part in parts
        if part.isVisible()
        and part.rect().translated(part.mapTo(window, QPoint())).intersects(toast.geometry())
    ]
