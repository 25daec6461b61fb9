"""A small fleet that drives, and what is different of it after a row."""

from dataclasses import fields, replace
from functools import cache
from pathlib import Path

from floor_players import Game

from fleetapp.core import decisions as made
from fleetapp.core.follow import fold
from fleetapp.core.state import State
from fleetapp.core.turn import Row
from fleetapp.fleet.robot import Wait

SMALL = Path(__file__).parents[2] / "maps" / "small"
LATER = 9_000_000
D = "sim/r01"  # drives for a task
OTHER = "sim/r02"  # drives as well


@cache
def driving() -> State:
    game = Game(SMALL, 3, kind="carrier")
    for task_id in ("FIRST", "SECOND"):
        game.command(replace(game.pick_task(), task_id=task_id, robot_id=None))
    for _ in range(600):
        game.tick()
        busy = [r for r in game.state.robots.values() if r.order_id and r.task_id]
        if {r.robot_id for r in busy} == {D, OTHER} and all(_drives(game, r) for r in busy):
            return game.state
    raise AssertionError("they did not drive")


def _drives(game, robot):
    order = game.state.orders[robot.order_id]
    return 0 < order.passed < order.released_to and robot.wait is None


def given(**changes) -> State:
    """The fleet, with something else about its first robot."""
    state = driving()
    return replace(state, robots={**state.robots, D: replace(state.robots[D], **changes)})


def after(state, *messages):
    rows = [Row(state.seq + n + 1, message, None) for n, message in enumerate(messages)]
    return fold(state, rows)


ALWAYS = {"seq", "dispatch_due", "robot_rows", "task_rows"}  # which row was the last


def differs(state, new):
    """What is different: by name of the part, and of robots, tasks and orders by field."""
    found = {}
    for field in fields(State):
        before, now = getattr(state, field.name), getattr(new, field.name)
        if before == now or field.name in ALWAYS:
            continue
        if field.name not in {"robots", "tasks", "orders"}:
            found[field.name] = now
            continue
        assert list(before) == list(now), field.name
        for key in before:
            found |= {
                (key, part.name): getattr(now[key], part.name)
                for part in fields(before[key])
                if getattr(before[key], part.name) != getattr(now[key], part.name)
            }
    return found


def of(key, **changes):
    return {(key, name): value for name, value in changes.items()}


def task_id():
    return driving().robots[D].task_id


def order_id():
    return driving().robots[D].order_id


def base():
    return driving().orders[order_id()]


def check(state, message, expected):
    assert differs(state, after(state, message)) == expected


def a_wait(cause, since_ms):
    return Wait(cause, since_ms, "says", "ends", "shows", OTHER)


def waits(cause):
    return made.RobotWaits(LATER, D, cause, "says", "ends", "shows", OTHER)
