"""An order that a robot gave up by itself is not driven on: it is cancelled, another follows."""

from dataclasses import replace
from pathlib import Path

from floor_players import SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.fleet.order import ActionKind, OrderPhase, Purpose
from fleetapp.terms.modes import TaskState

SMALL = Path(__file__).parents[2] / "maps" / "small"
ROBOT = "sim/r01"


def carrying():
    """A robot on its way with its load, the drop still ahead, and its order."""
    game = Game(SMALL, 1)
    game.command(replace(game.pick_task(), task_id="T"))
    for _ in range(6_000):
        game.tick()
        if game.state.tasks["T"].state is TaskState.CARRYING:
            return game, game.state.orders[game.state.robots[ROBOT].order_id or ""]
    raise AssertionError("not in time")


def the_drop(order):
    return next(action for action in order.actions if action.kind is ActionKind.DROP)


def fail(game, order):
    player = game.players[ROBOT]
    player.order, player.finished, player.loaded = None, True, True
    game.inbox.append(game.report(player))
    drop_id = the_drop(order).action_id
    game.inbox.append(seen.ActionEnded(ROBOT, 0, order.order_id, drop_id, False, ""))
    game.tick()


def made_of(game, kind):
    return [row.message for row in game.rows if isinstance(row.message, kind)]


def test_a_drop_that_failed_on_the_way_ends_the_order_and_its_robot_gets_no_more_of_it():
    game, order = carrying()
    assert the_drop(order).node_index > order.passed
    extended = len(made_of(game, made.BaseExtended))

    fail(game, order)
    game.command(asked.ReleaseHold(game.command_id(), ROBOT, "looked"), SUPERVISOR)
    for _ in range(50):
        game.tick()

    assert [c.order_id for c in made_of(game, made.CancelOrdered)] == [order.order_id]
    assert game.state.orders[order.order_id].phase is OrderPhase.CANCELLING
    assert len(made_of(game, made.BaseExtended)) == extended


def test_the_load_is_brought_by_another_order_with_a_drop_of_its_own():
    game, order = carrying()
    fail(game, order)

    game.inbox.append(seen.CancelConfirmed(ROBOT, 0, order.order_id))
    game.command(asked.ReleaseHold(game.command_id(), ROBOT, "looked"), SUPERVISOR)
    for _ in range(50):
        game.tick()

    (other,) = game.state.orders.values()
    assert (other.purpose, other.task_id) == (Purpose.CARRY, "T")
    assert [action.kind for action in other.actions] == [ActionKind.DROP]
    assert the_drop(other).action_id != the_drop(order).action_id
