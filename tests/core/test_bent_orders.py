"""An order that is bent elsewhere: nothing is added to a node that was sent."""

from dataclasses import replace
from pathlib import Path

from floor_players import Game

from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core.answer_plans import on_proposed
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import Purpose

SMALL = Path(__file__).parents[2] / "maps" / "small"
R1 = "sim/r01"


def test_a_look_where_the_base_of_an_order_ends_is_not_added_to_it_but_ends_it():
    game = Game(SMALL, 1, kind="carrier")
    game.command(game.pick_task())
    while not (game.state.orders and next(iter(game.state.orders.values())).released_to > 0):
        game.tick()
    while next(iter(game.state.orders.values())).acknowledged_update < 0:
        game.tick()
    (order,) = game.state.orders.values()
    parking = replace(order, purpose=Purpose.PARK, task_id=None, actions=())
    parking = replace(parking, acknowledged_update=parking.update_id)
    task_id = next(iter(game.state.tasks))
    here = parking.decision_node
    problem = made.PlanRequested(
        game.now_ms, "p", R1, "carrier", Purpose.TO_PICK, task_id, "A01-03", here, here, (), (),
        order.order_id,
    )  # fmt: skip
    robot = replace(game.state.robots[R1], plan_id="p")
    turn = Turn(
        replace(
            game.state,
            orders={order.order_id: parking},
            plans={"p": problem},
            robots={R1: robot},
        )
    )

    on_proposed(turn, seen.PlanProposed("p", R1, game.now_ms, (here,), (), 0, 0))

    (bent,) = [row.message for row in turn.rows if isinstance(row.message, made.RouteReplaced)]
    assert (bent.purpose, bent.actions) == (Purpose.PARK, ())
    assert bent.nodes == parking.nodes[: parking.released_to + 1]
    assert turn.draft.robots[R1].look is None
