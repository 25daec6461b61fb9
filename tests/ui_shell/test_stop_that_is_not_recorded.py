"""A stop that no disk took is in force, and the window says that a crash would lose it."""

from fleetapp.api.commands import Outcome
from ui.commands import Commands

WORDS = "Stop sent to 3 robots. In force, not recorded."


class Engine:
    def __init__(self, *, recorded):
        self._recorded = recorded

    def submit(self, command):
        return Outcome(command.command_id, True, "", WORDS, recorded=self._recorded)


def test_the_words_of_a_stop_that_is_not_recorded_come_to_the_window(qtbot):
    commands = Commands(Engine(recorded=False))

    with qtbot.waitSignal(commands.stop_call.told, timeout=5_000) as told:
        commands.stop_all()

    assert told.args == [WORDS]


def test_of_a_stop_that_is_recorded_nothing_is_said(qtbot):
    commands = Commands(Engine(recorded=True))

    with qtbot.assertNotEmitted(commands.stop_call.told, wait=200):
        commands.stop_all()
