"""A site with too many nodes for a table of all driving times is driven like any other."""

from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core.state import prepare_floor
from fleetapp.layout import load_site, travel
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.whole.system import WholeSystem

ROOT = Path(__file__).parents[2]


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr(travel, "LARGEST_TABLE_NODES", 10)
    return load_site(ROOT / "maps" / "small")


def test_times_by_rows_are_those_of_the_table(site, monkeypatch):
    by_rows = build_roadmaps(site, None)["plain"].travel
    assert not by_rows.is_small
    pairs = [(start, end) for start in range(0, 60, 7) for end in range(0, 60, 5)]
    times = [by_rows.between(start, end) for start, end in pairs]

    monkeypatch.setattr(travel, "LARGEST_TABLE_NODES", 4000)
    table = build_roadmaps(site, None)["plain"].travel.table()

    assert times == [int(table[start, end]) for start, end in pairs]


def test_a_pick_is_assigned_driven_and_delivered_without_the_table(site):
    system = WholeSystem(
        prepare_floor(site, build_roadmaps(site, None)), robots=2, robot_type="plain"
    )
    system.command(asked.SubmitTask(system.command_id(), "A01-01", "P1", sku="S1"))

    system.run(180_000)

    assert system.state.done_count == 1
    assert system.collisions.count == 0
