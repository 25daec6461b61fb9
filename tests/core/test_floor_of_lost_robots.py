"""A robot that does not know where it is, or drives on another floor, is given and frees nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from floor_players import SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen

SMALL = Path(__file__).parents[2] / "maps" / "small"
R1 = "sim/r01"


@pytest.fixture
def driving():
    """A robot on its way that has passed a node and owns two more ahead; it reports no more."""
    game = Game(SMALL, 1)
    game.command(game.pick_task())
    while not any(o.passed > 0 and o.released_to - o.passed >= 2 for o in orders(game)):
        game.tick()
    game.players[R1].free_at_ms = 10**15
    return game


def orders(game):
    return tuple(game.state.orders.values())


def owned(game):
    return {resource for resource, owner in game.state.owners.items() if owner == R1}


def lost(game, **changes):
    """Its report, without a place that it is sure of."""
    return replace(game.report(game.players[R1]), **{"localized": False, **changes})


PLACES = {
    "no position": {"x_mm": None, "y_mm": None, "map_id": ""},
    "old coordinates": {},
    "of another map": {"localized": True, "map_id": "another"},
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("ends", ["gone", "cancelled"])
def test_an_order_that_ends_without_a_known_place_frees_no_floor(driving, place, ends):
    (order,) = orders(driving)
    before = owned(driving)
    if ends == "gone":
        report = lost(driving, last_node_id="", order_id="", **place)
        driving.inbox += [report, seen.OrderGone(R1, 0, order.order_id, "")]
    else:
        driving.command(asked.HoldRobot("h", R1, "odd"), SUPERVISOR)
        refused = (R1, 0, order.order_id, order.update_id, "orderUpdateError")
        driving.inbox.append(seen.OrderRefused(*refused))
        driving.tick()
        driving.inbox += [lost(driving, **place), seen.CancelConfirmed(R1, 0, order.order_id)]
    driving.tick()
    for _ in range(20):
        driving.inbox.append(lost(driving, **place))
        driving.tick()

    assert orders(driving) == ()
    assert owned(driving) == before


def on_another_map(game):
    return replace(game.report(game.players[R1]), map_id="another")


def as_large_as_a_car(_game):
    return seen.FactsheetSeen(R1, 0, "X", "1", 9_000, 9_000, None)


UNFIT = {"map": (on_another_map, "is on map"), "size": (as_large_as_a_car, "larger than type")}


@pytest.mark.parametrize(("said", "why"), UNFIT.values(), ids=UNFIT)
def test_a_robot_that_turns_out_not_to_fit_gets_no_floor_in_the_middle_of_its_order(said, why):
    game = Game(SMALL, 1)
    game.command(game.pick_task())
    while not any(order.passed > 0 for order in orders(game)):
        game.tick()
    game.inbox.append(said(game))
    known = len(game.rows)
    for _ in range(100):
        game.tick()

    new = [row.message for row in game.rows[known:]]
    assert why in game.state.robots[R1].remedy
    assert not [message for message in new if isinstance(message, made.BaseExtended)]
