"""Routes are asked for at once, and a planner that keeps silent becomes a hold."""

from pathlib import Path

from floor_players import Game

from fleetapp.core import decisions as made
from fleetapp.core.effects import SolvePlan

SMALL = Path(__file__).parents[2] / "maps" / "small"


def test_a_planner_that_gives_no_answer_is_a_wait_for_ten_seconds_then_a_hold(monkeypatch):
    game = Game(SMALL, 1)
    carry_out = game._carry_out
    monkeypatch.setattr(
        game, "_carry_out", lambda e: None if isinstance(e, SolvePlan) else carry_out(e)
    )
    game.command(game.pick_task())

    for _ in range(95):
        game.tick()
    assert not game.state.robots["sim/r01"].held
    for _ in range(10):
        game.tick()

    robot = game.state.robots["sim/r01"]
    assert [h.reason.value for h in robot.holds] == ["no_route"]
    assert "no answer in 10 s" in robot.holds[0].note


def test_a_task_for_an_idle_robot_is_planned_in_the_moment_it_comes():
    game = Game(SMALL, 1)
    game.command(game.pick_task())

    rows = game.tick()

    assert any(isinstance(row.message, made.PlanRequested) for row in rows)
