"""Who may give which command: every command, every role, signed in or not."""

from typing import get_args

import pytest

from fleetapp.access.roles import ANYBODY, SUPERVISOR, refusal
from fleetapp.api import commands as asked
from fleetapp.api.commands import Command, Person
from fleetapp.terms.modes import ReviewAnswer, Role
from fleetapp.terms.reasons import Refusal

REASON = "the aisle is clear again"
COMMANDS = (
    asked.SubmitTask("c", "A", "P"),
    asked.CancelTask("c", "t"),
    asked.RequeueTask("c", "t"),
    asked.HoldRobot("c", "m/s"),
    asked.ReleaseHold("c", "m/s", REASON),
    asked.StopAll("c"),
    asked.ReleaseAll("c", REASON),
    asked.AdmitRobot("c", "m/s", "carrier", "r1"),
    asked.RemoveRobot("c", "m/s"),
    asked.AnswerReview("c", "v", ReviewAnswer.ACCEPT, REASON),
    asked.AcknowledgeAlarm("c", "a"),
    asked.EndHalt("c", "record", REASON),
)
LOCAL = Person("local", Role.OPERATOR, signed_in=False)
OPERATOR = Person("olga", Role.OPERATOR, signed_in=True)
POSING = Person("eve", Role.SUPERVISOR, signed_in=False)
SUPERVISING = Person("sam", Role.SUPERVISOR, signed_in=True)


def test_every_command_has_exactly_one_entry_in_the_table():
    assert set(get_args(Command)) == ANYBODY | SUPERVISOR
    assert not ANYBODY & SUPERVISOR
    assert {type(command) for command in COMMANDS} == set(get_args(Command))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: type(c).__name__)
def test_a_signed_in_supervisor_may_give_every_command(command):
    assert refusal(command, SUPERVISING) is None


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: type(c).__name__)
def test_an_operator_may_order_hold_stop_and_answer_but_never_override(command):
    expected = Refusal.ROLE_TOO_LOW if type(command) in SUPERVISOR else None

    assert refusal(command, OPERATOR) is expected


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: type(c).__name__)
@pytest.mark.parametrize("person", [LOCAL, POSING], ids=["local", "unsigned supervisor"])
def test_who_is_not_signed_in_overrides_nothing(command, person):
    expected = Refusal.NOT_SIGNED_IN if type(command) in SUPERVISOR else None

    assert refusal(command, person) is expected


@pytest.mark.parametrize("reason", ["", "   ", "\t\n"])
def test_a_release_without_a_reason_is_refused(reason):
    assert refusal(asked.ReleaseHold("c", "m/s", reason), SUPERVISING) is Refusal.REASON_MISSING
    assert refusal(asked.ReleaseAll("c", reason), SUPERVISING) is Refusal.REASON_MISSING


@pytest.mark.parametrize("answer", ReviewAnswer)
def test_an_answer_without_a_reason_is_refused(answer):
    assert refusal(asked.AnswerReview("c", "v", answer, " "), OPERATOR) is Refusal.REASON_MISSING


def test_a_command_that_is_not_in_the_table_is_given_by_nobody():
    class NewCommand:
        command_id = "c"

    for person in (LOCAL, OPERATOR, SUPERVISING):
        assert refusal(NewCommand(), person) is not None
