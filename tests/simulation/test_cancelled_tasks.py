"""A task given up at any moment: nobody else picks it, and its load is never forgotten."""

import json
from functools import cache
from pathlib import Path

import pytest

from fleetapp.api import commands as asked
from fleetapp.core.state import prepare_floor
from fleetapp.engine.loop import Durable
from fleetapp.engine.views.reasons import why_of
from fleetapp.layout import load_site
from fleetapp.layout.roadmap import build_roadmaps
from fleetapp.simulation.robots.faults import Fault
from fleetapp.simulation.whole.network import Weather
from fleetapp.simulation.whole.system import WholeSystem
from fleetapp.tasks.task import is_open
from fleetapp.terms.modes import LoadState, Priority, TaskState

ROOT = Path(__file__).parents[2]
BAD = Weather(lost=0.04, doubled=0.05, late=0.05)


@cache
def floor():
    site = load_site(ROOT / "maps" / "small")
    return prepare_floor(site, build_roadmaps(site, None))


def a_system(robots=1, kind="plain", seed=1, weather=None):
    system = WholeSystem(floor(), robots=robots, robot_type=kind, seed=seed, weather=weather)
    system.run(1_000)
    return system


def order_one(system, number=0):
    stations = floor().site.stations
    picks = [s.station_id for s in stations if s.kind.value == "pick"]
    packs = [s.station_id for s in stations if s.kind.value == "pack"]
    answer = system.command(
        asked.SubmitTask(
            system.command_id(),
            picks[(number * 7) % len(picks)],
            packs[number % len(packs)],
            sku="S1",
        )
    )
    system.run(100)
    return answer.result().task_id


def until(system, happened, limit_ms=240_000):
    end = system.now_ms + limit_ms
    while not happened():
        assert system.now_ms < end, "it did not come so far in time"
        system.tick()


def action_runs(system, kind):
    """Whether a robot is in the middle of a pick or a drop, by itself."""
    return any(
        running.action.action_type == kind
        for robot in system.robots.values()
        for running in robot.book.queue.running
    )


def state_of(system, task_id):
    return system.state.tasks[task_id].state


def cancel(system, task_id):
    answer = system.command(asked.CancelTask(system.command_id(), task_id, "not needed"))
    system.run(40)
    return answer.result()


def return_nodes():
    station = floor().stations[floor().site.return_station_id]
    return set(station.node_ids)


def one(system):
    (robot,) = system.robots.values()
    return robot, system.state.robots[robot.robot_id]


def test_a_load_picked_while_the_task_is_cancelled_goes_to_the_return_station():
    system = a_system()
    task_id = order_one(system)
    until(system, lambda: action_runs(system, "pick"))

    assert cancel(system, task_id).accepted
    until(system, lambda: not is_open(system.state.tasks[task_id]))

    robot, known = one(system)
    assert state_of(system, task_id) is TaskState.CANCELLED
    assert robot.book.last_node_id in return_nodes()
    assert not robot.loaded
    assert not known.held


def test_a_pick_that_has_not_begun_is_given_up_and_nothing_is_loaded():
    system = a_system()
    task_id = order_one(system)
    until(system, lambda: state_of(system, task_id) is TaskState.PICKING)
    assert not action_runs(system, "pick")

    assert cancel(system, task_id).accepted
    until(system, lambda: not is_open(system.state.tasks[task_id]), 60_000)
    system.run(20_000)

    robot, known = one(system)
    assert state_of(system, task_id) is TaskState.CANCELLED
    assert not robot.loaded
    assert not known.held
    assert robot.book.last_node_id not in return_nodes()


def test_a_pick_that_fails_after_the_cancel_ends_the_task_where_it_stands():
    system = a_system()
    task_id = order_one(system)
    until(system, lambda: action_runs(system, "pick"))
    one(system)[0].faults.fails_action = "pick"

    cancel(system, task_id)
    until(system, lambda: not is_open(system.state.tasks[task_id]), 60_000)

    robot, known = one(system)
    assert state_of(system, task_id) is TaskState.CANCELLED
    assert not robot.loaded
    assert not known.held


def test_a_robot_that_ignores_the_cancel_is_for_a_person_and_keeps_its_sentence():
    system = a_system()
    task_id = order_one(system)
    until(system, lambda: action_runs(system, "pick"))
    robot, _ = one(system)
    robot.faults.show(Fault.CANCEL_UNDONE)

    cancel(system, task_id)
    system.run(60_000)

    _, known = one(system)
    assert robot.loaded
    assert known.held
    assert "give its order up" in why_of(system.state, known).sentence
    assert state_of(system, task_id) is TaskState.RETURNING

    robot.book.clear()  # a person cancels at the robot, then releases it
    robot._changed = True
    system.run(3_000)
    system.command(asked.ReleaseHold(system.command_id(), robot.robot_id, "cancelled there"))
    until(system, lambda: not is_open(system.state.tasks[task_id]))
    assert not robot.loaded
    assert robot.book.last_node_id in return_nodes()


def test_a_load_on_the_way_is_brought_to_the_return_station():
    system = a_system()
    task_id = order_one(system)
    until(system, lambda: state_of(system, task_id) is TaskState.CARRYING)

    assert cancel(system, task_id).accepted
    until(system, lambda: not is_open(system.state.tasks[task_id]))

    robot, _ = one(system)
    assert state_of(system, task_id) is TaskState.CANCELLED
    assert robot.book.last_node_id in return_nodes()
    assert not robot.loaded


def test_a_hand_over_that_the_robot_was_told_already_cannot_be_cancelled():
    system = a_system()
    task_id = order_one(system)

    def drop_is_sent():
        return (
            any(
                order.fully_released and order.purpose.value == "carry"
                for order in system.state.orders.values()
            )
            and state_of(system, task_id) is TaskState.CARRYING
        )

    until(system, drop_is_sent)

    answer = cancel(system, task_id)
    until(system, lambda: not is_open(system.state.tasks[task_id]))

    assert not answer.accepted
    assert "hand-over" in answer.message
    assert state_of(system, task_id) is TaskState.DONE


def test_a_running_drop_is_finished_and_not_cancelled():
    system = a_system()
    task_id = order_one(system)
    until(system, lambda: action_runs(system, "drop"))

    assert not cancel(system, task_id).accepted
    until(system, lambda: not is_open(system.state.tasks[task_id]))

    assert state_of(system, task_id) is TaskState.DONE


@pytest.mark.parametrize(("silent", "ends"), [(False, TaskState.QUEUED), (True, TaskState.FAILED)])
def test_a_failed_pick_is_never_repeated_before_it_is_known_what_is_loaded(silent, ends):
    system = a_system()
    task_id = order_one(system)
    robot, _ = one(system)
    robot.faults.show(Fault.SILENT_ABOUT_LOADS, on=silent)
    robot.faults.fails_action = "pick"
    until(system, lambda: system.state.robots[robot.robot_id].held)
    system.run(5_000)
    assert robot.robot_id not in {o.robot_id for o in system.state.orders.values()}

    robot.faults.fails_action = ""
    system.command(asked.ReleaseHold(system.command_id(), robot.robot_id, "looked"))
    system.tick()
    system.tick()

    told = [e for e in system.entries if e.type == "TaskMoved" and e.task_id == task_id]
    assert json.loads(told[-1].body)["state"] == ends.value


def test_a_load_found_after_a_failed_pick_goes_on_once_a_person_looked():
    system = a_system()
    task_id = order_one(system)
    robot, _ = one(system)
    robot.faults.fails_action = "pick"
    until(system, lambda: system.state.robots[robot.robot_id].held)
    robot.faults.fails_action = ""
    robot.loaded = True
    system.run(3_000)

    system.command(asked.ReleaseHold(system.command_id(), robot.robot_id, "it is on board"))
    until(system, lambda: not is_open(system.state.tasks[task_id]))

    assert state_of(system, task_id) is TaskState.DONE
    assert not robot.loaded


@pytest.mark.parametrize("stage", [TaskState.CARRYING, TaskState.DROPPING, TaskState.RETURNING])
def test_a_robot_that_lost_order_and_load_is_held_and_the_task_is_for_a_person(stage):
    system = a_system()
    task_id = order_one(system)
    wanted = TaskState.CARRYING if stage is TaskState.RETURNING else stage
    until(system, lambda: state_of(system, task_id) is wanted)
    if stage is TaskState.RETURNING:
        cancel(system, task_id)
    robot, _ = one(system)

    robot.loaded = False
    robot.faults.show(Fault.FORGETS_ORDER)
    system.run(5_000)

    _, known = one(system)
    assert known.held
    assert "look what it carries" in why_of(system.state, known).sentence
    system.command(asked.ReleaseHold(system.command_id(), robot.robot_id, "it lay beside it"))
    system.run(1_000)
    ended = TaskState.CANCELLED if stage is TaskState.RETURNING else TaskState.FAILED
    assert state_of(system, task_id) is ended


def its_own_task(system, robot_id):
    stations = floor().site.stations
    pick = [s.station_id for s in stations if s.kind.value == "pick"][-1]
    pack = [s.station_id for s in stations if s.kind.value == "pack"][-1]
    return asked.SubmitTask(
        system.command_id(), pick, pack, sku="S2", robot_id=robot_id, priority=Priority.HIGH
    )


def test_an_order_left_behind_by_a_requeued_task_does_not_move_it_for_the_next_robot():
    system = a_system(robots=2)
    task_id = order_one(system)
    until(system, lambda: state_of(system, task_id) is TaskState.DRIVING_TO_PICK)
    first = system.state.tasks[task_id].robot_id
    until(system, lambda: any(o.fully_released for o in system.state.orders.values()))

    system.command(asked.HoldRobot(system.command_id(), first, "look at it"))
    system.run(3_000)
    system.command(asked.RequeueTask(system.command_id(), task_id, "another should do it"))
    system.command(its_own_task(system, first))  # released it has something else to do
    system.command(asked.ReleaseHold(system.command_id(), first, "all is well"))
    until(system, lambda: system.state.tasks[task_id].robot_id not in (None, first))
    second = system.state.tasks[task_id].robot_id
    until(system, lambda: not is_open(system.state.tasks[task_id]))

    told = [e for e in system.entries if e.type == "TaskMoved" and e.task_id == task_id]
    after = [e.robot_id for e in told[[e.robot_id for e in told].index(second) :]]
    assert set(after) == {second}
    assert system.collisions.count == 0


def test_a_task_cancelled_while_it_is_asked_about_closes_the_question():
    system = a_system(kind="carrier")
    system.robots[next(iter(system.robots))]._look = lambda *_: b"another"
    stations = floor().site.stations
    pick = next(s.station_id for s in stations if s.kind.value == "pick")
    pack = next(s.station_id for s in stations if s.kind.value == "pack")
    answer = system.command(
        asked.SubmitTask(system.command_id(), pick, pack, label_code="EXPECTED")
    )
    system.run(100)
    task_id = answer.result().task_id
    until(system, lambda: state_of(system, task_id) is TaskState.IN_REVIEW)

    assert cancel(system, task_id).accepted

    _, known = one(system)
    assert state_of(system, task_id) is TaskState.CANCELLED
    assert not known.held
    assert all(review.closed is not None for review in system.state.reviews.values())


def test_a_route_that_comes_after_the_cancel_makes_no_order():
    system = a_system()
    task_id = order_one(system)
    until(system, lambda: state_of(system, task_id) is TaskState.DRIVING_TO_PICK)
    late = []
    system.solve = late.append
    until(system, lambda: state_of(system, task_id) is TaskState.LOOKING and late)

    assert cancel(system, task_id).accepted
    del system.solve
    system.solve(late[0])
    system.run(20_000)

    robot, _ = one(system)
    assert state_of(system, task_id) is TaskState.CANCELLED
    assert not robot.loaded


def test_an_order_whose_record_is_late_never_leaves_once_it_is_given_up():
    system = a_system()
    task_id = order_one(system)
    until(system, lambda: state_of(system, task_id) is TaskState.LOOKING)
    system.append = system.entries.extend  # recorded, not durable yet
    until(system, lambda: state_of(system, task_id) is TaskState.PICKING)

    answer = system.command(asked.CancelTask(system.command_id(), task_id, "not needed"))
    system.run(40)
    assert answer.result().recorded  # it gives nothing: the emergency ring is enough
    del system.append
    system._items.append(Durable(system.entries[-1].seq))
    system.run(20_000)

    robot, _ = one(system)
    assert state_of(system, task_id) is TaskState.CANCELLED
    assert not robot.loaded
    assert "pick" not in {a.action_type for a in robot.book.actions.values()}


FAULTS = (
    None,
    Fault.CANCEL_UNDONE,
    Fault.ACTION_FAILS,
    Fault.FORGETS_ORDER,
    Fault.SILENT_ABOUT_LOADS,
    Fault.KEEPS_NODE_STATES,
    Fault.REPEATS_ACTIONS,
    Fault.PAUSE_IGNORED,
)


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("kind", ["plain", "carrier"])
def test_whenever_a_task_is_cancelled_no_load_is_left_without_a_person_or_a_task(kind, seed):
    system = a_system(robots=3, kind=kind, seed=seed, weather=BAD)
    fault = FAULTS[seed % len(FAULTS)]
    tasks = [order_one(system, number) for number in range(4)]
    if fault is not None:
        list(system.robots.values())[seed % 3].faults.show(fault)

    for number, task_id in enumerate(tasks):
        system.run(9_000 + 2_300 * seed + 4_100 * number)
        cancel(system, task_id)
    system.run(200_000)

    assert system.collisions.count == 0
    for robot in system.robots.values():
        known = system.state.robots[robot.robot_id]
        if robot.loaded or known.task_id is not None:
            assert known.held or known.task_id, robot.robot_id
            assert why_of(system.state, known) is not None, robot.robot_id
    for task_id in tasks:
        task = system.state.tasks[task_id]
        if is_open(task) and task.robot_id is not None:
            assert system.state.robots[task.robot_id].held, task
    loads = {r.robot_id: r.load for r in system.state.robots.values()}
    assert LoadState.EMPTY in loads.values()
