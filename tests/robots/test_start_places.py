"""Where virtual robots stand when they begin: never two where two cannot stand."""

from itertools import pairwise
from pathlib import Path

import pytest

from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmap
from fleetapp.simulation.robots.fleet import Start, spawn, start_nodes

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site():
    return load_site(ROOT / "maps" / "small")


@pytest.fixture(scope="module")
def road(site):
    return build_roadmap(site, site.robot_type("plain"), None)


def test_robots_at_work_stand_at_pick_stations_and_exclude_nobody(site, road):
    nodes = start_nodes(site, road, Start.WORKING, seed=1)

    picks = {
        n for s in site.stations if s.kind.value == "pick" for n in road.station_nodes[s.station_id]
    }
    assert nodes[0] in picks
    for number, node in enumerate(nodes):
        assert not set(road.exclusive_nodes[node]) & set(nodes[:number])


def test_the_seed_decides_who_stands_where(site, road):
    orders = [start_nodes(site, road, Start.WORKING, seed) for seed in (1, 1, 2)]

    assert orders[0] == orders[1]
    assert orders[0] != orders[2]


def test_parked_robots_stand_at_parking_places_first(site, road):
    nodes = start_nodes(site, road, Start.PARKED, seed=1)

    kinds = [
        s.kind.value for n in nodes for s in site.stations if n in road.station_nodes[s.station_id]
    ]
    assert kinds == sorted(kinds, key=("parking", "charger").index)
    assert all(one != other for one, other in pairwise(nodes))


def test_more_robots_than_places_are_refused_with_the_remedy(site, road):
    with pytest.raises(ValueError, match=r"900 robots, but small has only \d+ places"):
        spawn(site, road, count=900, look=None, now_ms=0)
