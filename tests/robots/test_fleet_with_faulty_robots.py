"""The production core and sessions against robots that are not as the standard says."""

from functools import cache
from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core.state import prepare_floor
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.robots.faults import Fault
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.vda5050 import wire

SMALL = Path(__file__).parents[2] / "maps" / "small"
ODD_MESSAGES = (
    Fault.LOCAL_TIME,
    Fault.NULLS,
    Fault.NO_CONNECTION_TOPIC,
    Fault.ONE_COUNTER,
    Fault.NEVER_DRIVING,
    Fault.WRONG_CLOCK,
    Fault.NO_FACTSHEET,
    Fault.FIRST_NODE_LISTED,
)


@cache
def floor():
    site = load_site(SMALL)
    return prepare_floor(site, build_roadmaps(site, None))


def fleet(*faults, tasks=4):
    """Two robots, the first with the faults, and some tasks."""
    system = WholeSystem(floor(), robots=2, robot_type="plain")
    system.run(500)
    faulty = next(iter(system.robots.values()))
    for fault in faults:
        faulty.faults.show(fault)
    stations = system.state.floor.site.stations
    picks = [s.station_id for s in stations if s.kind.value == "pick"]
    packs = [s.station_id for s in stations if s.kind.value == "pack"]
    for number in range(tasks):
        system.command(
            asked.SubmitTask(
                system.command_id(), picks[number * 7 % len(picks)], packs[number % 2], sku="S1"
            )
        )
    return system, faulty


@pytest.mark.parametrize(
    "faults",
    [
        ODD_MESSAGES,
        (Fault.REPEATS_ACTIONS,),
        (Fault.REPLACES_ORDERS,),
        (Fault.TAKES_ANY_UPDATE,),
        (Fault.OLD_KEY_ONLY,),
        (Fault.SILENT_ABOUT_LOADS,),
    ],
    ids=str,
)
def test_what_robots_on_the_market_do_otherwise_costs_no_task(faults):
    system, _ = fleet(*faults)

    system.run(200_000)

    assert system.state.done_count == 4
    assert system.collisions.count == 0


@pytest.mark.parametrize(
    "fault",
    [
        Fault.EMERGENCY_STOP,
        Fault.FIELD_VIOLATION,
        Fault.FATAL,
        Fault.MANUAL,
        Fault.STUCK,
        Fault.FROZEN,
        Fault.LOST_POSITION,
        Fault.FORGETS_ORDER,
    ],
)
def test_whatever_breaks_in_the_hall_nobody_is_run_into(fault):
    system, faulty = fleet()
    system.run(12_000)

    faulty.faults.show(fault)
    system.run(100_000)

    assert system.collisions.count == 0


@pytest.mark.parametrize("fault", [Fault.LOST_POSITION, Fault.MANUAL, Fault.FROZEN])
def test_a_robot_keeps_the_floor_it_stands_on_whatever_it_reports(fault):
    system, faulty = fleet(tasks=0)
    stands_at = system.state.robots[faulty.robot_id].node
    assert system.state.owners[stands_at] == faulty.robot_id

    faulty.faults.show(fault)
    system.run(60_000)

    assert system.state.owners[stands_at] == faulty.robot_id


def test_an_order_that_is_not_ours_frees_no_floor():
    system, faulty = fleet(tasks=0)
    stands_at = system.state.robots[faulty.robot_id].node
    faulty.book.order_id = "somebody-else"
    faulty.book.actions["x"] = wire.ActionState("x", "WAITING", "pick")

    system.run(5_000)

    assert "not ours" in system.state.robots[faulty.robot_id].remedy
    assert system.state.owners[stands_at] == faulty.robot_id
