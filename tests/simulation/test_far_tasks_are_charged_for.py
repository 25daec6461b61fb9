"""A far task among a steady stream of near ones is done, though near ones leave little charge."""

from dataclasses import replace
from pathlib import Path

from fleetapp.api import commands as asked
from fleetapp.core.reach import Ways
from fleetapp.core.state import prepare_floor
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import Priority, TaskState

SMALL = Path(__file__).parents[2] / "maps" / "small"


def two_robots_low_on_charge():
    site = load_site(SMALL)
    types = tuple(replace(kind, battery_hours=0.2) for kind in site.robot_types)
    site = replace(site, robot_types=types)
    system = WholeSystem(
        prepare_floor(site, build_roadmaps(site, None)), robots=2, robot_type="plain"
    )
    for robot in system.robots.values():
        robot.battery.charge_fraction = 0.33
    system.run(2_000)
    return system


def by_need(system):
    ways, stations = Ways(system.state.floor), system.state.floor.site.stations
    pairs = [
        (pick.station_id, pack.station_id)
        for pick in stations
        for pack in stations
        if (pick.kind.value, pack.kind.value) == ("pick", "pack")
    ]
    return sorted(pairs, key=lambda pair: ways.after_pick_ms("plain", probe(*pair)))


def probe(pick, pack):
    return Task("x", None, None, 1, pick, pack, Priority.NORMAL, None, None, None, 0, "")


def submit(system, task_id, pair, priority):
    command = asked.SubmitTask(
        system.command_id(), *pair, sku="S", task_id=task_id, priority=priority
    )
    system.command(command)


def test_a_far_urgent_task_is_done_within_half_an_hour_while_near_ones_keep_coming():
    system = two_robots_low_on_charge()
    near, *_, far = by_need(system)
    submit(system, "FAR", far, Priority.HIGH)
    for round_ in range(18):
        queued = [t for t in system.state.tasks.values() if t.state is TaskState.QUEUED]
        for number in range(4 - len(queued)):
            submit(system, f"N-{round_}-{number}", near, Priority.NORMAL)
        system.run(100_000)

    assert system.state.tasks["FAR"].state is TaskState.DONE
    assert system.state.done_count > 20
