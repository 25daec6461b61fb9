"""A data folder and another site: refused with both names, or begun anew where nothing drives."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core.decisions import CommandRefused
from fleetapp.core.observations import CommandGiven
from fleetapp.core.observations_engine import EngineStarted
from fleetapp.core.state import prepare_floor
from fleetapp.core.step import step
from fleetapp.engine.data_folder import OtherSiteError, check_same_site
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.whole.system import BOSS, WholeSystem
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import Refusal

SMALL = Path(__file__).parents[2] / "maps" / "small"


def floor_of(folder):
    site = load_site(folder)
    return prepare_floor(site, build_roadmaps(site, None))


def started(floor):
    return EngineStarted(0, "boot", "0.1.0", floor.site.site_id, "", "", "", floor.digest)


@pytest.fixture
def turned_round(tmp_path):
    """The same hall with its nodes listed the other way: every number means another place."""
    folder = tmp_path / "small"
    shutil.copytree(SMALL, folder)
    path = folder / "layout.lif.json"
    content = json.loads(path.read_text("utf-8"))
    content["layouts"][0]["nodes"].reverse()
    path.write_text(json.dumps(content), encoding="utf-8")
    return floor_of(folder)


def a_system(seconds):
    system = WholeSystem(floor_of(SMALL), robots=2, robot_type="plain")
    system._items.append(started(system.state.floor))
    picks = [s.station_id for s in system.state.floor.site.stations if s.kind.value == "pick"]
    packs = [s.station_id for s in system.state.floor.site.stations if s.kind.value == "pack"]
    system.command(asked.SubmitTask("t", picks[0], packs[0], sku="S"))
    system.run(seconds * 1000)
    return system.state


def test_the_journal_of_one_site_is_not_used_for_another():
    state = replace(a_system(1), ran_site_id="north")

    with pytest.raises(OtherSiteError, match=r"site north, not of small"):
        check_same_site(state, Path("data"))


def test_orders_of_one_layout_are_not_driven_on_another(turned_round):
    state = a_system(5)
    assert state.orders

    with pytest.raises(OtherSiteError, match="let them finish"):
        check_same_site(replace(state, floor=turned_round), Path("data"))


def test_a_layout_changed_while_nothing_drives_keeps_the_floor_where_robots_last_stood(
    turned_round,
):
    state = replace(a_system(240), floor=turned_round)
    assert not state.orders
    check_same_site(state, Path("data"))

    after, _ = step(state, [replace(started(turned_round), at_ms=state.now_ms + 1)])

    road = turned_round.roads["plain"]
    for robot in after.robots.values():
        assert not robot.reported
        assert after.owners[robot.node] == robot.robot_id
        near = abs(robot.x_mm - road.x_mm[robot.node]) + abs(robot.y_mm - road.y_mm[robot.node])
        assert near < 100  # the new number of the old place
    assert set(after.owners.values()) == set(after.robots)
    assert after.ran_floor == turned_round.digest


def test_tasks_and_robots_that_the_site_no_longer_has_are_given_up():
    state = a_system(1)
    floor = state.floor
    (task,) = state.tasks.values()
    stations = {k: v for k, v in floor.stations.items() if k != task.from_station}
    smaller = replace(floor, stations=stations, types={"carrier": floor.types["carrier"]})
    waiting = replace(task, state="queued", robot_id=None)
    state = replace(state, floor=smaller, orders={}, tasks={task.task_id: waiting})

    after, _ = step(state, [replace(started(smaller), at_ms=state.now_ms + 1)])

    assert after.tasks[task.task_id].state.value == "failed"
    assert "no longer has station" in after.tasks[task.task_id].note
    assert not any(robot.admitted for robot in after.robots.values())


def test_a_task_whose_station_is_gone_is_not_queued_again():
    state = a_system(1)
    (task,) = state.tasks.values()
    stations = {k: v for k, v in state.floor.stations.items() if k != task.from_station}
    smaller = replace(state.floor, stations=stations)
    waiting = replace(task, state=TaskState.QUEUED, robot_id=None)
    state = replace(state, floor=smaller, orders={}, tasks={task.task_id: waiting})
    state, _ = step(state, [replace(started(smaller), at_ms=state.now_ms + 1)])
    assert state.tasks[task.task_id].state is TaskState.FAILED

    again = CommandGiven(state.now_ms + 1, asked.RequeueTask("again", task.task_id, "try"), BOSS)
    after, rows = step(state, [again])

    refused = next(r.message for r in rows if isinstance(r.message, CommandRefused))
    assert refused.refusal is Refusal.UNKNOWN_STATION
    assert f"no longer has station {task.from_station}" in refused.message
    assert after.tasks[task.task_id].state is TaskState.FAILED
