"""Whatever a robot does wrong: one that stands with work to do has its sentence."""

import random
from functools import cache
from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core.state import prepare_floor
from fleetapp.engine.views.reasons import why_of
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.safety.silence import silence_limit_ms
from fleetapp.simulation.robots.actions import DURATIONS_S
from fleetapp.simulation.robots.faults import Fault
from fleetapp.simulation.whole.network import Weather
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.vda5050.topics import parse

ROOT = Path(__file__).parents[2]
LONGEST_MS = 30_000
# A robot of these types may report every 30 s (VDA 5050): before that nobody can know.
UNHEARD_MS = silence_limit_ms(30_000) + 1_000
UNHEARD = frozenset({Fault.FROZEN, Fault.LINK_LOSS})
BAD = Weather(lost=0.03, doubled=0.03, late=0.03)


@cache
def floor():
    site = load_site(ROOT / "maps" / "small")
    return prepare_floor(site, build_roadmaps(site, None))


def a_shift(kind, seed, weather=None):
    system = WholeSystem(floor(), robots=3, robot_type=kind, seed=seed, weather=weather)
    stations = floor().site.stations
    picks = [s.station_id for s in stations if s.kind.value == "pick"]
    packs = [s.station_id for s in stations if s.kind.value == "pack"]
    for number in range(6):
        system.command(
            asked.SubmitTask(
                system.command_id(),
                picks[(number * 7 + seed) % len(picks)],
                packs[number % len(packs)],
                sku="S1",
            )
        )
    return system


def cut_off(system, robot_id):
    """Its link is lost: nothing of it comes in and it hears nothing."""
    send = system.network.send

    def sometimes(to, topic, payload, now_ms):
        address = parse(topic)
        if address is None or address.robot_id != robot_id:
            send(to, topic, payload, now_ms)

    system.network.send = sometimes


class Standing:
    """Who stands with work to do and no sentence, since when."""

    def __init__(self):
        self._since = {}
        self.longest = {}

    def look(self, system):
        for robot_id, robot in system.robots.items():
            known = system.state.robots[robot_id]
            has_work = known.task_id is not None or known.order_id is not None
            unexplained = has_work and not robot.body.moving and why_of(system.state, known) is None
            if not unexplained:
                self._since.pop(robot_id, None)
                continue
            since = self._since.setdefault(robot_id, system.now_ms)
            past = (system.now_ms - since, doing(system, known))
            self.longest[robot_id] = max(self.longest.get(robot_id, past), past, key=lambda p: p[0])


def doing(system, known):
    task = system.state.tasks.get(known.task_id)
    order = system.state.orders.get(known.order_id)
    return (
        task and task.state.value,
        order and (order.purpose.value, order.phase.value, order.passed, order.released_to),
        order and (order.acknowledged_update, order.update_id, len(order.nodes)),
    )


@pytest.mark.parametrize("kind", ["plain", "carrier"])
@pytest.mark.parametrize("fault", sorted(Fault))
def test_no_robot_stands_long_with_work_and_without_a_sentence(fault, kind):
    system = a_shift(kind, seed=3, weather=BAD if kind == "plain" else None)
    standing = Standing()
    robot_id = min(system.robots)
    system.run(5_000)
    system.robots[robot_id].faults.show(fault)
    if fault is Fault.LINK_LOSS:
        cut_off(system, robot_id)

    for _ in range(120):
        system.run(1_000)
        standing.look(system)

    longest_ms = UNHEARD_MS if fault in UNHEARD else LONGEST_MS
    assert not [past for past in standing.longest.values() if past[0] > longest_ms]


def test_a_robot_that_keeps_its_node_states_is_told_of_with_a_remedy():
    system = a_shift("plain", seed=3)
    robot_id = min(system.robots)
    system.run(5_000)
    system.robots[robot_id].faults.show(Fault.KEEPS_NODE_STATES)

    system.run(120_000)

    why = why_of(system.state, system.state.robots[robot_id])
    assert "still lists nodes" in why.sentence
    assert "cancel the order at the robot" in why.ends


def test_an_action_that_does_not_end_is_named(monkeypatch):
    monkeypatch.setitem(DURATIONS_S, "pick", 120.0)
    system = a_shift("plain", seed=3)
    standing = Standing()
    sentences = set()

    for _ in range(120):
        system.run(1_000)
        standing.look(system)
        waits = (robot.wait for robot in system.state.robots.values())
        sentences |= {wait.sentence for wait in waits if wait is not None}

    assert "Stands at its node: its pick takes long." in sentences
    assert not [past for past in standing.longest.values() if past[0] > LONGEST_MS]


@pytest.mark.parametrize("seed", range(10, 16))
def test_faults_that_come_and_go_leave_no_robot_unexplained(seed):
    system = a_shift("carrier" if seed % 2 else "plain", seed, weather=BAD)
    chance = random.Random(seed)
    standing = Standing()

    for second in range(200):
        if second % 10 == 0:
            robot = system.robots[chance.choice(sorted(system.robots))]
            robot.faults.show(chance.choice(sorted(Fault)), on=chance.random() < 0.6)
        system.run(1_000)
        standing.look(system)

    assert not [past for past in standing.longest.values() if past[0] > UNHEARD_MS]
