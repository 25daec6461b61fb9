"""Core, sessions, virtual robots and a bad network together, in virtual time."""

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import jsonschema
import pytest

from fleetapp.api import commands as asked
from fleetapp.audit.titles import NAMELESS, title_of
from fleetapp.core.state import prepare_floor
from fleetapp.engine.views.tasks import task_view
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.robots.faults import Fault
from fleetapp.simulation.whole.network import Weather
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.tasks.task import is_open
from fleetapp.vda5050.topics import parse

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "tests" / "vda5050" / "schemas"


@cache
def floor():
    site = load_site(ROOT / "maps" / "small")
    return prepare_floor(site, build_roadmaps(site, None))


def order_some(system, count, *, code=True):
    site = system.state.floor.site
    picks = [s.station_id for s in site.stations if s.kind.value == "pick"]
    packs = [s.station_id for s in site.stations if s.kind.value == "pack"]
    for number in range(count):
        system.command(
            asked.SubmitTask(
                system.command_id(),
                picks[(number * 7) % len(picks)],
                packs[number % len(packs)],
                sku="S1",
                label_code=f"L{number:05d}" if code else None,
            )
        )


def test_picks_go_through_recognition_and_are_delivered_without_a_collision():
    system = WholeSystem(floor(), robots=3, robot_type="carrier")
    order_some(system, 4)

    system.run(240_000)

    assert system.state.done_count == 4
    assert system.trace.kinds["PackageRecognised"] == 4
    assert system.collisions.count == 0
    assert {t.verification.value for t in system.state.tasks.values()} == {"verified"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_network_that_loses_doubles_and_reorders_costs_no_task(seed):
    weather = Weather(lost=0.03, doubled=0.03, late=0.03)
    system = WholeSystem(floor(), robots=3, robot_type="plain", seed=seed, weather=weather)
    order_some(system, 4, code=False)

    system.run(360_000)

    assert system.collisions.count == 0
    assert system.network.lost > 0
    states = [t.state.value for t in system.state.tasks.values()]
    assert len(states) == 4
    held = [r.robot_id for r in system.state.robots.values() if r.held]
    assert states.count("done") == 4 or held, states


def test_the_same_seed_gives_the_same_journal():
    runs = []
    for _ in range(2):
        system = WholeSystem(floor(), robots=2, robot_type="carrier", seed=5)
        order_some(system, 2)
        system.run(60_000)
        runs.append([entry.body for entry in system.entries])

    assert runs[0] == runs[1]


def test_every_message_on_the_wire_fits_the_official_schemas():
    system = WholeSystem(floor(), robots=2, robot_type="carrier")
    seen = []
    send = system.network.send

    def listening(to, topic, payload, now_ms):
        seen.append((topic, payload))
        send(to, topic, payload, now_ms)

    system.network.send = listening
    order_some(system, 2)
    system.run(90_000)
    system.command(asked.StopAll(system.command_id()))
    system.run(3_000)

    kinds = set()
    for topic, payload in seen:
        kind = parse(topic).kind
        kinds.add(kind)
        if kind == "frame":
            continue  # ours, not the standard's
        errors = sorted(validator(kind).iter_errors(json.loads(payload)), key=str)
        assert not errors, f"{kind}: {errors[0].message}"
    assert {"order", "instantActions", "state", "connection", "frame"} <= kinds


@cache
def validator(kind):
    schema = json.loads((SCHEMAS / f"{kind}.schema").read_text("utf-8-sig"))
    if kind == "state":
        # The document has PAUSED, the 2.1.0 schema forgot it.
        status = schema["properties"]["actionStates"]["items"]["properties"]["actionStatus"]
        status["enum"].append("PAUSED")
    return jsonschema.Draft202012Validator(schema)


def test_a_robot_that_falls_silent_keeps_its_floor_and_others_wait_or_go_round():
    system = WholeSystem(floor(), robots=2, robot_type="plain")
    order_some(system, 2, code=False)
    system.run(20_000)
    lost = next(iter(system.robots.values()))
    owned = {r for r, o in system.state.owners.items() if o == lost.robot_id}
    assert owned

    del system.robots[lost.robot_id]
    system.run(50_000)

    assert system.state.robots[lost.robot_id].silent
    still = {r for r, o in system.state.owners.items() if o == lost.robot_id}
    assert still
    assert any(a.raised.kind.value == "robot_silent" for a in system.state.alarms.values())


def test_a_stop_is_confirmed_by_the_robots_own_reports_and_a_release_goes_on():
    system = WholeSystem(floor(), robots=3, robot_type="plain")
    order_some(system, 3, code=False)
    system.run(15_000)
    assert any(robot.body.moving for robot in system.robots.values())

    system.command(asked.StopAll(system.command_id()))
    system.run(6_000)

    assert all(r.pause_confirmed for r in system.state.robots.values())
    assert not any(robot.body.moving for robot in system.robots.values())

    system.command(asked.ReleaseAll(system.command_id(), "looked, all free"))
    system.run(240_000)
    assert not any(is_open(t) for t in system.state.tasks.values())


def test_a_held_robot_that_ignores_the_pause_gets_no_more_floor():
    system = WholeSystem(floor(), robots=1, robot_type="plain")
    order_some(system, 1, code=False)
    system.run(8_000)
    robot = next(iter(system.robots.values()))
    robot.faults.show(Fault.PAUSE_IGNORED, on=True)

    system.command(asked.HoldRobot(system.command_id(), robot.robot_id, "test"))
    system.run(500)
    released = next(iter(system.state.orders.values())).released_to
    system.run(30_000)

    order = next(iter(system.state.orders.values()))
    assert order.released_to == released
    assert order.passed == released
    assert not robot.body.moving


def test_an_emergency_stop_holds_until_a_supervisor_releases():
    system = WholeSystem(floor(), robots=1, robot_type="plain")
    system.run(2_000)
    robot = next(iter(system.robots.values()))
    robot.faults.emergency_stop = "MANUAL"
    system.run(2_500)
    assert system.state.robots[robot.robot_id].held

    answer = system.command(
        asked.ReleaseHold(system.command_id(), robot.robot_id, "too early, it still shows")
    )
    system.run(100)
    assert not answer.result().accepted

    robot.faults.emergency_stop = "NONE"
    system.run(2_500)
    system.command(asked.ReleaseHold(system.command_id(), robot.robot_id, "reset at the robot"))
    system.run(100)
    assert not system.state.robots[robot.robot_id].held


@pytest.mark.parametrize(
    ("fault", "words"),
    [(Fault.STUCK, "Stands still with free floor"), (Fault.LOST_POSITION, "where it is")],
)
def test_a_robot_that_cannot_go_on_has_its_sentence(fault, words):
    system = WholeSystem(floor(), robots=1, robot_type="plain")
    order_some(system, 1, code=False)
    system.run(6_000)
    robot = next(iter(system.robots.values()))

    robot.faults.show(fault, on=True)
    system.run(60_000)

    wait = system.state.robots[robot.robot_id].wait
    assert wait is not None
    assert words in wait.sentence


def test_a_task_wished_for_one_robot_names_it_as_the_reason_for_the_others():
    system = WholeSystem(floor(), robots=2, robot_type="plain")
    system.run(2_000)
    wished = max(system.robots)
    site = floor().site
    pick = next(s.station_id for s in site.stations if s.kind.value == "pick")
    pack = next(s.station_id for s in site.stations if s.kind.value == "pack")
    wish = asked.SubmitTask(system.command_id(), pick, pack, sku="S1", robot_id=wished)
    system.command(asked.HoldRobot(system.command_id(), wished, "cleaning"))
    system.run(500)
    answer = system.command(wish)
    system.run(500)
    task_id = answer.result().task_id

    sentence = task_view(system.state, system.state.tasks[task_id]).sentence
    system.command(asked.ReleaseHold(system.command_id(), wished, "clean"))
    system.run(1_000)

    assert sentence.endswith("as wished: it is held.")
    assigned = system.state.assigned[task_id]
    assert assigned.robot_id == wished
    assert {c.out for c in assigned.candidates} == {None, "other_wished"}


def test_the_journal_of_a_run_is_told_without_ids_of_robots_and_without_milliseconds():
    system = WholeSystem(floor(), robots=3, robot_type="carrier")
    order_some(system, 4)
    system.run(30_000)
    system.command(asked.StopAll(system.command_id()))
    system.run(5_000)
    system.command(asked.ReleaseAll(system.command_id(), "looked"))
    system.run(150_000)
    names = {r.robot_id: r.name for r in system.state.robots.values()}

    told = {
        title_of(entry.type, entry.body.decode(), names)
        for entry in system.entries
        if entry.type not in NAMELESS
    }

    assert len(told) > 100
    assert not [line for line in told if any(robot_id in line for robot_id in names)]
    assert not [line for line in told if re.search(r"\d ms\b|_|[{}]|None", line)]


@cache
def floor_of_frequent_reports():
    site = load_site(ROOT / "maps" / "small")
    types = tuple(replace(kind, state_interval_s=1.0) for kind in site.robot_types)
    site = replace(site, robot_types=types)
    return prepare_floor(site, build_roadmaps(site, None))


def test_a_standing_robot_that_reports_each_second_is_not_silent_and_a_lost_one_soon_is():
    system = WholeSystem(
        floor_of_frequent_reports(), robots=3, robot_type="plain", weather=Weather(lost=0.05)
    )
    system.run(120_000)
    assert not system.trace.kinds["RobotFellSilent"]

    lost = min(system.robots)
    del system.robots[lost]
    system.run(9_000)

    assert system.state.robots[lost].silent
    assert system.trace.kinds["RobotFellSilent"] == 1
