"""Charging is what the battery shows, not what was sent."""

from pathlib import Path

import pytest

from fleetapp.core.state import prepare_floor
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.whole.system import WholeSystem
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
