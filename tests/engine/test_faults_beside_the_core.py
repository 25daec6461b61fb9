"""Sessions, effects, columns and views that fail cost their robot, never the fleet."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import effects
from fleetapp.core.state import Rules, State, prepare_floor
from fleetapp.engine import entries
from fleetapp.engine.sessions import REST_MS, RawMessage, Sessions
from fleetapp.fleet.robot import Robot
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import HoldReason
from fleetapp.vda5050.session import Session

ROOT = Path(__file__).parents[2]


class Fault(Exception):  # noqa: N818 - its name is what the row says
    """What a part of the test runs into."""


@cache
def floor():
    site = load_site(ROOT / "maps" / "small")
    return prepare_floor(site, build_roadmaps(site, None))


@pytest.fixture
def system():
    """Three robots that drive for tasks."""
    system = WholeSystem(floor(), robots=3, robot_type="plain")
    system.run(1_000)
    stations = floor().site.stations
    picks = [s.station_id for s in stations if s.kind.value == "pick"]
    packs = [s.station_id for s in stations if s.kind.value == "pack"]
    for number in range(6):
        system.command(
            asked.SubmitTask(
                system.command_id(), picks[number * 5 % len(picks)], packs[0], sku=f"S{number}"
            )
        )
    until(system, lambda: sum(r.driving for r in system.state.robots.values()) == 3)
    return system


def until(system, true, seconds=240):
    for _ in range(seconds * 50):
        if true():
            return
        system.tick()
    raise AssertionError("not in time")


def broken(system):
    return [json.loads(e.body) for e in system.entries if e.type == "RuleBroke"]


def held_for_it(system):
    return {
        robot.robot_id
        for robot in system.state.robots.values()
        for hold in robot.holds
        if hold.reason is HoldReason.RULE_BROKEN
    }


def others(system, robot_id):
    return [r for r in system.state.robots.values() if r.robot_id != robot_id]


def done(system):
    return sum(task.state is TaskState.DONE for task in system.state.tasks.values())


def last_robot(system):
    return max(system.robots)


def test_a_row_whose_body_cannot_be_written_holds_its_robot_and_leaves_no_gap(
    system, monkeypatch, caplog
):
    robot_id = last_robot(system)
    encode = entries.encode

    def fails(message):
        if isinstance(message, made.BaseExtended) and message.robot_id == robot_id:
            raise Fault
        return encode(message)

    with monkeypatch.context() as patch:
        patch.setattr(entries, "encode", fails)
        sent = len(system.robots[robot_id].book.nodes)
        until(system, lambda: held_for_it(system))
        assert len(system.robots[robot_id].book.nodes) <= sent
        until(system, lambda: any(r.task_id for r in others(system, robot_id)))

    assert held_for_it(system) == {robot_id}
    assert [(b["rule"], b["fault"]) for b in broken(system)][:1] == [("row:BaseExtended", "Fault")]
    assert [entry.seq for entry in system.entries] == list(range(1, len(system.entries) + 1))
    assert not any(robot.held for robot in others(system, robot_id))
    assert "row of row" in caplog.text


def test_a_start_over_a_row_that_cannot_be_read_holds_its_robot_and_drives_the_others(system):
    robot_id = last_robot(system)
    at = next(
        n
        for n, e in enumerate(system.entries)
        if e.type == "BaseExtended" and e.robot_id == robot_id
    )
    row = system.entries[at]
    system.entries[at] = type(row)(
        **{name: getattr(row, name) for name in row.__dataclass_fields__} | {"body": b'{"x":1}'}
    )

    system.kill_engine(dead_ms=500)
    until(system, lambda: done(system) >= 3)

    assert held_for_it(system) == {robot_id}
    assert next(b["rule"] for b in broken(system)) == "row:BaseExtended"
    assert not system.state.unfolded


def test_an_effect_that_cannot_be_told_holds_its_robot_and_the_others_go_on(system, monkeypatch):
    robot_id = last_robot(system)
    plain = effects._plain

    def fails(message):
        if isinstance(message, made.OrderEnded) and message.robot_id == robot_id:
            raise Fault
        return plain(message)

    monkeypatch.setattr(effects, "_plain", fails)
    until(system, lambda: held_for_it(system))
    until(system, lambda: done(system) >= 3)

    assert held_for_it(system) == {robot_id}
    assert system.robots[robot_id].paused


def test_what_only_looks_on_ends_nothing(system, monkeypatch, caplog):
    def fails(*_):
        raise Fault

    monkeypatch.setattr(system.loop, "_on_rows", fails)
    before = done(system)
    until(system, lambda: done(system) > before)

    assert not broken(system)
    assert "what is shown could not follow" in caplog.text


@pytest.mark.parametrize("work", ["on_message", "on_time", "due", "send_order", "pause", "cancel"])
def test_a_session_that_fails_at_its_work_costs_its_robot_and_is_made_anew(
    system, work, monkeypatch
):
    robot_id = last_robot(system)
    done_by = getattr(Session, work)

    def fails(session, *about, **named):
        if session.robot_id == robot_id and session is first:
            raise Fault
        return done_by(session, *about, **named)

    first = system.loop._sessions._sessions[robot_id]
    monkeypatch.setattr(Session, work, fails)
    system.robots[robot_id].faults.ignores_pause = work == "on_time"  # it must be told again
    if work in ("pause", "on_time"):
        system.command(asked.HoldRobot(system.command_id(), robot_id, "a box fell"))
    if work == "cancel":
        task_id = system.state.robots[robot_id].task_id
        until(system, lambda: system.state.tasks[task_id].state is TaskState.PICKING)
        system.command(asked.CancelTask(system.command_id(), task_id, "not needed"))
    until(system, lambda: held_for_it(system))
    system.robots[robot_id].faults.ignores_pause = False
    system.run(5_000)

    assert held_for_it(system) == {robot_id}
    assert system.robots[robot_id].paused
    assert [b["rule"] for b in broken(system)] == ["session"]
    assert not any(robot.held for robot in others(system, robot_id))


def test_a_robot_whose_session_failed_goes_on_once_a_supervisor_released_it(system, monkeypatch):
    robot_id = last_robot(system)
    task_id = system.state.robots[robot_id].task_id
    read = Session.on_message

    def fails(session, *about, **named):
        if session.robot_id == robot_id:
            raise Fault
        return read(session, *about, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Session, "on_message", fails)
        until(system, lambda: held_for_it(system))
        system.run(5_000)
    system.command(asked.ReleaseHold(system.command_id(), robot_id, "looked, all is well"))
    until(system, lambda: system.state.tasks[task_id].state is TaskState.DONE)

    assert not held_for_it(system)
    assert len(broken(system)) == 1


def test_what_a_robot_says_while_its_session_rests_is_not_taken_in(system, monkeypatch):
    robot_id = last_robot(system)
    read = Session.on_message

    def fails(session, *about, **named):
        if session is first:
            raise Fault
        return read(session, *about, **named)

    first = system.loop._sessions._sessions[robot_id]
    monkeypatch.setattr(Session, "on_message", fails)
    until(system, lambda: held_for_it(system))
    asleep = len(system.entries)
    system.run(20_000)
    system.command(asked.ReleaseHold(system.command_id(), robot_id, "looked, all is well"))
    awake = len(system.entries)
    system.run(20_000)

    assert heard(system.entries[:asleep], robot_id)
    assert heard(system.entries[asleep:awake], robot_id) == []
    assert heard(system.entries[awake:], robot_id)


def heard(rows, robot_id):
    """What entered from the robot's reports, by type; that it keeps silent is time alone."""
    said = {"RobotReported", "Heartbeat", "NodePassed", "PauseConfirmed", "OrderAcknowledged"}
    return [row.type for row in rows if row.robot_id == robot_id and row.type in said]


def nobody():
    return State(floor(), Rules(confidence_permille=600))


class FailingSessions:
    """Sessions of a robot that fail at each message, and whether it is heard."""

    def __init__(self, monkeypatch):
        self._heard = 0
        monkeypatch.setattr(Session, "on_message", self._fails)
        self.sessions = Sessions(None, None, interface="uagv", epoch="e", on_pose=print)

    def _fails(self, *_about, **_named):
        self._heard += 1
        raise Fault

    def hears(self, now_ms, state=None):
        self.sessions.wake_released(state or nobody(), now_ms)
        before = self._heard
        message = RawMessage("uagv/v2/acme/r9/state", b"{}")
        assert self.sessions.take_in(message, now_ms) == []
        return self._heard > before


@pytest.fixture
def failing(monkeypatch):
    return FailingSessions(monkeypatch)


def added(*, broken=()):
    return replace(nobody(), robots={"acme/r9": Robot("acme/r9", "acme", "r9", broken=broken)})


def test_the_session_of_a_robot_that_nobody_knows_is_tried_again_after_a_minute(failing):
    assert failing.hears(1_000)
    assert not failing.hears(2_000)  # it rests, and does so from now on
    assert not failing.hears(2_000 + REST_MS)
    assert failing.hears(2_001 + REST_MS)
    assert not failing.hears(2_002 + REST_MS)


def test_a_robot_that_is_added_while_its_session_rests_is_heard(failing):
    failing.hears(1_000)
    failing.sessions.faults.take()  # the core hears of it, and knows no such robot
    assert not failing.hears(2_000)

    assert failing.hears(3_000, added())


def test_a_robot_that_is_added_with_the_very_word_of_its_fault_is_heard(failing):
    failing.hears(1_000)
    failing.sessions.faults.take()

    assert failing.hears(1_020, added())


def test_a_robot_whose_fault_the_core_has_yet_to_hear_of_is_not_heard(failing):
    failing.hears(1_000, added())

    assert not failing.hears(1_020, added())
    failing.sessions.faults.take()
    assert not failing.hears(1_040, added(broken=("session",)))
    assert failing.hears(1_060, added())  # released


def test_a_second_failure_of_a_robot_that_nobody_knows_rests_a_minute_of_its_own(failing):
    failing.hears(1_000)
    failing.hears(2_000)
    failing.sessions.faults.take()
    failing.hears(3_000, added())
    failing.sessions.faults.take()

    assert not failing.hears(4_000 + REST_MS)  # removed meanwhile
