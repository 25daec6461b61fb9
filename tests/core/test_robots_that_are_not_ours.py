"""A robot that is not admitted, any more or yet: nothing said of it makes it ours."""

import typing
from dataclasses import fields, replace
from enum import StrEnum
from pathlib import Path

import pytest
from floor_players import BOSS_NOTE, SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.step import step
from fleetapp.terms.modes import EmergencyStop, LoadState
from fleetapp.terms.reasons import HoldReason

SMALL = Path(__file__).parents[2] / "maps" / "small"
R1 = "sim/r01"
KINDS = typing.get_args(seen.RobotObservation)


def removed(times):
    """A fleet whose robot was removed on its way, and the order that it had."""
    game = Game(SMALL, 1)
    game.command(replace(game.pick_task(), task_id="T"))
    while not any(order.passed > 0 for order in game.state.orders.values()):
        game.tick()
    (order,) = game.state.orders.values()
    game.players[R1].free_at_ms = 10**15
    game.command(asked.HoldRobot("h", R1, "odd"), SUPERVISOR)
    game.tick()
    game.tick()  # it shows that it stands
    for number in range(times):
        game.command(asked.RemoveRobot(f"r{number}", R1, "gone"), SUPERVISOR)
    game.tick()
    assert order.order_id not in game.state.orders
    return game, order


def said(kind, game, order):
    """A message of a kind about the robot, as bad as it can be."""
    if kind is seen.RobotReported:
        fatal = seen.ErrorSeen("motorFault", "FATAL", "")
        bad = {"emergency_stop": EmergencyStop.MANUAL, "errors": (fatal,), "paused": True}
        return replace(game.report(game.players[R1]), load=LoadState.LOADED, **bad)
    known = {"robot_id": R1, "order_id": order.order_id, "at_ms": 0, "paused": True, "index": 1}
    kinds = typing.get_type_hints(kind)
    return kind(**{f.name: known.get(f.name, value_of(kinds[f.name])) for f in fields(kind)})


def value_of(kind):
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return next(iter(kind))
    return {str: "x", int: 1, bool: True}.get(kind)


def is_not_ours(robot):
    nothing = (robot.task_id, robot.order_id, robot.look, robot.plan_id)
    told = robot.pause_wanted or robot.resume_wanted or bool(robot.stray_id)
    return not robot.admitted and not robot.holds and nothing == (None,) * 4 and not told


@pytest.mark.parametrize("times", [1, 2], ids=["removed", "forgotten"])
@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_a_late_message_about_a_robot_that_was_removed_changes_nothing_that_is_ours(kind, times):
    game, order = removed(times)

    state, rows = step(game.state, [said(kind, game, order)])

    robot = state.robots.get(R1)
    assert robot is None or is_not_ours(robot)
    assert not [row for row in rows if isinstance(row.message, made.RuleBroke)]


def test_a_robot_that_is_admitted_again_begins_without_what_it_was_held_for():
    game, order = removed(1)
    game.players[R1].paused = False
    game.inbox.append(seen.RobotAppeared(R1, 0, "sim", "r01", "2.1"))
    game.inbox.append(said(seen.CancelUnconfirmed, game, order))
    game.inbox.append(own.PartBroke(R1, 0, "session:state", "ValueError"))
    game.inbox.append(game.report(game.players[R1]))
    game.tick()
    assert is_not_ours(game.state.robots[R1])
    game.command(asked.AdmitRobot("a", R1, "plain", "r01"), SUPERVISOR)
    game.tick()

    assert game.state.robots[R1].admitted
    assert game.state.robots[R1].holds == ()
    assert game.state.robots[R1].broken == ()


def test_a_robot_that_is_given_another_name_stays_held():
    game = Game(SMALL, 1)
    game.command(asked.HoldRobot("h", R1, BOSS_NOTE), SUPERVISOR)
    game.command(asked.AdmitRobot("a", R1, "plain", "first"), SUPERVISOR)
    game.tick()

    assert game.state.robots[R1].name == "first"
    assert [hold.reason for hold in game.state.robots[R1].holds] == [HoldReason.BY_PERSON]
