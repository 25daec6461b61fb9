"""Charging is what the battery shows, not what was sent."""

from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core.state import prepare_floor
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.terms.reasons import AlarmKind
from fleetapp.vda5050.topics import parse

SMALL = Path(__file__).parents[2] / "maps" / "small"


def floor():
    site = load_site(SMALL)
    return prepare_floor(site, build_roadmaps(site, None))


def a_low_robot():
    system = WholeSystem(floor(), robots=1, robot_type="plain")
    (robot,) = system.robots.values()
    robot.battery.charge_fraction = 0.25
    return system, robot


def lose_charging(system, count):
    """The network loses the first messages that ask for charging."""
    send, lost = system.network.send, []

    def losing(to, topic, payload, now_ms):
        address = parse(topic)
        if address.kind == "instantActions" and b"startCharging" in payload and len(lost) < count:
            lost.append(payload)
            return
        send(to, topic, payload, now_ms)

    system.network.send = losing
    return lost


@pytest.mark.parametrize("count", [1, 3])
def test_a_lost_word_to_charge_is_said_again_until_the_battery_shows_it(count):
    system, robot = a_low_robot()
    lost = lose_charging(system, count)

    system.run(120_000)

    assert len(lost) == count
    assert robot.battery.charging


def test_a_word_to_charge_that_was_lost_with_the_engine_is_said_again_after_a_restart():
    system, robot = a_low_robot()
    lost = lose_charging(system, 1)
    while not lost:
        system.tick()

    system.kill_engine(dead_ms=500)
    system.run(20_000)

    assert robot.battery.charging


def stopped_before_it_charges(count):
    """The first words to charge are lost, the fleet is stopped, and the engine starts anew."""
    system, robot = a_low_robot()
    lost = lose_charging(system, count)
    while not lost:
        system.tick()
    system.command(asked.StopAll(system.command_id(), "look"))
    system.run(3_000)
    system.kill_engine(dead_ms=2_000)
    system.run(600_000)
    assert not robot.battery.charging
    system.command(asked.ReleaseAll(system.command_id(), "looked"))
    return system, robot


def test_a_word_to_charge_that_a_stop_and_a_restart_swallowed_is_said_after_the_release():
    system, robot = stopped_before_it_charges(1)

    system.run(10_000)

    assert robot.battery.charging


def test_who_does_not_charge_after_a_stop_and_a_restart_is_told_again_and_told_of():
    system, robot = stopped_before_it_charges(12)

    system.run(40_000)
    told_of = AlarmKind.NOT_CHARGING in {a.raised.kind for a in system.state.alarms.values()}
    system.run(60_000)

    assert told_of
    assert robot.battery.charging
