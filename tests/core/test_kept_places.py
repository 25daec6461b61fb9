"""A robot that stands and will not go on by itself stops the tasks that need its floor, no others."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import floor_players
import pytest
from floor_players import SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core.kept import KeptFloor
from fleetapp.core.state import Rules
from fleetapp.engine.views.tasks import sentence
from fleetapp.layout import load_site
from fleetapp.terms.modes import EmergencyStop, OperatingMode, TaskState
from fleetapp.traffic.open_floor import OpenFloor

SMALL = Path(__file__).parents[2] / "maps" / "small"
FIRST, OTHER = "sim/r01", "sim/r02"
IMPATIENT = Rules(confidence_permille=600, patience_normal_ms=1_000)  # nearly all are overdue


def stations(game, kind):
    return [s.station_id for s in game.floor.site.stations if s.kind.value == kind]


def order(game, task_id, pick, pack, **wishes):
    command = asked.SubmitTask(game.command_id(), pick, pack, sku="A", task_id=task_id, **wishes)
    game.command(command)


def run(game, until, ticks=6_000):
    for _ in range(ticks):
        game.tick()
        if until():
            return
    raise AssertionError("it did not come to that")


def hold(game, robot_id=FIRST):
    game.command(asked.HoldRobot(game.command_id(), robot_id, "broken"), SUPERVISOR)
    game.tick()


def task(game, task_id):
    return game.state.tasks[task_id]


def said(game, task_id):
    return sentence(game.state, task(game, task_id))


def standing_at(state, *, robots=3, rules=IMPATIENT):
    """The first robot held while its task is in this state, at its pick or its pack station."""
    game = Game(SMALL, robots, rules=rules)
    picks, packs = stations(game, "pick"), stations(game, "pack")
    order(game, "FIRST", picks[0], packs[0], robot_id=FIRST)
    game.tick()
    run(game, lambda: task(game, "FIRST").state is state)
    hold(game)
    return game


def order_for(game, kept):
    """Five tasks that need the kept place, then ten that do not."""
    picks, packs = stations(game, "pick"), stations(game, "pack")
    for number in range(5):
        ends = (picks[0], packs[1]) if kept == "pick" else (picks[1], packs[0])
        order(game, f"KEPT-{number}", *ends)
    for number in range(10):
        order(game, f"FREE-{number}", picks[1 + number % (len(picks) - 1)], packs[1])


KEPT = [("pick", TaskState.PICKING), ("pack", TaskState.DROPPING)]


@pytest.mark.parametrize(("kept", "state"), KEPT)
def test_tasks_for_a_kept_place_are_set_aside_and_all_others_are_done(kept, state):
    game = standing_at(state)
    order_for(game, kept)

    run(game, lambda: all_done(game, "FREE"), ticks=12_000)

    states = Counter(t.state for t in game.state.tasks.values() if t.task_id.startswith("KEPT"))
    assert states == {TaskState.QUEUED: 5}
    assert said(game, "KEPT-0") == f"Waits: r01 is held at {stations(game, kept)[0]}."


def all_done(game, name):
    tasks = [t for t in game.state.tasks.values() if t.task_id.startswith(name)]
    return bool(tasks) and all(t.state is TaskState.DONE for t in tasks)


@pytest.mark.parametrize(("kept", "state"), KEPT)
def test_they_are_taken_up_again_when_the_robot_has_gone(kept, state):
    game = standing_at(state)
    order_for(game, kept)
    for _ in range(600):
        game.tick()
    assert task(game, "KEPT-0").state is TaskState.QUEUED

    game.command(asked.ReleaseHold(game.command_id(), FIRST, "repaired"), SUPERVISOR)

    run(game, lambda: all_done(game, "KEPT"), ticks=20_000)


def test_a_robot_on_its_way_to_a_place_that_is_kept_by_now_is_freed_for_another_task():
    game = Game(SMALL, 2)
    picks, packs = stations(game, "pick"), stations(game, "pack")
    order(game, "FIRST", picks[0], packs[0], robot_id=FIRST)
    game.tick()
    run(game, lambda: task(game, "FIRST").state is TaskState.LOOKING)
    order(game, "SECOND", picks[0], packs[0], robot_id=OTHER)
    game.tick()
    run(game, lambda: task(game, "SECOND").state is TaskState.DRIVING_TO_PICK)

    hold(game)
    order(game, "THIRD", picks[-1], packs[1])

    run(game, lambda: task(game, "THIRD").state is TaskState.DONE)
    assert task(game, "SECOND").state is TaskState.QUEUED
    moved = [m for m in of_task(game, "SECOND", made.TaskMoved) if m.state is TaskState.QUEUED]
    assert [m.reason for m in moved] == ["queued again: r01 stood in the way of r02"]


def of_task(game, task_id, kind):
    messages = [row.message for row in game.rows if isinstance(row.message, kind)]
    return [message for message in messages if message.task_id == task_id]


def test_a_robot_that_has_its_item_keeps_its_task_though_its_station_is_kept():
    game = Game(SMALL, 2)
    picks, packs = stations(game, "pick"), stations(game, "pack")
    order(game, "FIRST", picks[0], packs[0], robot_id=FIRST)
    game.tick()
    run(game, lambda: task(game, "FIRST").state is TaskState.CARRYING)
    order(game, "SECOND", picks[1], packs[0], robot_id=OTHER)
    game.tick()
    run(game, lambda: task(game, "SECOND").state is TaskState.CARRYING)
    run(game, lambda: task(game, "FIRST").state in (TaskState.DROPPING, TaskState.DONE))
    hold(game)

    for _ in range(1_000):
        game.tick()

    assert task(game, "SECOND").robot_id == OTHER
    assert task(game, "SECOND").state is not TaskState.QUEUED


def test_a_held_robot_keeps_its_own_task():
    game = standing_at(TaskState.LOOKING)

    for _ in range(300):
        game.tick()

    assert task(game, "FIRST").robot_id == FIRST


STAYS = {
    "is in manual mode": {"mode": OperatingMode.MANUAL},
    "reports an emergency stop": {"emergency_stop": EmergencyStop.MANUAL},
    "does not know where it is": {"localized": False},
    "was paused at the robot": {"paused": True},
}


@pytest.mark.parametrize("why", STAYS)
def test_whatever_keeps_a_robot_from_going_on_by_itself_keeps_its_place(why):
    game = standing_at(TaskState.PICKING)
    game.command(asked.ReleaseHold(game.command_id(), FIRST, "looked"), SUPERVISOR)
    game.tick()
    robot = game.state.robots[FIRST]
    changed = replace(robot, holds=(), pause_wanted=False, resume_wanted=False, **STAYS[why])
    state = replace(game.state, robots={**game.state.robots, FIRST: changed})

    assert KeptFloor(game.state).heads == {}
    assert KeptFloor(state).heads == {FIRST: FIRST}


def test_a_robot_not_heard_since_the_engine_started_keeps_nothing_yet():
    game = standing_at(TaskState.PICKING)
    robot = replace(game.state.robots[FIRST], holds=(), reported=False)
    state = replace(game.state, robots={**game.state.robots, FIRST: robot})

    assert KeptFloor(state).heads == {}


def two_node_station(site_dir):
    """The small site; its first pack station is served at a node of the second one too."""
    site = load_site(site_dir)
    first, second = [s for s in site.stations if s.kind.value == "pack"][:2]
    wider = replace(first, node_ids=(*first.node_ids, *second.node_ids))
    stations = tuple(wider if s is first else s for s in site.stations if s is not second)
    return replace(site, stations=stations)


def test_a_station_with_a_node_left_is_not_kept(monkeypatch):
    monkeypatch.setattr(floor_players, "load_site", two_node_station)
    game = standing_at(TaskState.DROPPING)
    pick, pack = stations(game, "pick")[1], stations(game, "pack")[0]

    order(game, "NEXT", pick, pack)

    run(game, lambda: all_done(game, "NEXT"))


def test_a_robot_that_carries_asks_for_a_way_to_the_node_that_is_left(monkeypatch):
    monkeypatch.setattr(floor_players, "load_site", two_node_station)
    game = Game(SMALL, 4)
    picks, pack = stations(game, "pick"), stations(game, "pack")[0]
    for number in range(20):
        order(game, f"T-{number}", picks[number % len(picks)], pack)
    run(game, lambda: bound_for_one_that_drops(game) is not None)
    keeper, carrying = bound_for_one_that_drops(game)

    hold(game, keeper)

    kept = game.state.robots[keeper].node
    run(game, lambda: any(m.goal != kept for m in of_task(game, carrying, made.PlanRequested)))


def bound_for_one_that_drops(game):
    """A robot that hands over, and the task of one that carries to the same node."""
    at = {
        r.node: r.robot_id
        for r in game.state.robots.values()
        if r.task_id and task(game, r.task_id).state is TaskState.DROPPING
    }
    for o in game.state.orders.values():
        same = o.goal_node in at and o.robot_id != at[o.goal_node] and o.task_id
        if same and task(game, o.task_id).state is TaskState.CARRYING:
            return at[o.goal_node], o.task_id
    return None


def test_a_station_behind_a_kept_aisle_is_cut_off_and_the_task_names_who_stands_there():
    game = Game(SMALL, 2)
    road = game.floor.roads["plain"]
    pick, pack = stations(game, "pick")[0], stations(game, "pack")[0]
    (node,) = road.station_nodes[pick]
    before = {int(road.edge_start[edge]) for edge in road.in_edges[node]}
    hold(game)
    owners = {**game.state.owners, **dict.fromkeys(before, FIRST)}
    game.state = replace(game.state, owners=owners)
    order(game, "BEHIND", pick, pack)

    game.tick()

    assert task(game, "BEHIND").state is TaskState.QUEUED
    assert said(game, "BEHIND").startswith("Waits: r01 is held at ")


def test_nothing_leads_to_floor_that_is_shut():
    game = Game(SMALL, 1)
    road, masks = game.floor.roads["plain"], game.floor.masks
    pick = stations(game, "pick")[0]
    (node,) = road.station_nodes[pick]

    everywhere = OpenFloor(road, 0).leading_to(node)
    shut = OpenFloor(road, masks.reach[node]).leading_to(node)

    assert everywhere[node]
    assert sum(everywhere) > 10
    assert not any(shut)
