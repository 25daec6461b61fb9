"""A robot that drives beyond its base: those that could meet it stand until it is found."""

import random
from functools import cache
from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core.state import prepare_floor
from fleetapp.engine.views.reasons import why_of
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.robots.faults import Fault
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.tasks.task import is_open
from fleetapp.terms.reasons import AlarmKind, HoldReason

ROOT = Path(__file__).parents[2]


@cache
def floor():
    site = load_site(ROOT / "maps" / "small")
    return prepare_floor(site, build_roadmaps(site, None))


def a_busy_hall(seed, robots=6):
    system = WholeSystem(floor(), robots=robots, robot_type="plain", seed=seed)
    stations = floor().site.stations
    picks = [s.station_id for s in stations if s.kind.value == "pick"]
    packs = [s.station_id for s in stations if s.kind.value == "pack"]
    chance = random.Random(seed)
    for _ in range(2 * robots):
        command_id, pick = system.command_id(), chance.choice(picks)
        system.command(asked.SubmitTask(command_id, pick, chance.choice(packs), sku="S"))
    system.run(8_000)
    return system


def strayed(system):
    held = [
        robot
        for robot in system.state.robots.values()
        if any(h.reason is HoldReason.LEFT_BASE for h in robot.holds)
    ]
    return held[0] if held else None


def paused(system):
    return [robot for robot in system.state.robots.values() if robot.stray_id]


def run_until_one_strays(seed, *, near):
    """A hall in which a robot has left its base, with others near it if wanted."""
    system = a_busy_hall(seed)
    for robot in system.robots.values():
        robot.faults.show(Fault.IGNORES_BASE)
        end = system.now_ms + 12_000
        while system.now_ms < end:
            system.tick()
            if strayed(system) is not None:
                robot.faults.show(Fault.IGNORES_BASE, on=False)
                if paused(system) or not near:
                    return system
                return None
        robot.faults.show(Fault.IGNORES_BASE, on=False)
    return None


@cache
def seed_with_neighbours():
    return next(seed for seed in range(1, 16) if run_until_one_strays(seed, near=True))


@pytest.fixture
def hall():
    return run_until_one_strays(seed_with_neighbours(), near=True)


def test_who_could_meet_it_is_paused_in_the_same_moment_and_says_why(hall):
    stray = strayed(hall)

    assert paused(hall)
    for robot in paused(hall):
        assert robot.pause_wanted
        why = why_of(hall.state, robot)
        assert (stray.name or stray.serial) in why.sentence
        assert why.blocker_id == stray.robot_id
        assert "placed" in why.ends or "stands on a free node" in why.ends
    alarm = hall.state.alarms[f"{AlarmKind.LEFT_BASE.value}:{stray.robot_id}"]
    assert all(robot.name in alarm.raised.cause for robot in paused(hall))


def test_they_stand_by_their_own_reports_and_get_no_more_floor(hall):
    names = {robot.robot_id for robot in paused(hall)}
    released = {o.robot_id: o.released_to for o in hall.state.orders.values()}
    hall.run(3_000)

    still = {robot.robot_id for robot in paused(hall)} & names
    assert still
    for robot_id in still:
        assert hall.state.robots[robot_id].pause_confirmed
        assert not hall.robots[robot_id].body.moving
        order = hall.state.orders[hall.state.robots[robot_id].order_id]
        assert order.released_to == released[robot_id]


def put_by_hand(system, robot_id):
    """A person moves the robot onto a node that nobody owns, and it says so."""
    masks = floor().masks
    road = floor().roads["plain"]
    taken = masks.reach_of(r for r, o in system.state.owners.items() if o != robot_id)
    ahead = 0
    for order in system.state.orders.values():
        ahead |= masks.reach_of(order.nodes)
    parking = [
        n
        for s in floor().site.stations
        if s.kind.value in ("parking", "charger")
        for n in road.station_nodes.get(s.station_id, ())
    ]
    node = next(n for n in parking if not (masks.reach[n] & (taken | ahead)))
    robot = system.robots[robot_id]
    robot.book.forget()
    robot.body.x_m = float(road.x_mm[node] / 1000)
    robot.body.y_m = float(road.y_mm[node] / 1000)
    robot.body.speed_mps = 0.0
    robot.book.last_node_id = road.node_ids[node]
    robot._changed = True


def test_they_go_on_when_it_is_placed_again_and_all_tasks_are_done(hall):
    stray = strayed(hall).robot_id
    hall.run(6_000)

    put_by_hand(hall, stray)
    hall.run(4_000)

    assert not paused(hall)
    assert hall.state.robots[stray].held
    hall.command(asked.ReleaseHold(hall.command_id(), stray, "moved by hand"))
    hall.run(600_000)
    assert not any(is_open(task) for task in hall.state.tasks.values())
    assert not any(robot.paused for robot in hall.robots.values())


def test_they_go_on_when_it_is_removed(hall):
    stray = strayed(hall).robot_id
    hall.run(20_000)

    answer = hall.command(asked.RemoveRobot(hall.command_id(), stray))
    hall.run(2_000)

    assert answer.result().accepted
    assert not paused(hall)


def test_a_supervisor_may_let_one_of_them_go_on(hall):
    waiting = paused(hall)[0].robot_id
    hall.run(3_000)
    if waiting not in {robot.robot_id for robot in paused(hall)}:
        pytest.skip("it went on by itself")

    hall.command(asked.ReleaseHold(hall.command_id(), waiting, "looked, it is far enough"))
    hall.run(1_000)

    assert waiting not in {robot.robot_id for robot in paused(hall)}
    assert not hall.robots[waiting].paused


@pytest.mark.parametrize("seed", range(1, 9))
def test_once_a_robot_off_its_floor_and_its_neighbours_have_braked_they_never_touch(seed):
    system = run_until_one_strays(seed, near=False)
    if system is None:
        pytest.skip("none left its base")
    system.run(2_000)
    before = system.collisions.count

    system.run(60_000)

    assert system.collisions.count == before
