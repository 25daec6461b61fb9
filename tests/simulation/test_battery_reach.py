"""A robot gets a task only if its charge is enough for all of it and then for a charger."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from fleetapp.api import commands as asked
from fleetapp.core.state import prepare_floor
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.tasks.task import is_open

ROOT = Path(__file__).parents[2]
MINUTES_ON_A_CHARGE = 6


@cache
def floor():
    """The small hall with robots of small batteries: a task takes a third of a charge."""
    site = load_site(ROOT / "maps" / "small")
    types = tuple(
        replace(kind, battery_hours=MINUTES_ON_A_CHARGE / 60) for kind in site.robot_types
    )
    site = replace(site, robot_types=types)
    return prepare_floor(site, build_roadmaps(site, None))


def a_system(*charges):
    system = WholeSystem(floor(), robots=len(charges), robot_type="plain")
    for robot, charge in zip(system.robots.values(), charges, strict=True):
        robot.battery.charge_fraction = charge
    system.run(2_000)
    return system


def order_one(system):
    stations = floor().site.stations
    pick = [s.station_id for s in stations if s.kind.value == "pick"][-1]
    pack = next(s.station_id for s in stations if s.kind.value == "pack")
    answer = system.command(asked.SubmitTask(system.command_id(), pick, pack, sku="S1"))
    system.run(500)
    return answer.result().task_id


def test_the_robot_with_too_little_charge_is_passed_over_with_its_reason():
    system = a_system(0.35, 0.9)
    first, second = system.robots

    task_id = order_one(system)

    assigned = system.state.assigned[task_id]
    assert assigned.robot_id == second
    assert {c.robot_id: c.out for c in assigned.candidates} == {
        first: "out_of_reach",
        second: None,
    }


def test_a_robot_with_enough_charge_for_the_way_takes_it_although_it_is_not_full():
    system = a_system(0.6)

    task_id = order_one(system)

    assert system.state.assigned[task_id].robot_id in system.robots


def test_the_threshold_stays_the_floor():
    system = a_system(0.15, 0.9)
    first, second = system.robots

    task_id = order_one(system)

    out = {c.robot_id: c.out for c in system.state.assigned[task_id].candidates}
    assert out == {first: "low_battery", second: None}


def test_a_lone_robot_charges_first_and_then_does_the_task():
    system = a_system(0.35)
    task_id = order_one(system)
    assert is_open(system.state.tasks[task_id])
    assert task_id not in system.state.assigned

    system.run(900_000)

    assert not is_open(system.state.tasks[task_id])
    assert system.trace.kinds["ChargingAsked"] >= 1
    assert system.trace.kinds["ChargingAsked"] <= 6


def test_a_task_beyond_any_charge_makes_no_robot_start_and_stop_charging_for_ever():
    site = replace(
        floor().site,
        robot_types=tuple(replace(k, battery_hours=0.03) for k in floor().site.robot_types),
    )
    system = WholeSystem(
        prepare_floor(site, build_roadmaps(site, None)), robots=1, robot_type="plain"
    )
    system.run(1_000)
    order_one(system)

    system.run(900_000)

    assert system.trace.kinds["ChargingAsked"] <= 6
