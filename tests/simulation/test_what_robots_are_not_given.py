"""Robots that get nothing: too large, with an order of somebody else, not where we think.

Each is shown with its remedy, and drives again when the cause is gone.
"""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core.answer_plans import new_order_id
from fleetapp.core.observations import RobotAppeared
from fleetapp.core.state import prepare_floor
from fleetapp.core.turn import Turn
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.robots.faults import Fault
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.terms.reasons import AlarmKind
from fleetapp.vda5050 import wire

SMALL = Path(__file__).parents[2] / "maps" / "small"


@cache
def floor():
    site = load_site(SMALL)
    return prepare_floor(site, build_roadmaps(site, None))


@pytest.fixture
def system():
    system = WholeSystem(floor(), robots=1, robot_type="plain")
    system.run(2_000)
    return system


def one_task(system):
    stations = system.state.floor.site.stations
    pick = next(s.station_id for s in stations if s.kind.value == "pick")
    pack = next(s.station_id for s in stations if s.kind.value == "pack")
    system.command(asked.SubmitTask(system.command_id(), pick, pack, sku="S1"))


def the_robot(system):
    (robot,) = system.robots.values()
    return robot, lambda: system.state.robots[robot.robot_id]


def orders_sent(system, robot):
    return [entry for entry in system.entries if entry.type == "OrderIssued"]


def says(system, robot, kind, **message):
    topic = f"uagv/v2/{robot.robot_id}/{kind}"
    payload = json.dumps({"version": "2.1.0"} | message).encode()
    system.network.send("fleet", topic, payload, system.now_ms)


def test_a_robot_larger_than_its_type_is_not_driven_until_its_type_fits(system):
    robot, now = the_robot(system)
    says(system, robot, "factsheet", physicalParameters={"length": 1.8, "width": 0.7})
    one_task(system)

    system.run(20_000)

    assert "1.80 x 0.70 m, larger than type 'plain'" in now().remedy
    assert orders_sent(system, robot) == []
    says(system, robot, "factsheet", physicalParameters={"length": 0.9, "width": 0.7})
    system.run(120_000)
    assert (now().remedy, system.state.done_count) == ("", 1)


@pytest.mark.parametrize("trouble", ["another map", "off the nodes", "foreign order", "lost"])
def test_a_robot_that_is_not_where_we_can_drive_it_gets_nothing_but_its_remedy(system, trouble):
    robot, now = the_robot(system)
    x_m = robot.body.x_m
    match trouble:
        case "another map":
            robot.book.map_id = "cellar"
        case "off the nodes":
            robot.body.x_m += 0.9
        case "foreign order":
            robot.book.order_id = "somebody-else"
            robot.book.actions["x"] = wire.ActionState("x", "WAITING", "pick")
        case "lost":
            robot.faults.show(Fault.LOST_POSITION)
    system.run(2_000)
    one_task(system)

    system.run(30_000)

    assert ": " in now().remedy  # what is the matter, and what to do
    assert orders_sent(system, robot) == []
    robot.book.map_id, robot.body.x_m = system.state.floor.site.map_id, x_m
    robot.book.actions.clear()
    robot.faults.show(Fault.LOST_POSITION, on=False)
    system.run(150_000)
    assert (now().remedy, system.state.done_count) == ("", 1)


def test_an_order_id_that_the_robot_still_shows_is_not_used_again(system):
    _, now = the_robot(system)  # a wiped data folder begins at the same numbers
    next_id = f"{now().name}-{system.state.seq}"

    ids = [
        new_order_id(Turn(system.state), replace(now(), shown_order_id=shown))
        for shown in ("of somebody else", next_id)
    ]

    assert ids == [next_id, f"{next_id}-anew"]


def test_a_second_warning_is_an_alarm_of_its_own_and_a_repeated_one_is_none(system):
    robot, _ = the_robot(system)

    def warnings(*types):
        robot._errors = [wire.Error(kind, "WARNING", "look") for kind in types]
        system.run(3_000)
        return [
            json.loads(entry.body)["cause"]
            for entry in system.entries
            if entry.type == "AlarmRaised" and b'"robot_warning"' in entry.body
        ]

    assert warnings("dirtyLens") == ["dirtyLens: look"]
    assert len(warnings("dirtyLens", "dirtyLens")) == 1
    assert warnings("dirtyLens", "lowOil")[1:] == ["dirtyLens: look; lowOil: look"]
    assert len(warnings("lowOil")) == 2
    assert warnings("a", "b", "c", "d", "e")[2:] == ["a: look; b: look; c: look; 2 more"]
    assert len(warnings("a", "b", "c", "d", "e")) == 3


def test_a_robot_that_does_not_begin_to_charge_is_told_of_and_told_again(system):
    robot, now = the_robot(system)
    robot.battery.charge_fraction = 0.2
    charge = robot._charge
    robot._charge = lambda *_, **__: "FINISHED"  # it says so, and does nothing

    def alarms():
        return [a for a in system.state.alarms.values() if a.raised.kind is AlarmKind.NOT_CHARGING]

    system.run(120_000)
    assert [alarm.gone_ms for alarm in alarms()] == [None]

    robot._charge = charge
    system.run(60_000)

    assert now().charging
    assert [a for a in alarms() if a.gone_ms is None] == []


def test_a_removed_robot_is_sent_nothing_and_leaves_no_alarm(system):
    robot, now = the_robot(system)
    robot.faults.show(Fault.PAUSE_IGNORED)
    system.command(asked.StopAll(system.command_id(), "test"))
    robot.faults.show(Fault.FROZEN)
    system.run(40_000)
    system.command(asked.RemoveRobot(system.command_id(), robot.robot_id, "test"))
    system.run(1_000)
    robot.faults.show(Fault.FROZEN, on=False)
    heard = []
    robot.on_message = lambda *message: heard.append(message)

    system.run(60_000)

    assert not now().admitted
    assert heard == []
    on = [a.raised.kind for a in system.state.alarms.values() if a.gone_ms is None]
    assert set(on) <= {AlarmKind.ROBOT_NOTICED}


def test_a_removed_robot_is_noticed_again_only_if_it_is_still_heard(system):
    robot, now = the_robot(system)

    def is_shown():
        return robot.robot_id in system.state.robots and now().shown

    system.command(asked.RemoveRobot(system.command_id(), robot.robot_id, "test"))
    robot.faults.show(Fault.FROZEN)
    system.run(5_000)
    assert not is_shown()
    topic, payload = f"uagv/v2/{robot.robot_id}/connection", robot.will().payload
    system.network.send("fleet", topic, payload, system.now_ms)
    system.run(5_000)
    assert not is_shown()

    robot.faults.show(Fault.FROZEN, on=False)
    system.run(5_000)

    assert is_shown()
    assert not now().admitted
    on = [a.raised.kind for a in system.state.alarms.values() if a.gone_ms is None]
    assert on == [AlarmKind.ROBOT_NOTICED]


def test_a_robot_that_was_not_admitted_and_never_heard_is_not_listed(system):
    system._items.append(RobotAppeared("acme/x1", 0, "acme", "x1", ""))
    system.command(asked.AdmitRobot(system.command_id(), "acme/x1", "no such type", "x1"))
    system.run(1_000)

    assert not system.state.robots["acme/x1"].shown


def test_a_task_for_an_idle_fleet_becomes_an_order_in_a_few_ticks(system):
    robot, _ = the_robot(system)

    one_task(system)
    system.run(200)

    assert len(orders_sent(system, robot)) == 1
