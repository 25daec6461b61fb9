"""A robot that somebody paused at its panel is theirs to let go on, whatever we wished meanwhile."""

from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core.state import prepare_floor
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.whole.system import WholeSystem

SMALL = Path(__file__).parents[2] / "maps" / "small"


@pytest.fixture
def system():
    """One robot that drives for a task."""
    site = load_site(SMALL)
    floor = prepare_floor(site, build_roadmaps(site, None))
    system = WholeSystem(floor, robots=1, robot_type="plain")
    picks = [s.station_id for s in site.stations if s.kind.value == "pick"]
    packs = [s.station_id for s in site.stations if s.kind.value == "pack"]
    system.command(asked.SubmitTask("t", picks[0], packs[0], sku="S"))
    system.run(8_000)
    assert the(system).body.driving
    return system


def the(system):
    (robot,) = system.robots.values()
    return robot


def pause(system, *, paused):
    the(system).pause_by_hand(paused=paused)
    system.run(3_000)


@pytest.mark.parametrize("all_of_them", [False, True], ids=["hold", "stop"])
def test_after_a_release_it_goes_on_when_somebody_ends_the_pause_at_the_robot(system, all_of_them):
    robot_id = the(system).robot_id
    stop = asked.StopAll("a") if all_of_them else asked.HoldRobot("a", robot_id)
    release = (
        asked.ReleaseAll("b", "seen") if all_of_them else asked.ReleaseHold("b", robot_id, "x")
    )
    pause(system, paused=True)
    system.command(stop)
    system.run(6_000)
    system.command(release)
    system.run(6_000)
    assert the(system).paused

    pause(system, paused=False)
    system.run(200_000)

    assert system.state.done_count == 1


def test_a_pause_of_ours_that_somebody_ends_at_the_robot_is_told_again_while_it_is_held(system):
    system.command(asked.HoldRobot("a", the(system).robot_id))
    system.run(6_000)
    assert the(system).paused

    pause(system, paused=False)

    assert the(system).paused
