"""The queue: what can be done is done, what cannot says why and keeps nobody waiting."""

from dataclasses import replace
from pathlib import Path

import pytest
from floor_players import SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import offers, set_aside
from fleetapp.engine.views.fleet import DoneCounter, JournalHealth, StandstillTimes, fleet_view
from fleetapp.engine.views.guarded import ViewGuard
from fleetapp.engine.views.publisher import Publisher
from fleetapp.engine.views.stories import Stories
from fleetapp.engine.views.tasks import sentence
from fleetapp.terms.modes import Priority, TaskState

SMALL = Path(__file__).parents[2] / "maps" / "small"
HELD = "sim/r01"


@pytest.fixture
def game():
    """Three robots; the first is held."""
    game = Game(SMALL, 3)
    game.command(asked.HoldRobot(game.command_id(), HELD, "broken"), SUPERVISOR)
    game.tick()
    return game


def order(game, task_id, **wishes):
    game.command(replace(game.pick_task(), task_id=task_id, **wishes))


def task(game, task_id):
    return game.state.tasks[task_id]


def said(game, task_id):
    return sentence(game.state, task(game, task_id))


@pytest.mark.parametrize("count", [200, 1_000])
def test_tasks_that_nobody_can_do_keep_no_other_task_waiting(game, count):
    for number in range(count):
        order(game, f"W-{number}", robot_id=HELD)
    game.tick()
    order(game, "URGENT-1")

    game.tick()

    assert task(game, "URGENT-1").state is TaskState.ASSIGNED
    assert all(task(game, f"W-{number}").state is TaskState.QUEUED for number in range(count))


def test_a_task_set_aside_says_what_keeps_it_and_another_that_it_waits_for_a_free_robot(game):
    order(game, "W-1", robot_id=HELD)
    for number in range(4):
        order(game, f"T-{number}")
    game.tick()

    waiting = [t for t in game.state.tasks.values() if t.state is TaskState.QUEUED]

    assert said(game, "W-1") == "Waits for r01, as wished: it is held."
    assert {said(game, t.task_id) for t in waiting if t.wished_robot_id is None} == {
        "Waits for a free robot."
    }


def test_a_task_wished_for_a_busy_robot_names_what_that_one_does_first(game):
    order(game, "T-1", robot_id="sim/r02")
    game.tick()
    order(game, "T-2", robot_id="sim/r02")
    game.tick()

    assert said(game, "T-2") == "Waits for r02, as wished: it has T-1 first."


def test_a_task_wished_for_a_removed_robot_says_so(game):
    order(game, "W-1", robot_id=HELD)
    game.command(asked.RemoveRobot(game.command_id(), HELD, "gone"), SUPERVISOR)
    game.tick()

    assert said(game, "W-1") == "Waits for r01, as wished: there is no such robot any more."


def test_a_task_wished_for_a_robot_that_was_removed_and_is_heard_again_says_so(game):
    order(game, "W-1", robot_id=HELD)
    game.command(asked.RemoveRobot(game.command_id(), HELD, "gone"), SUPERVISOR)
    game.tick()
    game.inbox.append(seen.RobotAppeared(HELD, 0, "sim", "r01", "2.1"))
    game.tick()

    assert said(game, "W-1") == "Waits for r01, as wished: it is not admitted."


def test_a_task_that_no_free_robots_charge_reaches_waits_for_charge():
    game = Game(SMALL, 2)
    for player in game.players.values():
        game.inbox.append(replace(game.report(player), battery_permille=500))
    game.state = replace(game.state, rules=replace(game.state.rules, battery_reserve_permille=495))
    game.tick()
    order(game, "T-1")

    game.tick()

    assert task(game, "T-1").state is TaskState.QUEUED
    assert said(game, "T-1").startswith("Waits for charge: no free robot has enough")


def test_if_no_robot_works_and_none_is_free_the_task_says_how_many_are_out_for_what(game):
    for robot_id in ("sim/r02", "sim/r03"):
        game.command(asked.HoldRobot(game.command_id(), robot_id, "broken"), SUPERVISOR)
    game.tick()
    order(game, "T-1")

    game.tick()

    assert said(game, "T-1") == "Waits: no robot can take it now: 3 are held."


def test_a_task_that_no_admitted_type_can_reach_names_both_stations(game, monkeypatch):
    order(game, "T-1", robot_id=HELD)
    game.tick()
    t1 = replace(task(game, "T-1"), wished_robot_id=None)
    monkeypatch.setattr(set_aside.FreeRobots, "can_ever", lambda _robots, _task: False)

    words = sentence(game.state, t1)

    assert words == (
        "Waits: no admitted robot is of a type that can reach both "
        f"{t1.from_station} and {t1.to_station}."
    )


def test_tasks_are_numbered_as_they_come_and_a_task_queued_again_keeps_its_number(game):
    for name in ("A", "B", "C"):
        order(game, name)
    game.tick()
    numbers = [task(game, name).number for name in ("A", "B", "C")]
    game.command(asked.RequeueTask(game.command_id(), "A", "again"))
    game.tick()

    assert numbers == [1, 2, 3]
    assert task(game, "A").number == 1
    accepted = [r.message.task for r in game.rows if isinstance(r.message, made.TaskAccepted)]
    assert [t.number for t in accepted] == numbers


def test_a_low_task_that_waited_half_an_hour_goes_before_new_urgent_ones(game):
    order(game, "LOW", priority=Priority.LOW)
    order(game, "X", robot_id="sim/r02")
    game.state = replace(game.state, dispatch_due=False)
    game.command(asked.StopAll(game.command_id(), "a break"), SUPERVISOR)
    game.tick()
    game.tick(1_800_001)
    for number in range(5):
        order(game, f"U-{number}", priority=Priority.HIGH)
    game.command(asked.ReleaseAll(game.command_id(), "go on"), SUPERVISOR)
    for player in game.players.values():
        game.inbox.append(game.report(player))
    game.tick()
    for player in game.players.values():  # no longer paused
        game.inbox.append(game.report(player))

    game.tick()

    assert task(game, "LOW").state is not TaskState.QUEUED


def test_each_robot_is_judged_once_for_a_dispatch_however_many_tasks_wait(game, monkeypatch):
    judged = []
    real = offers.out_now
    monkeypatch.setattr(
        offers, "out_now", lambda fleet, robot: judged.append(robot.robot_id) or real(fleet, robot)
    )
    for number in range(300):
        order(game, f"T-{number}")

    game.tick()

    assert sorted(judged) == sorted(game.players)


def test_clients_hear_within_a_second_what_else_keeps_a_queued_task_that_did_not_change(game):
    order(game, "T-1", robot_id="sim/r02")
    game.tick()
    order(game, "T-2", robot_id="sim/r02")
    game.tick()
    publisher = Publisher(ViewGuard())
    first = told(publisher, game)
    game.command(asked.HoldRobot(game.command_id(), "sim/r02", "broken"), SUPERVISOR)
    game.tick(1_100)

    news = told(publisher, game)

    assert first["T-2"] == "Waits for r02, as wished: it has T-1 first."
    assert news["T-2"] == "Waits for r02, as wished: it is held."
    assert told(publisher, game) == {}


def told(publisher, game):
    figures = fleet_view(
        game.state,
        done=DoneCounter(),
        standstill=StandstillTimes(),
        journal=JournalHealth(0, 0, ok=True, detail=""),
        stop_sent_after_ms=None,
        first_user_needed=False,
        guard=ViewGuard(),
    )
    delta = publisher.delta(game.state, figures, Stories(), ())
    return {view.task_id: view.sentence for view in delta.tasks}
