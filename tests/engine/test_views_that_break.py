"""A view that breaks costs itself: its neighbours, the deltas and the engine go on."""

from dataclasses import replace
from pathlib import Path

import pytest
from floor_players import SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.api.model import FleetModel
from fleetapp.core.decisions import RobotHeld
from fleetapp.engine.desk import Desk
from fleetapp.engine.views import fleet as fleet_figures
from fleetapp.engine.views import publisher, stories
from fleetapp.engine.views.fleet import JournalHealth
from fleetapp.engine.views.plain import NOT_SHOWN
from fleetapp.terms.modes import EmergencyStop, RobotState, TaskState
from fleetapp.terms.reasons import AlarmKind

SMALL = Path(__file__).parents[2] / "maps" / "small"
HEALTH = JournalHealth(0, 0, ok=True, detail="row 0")
VIEWS = "fleetapp.engine.views"
MODULES = {"publisher": publisher, "fleet": fleet_figures}
BROKEN, WHOLE = "sim/r02", "sim/r01"


class Told:
    """A fleet that drives, its desk, and a client that hears every delta."""

    def __init__(self):
        self.game = Game(SMALL, 3)
        self.desk = Desk(lambda: False)
        self.model = FleetModel()
        self.deltas = 0
        self.desk.subscribe(self._hear)
        for _ in range(6):
            self.game.command(self.game.pick_task())
        self.run(30)

    def _hear(self, delta):
        self.deltas += 1
        self.model.apply(delta)

    def run(self, ticks):
        for _ in range(ticks):
            rows = self.game.tick()
            self.desk.note(self.game.state, rows)
            self.desk.publish(self.game.state, self.game.now_ms, HEALTH, lambda _seq: None)

    def robot(self, robot_id):
        return self.model.robots[robot_id]


@pytest.fixture
def told():
    made = Told()
    states = {robot.state for robot in made.model.robots.values()}
    assert RobotState.WORKING in states
    return made


def break_for(monkeypatch, where, name, breaks):
    """Let a function of the views raise where `breaks` says so of its second argument."""
    real = getattr(MODULES[where], name)

    def broken(state, value, *rest):
        if breaks(value):
            raise KeyError("a word that nobody wrote")
        return real(state, value, *rest)

    monkeypatch.setattr(MODULES[where], name, broken)


def test_a_robot_whose_view_breaks_says_so_and_the_others_are_told(told, monkeypatch, caplog):
    break_for(monkeypatch, "publisher", "robot_view", lambda robot: robot.robot_id == BROKEN)
    seq = told.model.seq

    told.run(200)

    broken = told.robot(BROKEN)
    assert (broken.name, broken.admitted) == ("r02", True)
    assert broken.state is RobotState.NOTICED
    assert broken.why.sentence == NOT_SHOWN
    assert told.robot(WHOLE).state is not RobotState.NOTICED
    assert told.model.seq > seq
    assert len([r for r in caplog.records if "cannot show: a robot" in r.message]) == 1
    assert caplog.records[0].exc_info is not None


def test_a_robot_is_shown_again_when_its_view_no_longer_breaks(told, monkeypatch, caplog):
    with monkeypatch.context() as patched:
        break_for(patched, "publisher", "robot_view", lambda robot: robot.robot_id == BROKEN)
        told.run(100)
    assert told.robot(BROKEN).state is RobotState.NOTICED

    told.game.command(asked.StopAll(told.game.command_id()))
    told.run(20)

    assert told.robot(BROKEN).state is RobotState.STOPPED


@pytest.mark.parametrize("word", [RobotState.WORKING, RobotState.IDLE, RobotState.CHARGING])
def test_a_robot_that_cannot_be_shown_never_looks_well(told, monkeypatch, caplog, word):
    break_for(monkeypatch, "publisher", "robot_view", lambda _robot: True)

    told.run(200)

    assert word not in {robot.state for robot in told.model.robots.values()}


def test_a_held_robot_that_cannot_be_shown_keeps_its_hold(told, monkeypatch, caplog):
    break_for(monkeypatch, "publisher", "robot_view", lambda robot: robot.robot_id == BROKEN)

    told.game.command(asked.HoldRobot(told.game.command_id(), BROKEN, "broken wheel"))
    told.run(5)

    assert [hold.note for hold in told.robot(BROKEN).holds] == ["broken wheel"]


def test_a_task_whose_view_breaks_costs_that_task_alone(told, monkeypatch, caplog):
    broken = next(t.task_id for t in told.model.tasks.values() if t.state is TaskState.QUEUED)
    break_for(monkeypatch, "publisher", "task_view", lambda task: task.task_id == broken)

    told.game.command(asked.CancelTask(told.game.command_id(), broken, "not wanted"))
    told.run(200)

    assert told.model.tasks[broken].sentence == NOT_SHOWN
    assert told.model.tasks[broken].state is TaskState.CANCELLED
    others = [t.sentence for t in told.model.tasks.values() if t.task_id != broken]
    assert NOT_SHOWN not in others


def test_an_alarm_that_cannot_be_shown_is_of_the_first_priority(told, monkeypatch, caplog):
    break_for(monkeypatch, "publisher", "alarm_view", lambda _alarm: True)

    report = told.game.report(told.game.players[BROKEN])
    told.game.inbox.append(replace(report, emergency_stop=EmergencyStop.MANUAL))
    told.run(20)

    alarm = next(a for a in told.model.alarms.values() if a.kind is AlarmKind.EMERGENCY_STOP)
    assert alarm.priority == 1
    assert alarm.effect == NOT_SHOWN
    assert alarm.robot_ids == (BROKEN,)


def test_one_robot_that_breaks_leaves_the_figures_of_the_others(told, monkeypatch, caplog):
    break_for(monkeypatch, "fleet", "state_of", lambda robot: robot.robot_id == BROKEN)

    told.run(20)

    assert told.model.fleet.robots_admitted == 3
    assert told.model.fleet.robots_working >= 1


def test_figures_that_break_still_tell_the_stop_and_that_they_are_missing(
    told, monkeypatch, caplog
):
    def broken(*_arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(f"{VIEWS}.fleet._punctuality", broken)

    told.game.command(asked.StopAll(told.game.command_id()))
    told.run(20)

    fleet = told.model.fleet
    assert fleet.stop.active
    assert fleet.stop.standing == ()
    assert [(p.ok, p.detail) for p in fleet.processes] == [(False, NOT_SHOWN)]
    assert fleet.at_ms == told.game.now_ms


def test_a_stop_that_cannot_be_counted_says_of_nobody_that_it_stands(told, monkeypatch, caplog):
    def broken(*_arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(f"{VIEWS}.fleet.stop_view", broken)

    told.game.command(asked.StopAll(told.game.command_id()))
    told.run(20)

    stop = told.model.fleet.stop
    assert (stop.active, stop.standing, len(stop.no_answer)) == (True, (), 3)


def test_a_line_of_a_story_that_breaks_costs_that_line_alone(told, monkeypatch, caplog):
    real = stories.line_of

    def broken(state, message):
        if isinstance(message, RobotHeld):
            raise KeyError("a reason that nobody wrote")
        return real(state, message)

    monkeypatch.setattr(f"{VIEWS}.stories.line_of", broken)
    for robot_id in (BROKEN, WHOLE):
        told.game.command(asked.HoldRobot(told.game.command_id(), robot_id, "broken wheel"))
        told.run(5)
    told.game.command(asked.ReleaseHold(told.game.command_id(), BROKEN, "mended"), SUPERVISOR)
    told.run(5)

    lines = [line.text for line in told.robot(BROKEN).story]
    assert any(text.startswith("Released by") for text in lines)
    assert not any(text.startswith("Held by") for text in lines)
    assert len([r for r in caplog.records if "a line of a story" in r.message]) == 1


@pytest.mark.parametrize("counter", ["_done", "_standstill"])
def test_a_counter_that_breaks_does_not_end_the_engine(told, monkeypatch, caplog, counter):
    def broken(*_arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(type(getattr(told.desk, counter)), "note", broken)
    heard = told.deltas

    told.run(50)

    assert told.deltas > heard


def test_a_client_that_cannot_be_told_does_not_keep_the_others_from_it(told, caplog):
    def broken(_delta):
        raise OSError("its socket is gone")

    told.desk.subscribe(broken)
    again = []
    told.desk.subscribe(again.append)

    told.run(20)

    assert again


def test_a_new_client_is_given_what_can_be_shown(told, monkeypatch, caplog):
    for name in ("robot_view", "task_view", "alarm_view", "review_view"):
        break_for(monkeypatch, "publisher", name, lambda _value: True)

    snapshot = told.desk.snapshot()

    assert len(snapshot.robots) == 3
    assert {task.sentence for task in snapshot.tasks} == {NOT_SHOWN}
