"""A home is a place that its robot gets to: another type gets another home, or none."""

from dataclasses import replace
from pathlib import Path

import floor_players
import pytest
from floor_players import SUPERVISOR, Game
from test_plans_that_do_not_fit import plans_in

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.fleet.order import Purpose
from fleetapp.layout import load_site

SMALL = Path(__file__).parents[2] / "maps" / "small"
R1 = "sim/r01"


@pytest.fixture
def game(monkeypatch):
    """Two robots of a type that gets home; type `sdk` may not drive to these two homes."""
    plain = Game(SMALL, 2)
    homes = {plain.floor.roads["plain"].node_ids[r.home] for r in plain.state.robots.values()}
    monkeypatch.setattr(floor_players, "load_site", lambda site_dir: without(site_dir, homes))
    return Game(SMALL, 2)


def without(site_dir, homes):
    site = load_site(site_dir)
    edges = tuple(
        replace(edge, rules=tuple(r for r in edge.rules if r.type_id != "sdk"))
        if {edge.start_node_id, edge.end_node_id} & homes
        else edge
        for edge in site.edges
    )
    return replace(site, edges=edges)


def admit(game, kind):
    game.command(asked.AdmitRobot(game.command_id(), R1, kind, "r01"), SUPERVISOR)
    game.tick()


def test_a_robot_admitted_under_another_type_gets_a_home_of_that_type(game):
    road = game.floor.roads["sdk"]
    before = game.state.robots[R1].home

    admit(game, "sdk")

    home = game.state.robots[R1].home
    served = {node for nodes in road.station_nodes.values() for node in nodes}
    assert before not in served
    assert home in served


def test_a_robot_admitted_again_under_its_type_keeps_its_home(game):
    before = game.state.robots[R1].home

    admit(game, "plain")

    assert game.state.robots[R1].home == before


def test_a_robot_is_not_sent_to_a_home_that_it_does_not_get_to(game):
    kept = game.state.robots[R1].home
    pick = next(s.station_id for s in game.floor.site.stations if s.kind.value == "pick")
    (node,) = game.floor.roads["sdk"].station_nodes[pick]
    robot = replace(game.state.robots[R1], robot_type="sdk", home=kept, node=node)
    game.state = replace(game.state, robots={**game.state.robots, R1: robot}, dispatch_due=True)
    before = len(game.rows)

    game.inbox.append(seen.Heartbeat(R1, 0))
    game.tick()

    asked_for = [r.message for r in game.rows[before:] if isinstance(r.message, made.PlanRequested)]
    assert [plan for plan in asked_for if plan.purpose is Purpose.PARK] == []


def test_a_plan_made_for_the_type_before_is_not_driven():
    game = Game(SMALL, 1)
    game.command(game.pick_task())
    while not plans_in(game):
        game.tick()
    robot = game.state.robots[R1]
    changed = replace(robot, robot_type="carrier")
    game.state = replace(game.state, robots={R1: changed})

    rows = game.tick()

    dropped = [r.message.reason for r in rows if isinstance(r.message, made.PlanDropped)]
    assert dropped == ["it is of another type meanwhile"]
