"""Nothing arrives for a while, either way: all wait, and go on by themselves."""

from functools import cache
from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core.state import prepare_floor
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.whole.system import WholeSystem

SMALL = Path(__file__).parents[2] / "maps" / "small"


@cache
def floor():
    site = load_site(SMALL)
    return prepare_floor(site, build_roadmaps(site, None))


@pytest.mark.parametrize("begins_ms", [4_000, 9_000, 13_500, 21_000])
@pytest.mark.parametrize("seed", [1, 2])
def test_an_outage_of_two_minutes_ends_in_no_hold_and_costs_no_task(begins_ms, seed):
    system = WholeSystem(floor(), robots=3, robot_type="plain", seed=seed)
    stations = system.state.floor.site.stations
    picks = [s.station_id for s in stations if s.kind.value == "pick"]
    packs = [s.station_id for s in stations if s.kind.value == "pack"]
    system.run(500)
    for number in range(6):
        system.command(
            asked.SubmitTask(
                system.command_id(), picks[number * 7 % len(picks)], packs[number % 2], sku="S1"
            )
        )
    system.run(begins_ms)

    send, system.network.send = system.network.send, lambda *_: None
    system.run(120_000)
    system.network.send = send
    system.run(250_000)

    assert system.trace.kinds["RobotHeld"] == 0
    assert (system.state.done_count, system.collisions.count) == (6, 0)


def test_orders_given_as_the_outage_begins_are_no_reason_to_hold_anybody():
    system = WholeSystem(floor(), robots=3, robot_type="plain")
    system.run(2_000)
    stations = system.state.floor.site.stations
    picks = [s.station_id for s in stations if s.kind.value == "pick"]
    packs = [s.station_id for s in stations if s.kind.value == "pack"]
    send = system.network.send
    system.network.send = lambda to, *message: send(to, *message) if to == "fleet" else None
    for number in range(3):
        system.command(asked.SubmitTask(system.command_id(), picks[number * 3], packs[0], sku="S1"))
    system.run(1_500)
    assert system.trace.kinds["OrderIssued"] == 3  # and each is lost on the way

    system.network.send = lambda *_: None
    system.run(120_000)
    system.network.send = send
    system.run(200_000)

    assert system.trace.kinds["RobotHeld"] == 0
    assert (system.state.done_count, system.collisions.count) == (3, 0)
