"""What `endure --kills` calls broken: an answer that is not in force, not recorded, or done twice."""

import json
import sqlite3
from dataclasses import replace
from math import inf
from unittest.mock import MagicMock

import pytest

from fleetapp.api.commands import CancelTask, HoldRobot, Outcome, ReleaseHold, StopAll, SubmitTask
from fleetapp.api.views import HoldView
from fleetapp.audit.writer import JournalWriter
from fleetapp.client.connection import ClientError
from fleetapp.core.rows import Entry
from fleetapp.simulation.kills import __main__ as kills_command
from fleetapp.simulation.kills.hall import HallError
from fleetapp.simulation.kills.promises import Picks, Promises, picks_in
from fleetapp.simulation.kills.rounds import Count, Kill, Rounds, differs_in_picks, kinds_of
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import HoldReason

R1 = "sim/r01"


class Shown:
    """The parts of a snapshot that promises are about."""

    def __init__(self, *, stopped=False, holds=(), tasks=()):
        self.fleet = _Named(stop=_Named(active=stopped))
        held = tuple(HoldView(reason, 0, "x", "", confirmed=True) for reason in holds)
        self.robots = (_Named(robot_id=R1, name="r01", holds=held),)
        self.tasks = tuple(_Named(task_id=task_id, state=state) for task_id, state in tasks)
        self.reviews = self.alarms = ()


class _Named:
    def __init__(self, **values):
        self.__dict__.update(values)


def taken(promises, command, **more):
    outcome = Outcome(command.command_id, True, "", "")
    promises.take(command, replace(outcome, **more))


def test_a_stop_that_is_not_on_is_broken():
    promises = Promises()
    taken(promises, StopAll("c1"))

    assert promises.broken_in(Shown(stopped=True)) == []
    assert promises.broken_in(Shown(stopped=False)) == ["stopped is False, promised True"]


def test_a_stop_that_was_called_not_recorded_may_be_lost():
    promises = Promises()
    taken(promises, StopAll("c1"), recorded=False)

    assert promises.broken_in(Shown(stopped=False)) == []
    assert promises.not_recorded == 1


def test_a_cancel_that_was_called_not_recorded_excuses_no_stop_that_is_lost():
    promises = Promises()
    taken(promises, StopAll("c1"))
    taken(promises, CancelTask("c2", "T-1"), recorded=False)

    assert promises.broken_in(Shown(stopped=False)) == ["stopped is False, promised True"]


def test_a_second_stop_that_was_called_not_recorded_excuses_no_first_one_that_is_lost():
    promises = Promises()
    taken(promises, StopAll("c1"))
    taken(promises, StopAll("c2"), recorded=False)

    assert promises.broken_in(Shown(stopped=False)) == ["stopped is False, promised True"]


def test_a_task_that_was_taken_and_is_not_there_is_broken():
    promises = Promises()
    taken(promises, SubmitTask("c1", "A", "B"), task_id="T-1")

    assert promises.broken_in(Shown(tasks=[("T-1", TaskState.QUEUED)])) == []
    assert promises.broken_in(Shown()) == ["T-1 is not there"]


def test_a_hold_lasts_until_it_is_released():
    promises = Promises()
    taken(promises, HoldRobot("c1", R1))
    assert promises.broken_in(Shown()) == ["r01 held by a person: False"]
    taken(promises, ReleaseHold("c2", R1, "done"))

    assert promises.broken_in(Shown()) == []
    assert promises.broken_in(Shown(holds=[HoldReason.BY_PERSON])) != []


def test_a_robot_that_is_found_paused_is_broken_whoever_held_it():
    assert Promises().broken_in(Shown(holds=[HoldReason.FOUND_PAUSED])) != []


def test_a_cancelled_task_that_goes_on_is_broken():
    promises = Promises()
    taken(promises, CancelTask("c1", "T-1"))

    assert promises.broken_in(Shown(tasks=[("T-1", TaskState.CANCELLED)])) == []
    assert promises.broken_in(Shown(tasks=[("T-1", TaskState.DONE)])) != []


@pytest.fixture
def journal(tmp_path):
    """Writes rows of a type with a body; the file."""

    def write(*rows):
        writer = JournalWriter(
            tmp_path / "audit.db",
            "boot",
            on_durable=lambda _seq: None,
            on_trouble=lambda _why: None,
            on_recovered=lambda: None,
        )
        writer.start()
        writer.append(
            [
                Entry(
                    *(n, n, "input", kind, 1, "x", None, body.get("task_id")),
                    *(None, None, None, json.dumps(body).encode()),
                )
                for n, (kind, body) in enumerate(rows, start=1)
            ]
        )
        assert writer.close()
        return tmp_path / "audit.db"

    return write


def given(command_id):
    return ("CommandGiven", {"command": {"command_id": command_id}})


def test_a_command_is_in_the_journal_once(journal):
    database = journal(given("c1"), given("c2"), given("c2"))
    promises = Promises()
    for command_id in ("c1", "c2", "c3"):
        taken(promises, SubmitTask(command_id, "A", "B"))

    assert promises.missing_in(database) == [
        "command c2 is in the journal 2 times",
        "command c3 is in the journal 0 times",
    ]
    assert promises.missing_in(database) == []  # each is looked up once
    promises.look_at_all_again()  # and in the end
    assert len(promises.missing_in(database)) == 2


def test_a_person_who_was_added_is_in_the_journal(journal):
    database = journal(("AccessRecorded", {"what": "added ida as operator"}))
    promises = Promises(people=["ida", "leo"])

    assert promises.missing_in(database) == ["that leo was added is in the journal 0 times"]


def picked(order_id, action_id):
    return ("ActionEnded", {"ok": True, "order_id": order_id, "action_id": action_id})


def test_a_task_is_accepted_and_picked_once(journal):
    database = journal(
        ("TaskAccepted", {"task_id": "T-1"}),
        ("TaskAccepted", {"task_id": "T-2"}),
        ("TaskAccepted", {"task_id": "T-2"}),
        ("OrderIssued", {"order_id": "o1", "task_id": "T-1"}),
        ("OrderIssued", {"order_id": "o2", "task_id": "T-1"}),
        ("OrderIssued", {"order_id": "o3", "task_id": "T-3"}),
        picked("o1", "a-pick"),
        picked("o1", "a-pick"),  # told of twice
        picked("o2", "b-pick"),
        picked("o3", "c-pick"),
    )

    found = picks_in(database)

    assert found.done == 3
    assert found.doubled == ("T-1 picked 2 times", "T-2 accepted twice")


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        ({"picks": 3}, 0),
        ({"picks": 4}, 1),  # one that no report brought
        ({"picks": 2}, 1),  # one that never was
        ({}, 1),  # robots that ended without a word
    ],
)
def test_picks_of_the_journal_are_those_that_the_robots_counted(summary, told):
    assert len(differs_in_picks(Picks(3, ()), summary)) == told


class AHall:
    """Opens, and leaves nothing behind."""

    def __init__(self, data):
        self.data = data

    def open(self):
        """Nothing to open."""

    def close(self):
        """Nothing to close."""


@pytest.mark.parametrize(
    "error", [HallError("not within 90 s: the engine answers"), ClientError("no engine runs")]
)
def test_an_engine_that_does_not_come_back_is_a_break(monkeypatch, tmp_path, error):
    class NoneComesBack(Rounds):
        def __init__(self, _hall, _seed, count):
            self._count, self._now = count, (1, Kill("stop", "locked"))

        def one(self, _number, _kill):
            raise error

    monkeypatch.setattr(kills_command, "Rounds", NoneComesBack)
    count, options = Count(), kills_command.parser().parse_args([])

    kills_command._in_hall(AHall(tmp_path), [Kill("stop", "locked")], options, count, inf)

    assert [b.what for b in count.breaks] == [f"the hall does not go on: {error}"]


def test_a_kill_after_a_refusal_shows_nothing_and_is_not_counted():
    assert kills_after(accepted=True) == 1
    assert kills_after(accepted=False) == 0


def kills_after(*, accepted):
    class OneAnswer(Rounds):
        def __init__(self, count):
            self._count, self._hall = count, MagicMock(children=lambda: ())

        def _work(self):
            """Nobody works."""

        def _answer_then_kill(self, _kill):
            return accepted

        def _look(self, _snapshot):
            """Not looked at."""

    count = Count()
    OneAnswer(count).one(1, Kill("stop", "healthy"))
    return sum(count.kills.values())


def test_every_kind_of_answer_is_killed_after_in_every_journal_that_gives_it():
    kinds = {(kill.kind, kill.journal) for kill in kinds_of(True)}

    assert {kind for kind, _ in kinds} == {
        *("task", "cancel", "hold", "release", "stop", "release_all", "acknowledge"),
        *("review", "user"),
    }
    assert {kind for kind, journal in kinds if journal == "locked"} == {
        *("cancel", "hold", "stop", "acknowledge"),
    }


def test_the_journal_that_a_hall_locks_is_locked(journal):
    from fleetapp.simulation.kills.locker import Locker

    database = journal(given("c1"))
    locker = Locker(database, "locked")
    other = sqlite3.connect(database, timeout=0.05, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    locker.end()

    other.execute("BEGIN IMMEDIATE")
    other.close()
