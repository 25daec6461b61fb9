"""What waits for the loop: a stop goes past everything else."""

from concurrent.futures import Future

import pytest

from fleetapp.api.commands import HoldRobot, Person, StopAll, SubmitTask
from fleetapp.engine.inbox import MOST_A_TICK, Inbox
from fleetapp.engine.loop import CommandItem
from fleetapp.terms.modes import Role

LOCAL = Person("local", Role.OPERATOR, signed_in=False)


def item(command):
    return CommandItem(command, LOCAL, Future())


def full_inbox():
    inbox = Inbox()
    for number in range(3 * MOST_A_TICK):
        inbox.take_message(f"uagv/v2/m/s{number}/state", b"{}", False, number + 1)
    return inbox


@pytest.mark.parametrize("command", [StopAll("s"), HoldRobot("h", "m/s1", "why")])
def test_a_stop_or_hold_goes_past_thousands_of_waiting_messages(command):
    inbox = full_inbox()
    urgent = item(command)

    inbox.put(urgent)

    assert inbox.gather(1.0) == [urgent]


def test_a_tick_takes_no_more_than_keeps_the_next_stop_waiting_a_moment():
    inbox = full_inbox()

    sizes = [len(inbox.gather(0.0)) for _ in range(4)]

    assert sizes == [MOST_A_TICK, MOST_A_TICK, MOST_A_TICK, 0]


def test_other_commands_keep_their_place_and_nothing_is_lost():
    inbox = Inbox()
    first, stop, last = item(SubmitTask("a", "x", "y")), item(StopAll("s")), item(StopAll("t"))
    inbox.put(first)
    inbox.put(stop)
    inbox.put(last)

    taken = [inbox.gather(0.0) for _ in range(3)]

    assert taken[0] == [stop, last]
    assert [i for items in taken[1:] for i in items] == [first]
