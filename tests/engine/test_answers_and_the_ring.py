"""A stop acts at once; its answer waits for the ring or the journal, and never for long."""

from concurrent.futures import Future
from functools import cache
from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core import step
from fleetapp.core.observations import AccessRecorded, CommandGiven
from fleetapp.core.observations_engine import JournalUnavailable
from fleetapp.core.state import prepare_floor
from fleetapp.engine.answers import NOT_RECORDED, PATIENCE_MS, Kept, Noted, NotKept
from fleetapp.engine.loop import Durable
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.terms.modes import TaskState

SMALL = Path(__file__).parents[2] / "maps" / "small"


@cache
def floor():
    site = load_site(SMALL)
    return prepare_floor(site, build_roadmaps(site, None))


class Disks:
    """A fleet that drives, with a journal and a ring whose disks say what a test wants."""

    def __init__(self):
        self.system = WholeSystem(floor(), robots=3, robot_type="plain")
        self.system.run(1_000)
        for n, station in enumerate(("A01-01", "A02-03", "A01-05")):
            self.command(asked.SubmitTask(f"t-{n}", station, "P1", sku="S", task_id=f"T-{n}"))
        while sum(robot.driving for robot in self.system.state.robots.values()) < 2:
            self.system.tick()
        self.kept = []
        self.happened = []  # in order: what was sent, and what the ring was given
        self.system.append = self.system.entries.extend  # recorded, not durable yet
        self.system.keep = self._keep
        self._publish, self.system.publish = self.system.publish, self._noted

    def _keep(self, row_seq, given):
        self.kept.append((row_seq, given))
        self.happened.append("ring")

    def _noted(self, topic, payload, qos, *, retain):
        if b"startPause" in payload:
            self.happened.append("pause")
        return self._publish(topic, payload, qos, retain=retain)

    def command(self, command):
        return self.system.command(command)

    def say(self, item):
        self.system._items.append(item)
        self.system.tick()


@pytest.fixture
def disks():
    return Disks()


def a_hold(system):
    robot_id = next(r.robot_id for r in system.state.robots.values() if r.driving)
    return asked.HoldRobot("h-1", robot_id, "smoke")


def a_stop(_system):
    return asked.StopAll("s-1", "smoke")


def a_cancel(_system):
    return asked.CancelTask("c-1", "T-0", "not needed")


RESTRICTIVE = {"stop": a_stop, "hold": a_hold, "cancel": a_cancel}


@pytest.mark.parametrize("kind", sorted(RESTRICTIVE))
def test_an_answer_leaves_when_the_ring_has_its_command(disks, kind):
    command = RESTRICTIVE[kind](disks.system)

    answer = disks.command(command)
    disks.system.run(PATIENCE_MS // 2)
    assert not answer.done()
    ((row_seq, given),) = disks.kept
    disks.say(Kept(row_seq))

    assert (given.command, answer.result().accepted, answer.result().recorded) == (
        command,
        True,
        True,
    )
    assert NOT_RECORDED not in answer.result().message


@pytest.mark.parametrize("kind", sorted(RESTRICTIVE))
def test_an_answer_leaves_when_its_row_is_durable_if_that_comes_first(disks, kind):
    answer = disks.command(RESTRICTIVE[kind](disks.system))
    disks.system.tick()
    assert not answer.done()

    disks.say(Durable(disks.kept[0][0]))

    assert answer.result().recorded


@pytest.mark.parametrize("kind", sorted(RESTRICTIVE))
def test_an_answer_leaves_after_200_ms_and_says_that_it_is_not_recorded(disks, kind):
    answer = disks.command(RESTRICTIVE[kind](disks.system))
    disks.system.tick()
    begun_ms = disks.system.now_ms
    while not answer.done():
        disks.system.tick()

    assert disks.system.now_ms - begun_ms == PATIENCE_MS
    assert answer.result().accepted
    assert not answer.result().recorded
    assert answer.result().message.endswith(NOT_RECORDED)


def test_an_answer_does_not_wait_for_a_ring_that_says_no(disks):
    answer = disks.command(asked.StopAll("s-1", "smoke"))
    disks.system.tick()

    disks.say(NotKept(disks.kept[0][0], "full"))

    assert (answer.result().accepted, answer.result().recorded) == (True, False)


def test_robots_are_told_before_the_ring_is_asked(disks):
    disks.command(asked.StopAll("s-1", "smoke"))
    disks.system.tick()

    assert disks.happened == ["pause", "pause", "pause", "ring"]


def test_a_late_word_of_the_ring_answers_nobody_twice(disks):
    answer = disks.command(asked.StopAll("s-1", "smoke"))
    disks.system.run(PATIENCE_MS + 100)
    assert not answer.result().recorded

    disks.say(Kept(disks.kept[0][0]))
    disks.say(Durable(disks.system.state.seq))

    assert not answer.result().recorded


def test_what_permits_waits_for_its_row_whatever_the_ring_says(disks):
    stopped = disks.command(asked.StopAll("s-1", "smoke"))
    disks.system.tick()
    disks.say(Kept(disks.kept[0][0]))
    assert stopped.result().recorded

    released = disks.command(asked.ReleaseAll("r-1", "it was steam"))
    disks.say(Kept(disks.system.state.seq))
    disks.system.run(1_000)

    assert not released.done()
    assert len(disks.kept) == 1


def test_a_refusal_takes_no_room_in_the_ring(disks):
    answer = disks.command(asked.HoldRobot("h-1", "sim/nobody", ""))
    disks.system.tick()

    assert not answer.result().accepted
    assert disks.kept == []


def test_while_the_journal_cannot_be_written_a_cancel_is_answered_by_the_ring(disks):
    disks.say(JournalUnavailable(0, "locked"))
    answer = disks.command(asked.CancelTask("c-1", "T-2", "not needed"))
    disks.system.tick()

    disks.say(Kept(disks.kept[0][0]))

    assert answer.result().recorded
    assert disks.system.state.tasks["T-2"].state in (TaskState.CANCELLED, TaskState.RETURNING)


def test_a_stop_that_is_pressed_twice_under_one_id_answers_both(disks):
    first = disks.command(asked.StopAll("s-1", "smoke"))
    second = disks.command(asked.StopAll("s-1", "smoke"))
    disks.system.tick()

    (first_row, _), (second_row, _) = disks.kept
    disks.say(Kept(first_row))
    disks.say(Kept(second_row))

    assert first.result(0).accepted
    assert second.result(0).accepted


def test_a_stop_whose_rule_fails_is_kept_in_the_ring_too(disks, monkeypatch, caplog):
    def failing(_turn, _message):
        raise ValueError("no stop today")

    monkeypatch.setitem(step.ANSWERS, CommandGiven, failing)
    answer = disks.command(asked.StopAll("s-1", "smoke"))
    disks.system.tick()
    assert not answer.done()

    ((row_seq, given),) = disks.kept
    disks.say(Kept(row_seq))

    assert given.command == asked.StopAll("s-1", "smoke")
    assert answer.result().accepted
    assert disks.happened == ["pause", "pause", "pause", "ring"]
    assert "a rule failed" in caplog.text


def test_who_changed_people_hears_when_the_row_is_on_disk_and_not_before(disks):
    done = Future()

    disks.say(Noted(AccessRecorded(0, "Sander", "added Ida as operator"), done))
    disks.system.run(PATIENCE_MS + 100)
    assert not done.done()
    (seq,) = (e.seq for e in disks.system.entries if e.type == "AccessRecorded")
    disks.say(Durable(seq - 1))
    assert not done.done()
    disks.say(Durable(seq))

    assert done.done()


def test_a_promise_is_answered_when_its_row_is_durable(disks):
    answer = disks.command(asked.SubmitTask("t-9", "A01-01", "P1", sku="S", task_id="T-9"))
    disks.system.run(PATIENCE_MS * 2)
    assert not answer.done()

    disks.say(Durable(disks.system.state.seq))

    assert (answer.result().accepted, answer.result().task_id) == (True, "T-9")
