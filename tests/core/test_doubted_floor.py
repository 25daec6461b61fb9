"""Floor where a robot may be by a doubt is its own only when a row says so."""

from dataclasses import replace
from pathlib import Path

from floor_players import Game

from fleetapp.core import decisions as made

SMALL = Path(__file__).parents[2] / "maps" / "small"
ROBOT = "sim/r01"


def test_a_robot_owns_the_base_that_it_is_given_over_floor_where_it_was_in_doubt():
    game = Game(SMALL, 1)
    game.command(replace(game.pick_task(), task_id="T"))
    masks = game.floor.masks
    free = tuple(r for r in range(len(masks.reach)) if game.state.owners.get(r) != ROBOT)
    doubting = replace(game.state.robots[ROBOT], doubted=free)
    game.state = replace(game.state, robots={ROBOT: doubting})

    while not any(isinstance(row.message, made.BaseExtended) for row in game.rows):
        game.tick()

    (order,) = game.state.orders.values()
    base = order.nodes[: order.released_to + 1]
    edges = (masks.edge(edge) for edge in order.edges[: order.released_to])
    assert len(base) > 1
    assert {game.state.owners.get(r) for r in (*base, *edges)} == {ROBOT}


def test_the_doubt_ends_when_a_report_shows_the_robot_where_it_was_by_the_books():
    game = Game(SMALL, 1)
    robot = game.state.robots[ROBOT]
    elsewhere = next(n for n in range(10) if n != robot.node)
    game.state = replace(game.state, robots={ROBOT: replace(robot, doubted=(elsewhere,))})

    game.inbox.append(game.report(game.players[ROBOT]))
    game.tick()

    assert game.state.robots[ROBOT].doubted == ()
    assert game.state.robots[ROBOT].node == robot.node
    assert game.state.owners[robot.node] == ROBOT
