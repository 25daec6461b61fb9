"""Removing a robot takes its account on the broker, however late or often it is asked."""

import threading
from concurrent.futures import Future

import pytest

from fleetapp.api.commands import Outcome, Person
from fleetapp.engine import service as service_module
from fleetapp.engine.loop import CommandItem
from fleetapp.engine.service import Outside, Service
from fleetapp.mqtt.accounts import AccountsError
from fleetapp.terms.modes import Role
from fleetapp.terms.reasons import Refusal

ZOE = Person("Zoe", Role.SUPERVISOR, signed_in=True)
ROBOT = "m/r1"
UNKNOWN = Outcome("c", accepted=False, reason=Refusal.UNKNOWN_ROBOT.value, message="unknown")
BUSY = Outcome("c", accepted=False, reason=Refusal.ROBOT_BUSY.value, message="it drives")
DONE = Outcome("c", accepted=True, reason="", message="removed")


class Fleet:
    """A service whose core answers as it is told, and a broker with accounts."""

    def __init__(self):
        self.accounts = {ROBOT}
        self.answer = DONE
        self.asked: list[Future] = []
        self.taken = threading.Event()
        self.full = ""  # why the broker's accounts cannot be written
        nothing = dict.fromkeys(("layout", "review_crop", "delta_sent", "status", "diagnostics"))
        outside = Outside(**nothing, add_broker_user=self.give, remove_broker_user=self.take)
        self.service = Service(self.put, None, None, outside, lambda _command: None)

    def put(self, item):
        if not isinstance(item, CommandItem):
            return
        self.asked.append(item.answer)
        if self.answer is not None:
            item.answer.set_result(self.answer)

    def give(self, robot_id):
        if self.full:
            raise AccountsError(self.full)
        self.accounts.add(robot_id)
        return "secret"

    def take(self, robot_id):
        if self.full:
            self.taken.set()
            raise AccountsError(self.full)
        had = robot_id in self.accounts
        self.accounts.discard(robot_id)
        self.taken.set()
        return had

    def remove(self, *, keep_user=False):
        self.service.remove_robot(ROBOT, keep_user=keep_user, person=ZOE)


@pytest.fixture
def fleet():
    made_here = Fleet()
    yield made_here
    made_here.service.close()


def test_a_robot_that_is_admitted_no_more_loses_its_account_all_the_same(fleet):
    fleet.answer = UNKNOWN

    fleet.remove()

    assert fleet.accounts == set()


def test_a_robot_that_is_neither_admitted_nor_has_an_account_is_said_to_be_unknown(fleet):
    fleet.remove()
    fleet.answer = UNKNOWN

    with pytest.raises(ValueError, match="unknown"):
        fleet.remove()


def test_a_robot_that_still_drives_keeps_its_account(fleet):
    fleet.answer = BUSY

    with pytest.raises(ValueError, match="it drives"):
        fleet.remove()

    assert fleet.accounts == {ROBOT}


def test_an_account_that_is_to_be_kept_is_kept(fleet):
    fleet.remove(keep_user=True)

    assert fleet.accounts == {ROBOT}


@pytest.mark.parametrize(("late", "left"), [(DONE, set()), (BUSY, {ROBOT})])
def test_an_answer_that_comes_too_late_takes_the_account_if_the_robot_was_removed(
    fleet, monkeypatch, late, left
):
    monkeypatch.setattr(service_module, "ANSWER_TIMEOUT_S", 0.05)
    fleet.answer = None
    with pytest.raises(TimeoutError):
        fleet.remove()
    assert fleet.accounts == {ROBOT}

    fleet.asked[0].set_result(late)

    assert fleet.taken.wait(10 if late is DONE else 0.1) is (late is DONE)
    assert fleet.accounts == left


def test_an_account_that_a_full_disk_keeps_is_told_and_taken_when_asked_again(fleet):
    fleet.full = "the accounts cannot be written: make room and try again"
    with pytest.raises(ValueError, match=r"m/r1 is removed and has its account still: .*make room"):
        fleet.remove()
    fleet.full, fleet.answer = "", UNKNOWN

    fleet.remove()

    assert fleet.accounts == set()


def test_an_account_that_a_full_disk_does_not_take_is_told_with_the_remedy(fleet):
    fleet.full = "the accounts cannot be written: make room and try again"

    with pytest.raises(ValueError, match=r"m/r2 is admitted and has no account: .*make room"):
        fleet.service.add_robot("m/r2", "carrier", "r2", ZOE)


def test_an_account_that_stays_though_nobody_waits_any_more_is_in_the_log(
    fleet, monkeypatch, caplog
):
    monkeypatch.setattr(service_module, "ANSWER_TIMEOUT_S", 0.05)
    fleet.answer, fleet.full = None, "the accounts cannot be written"
    with pytest.raises(TimeoutError):
        fleet.remove()

    fleet.asked[0].set_result(DONE)

    assert fleet.taken.wait(10)
    fleet.service._looking.shutdown(wait=True)
    assert "m/r1 is removed and has its account still" in caplog.text
