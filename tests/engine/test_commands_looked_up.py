"""Commands are looked up in the journal before they enter; what restricts goes straight in."""

import threading
from concurrent.futures import Future

import pytest

from fleetapp.api import commands as asked
from fleetapp.api.commands import Outcome, Person
from fleetapp.core import decisions as made
from fleetapp.core.effects import effects_of
from fleetapp.core.known import Known
from fleetapp.core.observations import CommandGiven
from fleetapp.core.turn import Row
from fleetapp.engine.answers import Answers
from fleetapp.engine.service import Service
from fleetapp.terms.modes import Role, TaskState
from fleetapp.terms.reasons import Refusal

ZOE = Person("Zoe", Role.SUPERVISOR, signed_in=True)
ORDER = asked.SubmitTask("c-1", "A1", "P1", sku="S")
STRAIGHT = (
    asked.StopAll("s-1"),
    asked.HoldRobot("s-2", "m/r"),
    asked.CancelTask("s-3", "T-1"),
    asked.AcknowledgeAlarm("s-4", "a"),
)


class Entered:
    """What came to the loop, and a journal that answers when it is let."""

    def __init__(self):
        self.items = []
        self.arrived = threading.Condition()
        self.answering = threading.Event()
        self.answering.set()
        self.asked = []
        self.service = Service(self.put, None, None, None, self.look_up)

    def put(self, item):
        with self.arrived:
            self.items.append(item)
            self.arrived.notify_all()

    def look_up(self, command):
        assert self.answering.wait(15)
        self.asked.append((command.command_id, threading.current_thread().name))
        if command.command_id == "broken":
            raise RuntimeError("whatever it is")
        return Known(before=TaskState.DONE)

    def until(self, count):
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.items) >= count, timeout=15)
        return self.items


@pytest.fixture
def entered():
    made_here = Entered()
    yield made_here
    made_here.answering.set()
    made_here.service.close()


def test_a_command_enters_with_what_the_journal_knows(entered):
    entered.service.submit(ORDER, ZOE)

    (item,) = entered.until(1)

    assert (item.command, item.known) == (ORDER, Known(before=TaskState.DONE))


def test_commands_enter_in_the_order_in_which_they_came_looked_up_by_one_thread(entered):
    entered.answering.clear()
    names = [f"c-{number}" for number in range(30)]
    for name in names:
        entered.service.submit(asked.RequeueTask(name, "T-1"), ZOE)
    entered.answering.set()

    items = entered.until(30)

    assert [item.command.command_id for item in items] == names
    assert len({thread for _, thread in entered.asked}) == 1


@pytest.mark.parametrize("command", STRAIGHT)
def test_what_restricts_enters_at_once_while_the_journal_does_not_answer(entered, command):
    entered.answering.clear()
    entered.service.submit(ORDER, ZOE)

    entered.service.submit(command, ZOE)

    assert [item.command for item in entered.items] == [command]
    assert entered.items[0].known is None
    assert entered.asked == []


def test_a_look_up_that_breaks_makes_the_command_refusable_and_loses_none(entered, caplog):
    entered.service.submit(asked.RequeueTask("broken", "T-1"), ZOE)
    entered.service.submit(ORDER, ZOE)

    broken, whole = entered.until(2)

    assert broken.known == Known(readable=False)
    assert whole.known == Known(before=TaskState.DONE)
    assert "what is known of command broken cannot be said" in caplog.text
    caplog.clear()


def test_two_commands_of_one_tick_under_one_id_get_an_answer_each():
    answers, first, second = Answers(), Future(), Future()
    given = CommandGiven(5, ORDER, ZOE)
    other = CommandGiven(5, asked.SubmitTask("c-1", "A2", "P1", sku="S"), ZOE)
    rows = (
        Row(1, given, None),
        Row(2, made.CommandAccepted("c-1", "queued", "T-1"), 1),
        Row(3, other, None),
        Row(4, made.CommandRefused("c-1", "x", "Zoe", Refusal.DUPLICATE_COMMAND, "used"), 3),
    )
    answers.expect(given, first)
    answers.expect(other, second)
    answers.entered(rows)
    accepted, refused = (due.effect for due in effects_of(None, rows))

    answers.give(refused)

    assert not first.done()
    assert second.result(0).reason == Refusal.DUPLICATE_COMMAND.value
    answers.give(accepted)
    assert first.result(0) == Outcome("c-1", True, "", "queued", "T-1")
