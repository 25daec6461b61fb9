"""A robot that drives without an order gives nothing up until its report says that it stands."""

from dataclasses import replace
from pathlib import Path

import pytest
from floor_players import Game

from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.fleet.order import OrderPhase

SMALL = Path(__file__).parents[2] / "maps" / "small"
R1 = "sim/r01"
BESIDE_MM = 130  # more than counts as on a node


def under_way():
    """A robot with base ahead of it, on its way to a pick."""
    game = Game(SMALL, 2)
    game.command(replace(game.pick_task(), robot_id=R1))
    for _ in range(900):
        game.tick()
        order = game.state.orders.get(game.state.robots[R1].order_id)
        if order is not None and order.passed and order.passed + 1 < order.released_to:
            game.inbox = []
            return game, order
    raise AssertionError("it did not drive")


def says(game, node, *, driving, beside_mm=0):
    """A report of the robot without an order, at or beside a node."""
    road = game.floor.roads[game.kind]
    return replace(
        game.report(game.players[R1]),
        order_id="",
        driving=driving,
        idle=True,
        x_mm=int(road.x_mm[node]) + beside_mm,
        y_mm=int(road.y_mm[node]),
    )


def hears(game, *messages):
    game.players[R1].free_at_ms = 1 << 60  # what it does is in the messages
    game.players[R1].order = None
    game.inbox.extend(messages)
    return [row.message for row in game.tick()]


def floor_of(game):
    return {r for r, owner in game.state.owners.items() if owner == R1}


def lost(order, how):
    if how == "gone":
        return seen.OrderGone(R1, 0, order.order_id, "")
    return seen.CancelConfirmed(R1, 0, order.order_id)


@pytest.mark.parametrize("beside_mm", [0, BESIDE_MM])
@pytest.mark.parametrize("how", ["gone", "cancelled"])
def test_a_robot_that_drives_on_without_its_order_keeps_its_base_until_it_stands(how, beside_mm):
    game, order = under_way()
    if how == "cancelled":
        given_up = replace(order, phase=OrderPhase.CANCELLING)
        game.state = replace(game.state, orders={order.order_id: given_up})
    here, ahead = order.nodes[order.passed], order.nodes[order.passed + 1]
    base = floor_of(game)

    hears(game, says(game, here, driving=True, beside_mm=beside_mm), lost(order, how))
    at_once = floor_of(game)
    hears(game, says(game, ahead, driving=True))
    farther = floor_of(game)
    hears(game, says(game, ahead, driving=False))

    assert {here, ahead} < base
    assert at_once >= base
    assert farther >= base
    assert floor_of(game) == {ahead}
    assert game.state.robots[R1].node == ahead


def test_a_robot_that_refuses_an_order_while_it_drives_keeps_all_it_has():
    game, order = under_way()
    new = replace(order, acknowledged_update=-1)
    game.state = replace(game.state, orders={order.order_id: new})
    base = floor_of(game)

    hears(
        game,
        says(game, order.at_node, driving=True),
        seen.OrderRefused(R1, 0, order.order_id, order.update_id, "validationError"),
    )

    assert game.state.robots[R1].order_id is None
    assert floor_of(game) >= base


def test_a_robot_that_is_driven_by_hand_owns_all_that_it_was_seen_on_until_it_stands():
    game = Game(SMALL, 2)
    road = game.floor.roads[game.kind]
    way = [game.players[R1].node]
    for _ in range(4):
        ends = [int(b) for a, b in zip(road.edge_start, road.edge_end, strict=True) if a == way[-1]]
        way.append(next(node for node in ends if node not in way))

    for node in way:
        rows = hears(game, says(game, node, driving=True))
        assert not [m for m in rows if isinstance(m, made.FloorFreed)]
    trail = floor_of(game)
    hears(game, says(game, way[-1], driving=False))

    assert trail >= set(way)
    assert floor_of(game) == {way[-1]}


def test_a_robot_that_drives_without_an_order_gets_none_until_it_stands():
    game, order = under_way()
    here, ahead = order.nodes[order.passed], order.nodes[order.passed + 1]
    hears(game, says(game, here, driving=True), lost(order, "gone"))
    hears(game, says(game, ahead, driving=True, beside_mm=BESIDE_MM))
    driving = [hears(game, says(game, ahead, driving=True)) for _ in range(20)]
    stands = [hears(game, says(game, ahead, driving=False)) for _ in range(20)]

    kinds = made.PlanRequested | made.OrderIssued
    assert not [m for rows in driving for m in rows if isinstance(m, kinds) and m.robot_id == R1]
    assert [m for rows in stands for m in rows if isinstance(m, kinds) and m.robot_id == R1]
