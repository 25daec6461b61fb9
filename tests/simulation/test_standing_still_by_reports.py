"""A stop counts a robot only once its own report says that it has come to rest."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from fleetapp.api import commands as asked
from fleetapp.core.state import prepare_floor
from fleetapp.engine.views.fleet import StandstillTimes, stop_view
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.whole.system import WholeSystem

ROOT = Path(__file__).parents[2]


@cache
def floor():
    site = load_site(ROOT / "maps" / "small")
    return prepare_floor(site, build_roadmaps(site, None))


def at_work():
    system = WholeSystem(floor(), robots=3, robot_type="plain")
    stations = system.state.floor.site.stations
    picks = [s.station_id for s in stations if s.kind.value == "pick"]
    pack = next(s.station_id for s in stations if s.kind.value == "pack")
    for number in range(3):
        task = asked.SubmitTask(system.command_id(), picks[number * 7 % len(picks)], pack, sku="S1")
        system.command(task)
    return system


def stopped_in_full_run():
    system = at_work()
    while not any(robot.body.speed_mps > 1.0 for robot in system.robots.values()):
        system.run(100)
    system.command(asked.StopAll(system.command_id()))
    return system


def test_a_robot_that_is_paused_and_still_brakes_does_not_count_as_standing():
    system, braking = stopped_in_full_run(), 0

    for _ in range(40):
        system.run(50)
        view = stop_view(system.state, list(system.state.robots.values()), StandstillTimes(), None)
        for robot_id, robot in system.robots.items():
            if robot.body.speed_mps > 0.2:
                braking += system.state.robots[robot_id].pause_confirmed
                assert robot_id not in view.standing

    assert braking > 0


def test_the_time_to_standstill_is_kept_for_each_robot():
    system, times = stopped_in_full_run(), StandstillTimes()

    for _ in range(100):
        system.run(50)
        times.note(system.state)
    view = stop_view(system.state, list(system.state.robots.values()), times, None)

    after_ms = dict(view.still_after_ms)
    assert sorted(after_ms) == sorted(view.standing) == sorted(system.robots)
    assert max(after_ms.values()) > 300


def test_a_robot_that_took_its_standstill_back_is_timed_by_when_it_stands_again():
    system, times = stopped_in_full_run(), StandstillTimes()
    system.run(5_000)
    times.note(system.state)
    (robot_id, first_ms), *_ = times.of(list(system.robots))

    moving = replace(system.state.robots[robot_id], driving=True)
    robots = {**system.state.robots, robot_id: moving}
    times.note(replace(system.state, robots=robots))
    assert times.of([robot_id]) == ()
    times.note(replace(system.state, now_ms=system.state.now_ms + 30_000))

    assert dict(times.of([robot_id]))[robot_id] >= first_ms + 30_000


def test_the_virtual_robot_reports_turning_as_driving():
    system, turned = at_work(), 0

    for _ in range(1_500):
        system.run(100)
        for robot_id, robot in system.robots.items():
            if robot.body.turning_radps and not robot.body.moving:
                turned += system.state.robots[robot_id].driving

    assert turned > 0
