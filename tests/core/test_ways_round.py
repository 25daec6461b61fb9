"""A robot that waits for another looks for a way round, and never for one that cannot be."""

from dataclasses import replace
from pathlib import Path

from floor_players import SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import WaitCause

SMALL = Path(__file__).parents[2] / "maps" / "small"


def held_at_the_goal_of_another():
    """Two robots bring to the same station; the first is held there, the second drives on."""
    game = Game(SMALL, 2)
    task = game.pick_task()
    for name in ("FIRST", "SECOND"):
        game.command(replace(task, task_id=name, command_id=name))
    for _ in range(3_000):
        game.tick()
        inside = [t for t in game.state.tasks.values() if t.state is TaskState.DROPPING]
        states = {t.state for t in game.state.tasks.values()}
        if states == {TaskState.DROPPING, TaskState.CARRYING}:
            robot_id = inside[0].robot_id
            game.command(asked.HoldRobot("hold", robot_id, "to look"), SUPERVISOR)
            game.tick()
            return game, robot_id
    raise AssertionError("none handed over while the other carried")


def test_no_way_round_is_asked_for_to_a_goal_that_is_itself_in_the_way():
    game, held = held_at_the_goal_of_another()
    before = len(game.rows)

    for _ in range(1_200):
        game.tick()

    asked_for = [r.message for r in game.rows[before:] if isinstance(r.message, made.PlanRequested)]
    (other,) = [r for r in game.state.robots.values() if r.robot_id != held]
    assert (other.wait.cause, other.wait.blocker_id) == (WaitCause.TRAFFIC, held)
    assert [plan for plan in asked_for if plan.goal in plan.avoid] == []
