"""What takes something from robots has a way of its own to the engine, behind nothing."""

import threading

import pytest

from fleetapp.api.commands import (
    RESTRICTIVE,
    AcknowledgeAlarm,
    CancelTask,
    Command,
    HoldRobot,
    Outcome,
    StopAll,
    SubmitTask,
)
from fleetapp.core.answer_commands import WHILE_UNRECORDED
from ui.commands import MOST_RESTRICTIVE, Commands


class Engine:
    """Answers everything but tasks at once; counts who asks it at the same time."""

    def __init__(self):
        self.heard = []
        self.threads = set()
        self.may_answer = threading.Event()

    def submit(self, command, signature=None):
        del signature
        self.heard.append(type(command))
        self.threads.add(threading.get_ident())
        if isinstance(command, SubmitTask):
            self.may_answer.wait(5)
        return Outcome(command.command_id, True, "", "Taken.")


@pytest.fixture
def engine():
    made = Engine()
    yield made
    made.may_answer.set()


@pytest.fixture
def commands(qtbot, engine):
    made = Commands(engine)
    yield made
    engine.may_answer.set()
    made.finish()


RESTRICTIONS = (
    HoldRobot("c1", "halden/r17"),
    CancelTask("c2", "T-1"),
    AcknowledgeAlarm("c3", "a1"),
    StopAll("c4"),
)


@pytest.mark.parametrize("command", RESTRICTIONS, ids=lambda c: type(c).__name__)
def test_a_restriction_leaves_while_every_other_call_hangs(qtbot, engine, commands, command):
    for number in range(20):
        commands.call(lambda: engine.may_answer.wait(5), lambda _answer: None)
        commands.send(SubmitTask(f"t{number}", "A", "B"), lambda _answer: None)
    heard = []

    commands.send(command, heard.append)

    qtbot.waitUntil(lambda: bool(heard), timeout=3000)
    assert heard[0].accepted
    assert type(command) in engine.heard


def test_restrictions_that_hang_do_not_hold_up_the_next_one(qtbot, commands):
    may_answer, begun = threading.Event(), []

    def slow(command, _signature=None):
        begun.append(command)
        may_answer.wait(5)
        return Outcome(command.command_id, True, "", "Held.")

    commands.connection.submit = slow
    for number in range(5):
        commands.send(HoldRobot(f"c{number}", f"halden/r{number:02d}"), lambda _answer: None)

    qtbot.waitUntil(lambda: len(begun) == 5, timeout=3000)
    may_answer.set()


def test_the_threads_of_restrictions_are_bounded(qtbot, commands):
    may_answer, begun = threading.Event(), []

    def slow(command, _signature=None):
        begun.append(command)
        may_answer.wait(5)
        return Outcome(command.command_id, True, "", "Held.")

    commands.connection.submit = slow
    before = threading.active_count()
    for number in range(3 * MOST_RESTRICTIVE):
        commands.send(HoldRobot(f"c{number}", f"halden/r{number:02d}"), lambda _answer: None)

    qtbot.waitUntil(lambda: len(begun) == MOST_RESTRICTIVE)
    assert threading.active_count() - before <= MOST_RESTRICTIVE
    may_answer.set()
    qtbot.waitUntil(lambda: len(begun) == 3 * MOST_RESTRICTIVE)


def test_the_list_of_restrictions_is_what_the_core_takes_even_without_its_journal():
    assert RESTRICTIVE == WHILE_UNRECORDED
    assert set(RESTRICTIVE) < set(Command.__args__)
