"""A task that waited too long and only lacks charge gets a robot that charges for it."""

from dataclasses import replace
from pathlib import Path

import pytest
from floor_players import Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core.offers import FreeRobots
from fleetapp.core.reach import Ways
from fleetapp.core.set_aside import queued_tasks
from fleetapp.core.state import Rules
from fleetapp.engine.views.tasks import sentence
from fleetapp.fleet.order import Purpose
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import Priority, TaskState

SMALL = Path(__file__).parents[2] / "maps" / "small"
R1, R2 = "sim/r01", "sim/r02"
RULES = Rules(confidence_permille=600, patience_high_ms=60_000)
LATE_MS = 61_000
SHORT = 0.06  # hours: so short that the far task needs nearly the whole charge


def stations(game, kind):
    return [s.station_id for s in game.floor.site.stations if s.kind.value == kind]


def by_need(game):
    """Pairs of stations, the shortest drive first."""
    ways = Ways(game.floor)
    pairs = [(p, q) for p in stations(game, "pick") for q in stations(game, "pack")]
    return sorted(pairs, key=lambda pair: ways.after_pick_ms("plain", probe(*pair)))


def probe(pick, pack):
    return Task("x", None, None, 1, pick, pack, Priority.NORMAL, None, None, None, 0, "")


def fleet(*charges, hours=0.2, **rules):
    """Robots with these charges at two pick stations, whose battery lasts so many hours."""
    game = Game(SMALL, len(charges), rules=replace(RULES, **rules))
    types = {k: replace(kind, battery_hours=hours) for k, kind in game.floor.types.items()}
    game.floor = replace(game.floor, types=types)
    game.state = replace(game.state, floor=game.floor)
    put(game, *charges)
    return game


def put(game, *charges, **changes):
    """Another charge for each robot; ticks until they stand."""
    robots = {
        robot_id: replace(robot, battery_permille=charge, **changes)
        for (robot_id, robot), charge in zip(game.state.robots.items(), charges, strict=True)
    }
    game.state = replace(game.state, robots=robots, dispatch_due=True)


def order(game, task_id, pair, **wishes):
    game.command(asked.SubmitTask(game.command_id(), *pair, sku="A", task_id=task_id, **wishes))


def far(game, **wishes):
    """A far task that has waited too long; no robot had the charge for it."""
    order(game, "FAR", by_need(game)[-1], priority=Priority.HIGH, **wishes)
    game.tick()
    assert game.state.tasks["FAR"].state is TaskState.QUEUED


def wait(game, ms=LATE_MS):
    """So much later something is reported; the robots are as they were."""
    charges = [r.battery_permille for r in game.state.robots.values()]
    game.now_ms += ms
    game.state = replace(game.state, now_ms=game.now_ms, robots=heard(game))
    put(game, *charges)
    before = len(game.rows)
    game.inbox = [seen.Heartbeat(R1, 0)]
    game.tick()
    return [row.message for row in game.rows[before:]]


def heard(game):
    return {k: replace(r, heard_ms=game.now_ms) for k, r in game.state.robots.items()}


def reserved(game):
    return FreeRobots(game.state, queued_tasks(game.state)).charges.robots


def said(game):
    return sentence(game.state, game.state.tasks["FAR"])


def away_from_chargers(game, robot_id=R1):
    (node,) = game.floor.roads["plain"].station_nodes[by_need(game)[0][0]]
    robot = replace(game.state.robots[robot_id], node=node)
    game.state = replace(game.state, robots={**game.state.robots, robot_id: robot})


def test_one_robot_charges_for_a_task_that_waited_too_long_and_takes_no_nearer_one():
    game = fleet(320, 310)
    far(game)
    order(game, "NEAR-1", by_need(game)[0])
    order(game, "NEAR-2", by_need(game)[0])

    wait(game)

    assert reserved(game) == {R1: "FAR"}
    assert game.state.robots[R1].task_id is None
    assert said(game) == "Waits for a charged robot: r01 charges for it."


def test_before_that_nobody_is_kept_for_it():
    game = fleet(320, 310)
    far(game)

    wait(game, 1_000)

    assert reserved(game) == {}


@pytest.mark.parametrize("charge", [330, 720, 790])
def test_the_robot_is_sent_to_a_charger_whatever_its_charge_is(charge):
    game = fleet(charge, hours=0.2 if charge < 400 else SHORT)
    away_from_chargers(game)
    far(game)

    rows = wait(game)

    plans = [m.purpose for m in rows if isinstance(m, made.PlanRequested)]
    assert plans == [Purpose.CHARGE]


def at_a_charger(game, charge):
    (node,) = game.floor.roads["plain"].station_nodes[stations(game, "charger")[0]]
    put(game, charge, node=node, charging=True, charge_asked=True)


def test_it_charges_beyond_what_is_enough_for_other_tasks():
    game = fleet(820, hours=SHORT)
    at_a_charger(game, 820)
    far(game)
    at_a_charger(game, 820)

    rows = wait(game)

    assert reserved(game) == {R1: "FAR"}
    assert [m for m in rows if isinstance(m, made.ChargingAsked)] == []


def test_once_its_charge_is_enough_it_gets_the_task():
    game = fleet(320)
    far(game)
    wait(game)
    at_a_charger(game, 790)

    wait(game, 1_000)

    assert game.state.tasks["FAR"].robot_id == R1


def test_nobody_charges_while_a_robot_at_work_has_the_charge():
    game = fleet(900, 320)
    order(game, "WORK", by_need(game)[0], robot_id=R1)
    game.tick()
    order(game, "FAR", by_need(game)[-1], priority=Priority.HIGH)
    game.tick()

    wait(game)

    assert game.state.robots[R1].task_id == "WORK"
    assert reserved(game) == {}


def test_nobody_charges_for_a_task_that_a_full_charge_does_not_reach():
    game = fleet(900, hours=0.03)
    far(game)

    wait(game)

    assert reserved(game) == {}
    assert said(game).startswith("Waits for a charged robot: none has enough")


def test_a_wished_robot_charges_for_its_task_and_no_other_does():
    game = fleet(320, 310)
    far(game, robot_id=R2)

    wait(game)

    assert reserved(game) == {R2: "FAR"}
    assert said(game) == "Waits for a charged robot: r02 charges for it."


def test_without_charging_by_itself_the_fleet_keeps_no_robot():
    game = fleet(320, auto_charge=False)
    far(game)

    wait(game)

    assert reserved(game) == {}
