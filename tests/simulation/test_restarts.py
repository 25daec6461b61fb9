"""The engine is killed at any moment and started again: nothing is lost, doubled or forgotten."""

import random
from functools import cache
from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core.state import prepare_floor
from fleetapp.engine.views.reasons import why_of
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.whole.network import Network, Weather
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.tasks.task import is_open
from fleetapp.terms.modes import ReviewAnswer, TaskState
from fleetapp.terms.reasons import HoldReason

ROOT = Path(__file__).parents[2]
BAD = Weather(lost=0.03, doubled=0.03, late=0.03)
SOON_MS = 240_000


@cache
def floor():
    site = load_site(ROOT / "maps" / "small")
    return prepare_floor(site, build_roadmaps(site, None))


def a_system(robots=1, kind="carrier", seed=1, weather=None):
    system = WholeSystem(floor(), robots=robots, robot_type=kind, seed=seed, weather=weather)
    system.run(1_000)
    return system


def submitted(system, number=0):
    stations = floor().site.stations
    picks = [s.station_id for s in stations if s.kind.value == "pick"]
    packs = [s.station_id for s in stations if s.kind.value == "pack"]
    return system.command(
        asked.SubmitTask(
            system.command_id(),
            picks[(number * 7) % len(picks)],
            packs[number % len(packs)],
            sku="S1",
            label_code=f"L{number:05d}",
        )
    )


def order(system, number=0):
    answer = submitted(system, number)
    system.run(100)
    return answer.result().task_id


def lose_what_is_under_way(system):
    system.network = Network(Weather(), 1)


def until(system, happened):
    end = system.now_ms + SOON_MS
    while not happened():
        assert system.now_ms < end, "it did not come so far in time"
        system.tick()


def state_of(system, task_id):
    return system.state.tasks[task_id].state


def known(system):
    """The first robot as the core knows it."""
    return next(iter(system.state.robots.values()))


def machine(system):
    """The first robot itself."""
    return next(iter(system.robots.values()))


def holds(system):
    return {hold.reason for robot in system.state.robots.values() for hold in robot.holds}


class Hands:
    """Counts by the machines themselves how often an item was taken and set down."""

    def __init__(self, system):
        self.system = system
        self.loaded = dict.fromkeys(system.robots, False)
        self.taken = self.set_down = 0
        check = system.collisions.check
        system.collisions.check = lambda robots: (check(robots), self.look())

    def look(self):
        for robot_id, robot in self.system.robots.items():
            self.taken += robot.loaded and not self.loaded[robot_id]
            self.set_down += self.loaded[robot_id] and not robot.loaded
            self.loaded[robot_id] = robot.loaded


def release_held(system):
    for robot in system.state.robots.values():
        if robot.held:
            reason = "looked, all is well"
            system.command(asked.ReleaseHold(system.command_id(), robot.robot_id, reason))


ONCE = [TaskState.ASSIGNED, TaskState.DRIVING_TO_PICK, TaskState.LOOKING, TaskState.PICKING]
ONCE += [TaskState.CARRYING, TaskState.DROPPING]


@pytest.mark.parametrize("dead_ms", [300, 40_000])
@pytest.mark.parametrize("moment", ONCE)
def test_a_task_goes_on_wherever_its_robot_was_when_the_engine_died(moment, dead_ms):
    system = a_system()
    task_id = order(system)
    until(system, lambda: state_of(system, task_id) is moment)

    system.kill_engine(dead_ms=dead_ms)
    until(system, lambda: state_of(system, task_id) is TaskState.DONE)

    assert not holds(system)
    assert system.collisions.count == 0


@pytest.mark.parametrize("moment", ONCE)
def test_rows_that_were_not_durable_yet_are_done_again(moment):
    system = a_system()
    task_id = order(system)
    until(system, lambda: state_of(system, task_id) is moment)

    system.kill_engine(dead_ms=300, lost_rows=system.undurable_rows)
    until(system, lambda: state_of(system, task_id) is TaskState.DONE)

    assert not holds(system)


def test_an_order_that_was_recorded_and_never_sent_is_sent_once_the_robot_is_heard():
    system = a_system()
    submitted(system)
    until(system, lambda: known(system).order_id is not None)

    system.kill_engine(dead_ms=200)
    assert not machine(system).book.order_id
    until(system, lambda: machine(system).book.order_id)

    assert not holds(system)


def test_a_frame_without_an_answer_when_the_engine_died_is_looked_for_again():
    system = a_system()
    task_id = order(system)
    until(
        system, lambda: known(system).look is not None and known(system).look.until_ms is not None
    )

    system.kill_engine(dead_ms=300)
    until(system, lambda: state_of(system, task_id) is TaskState.DONE)

    assert system.state.tasks[task_id].looks == 2


def test_a_stop_is_still_on_and_robots_are_told_again_after_a_restart():
    system = a_system(robots=3)
    order(system)
    until(system, lambda: any(r.driving for r in system.state.robots.values()))
    system.command(asked.StopAll(system.command_id(), "test"))
    system.run(40)

    system.kill_engine(dead_ms=5_000)
    system.run(10_000)

    assert system.state.stop is not None
    assert all(r.pause_confirmed for r in system.state.robots.values())
    assert {why_of(system.state, r).cause for r in system.state.robots.values()} == {"fleet_stop"}


def test_a_stop_that_was_sent_and_not_recorded_leaves_robots_held_as_found_paused():
    system = a_system(robots=2)
    order(system)
    until(system, lambda: any(r.driving for r in system.state.robots.values()))
    system.command(asked.StopAll(system.command_id(), "test"))
    system.tick()
    system.tick()

    system.kill_engine(dead_ms=5_000, lost_rows=system.undurable_rows)
    system.run(10_000)

    if system.state.stop is None:
        assert holds(system) == {HoldReason.FOUND_PAUSED}


def stand_and_release(system, how, *, lost):
    """Told to stand, standing, and released; the word that it may go on is lost if wanted."""
    robot_id = known(system).robot_id
    stops = how == "stop"
    stop = asked.StopAll(system.command_id(), "test")
    hold = asked.HoldRobot(system.command_id(), robot_id, "a box fell")
    system.command(stop if stops else hold)
    until(system, lambda: known(system).stands_paused)
    send = system.network.send
    if lost:
        system.network.send = lambda to, *rest: send(to, *rest) if to == "fleet" else None
    free = asked.ReleaseAll(system.command_id(), "looked, all free")
    release = asked.ReleaseHold(system.command_id(), robot_id, "it is gone")
    system.command(free if stops else release)
    system.run(100)
    return lambda: setattr(system.network, "send", send)


@pytest.mark.parametrize("how", ["stop", "hold"])
@pytest.mark.parametrize("dead_ms", [100, 40_000])
def test_one_that_stands_in_our_pause_whose_end_is_recorded_is_told_to_go_on(how, dead_ms):
    system = a_system()
    task_id = order(system)
    until(system, lambda: known(system).driving)
    found_again = stand_and_release(system, how, lost=True)

    system.kill_engine(dead_ms=dead_ms)
    system.run(500)
    system.kill_engine(dead_ms=dead_ms)  # and once more before anything could be told
    found_again()
    system.run(10_000)

    assert not machine(system).paused
    assert not holds(system)
    assert system.trace.kinds["RobotHeld"] == (how == "hold")
    until(system, lambda: state_of(system, task_id) is TaskState.DONE)


def test_one_that_was_found_paused_and_released_is_told_to_go_on_after_the_next_start():
    system = a_system()
    machine(system).paused = True
    system.kill_engine(dead_ms=1_000)
    until(system, lambda: holds(system) == {HoldReason.FOUND_PAUSED})
    send = system.network.send
    system.network.send = lambda to, *rest: send(to, *rest) if to == "fleet" else None
    release_held(system)
    system.run(100)

    system.kill_engine(dead_ms=1_000)
    system.network.send = send
    system.run(5_000)

    assert not machine(system).paused
    assert not holds(system)


@pytest.mark.parametrize("how", ["stop", "hold"])
def test_a_release_that_was_not_recorded_is_none(how):
    system = a_system()
    order(system)
    until(system, lambda: known(system).driving)
    found_again = stand_and_release(system, how, lost=True)
    found_again()
    released = next(e.seq for e in reversed(system.entries) if e.type == "CommandGiven")

    system.kill_engine(dead_ms=100, lost_rows=len(system.entries) - released + 1)
    system.run(20_000)

    assert machine(system).paused
    assert known(system).pause_confirmed
    assert bool(holds(system)) == (how == "hold")


def test_a_pause_by_somebody_at_the_robot_is_not_taken_for_ours_after_a_release():
    system = a_system()
    order(system)
    until(system, lambda: known(system).driving)
    stand_and_release(system, "hold", lost=False)
    until(system, lambda: not known(system).resume_wanted)

    machine(system).paused, machine(system)._changed = True, True
    system.run(500)
    system.kill_engine(dead_ms=1_000)
    system.run(20_000)

    assert machine(system).paused
    assert holds(system) == {HoldReason.FOUND_PAUSED}


def test_one_released_and_held_again_before_the_engine_died_stays_held():
    system = a_system()
    order(system)
    until(system, lambda: known(system).driving)
    found_again = stand_and_release(system, "hold", lost=True)
    robot_id = known(system).robot_id
    system.command(asked.HoldRobot(system.command_id(), robot_id, "another fell"))
    system.run(100)

    system.kill_engine(dead_ms=1_000)
    found_again()
    system.run(20_000)

    assert machine(system).paused
    assert holds(system) == {HoldReason.BY_PERSON}


def test_a_hold_and_its_reason_outlive_the_engine():
    system = a_system()
    order(system)
    until(system, lambda: known(system).driving)
    system.command(asked.HoldRobot(system.command_id(), known(system).robot_id, "a box fell"))
    system.run(100)

    system.kill_engine(dead_ms=5_000)
    system.run(10_000)

    assert holds(system) == {HoldReason.BY_PERSON}
    assert "a box fell" in why_of(system.state, known(system)).sentence


def test_a_question_that_is_open_is_still_open_after_a_restart_and_its_answer_counts():
    system = a_system()
    machine(system)._look = lambda *_: b"another"
    task_id = order(system)
    until(system, lambda: state_of(system, task_id) is TaskState.IN_REVIEW)

    system.kill_engine(dead_ms=5_000)
    system.run(5_000)
    (review_id,) = (k for k, r in system.state.reviews.items() if r.closed is None)
    answer = asked.AnswerReview(system.command_id(), review_id, ReviewAnswer.ACCEPT, "seen by eye")
    system.command(answer)

    until(system, lambda: state_of(system, task_id) is TaskState.DONE)


def test_a_robot_that_was_held_while_its_order_was_lost_gets_no_order_until_it_is_released():
    system = a_system()
    submitted(system)
    until(system, lambda: known(system).order_id is not None)
    system.tick()
    lose_what_is_under_way(system)
    system.command(asked.HoldRobot(system.command_id(), known(system).robot_id, "wait"))
    system.run(40)

    system.kill_engine(dead_ms=200)
    system.run(20_000)
    assert not machine(system).book.order_id

    system.command(
        asked.ReleaseHold(system.command_id(), known(system).robot_id, "all is well here")
    )
    until(system, lambda: machine(system).book.order_id)


@pytest.mark.parametrize("seed", range(1, 7))
def test_any_number_of_kills_at_any_tick_lose_and_double_no_task(seed):
    chance = random.Random(seed)
    system = a_system(robots=4, seed=seed, weather=BAD)
    hands = Hands(system)
    tasks = [order(system, number) for number in range(8)]

    for _ in range(10):
        system.run(chance.randrange(1_000, 30_000))
        lost = chance.choice((0, system.undurable_rows))
        system.kill_engine(dead_ms=chance.choice((100, 1_000, 20_000)), lost_rows=lost)
        system.run(3_000)
        release_held(system)
    for _ in range(60):
        system.run(10_000)
        release_held(system)
        if not any(is_open(task) for task in system.state.tasks.values()):
            break

    assert [state_of(system, task_id).value for task_id in tasks] == ["done"] * len(tasks)
    assert (hands.taken, hands.set_down) == (len(tasks), len(tasks))
    assert system.collisions.count == 0


@pytest.mark.parametrize("dead_ms", [300, 120_000])
def test_the_second_task_of_a_robot_is_not_picked_on_the_verdict_of_its_first(dead_ms):
    system = a_system()
    first = order(system)
    until(system, lambda: state_of(system, first) is TaskState.DONE)
    machine(system)._look = lambda *_: b"another"  # what lies at every later place
    second = order(system, 1)
    until(system, lambda: system.state.tasks[second].looks == 1)
    until(system, lambda: system.state.orders[known(system).order_id].fully_released)
    system.run(700)
    assert state_of(system, second) is TaskState.DRIVING_TO_PICK

    system.kill_engine(dead_ms=dead_ms)
    until(system, lambda: state_of(system, second) is not TaskState.DRIVING_TO_PICK)
    until(system, lambda: state_of(system, second) is not TaskState.LOOKING)

    assert state_of(system, second) is TaskState.IN_REVIEW
    assert not machine(system).loaded
