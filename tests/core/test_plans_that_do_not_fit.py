"""A planner may answer anything: only a whole way from where the robot stands is driven."""

from dataclasses import replace
from pathlib import Path

import pytest
from driving_fleet import D, driving, order_id
from floor_players import Game

from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core.answer_plans import on_proposed
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import OrderPhase

SMALL = Path(__file__).parents[2] / "maps" / "small"


@pytest.fixture
def game():
    """A robot whose first plan is just answered."""
    game = Game(SMALL, 1)
    game.command(game.pick_task())
    for _ in range(50):
        game.tick()
        if plans_in(game):
            return game
    raise AssertionError("no plan was asked for")


def plans_in(game):
    return [m for m in game.inbox if isinstance(m, seen.PlanProposed) and len(m.nodes) > 2]


def answered(game, **changes):
    """Whether the order of an altered answer is issued."""
    (plan,) = plans_in(game)
    game.inbox = [replace(plan, **changes) if m is plan else m for m in game.inbox]
    rows = game.tick()
    return any(isinstance(row.message, made.OrderIssued) for row in rows)


def ends(game):
    road = game.floor.roads[game.kind]
    return list(zip(map(int, road.edge_start), map(int, road.edge_end), strict=True))


def test_a_whole_way_from_where_it_stands_is_driven(game):
    assert answered(game)


def test_an_edge_that_begins_right_and_ends_elsewhere_is_no_way(game):
    (plan,) = plans_in(game)
    pairs = ends(game)
    wrong = next(
        (index, edge)
        for index, start in enumerate(plan.nodes[:-1])
        for edge, pair in enumerate(pairs)
        if pair[0] == start and pair[1] != plan.nodes[index + 1]
    )

    assert not answered(game, edges=_with(plan.edges, *wrong))


def test_an_edge_that_ends_right_and_begins_elsewhere_is_no_way(game):
    (plan,) = plans_in(game)
    pairs = ends(game)
    wrong = next(
        (index, edge)
        for index, end in enumerate(plan.nodes[1:])
        for edge, pair in enumerate(pairs)
        if pair[1] == end and pair[0] != plan.nodes[index]
    )

    assert not answered(game, edges=_with(plan.edges, *wrong))


def _with(edges, index, edge):
    return (*edges[:index], edge, *edges[index + 1 :])


def test_a_way_with_an_edge_too_few_is_none(game):
    (plan,) = plans_in(game)

    assert not answered(game, edges=plan.edges[:-1])


def test_a_way_with_an_edge_too_many_is_none(game):
    (plan,) = plans_in(game)

    assert not answered(game, edges=(*plan.edges, plan.edges[-1]))


def test_a_way_that_begins_elsewhere_is_not_driven(game):
    (plan,) = plans_in(game)

    assert not answered(game, nodes=plan.nodes[1:], edges=plan.edges[1:])


BENDABLE = {"acknowledged_update": 6, "update_id": 6}


def bent(*, of_order=BENDABLE, without=0):
    """What follows if the rest of a driven order's way is proposed as its new route.

    `without`: so many of its first nodes are left out.
    """
    state = driving()
    order = replace(state.orders[order_id()], **of_order)
    begin = order.released_to + without
    problem = made.PlanRequested(
        state.now_ms, "p", D, state.robots[D].robot_type, order.purpose, order.task_id,
        order.goal_station, order.decision_node, order.nodes[-1], (), (), order.order_id,
    )  # fmt: skip
    plan = seen.PlanProposed("p", D, 0, order.nodes[begin:], order.edges[begin:], 0, 0)
    robots = {**state.robots, D: replace(state.robots[D], plan_id="p")}
    orders = {**state.orders, order.order_id: order}
    turn = Turn(replace(state, plans={"p": problem}, robots=robots, orders=orders))
    on_proposed(turn, plan)
    (answer,) = [row.message for row in turn.rows]
    return answer


def test_another_way_from_where_its_base_ends_is_taken_and_the_base_stays():
    order = driving().orders[order_id()]

    answer = bent()

    assert isinstance(answer, made.RouteReplaced)
    assert (answer.nodes, answer.edges) == (order.nodes, order.edges)


def test_another_way_that_begins_beyond_its_base_is_not_taken():
    assert isinstance(bent(without=1), made.PlanDropped)


@pytest.mark.parametrize(
    "of_order",
    [{"acknowledged_update": 5, "update_id": 6}, {**BENDABLE, "phase": OrderPhase.CANCELLING}],
    ids=["not acknowledged", "given up"],
)
def test_an_order_that_the_robot_does_not_show_or_gives_up_is_not_bent(of_order):
    assert isinstance(bent(of_order=of_order), made.PlanDropped)
