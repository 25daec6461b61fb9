"""The stop says what is known of it: on its way, told, or not reached; it is never lost.

Whether all robots stand is in `test_fleet_stop_panel`.
"""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from fleetapp.api.commands import Outcome, ReleaseAll, StopAll
from fleetapp.api.views import NOT_STOPPED
from fleetapp.client.connection import ClientError
from ui.commands import Commands
from ui.stop_call import MOST_THREADS, StopPhase
from ui.theme.tokens import load_theme
from ui.window.stop import StopButton

ROOT = Path(__file__).parents[2]
STOPPED = "Stop sent to 12 robots. This is not a safety function."


class Engine:
    """Answers when it may, as often as it is asked."""

    def __init__(self):
        self.asked = []
        self.there = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.accepts = True
        self.words = STOPPED
        self.recorded = True

    def submit(self, command, signature=None):
        del signature
        self.asked.append(command)
        if not self.there.is_set():
            raise ClientError("no engine runs on this folder?")
        self.may_answer.wait(5)
        return Outcome(command.command_id, self.accepts, "", self.words, recorded=self.recorded)

    def stops(self):
        return [command for command in self.asked if isinstance(command, StopAll)]


class OnlyWhatTheStopNeeds:
    def __init__(self, engine):
        self.commands = Commands(engine)
        self.theme = load_theme(ROOT / "assets", "dark")
        self.said = []
        self.toast = self.said.append


@pytest.fixture
def engine():
    made = Engine()
    made.there.set()
    yield made
    made.may_answer.set()


@pytest.fixture
def context(qtbot, engine):
    made = OnlyWhatTheStopNeeds(engine)
    yield made
    made.commands.finish()


@pytest.fixture
def button(qtbot, context):
    made = StopButton(context)
    qtbot.addWidget(made)
    yield made
    QApplication.instance().removeEventFilter(made)


def test_a_stop_that_was_pressed_says_sending_until_the_engine_has_answered(qtbot, engine, button):
    engine.may_answer.clear()

    button.stop()

    qtbot.waitUntil(lambda: bool(engine.stops()))
    assert button.word == "Sending"
    engine.may_answer.set()
    qtbot.waitUntil(lambda: button.word == "Told")


def test_a_stop_that_reaches_nobody_never_says_stopped_and_says_why(qtbot, engine, context, button):
    engine.there.clear()

    button.stop()
    qtbot.waitUntil(lambda: button.word == "Not reached")

    assert "no engine runs on this folder" in button.toolTip()
    assert "Not a safety function" in button.toolTip()
    assert len(context.said) == 1
    assert "no engine runs on this folder. It is tried again." in context.said[0]


def test_a_stop_that_did_not_get_through_is_tried_until_it_is_answered(qtbot, engine, button):
    engine.there.clear()
    button.stop()
    qtbot.waitUntil(lambda: button.word == "Not reached")
    before = len(engine.stops())
    qtbot.waitUntil(lambda: len(engine.stops()) > before)

    engine.there.set()

    qtbot.waitUntil(lambda: button.word == "Told")
    tried = {command.command_id for command in engine.stops()}
    assert len(tried) == 1


def test_a_silent_engine_is_told_apart_from_one_that_has_answered(qtbot, engine, context, button):
    engine.may_answer.clear()
    context.commands.stop_call._silence.setInterval(50)

    button.stop()

    qtbot.waitUntil(lambda: button.word == "Not reached")
    engine.may_answer.set()
    qtbot.waitUntil(lambda: button.word == "Told")


def test_pressing_again_sends_at_once_also_while_an_earlier_press_hangs(qtbot, engine, button):
    engine.may_answer.clear()
    button.stop()
    qtbot.waitUntil(lambda: len(engine.stops()) == 1)

    button.stop()

    qtbot.waitUntil(lambda: len(engine.stops()) == 2)
    assert button.word == "Sending"


def test_pressing_many_times_at_a_hanging_engine_starts_a_bounded_number_of_threads(
    qtbot, engine, button
):
    engine.may_answer.clear()
    before = threading.active_count()

    for _ in range(50):
        button.stop()

    assert threading.active_count() - before <= 8


def test_a_stop_pressed_after_a_release_is_told_also_while_very_many_hang(
    qtbot, engine, context, button
):
    engine.may_answer.clear()
    for _ in range(MOST_THREADS):
        button.stop()
    qtbot.waitUntil(lambda: len(engine.stops()) == MOST_THREADS)
    context.commands.stop_call.give_up()

    button.stop()
    engine.may_answer.set()

    qtbot.waitUntil(lambda: button.word == "Told")
    sent = [command.command_id for command in engine.stops()]
    assert len(set(sent)) == len(sent) == MOST_THREADS + 1


def test_a_stop_that_waits_for_a_thread_is_not_sent_after_a_release(qtbot, engine, context, button):
    engine.may_answer.clear()
    for _ in range(MOST_THREADS + 1):
        button.stop()
    qtbot.waitUntil(lambda: len(engine.stops()) == MOST_THREADS)

    context.commands.stop_call.give_up()
    engine.may_answer.set()

    qtbot.waitUntil(lambda: not context.commands.stop_call.under_way)
    assert len(engine.stops()) == MOST_THREADS


def test_the_answer_that_a_crash_would_lose_the_stop_is_told_in_its_own_words(
    qtbot, engine, context, button
):
    engine.recorded, engine.words = False, "In force, not recorded."

    button.stop()

    qtbot.waitUntil(lambda: context.said == ["In force, not recorded."])
    qtbot.waitUntil(lambda: button.word == "Told")


def test_a_picture_that_is_faster_than_the_answer_does_not_swallow_its_words(
    qtbot, engine, context, button
):
    engine.recorded, engine.words = False, "In force, not recorded."
    engine.may_answer.clear()
    button.stop()
    qtbot.waitUntil(lambda: bool(engine.stops()))

    context.commands.stop_call.take_fleet(stopped=True)
    engine.may_answer.set()

    qtbot.waitUntil(lambda: context.said == ["In force, not recorded."])


def test_an_answer_after_tries_that_failed_is_told(qtbot, engine, context, button):
    engine.there.clear()
    button.stop()
    qtbot.waitUntil(lambda: len(context.said) == 1)

    engine.there.set()

    qtbot.waitUntil(lambda: context.said[1:] == [STOPPED])


def test_a_stop_that_the_engine_refuses_is_not_called_stopped(qtbot, engine, context, button):
    engine.accepts, engine.words = False, "Nobody may do this here."

    button.stop()

    qtbot.waitUntil(lambda: button.word == "Refused")
    assert context.said == ["Nobody may do this here."]


def test_the_engines_picture_of_a_new_stop_ends_the_waiting_for_an_answer(
    qtbot, engine, context, button
):
    engine.may_answer.clear()
    button.stop()
    qtbot.waitUntil(lambda: bool(engine.stops()))

    context.commands.stop_call.take_fleet(stopped=True)

    assert button.word == "Told"


def test_a_stop_pressed_again_in_a_stopped_fleet_waits_for_its_own_answer(
    qtbot, engine, context, button
):
    context.commands.stop_call.take_fleet(stopped=True)
    engine.may_answer.clear()

    button.stop()
    context.commands.stop_call.take_fleet(stopped=True)

    assert button.word == "Sending"
    engine.may_answer.set()
    qtbot.waitUntil(lambda: button.word == "Told")


def test_an_answered_stop_is_over_when_the_engine_says_that_it_was_released(
    qtbot, engine, context, button
):
    button.stop()
    qtbot.waitUntil(lambda: button.word == "Told")
    context.commands.stop_call.take_fleet(stopped=True)

    context.commands.stop_call.take_fleet(stopped=False)

    assert button.word == "Stop all"


def test_a_picture_from_before_the_stop_does_not_take_it_back(qtbot, engine, context, button):
    button.stop()
    qtbot.waitUntil(lambda: button.word == "Told")

    context.commands.stop_call.take_fleet(stopped=False)

    assert button.word == "Told"


def test_a_stop_that_is_still_tried_ends_when_a_person_releases_the_fleet(
    qtbot, engine, context, button
):
    engine.there.clear()
    button.stop()
    qtbot.waitUntil(lambda: button.word == "Not reached")

    context.commands.send(ReleaseAll("r", "danger is over"), lambda _answer: None)
    qtbot.waitUntil(lambda: any(isinstance(asked, ReleaseAll) for asked in engine.asked))

    assert button.word == "Stop all"
    qtbot.waitUntil(lambda: not context.commands.stop_call.under_way)
    assert context.commands.stop_call.phase is StopPhase.NONE


def test_a_stop_from_the_palette_or_the_task_line_is_told_by_the_button_too(
    qtbot, engine, context, button
):
    engine.there.clear()

    context.commands.stop_all()

    qtbot.waitUntil(lambda: button.word == "Not reached")


def test_a_button_made_while_a_stop_is_under_way_tells_it(qtbot, engine, context):
    engine.there.clear()
    context.commands.stop_all()
    qtbot.waitUntil(lambda: context.commands.stop_call.phase is StopPhase.NOT_REACHED)

    later = StopButton(context)
    qtbot.addWidget(later)
    QApplication.instance().removeEventFilter(later)

    assert later.word == "Not reached"


def test_closing_ends_the_tries(qtbot, engine, context, button):
    engine.there.clear()
    button.stop()
    qtbot.waitUntil(lambda: len(engine.stops()) > 1)

    context.commands.finish()

    qtbot.waitUntil(lambda: not context.commands.stop_call.under_way)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_each_state_of_the_stop_has_a_shape_of_its_own(qtbot, engine, context, theme):
    """Told without any colour: two states never give the same picture in grey."""
    context.theme = load_theme(ROOT / "assets", theme)
    button = StopButton(context)
    qtbot.addWidget(button)
    QApplication.instance().removeEventFilter(button)
    pictures = {}
    for phase in StopPhase:
        context.commands.stop_call.phase = phase
        picture = button.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        # Beside the words: the octagon and the edge alone.
        pictures[phase] = bytes(picture.copy(0, 0, 44, 44).constBits())

    sending, reached = pictures[StopPhase.SENDING], pictures[StopPhase.IN_FORCE]
    button.take(replace(NOT_STOPPED, active=True, standing=("halden/r01",)), lost=False)
    context.commands.stop_call.phase = StopPhase.IN_FORCE
    picture = button.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    standing = bytes(picture.copy(0, 0, 44, 44).constBits())
    assert standing not in pictures.values()
    assert len({sending, reached, pictures[StopPhase.NOT_REACHED], pictures[StopPhase.NONE]}) == 4
    assert (button.width(), button.height()) == (164, 44)
