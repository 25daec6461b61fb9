"""A driving fleet, and then something: nothing that may move a robot leaves while it lasts.

Each time orders were lost on the way, so that there is something to send again.
"""

import random
from functools import cache
from pathlib import Path

import pytest
from wire_watch import WireWatch

from fleetapp.api import commands as asked
from fleetapp.core.observations_engine import JournalRecovered, JournalUnavailable
from fleetapp.core.state import prepare_floor
from fleetapp.engine.loop import Durable
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.robots.faults import Fault
from fleetapp.simulation.whole.network import Weather
from fleetapp.simulation.whole.system import WholeSystem

ROOT = Path(__file__).parents[2]
BAD = Weather(lost=0.05, doubled=0.05, late=0.05)
SOON_MS = 240_000


@cache
def floor():
    site = load_site(ROOT / "maps" / "small")
    return prepare_floor(site, build_roadmaps(site, None))


def give_tasks(system, count, *, seed=1):
    stations, chance = floor().site.stations, random.Random(seed)
    picks = [s.station_id for s in stations if s.kind.value == "pick"]
    packs = [s.station_id for s in stations if s.kind.value == "pack"]
    for _ in range(count):
        task = asked.SubmitTask(
            system.command_id(), chance.choice(picks), chance.choice(packs), sku="S"
        )
        system.command(task)


def driving_fleet(robots=4, tasks=8, seed=1, weather=None):
    system = WholeSystem(floor(), robots=robots, robot_type="plain", seed=seed, weather=weather)
    watch = WireWatch(system)
    give_tasks(system, tasks, seed=seed)
    until(system, lambda: sum(r.driving for r in system.state.robots.values()) >= robots - 1)
    return system, watch


def until(system, happened):
    end = system.now_ms + SOON_MS
    while not happened():
        assert system.now_ms < end, "it did not come so far in time"
        system.tick()


def unshown(system):
    """Robots that drive and have an update on the way that no report shows."""
    robots = system.state.robots
    return [
        order.robot_id
        for order in system.state.orders.values()
        if order.acknowledged_update < order.update_id and robots[order.robot_id].driving
    ]


def lose_an_order(system):
    """Orders are lost on the way until a driving robot lacks one; its id."""
    send = system.network.send
    system.network.send = lambda to, topic, *rest: (
        None if topic.endswith("/order") else send(to, topic, *rest)
    )
    until(system, lambda: unshown(system))
    system.network.send = send
    return unshown(system)[0]


def begin(system, trouble, robot_id):
    robot = system.robots[robot_id]
    match trouble:
        case "hold":
            system.command(asked.HoldRobot(system.command_id(), robot_id, "a box fell"))
        case "stop":
            system.command(asked.StopAll(system.command_id(), "test"))
        case "journal":
            system._items.append(JournalUnavailable(0, "the disk is full"))
        case "manual":
            robot.faults.show(Fault.MANUAL)
        case "silence":
            robot.faults.show(Fault.FROZEN)
        case "lost":
            robot.faults.show(Fault.LOST_POSITION)
        case "emergency":
            robot.faults.show(Fault.EMERGENCY_STOP)


def is_on(system, trouble, robot_id):
    robot = system.state.robots[robot_id]
    return {
        "hold": robot.held,
        "stop": system.state.stop is not None,
        "journal": not system.state.journal_ok,
        "manual": robot.mode.value == "manual",
        "silence": robot.silent,
        "lost": not robot.localized,
        "emergency": robot.emergency_stop.value != "none",
    }[trouble]


def end(system, trouble, robot_id):
    faults = system.robots[robot_id].faults
    for fault in (Fault.MANUAL, Fault.FROZEN, Fault.LOST_POSITION, Fault.EMERGENCY_STOP):
        faults.show(fault, on=False)
    if trouble == "stop":
        system.command(asked.ReleaseAll(system.command_id(), "looked, all free"))
    if trouble == "journal":
        system._items.append(JournalRecovered(0))
    system.run(5_000)
    for robot in system.state.robots.values():
        if robot.held:
            system.command(asked.ReleaseHold(system.command_id(), robot.robot_id, "all is well"))


TROUBLES = ("hold", "stop", "journal", "manual", "silence", "lost", "emergency")


@pytest.mark.parametrize("trouble", TROUBLES)
def test_while_it_lasts_nothing_is_sent_again_and_after_it_the_fleet_goes_on(trouble):
    system, watch = driving_fleet()
    robot_id = lose_an_order(system)
    begin(system, trouble, robot_id)
    until(system, lambda: is_on(system, trouble, robot_id))
    since_ms = system.now_ms

    system.run(30_000)
    during = watch.sent_to(robot_id, since_ms)
    end(system, trouble, robot_id)
    until(system, lambda: system.state.done_count == 8)

    assert during == []
    assert watch.wrong == []
    assert system.collisions.count == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_a_robot_that_was_removed_is_sent_nothing_that_moves_it(seed):
    system, watch = driving_fleet(seed=seed)
    robot_id = lose_an_order(system)
    begin(system, "silence", robot_id)
    until(system, lambda: is_on(system, "silence", robot_id))

    system.command(asked.RemoveRobot(system.command_id(), robot_id, "carried away"))
    system.run(100)
    since_ms = system.now_ms
    system.robots[robot_id].faults.show(Fault.FROZEN, on=False)
    system.run(30_000)

    assert not system.state.robots[robot_id].admitted
    assert watch.sent_to(robot_id, since_ms) == []
    assert watch.wrong == []


def test_charging_is_not_asked_for_again_of_a_robot_that_is_held():
    system = WholeSystem(floor(), robots=1, robot_type="plain")
    (robot,) = system.robots.values()
    watch = WireWatch(system)
    robot.battery.charge_fraction = 0.2
    robot._charge = lambda *_, **__: "FINISHED"  # it says so, and does nothing
    until(system, lambda: any(kind == "instantActions" for _, _, kind, _ in watch.sent))

    system.command(asked.HoldRobot(system.command_id(), robot.robot_id, "cleaning"))
    system.run(100)
    since_ms = system.now_ms
    system.run(60_000)
    assert watch.sent_to(robot.robot_id, since_ms) == []

    system.command(asked.ReleaseHold(system.command_id(), robot.robot_id, "clean"))
    system.run(20_000)
    assert "instantActions" in watch.sent_to(robot.robot_id, since_ms)
    assert watch.wrong == []


def slow_journal(system):
    """From now on rows are kept and become durable when the caller says so."""
    kept = []
    system.append = lambda entries: (system.entries.extend(entries), kept.extend(entries))

    def catch_up(seq=None):
        system._items.append(Durable(seq if seq is not None else kept[-1].seq))

    return catch_up


def pauses_of(watch, robot_id, since_ms):
    return [
        action["actionType"]
        for at, to, kind, message in watch.sent
        if to == robot_id and at > since_ms and kind == "instantActions"
        for action in message["actions"]
    ]


def test_a_release_that_is_not_on_disk_lets_nothing_out_not_even_what_an_older_one_allowed():
    system, watch = driving_fleet()
    robot_id = lose_an_order(system)
    hold = asked.HoldRobot(system.command_id(), robot_id, "a box fell")
    release = [asked.ReleaseHold(system.command_id(), robot_id, "it is gone") for _ in range(2)]
    system.command(hold)
    system.run(2_000)
    catch_up = slow_journal(system)

    since_ms = system.now_ms
    system.command(release[0])
    system.run(200)
    first = len(system.entries)
    system.command(asked.HoldRobot(system.command_id(), robot_id, "another fell"))
    system.run(200)
    system.command(release[1])
    system.run(200)
    catch_up(first)
    system.run(10_000)
    early = watch.sent_to(robot_id, since_ms)
    catch_up()
    system.run(200)

    assert early == []
    assert pauses_of(watch, robot_id, since_ms) == ["stopPause"]
    assert watch.wrong == []


def test_an_older_release_never_overtakes_a_newer_stop():
    system, watch = driving_fleet()
    robot_id = next(r.robot_id for r in system.state.robots.values() if r.driving)
    system.command(asked.HoldRobot(system.command_id(), robot_id, "a box fell"))
    system.run(2_000)
    catch_up = slow_journal(system)
    system.command(asked.ReleaseHold(system.command_id(), robot_id, "it is gone"))
    system.run(100)
    system.command(asked.StopAll(system.command_id(), "test"))
    system.run(100)
    since_ms = system.now_ms

    catch_up()
    system.run(30_000)

    assert watch.sent_to(robot_id, since_ms) == []
    assert system.state.robots[robot_id].pause_confirmed
    assert watch.wrong == []


def test_a_resume_that_was_lost_is_not_told_again_after_a_stop():
    system, watch = driving_fleet()
    robot_id = next(r.robot_id for r in system.state.robots.values() if r.driving)
    system.command(asked.HoldRobot(system.command_id(), robot_id, "a box fell"))
    system.run(3_000)
    send = system.network.send
    system.network.send = lambda to, *rest: send(to, *rest) if to == "fleet" else None
    system.command(asked.ReleaseHold(system.command_id(), robot_id, "it is gone"))
    system.run(200)
    system.command(asked.StopAll(system.command_id(), "test"))
    system.run(40)
    system.network.send, since_ms = send, system.now_ms

    system.run(30_000)

    assert watch.sent_to(robot_id, since_ms) == []
    assert watch.wrong == []


@pytest.mark.parametrize(("seed", "dead_ms"), [(1, 100), (2, 20_000), (3, 100)])
def test_after_a_start_nothing_leaves_for_a_robot_before_its_report_and_the_others_drive(
    seed, dead_ms
):
    system, watch = driving_fleet(seed=seed)
    robot_id = lose_an_order(system)
    system.robots[robot_id].faults.show(Fault.FROZEN)
    theirs = {r for r, owner in system.state.owners.items() if owner == robot_id}

    system.kill_engine(dead_ms=dead_ms, lost_rows=system.undurable_rows)
    since_ms = system.now_ms
    kept = theirs & {r for r, owner in system.state.owners.items() if owner == robot_id}
    others = [robot for name, robot in system.robots.items() if name != robot_id]
    driven_m = sum(robot.driven_m for robot in others)
    system.run(60_000)

    owners = system.state.owners
    assert kept
    assert {owners.get(resource) for resource in kept} == {robot_id}
    assert watch.sent_to(robot_id, since_ms) == []
    assert sum(robot.driven_m for robot in others) > driven_m + 5.0
    assert watch.wrong == []

    system.robots[robot_id].faults.show(Fault.FROZEN, on=False)
    until(system, lambda: system.state.done_count == 8)
    assert system.collisions.count == 0


@pytest.mark.parametrize("seed", range(1, 4))
def test_in_no_run_of_troubles_leaves_anything_that_may_not(seed):
    chance = random.Random(seed)
    system, watch = driving_fleet(seed=seed, weather=BAD)

    for _ in range(8):
        trouble = chance.choice((*TROUBLES, "kill"))
        robot_id = chance.choice(sorted(system.robots))
        if trouble == "kill":
            lost = chance.choice((0, system.undurable_rows))
            system.kill_engine(dead_ms=chance.choice((100, 10_000)), lost_rows=lost)
            trouble = "stop" if system.state.stop is not None else "hold"
        else:
            begin(system, trouble, robot_id)
        system.run(chance.randrange(1_000, 15_000))
        end(system, trouble, robot_id)
        give_tasks(system, 1, seed=chance.random())
        system.run(chance.randrange(1_000, 10_000))

    assert len(watch.sent) > 50
    assert watch.wrong == []
    assert system.collisions.count == 0
