"""A robot told to stand still that does not, or not for long: never called confirmed, an alarm."""

import json
from functools import cache
from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core.state import prepare_floor
from fleetapp.engine.views.fleet import StandstillTimes, stop_view
from fleetapp.engine.views.reasons import why_of
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.robots.faults import Fault
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.terms.reasons import AlarmKind

ROOT = Path(__file__).parents[2]
SOON_MS = 240_000


@cache
def floor():
    site = load_site(ROOT / "maps" / "small")
    return prepare_floor(site, build_roadmaps(site, None))


def driving(fault=None):
    """A fleet of two under way; the first robot that drives, with the fault."""
    system = WholeSystem(floor(), robots=2, robot_type="plain")
    stations = floor().site.stations
    picks = [s.station_id for s in stations if s.kind.value == "pick"]
    pack = next(s.station_id for s in stations if s.kind.value == "pack")
    for number in range(4):
        pick = picks[number * 7 % len(picks)]
        system.command(asked.SubmitTask(system.command_id(), pick, pack, sku="S1"))
    end = system.now_ms + SOON_MS
    while not any(robot.body.speed_mps > 1.0 for robot in system.robots.values()):
        assert system.now_ms < end
        system.tick()
    robot = max(system.robots.values(), key=lambda r: r.body.speed_mps)
    if fault is not None:
        robot.faults.show(fault)
    return system, robot


def tell_to_stand(system, robot, how):
    if how == "stop":
        system.command(asked.StopAll(system.command_id(), "test"))
    else:
        system.command(asked.HoldRobot(system.command_id(), robot.robot_id, "a box fell"))


KIND = {"stop": AlarmKind.STOP_UNCONFIRMED, "hold": AlarmKind.HOLD_UNCONFIRMED}


def is_on(system, kind):
    alarms = system.state.alarms.values()
    return any(a.raised.kind is kind and a.gone_ms is None for a in alarms)


def told_of(system, robot, name):
    bodies = [json.loads(entry.body) for entry in system.entries if entry.type == name]
    return [body for body in bodies if body["robot_id"] == robot.robot_id]


def lift_pause(robot):
    """Somebody ends the pause at the robot itself."""
    robot.paused, robot._changed = False, True


@pytest.mark.parametrize("how", ["stop", "hold"])
@pytest.mark.parametrize("fault", [Fault.PAUSE_UNDONE, Fault.PAUSE_IGNORED])
def test_one_that_does_not_heed_it_is_an_alarm_and_is_never_called_confirmed(fault, how):
    system, robot = driving(fault)
    tell_to_stand(system, robot, how)

    end = system.now_ms + 40_000
    while system.now_ms < end:
        system.run(500)
        now = system.state.robots[robot.robot_id]
        assert not now.pause_confirmed
        assert not now.stands_paused  # also where it stands at the end of its base
        admitted = list(system.state.robots.values())
        standing = stop_view(system.state, admitted, StandstillTimes(), None).standing
        assert robot.robot_id not in standing

    assert not robot.body.moving
    assert is_on(system, KIND[how])
    assert told_of(system, robot, "PauseConfirmed") == []


def test_the_alarm_ends_when_it_heeds_it_after_all():
    system, robot = driving(Fault.PAUSE_UNDONE)
    tell_to_stand(system, robot, "hold")
    system.run(10_000)
    assert is_on(system, AlarmKind.HOLD_UNCONFIRMED)

    robot.faults.show(Fault.PAUSE_UNDONE, on=False)
    system.run(5_000)

    assert system.state.robots[robot.robot_id].pause_confirmed
    assert not is_on(system, AlarmKind.HOLD_UNCONFIRMED)


@pytest.mark.parametrize("how", ["stop", "hold"])
def test_one_whose_pause_is_lifted_at_the_robot_is_told_again_at_once(how):
    system, robot = driving()
    tell_to_stand(system, robot, how)
    system.run(5_000)
    x_m, y_m = robot.body.x_m, robot.body.y_m

    lift_pause(robot)
    system.run(400)

    assert robot.paused
    braking_m = robot.body.speed_mps**2 / (2 * robot.spec.limits.deceleration_mps2)
    gone_m = abs(robot.body.x_m - x_m) + abs(robot.body.y_m - y_m)
    assert gone_m + braking_m < 0.6  # a report, the way here and back, then it brakes
    system.run(3_000)
    assert system.state.robots[robot.robot_id].pause_confirmed
    assert not is_on(system, KIND[how])


@pytest.mark.parametrize("how", ["stop", "hold"])
def test_the_third_time_is_an_alarm(how):
    system, robot = driving()
    tell_to_stand(system, robot, how)
    for _ in range(2):
        system.run(4_000)
        lift_pause(robot)
    system.run(500)
    assert not is_on(system, KIND[how])

    system.run(3_500)
    lift_pause(robot)
    system.run(500)

    assert is_on(system, KIND[how])
    assert not system.state.robots[robot.robot_id].pause_confirmed
    assert [t["times"] for t in told_of(system, robot, "PauseContradicted")] == [1, 2, 3]


def test_a_pause_that_was_lost_while_the_robot_stood_for_a_moment_is_told_again():
    system, robot = driving()
    send = system.network.send
    system.network.send = lambda to, *rest: None if to == robot.robot_id else send(to, *rest)
    tell_to_stand(system, robot, "hold")
    robot.faults.show(Fault.FIELD_VIOLATION)
    system.run(3_500)  # something is in its field: it stands, and says that it is not paused
    system.network.send = send
    robot.faults.show(Fault.FIELD_VIOLATION, on=False)

    system.run(1_200)

    assert robot.paused
    assert told_of(system, robot, "PauseConfirmed")


def test_a_robot_that_is_removed_while_its_pause_is_watched_leaves_nothing_behind():
    system, robot = driving(Fault.PAUSE_IGNORED)
    tell_to_stand(system, robot, "hold")
    system.run(30_000)
    robot.faults.show(Fault.FROZEN)
    system.run(60_000)
    system.command(asked.RemoveRobot(system.command_id(), robot.robot_id, "carried away"))
    system.run(200)

    assert robot.robot_id not in system.state.robots
    assert not is_on(system, AlarmKind.HOLD_UNCONFIRMED)


def test_one_that_was_released_and_does_not_show_it_says_so_and_not_that_it_was_paused_there():
    system, robot = driving()
    tell_to_stand(system, robot, "hold")
    system.run(5_000)
    send = system.network.send
    system.network.send = lambda to, *rest: None if to == robot.robot_id else send(to, *rest)
    system.command(asked.ReleaseHold(system.command_id(), robot.robot_id, "it is gone"))
    system.run(5_000)
    causes = {told["cause"] for told in told_of(system, robot, "RobotWaits")}
    now = system.state.robots[robot.robot_id]

    system.network.send = send
    system.run(3_000)

    assert "paused_by_robot" not in causes
    assert why_of(system.state, now).cause == "resume"
    assert not system.state.robots[robot.robot_id].resume_wanted
    assert not robot.paused
