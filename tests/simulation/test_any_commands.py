"""People do anything at any time, robots fail as they like: the core goes on and floor stays owned."""

import random
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core.state import Rules, State, prepare_floor
from fleetapp.engine.snapshots import encode_state, restore
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.robots.faults import Fault
from fleetapp.simulation.whole.network import Weather
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.tasks.task import is_open
from fleetapp.terms.modes import ReviewAnswer

ROOT = Path(__file__).parents[2]
BAD = Weather(lost=0.03, doubled=0.03, late=0.03)
FAULTS = sorted(Fault)
ANSWERS = (ReviewAnswer.ACCEPT, ReviewAnswer.ACCEPT, ReviewAnswer.REJECT)


@cache
def floor():
    site = load_site(ROOT / "maps" / "small")
    return prepare_floor(site, build_roadmaps(site, None))


def any_command(system, chance):
    """One of all that people can ask for, about something that is there."""
    state, number = system.state, system.command_id()
    robot_id = chance.choice(sorted(state.robots))
    task_id = chance.choice(sorted(state.tasks) or ["T-none"])
    review_id = chance.choice(sorted(state.reviews) or ["rv-none"])
    alarm_id = chance.choice(sorted(state.alarms) or ["none"])
    stations = floor().site.stations
    picks = [s.station_id for s in stations if s.kind.value == "pick"]
    packs = [s.station_id for s in stations if s.kind.value == "pack"]
    wanted = asked.SubmitTask(
        number,
        chance.choice(picks),
        chance.choice(packs),
        sku="S1",
        robot_id=chance.choice((None, None, robot_id)),
    )
    weighed = (
        (8, wanted),
        (3, asked.CancelTask(number, task_id, "any")),
        (1, asked.RequeueTask(number, task_id, "any")),
        (1, asked.HoldRobot(number, robot_id, "any")),
        (8, asked.ReleaseHold(number, robot_id, "any")),
        (1, asked.StopAll(number, "any")),
        (8, asked.ReleaseAll(number, "any")),
        (1, asked.RemoveRobot(number, robot_id)),
        (4, asked.AdmitRobot(number, robot_id, "carrier", robot_id.partition("/")[2])),
        (6, asked.AnswerReview(number, review_id, chance.choice(ANSWERS), "any")),
        (1, asked.AcknowledgeAlarm(number, alarm_id)),
    )
    weights, commands = zip(*weighed, strict=True)
    return chance.choices(commands, weights)[0]


def end_faults(system):
    """All is well with the robots for a while."""
    for robot in system.robots.values():
        for fault in sorted(robot.faults.shown):
            robot.faults.show(fault, on=False)


def nobody_shares_floor(system):
    masks = floor().masks
    owned = {}
    for resource, owner in system.state.owners.items():
        owned[owner] = owned.get(owner, 0) | (1 << resource)
    return all(
        owner == other or not masks.reach[resource] & mask
        for owner, mask in owned.items()
        for resource, other in system.state.owners.items()
    )


def orders_fit_robots(system):
    """Each order is its robot's, each task of a robot is open and knows it."""
    state = system.state
    for robot in state.robots.values():
        task = state.tasks.get(robot.task_id) if robot.task_id else None
        if robot.task_id and (task is None or not is_open(task)):
            return False
        if task is not None and task.robot_id != robot.robot_id:
            return False
    return all(state.robots[o.robot_id].order_id == o.order_id for o in state.orders.values())


@pytest.mark.parametrize("seed", range(1, 9))
def test_no_commands_and_faults_end_the_core_share_floor_or_confuse_a_restart(seed):
    chance = random.Random(seed)
    system = WholeSystem(floor(), robots=4, robot_type="carrier", seed=seed, weather=BAD)
    for robot in system.robots.values():
        robot._look = lambda code, *_: (
            b"another" if chance.random() < 0.2 else (code or "plain").encode()
        )

    system.run(500)
    for second in range(360):
        if second % 2 == 0:
            system.command(any_command(system, chance))
        if second % 30 == 20:
            robot = system.robots[chance.choice(sorted(system.robots))]
            robot.faults.show(chance.choice(FAULTS))
        if second % 30 == 10:
            end_faults(system)
        system.run(1_000)
        assert nobody_shares_floor(system)
        assert orders_fit_robots(system)
    started = State(floor(), Rules(confidence_permille=600))
    restored = restore(started, system.entries)
    # Whether dispatch is due is not recorded: a restart looks in any case.
    kept = replace(restored, dispatch_due=system.state.dispatch_due)
    assert encode_state(kept) == encode_state(system.state)
