"""A robot that joins, or is heard for the first time after a start."""

from pathlib import Path

from floor_players import SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own

SMALL = Path(__file__).parents[2] / "maps" / "small"


def test_a_robot_that_is_let_in_while_the_fleet_stands_is_stopped_too():
    game = Game(SMALL, 2)
    game.command(asked.RemoveRobot("x", "sim/r02"), SUPERVISOR)
    game.command(asked.StopAll("s"))
    game.inbox.append(seen.RobotAppeared("sim/r02", 0, "sim", "r02", "2.1"))
    game.command(asked.AdmitRobot("a", "sim/r02", "plain", "late"), SUPERVISOR)

    game.tick()

    assert game.players["sim/r02"].paused
    assert game.state.stop.robot_ids == ("sim/r01", "sim/r02")


def test_a_robot_that_was_paused_before_it_was_let_in_is_held_as_found_paused():
    game = Game(SMALL, 1)
    player = game.players["sim/r01"]
    game.command(asked.RemoveRobot("x", "sim/r01"), SUPERVISOR)
    game.tick()
    player.paused = True
    game.inbox.append(seen.RobotAppeared("sim/r01", 0, "sim", "r01", "2.1"))
    game.inbox.append(game.report(player))
    game.command(asked.AdmitRobot("y", "sim/r01", "plain", "r01"), SUPERVISOR)

    game.tick()

    assert [h.reason.value for h in game.state.robots["sim/r01"].holds] == ["found_paused"]


def test_after_a_start_no_worker_is_well_before_it_says_so():
    game = Game(SMALL, 1)
    game.inbox.append(own.WorkerChanged(0, "recogniser", ok=True, detail="carton-lite"))
    game.tick()

    game.inbox.append(own.EngineStarted(0, "boot", "0.1.0", "small", "", "", ""))
    game.tick()

    assert "recogniser" not in game.state.workers


def test_after_a_start_the_first_reports_find_work_for_robots_that_did_not_change():
    game = Game(SMALL, 1)
    game.inbox.append(own.EngineStarted(0, "boot", "0.1.0", "small", "", "", ""))
    game.command(game.pick_task())
    game.tick()

    game.inbox.append(game.report(game.players["sim/r01"]))
    game.tick()

    assert any(isinstance(row.message, made.TaskAssigned) for row in game.rows)
