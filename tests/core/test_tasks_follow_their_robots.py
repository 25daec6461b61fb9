"""A task is where its robot is with it: each step when the robot has reached it, none before."""

from dataclasses import replace
from pathlib import Path

import pytest
from floor_players import BOSS_NOTE, SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.departure import depart
from fleetapp.core.state import State
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import Purpose
from fleetapp.terms.modes import TaskState

SMALL = Path(__file__).parents[2] / "maps" / "small"


def driving(tasks=2, robots=3):
    """Robots that drive for their tasks."""
    game = Game(SMALL, robots)
    for _ in range(tasks):
        game.command(game.pick_task())
    for _ in range(600):
        game.tick()
        busy = [r for r in game.state.robots.values() if r.task_id and r.order_id]
        if len(busy) == tasks and all(game.state.orders[r.order_id].passed for r in busy):
            return game
    raise AssertionError("they did not drive")


def played(game, ticks):
    before = len(game.rows)
    for _ in range(ticks):
        game.tick()
    return [row.message for row in game.rows[before:]]


def test_every_drop_begins_with_the_arrival_at_its_station_and_not_elsewhere():
    game = driving()
    issued = {m.order_id: m for m in played(game, 3_000) if isinstance(m, made.OrderIssued)}
    causes = {row.seq: row.message for row in game.rows}

    begun = [
        (row.message, causes[row.cause])
        for row in game.rows
        if isinstance(row.message, made.TaskMoved) and row.message.state is TaskState.DROPPING
    ]

    assert len(begun) == 2
    for moved, arrival in begun:
        assert isinstance(arrival, seen.NodePassed), arrival
        order = issued[arrival.order_id]
        assert (order.purpose, order.task_id) == (Purpose.CARRY, moved.task_id)
        assert arrival.index == len(order.nodes) - 1


def test_no_action_of_an_order_has_ended_before_its_robot_said_so():
    game = driving()
    told, ended = set(), set()

    for _ in range(3_000):
        rows = [row.message for row in game.tick()]
        told |= {m.action_id for m in rows if isinstance(m, seen.ActionEnded)}
        for order in game.state.orders.values():
            ended |= {action.action_id for action in order.actions if action.ended}
            assert ended <= told

    assert ended


def test_a_node_of_an_order_that_is_over_breaks_no_rule_and_moves_no_task():
    game = driving()
    robot = next(r for r in game.state.robots.values() if r.order_id)
    game.inbox.append(seen.NodePassed(robot.robot_id, 0, "an older order", 1, "n1"))

    said = [row.message for row in game.tick()]

    assert not [m for m in said if isinstance(m, made.RuleBroke | made.TaskMoved)]


FORBIDS = {
    "a stop": seen.CommandGiven(0, asked.StopAll("stop"), SUPERVISOR),
    "a journal that cannot be written": own.JournalUnavailable(0, "disk full"),
    "a doubt about the journal": own.RecordDoubted(0, "proof", 42, 41, "row 42 is not its own"),
}


@pytest.mark.parametrize("forbids", FORBIDS.values(), ids=FORBIDS)
def test_an_idle_robot_of_a_fleet_that_drives_is_given_no_task_while_nothing_is_permitted(forbids):
    game = driving()
    assert [r for r in game.state.robots.values() if not r.task_id]
    game.command(replace(game.pick_task(), task_id="WAITS"))
    game.inbox.append(forbids)

    said = played(game, 600)

    assert not [m for m in said if isinstance(m, made.TaskAssigned)]
    assert game.state.tasks["WAITS"].state is TaskState.QUEUED


def test_it_is_given_the_task_once_the_journal_can_be_written_again():
    game = driving()
    game.command(replace(game.pick_task(), task_id="WAITS"))
    game.inbox.append(own.JournalUnavailable(0, "disk full"))
    played(game, 100)

    game.inbox.append(own.JournalRecovered(0))

    assert [m.task_id for m in played(game, 20) if isinstance(m, made.TaskAssigned)] == ["WAITS"]


def test_a_task_without_a_pick_is_cancelled_and_nobody_speaks_of_a_load():
    game = driving()
    task = next(t for t in game.state.tasks.values() if not t.pick_published)
    game.command(asked.CancelTask(game.command_id(), task.task_id, BOSS_NOTE))

    said = [row.message for row in game.tick()]

    (accepted,) = [m for m in said if isinstance(m, made.CommandAccepted)]
    assert accepted.message == f"Task {task.task_id} is cancelled."
    assert game.state.tasks[task.task_id].state is TaskState.CANCELLED


@pytest.mark.parametrize(
    ("pick_published", "state"), [(False, TaskState.QUEUED), (True, TaskState.FAILED)]
)
def test_the_task_of_a_robot_that_leaves_goes_back_unless_its_item_may_be_on_board(
    pick_published, state
):
    game = driving()
    robot = next(r for r in game.state.robots.values() if r.task_id and r.order_id)
    task = replace(game.state.tasks[robot.task_id], pick_published=pick_published)
    turn = Turn(replace(game.state, tasks={**game.state.tasks, task.task_id: task}))

    depart(turn, robot, "olga")

    moved, ended, removed = (row.message for row in turn.rows)
    assert (moved.task_id, moved.state) == (task.task_id, state)
    assert isinstance(ended, made.OrderEnded)
    assert (ended.order_id, removed) == (
        robot.order_id,
        made.RobotRemoved(turn.now_ms, robot.robot_id, "olga"),
    )


def test_an_idle_robot_leaves_alone():
    game = driving()
    idle = next(r for r in game.state.robots.values() if not r.task_id and not r.order_id)
    turn = Turn(game.state)

    depart(turn, idle, "olga")

    assert [type(row.message) for row in turn.rows] == [made.RobotRemoved]


def test_a_new_order_is_sent_from_its_first_node_on():
    game = driving(tasks=1)
    firsts = [m for m in (row.message for row in game.rows) if isinstance(m, made.OrderIssued)]

    assert firsts
    for issued in firsts:
        turn = Turn(State(game.floor, game.state.rules, robots=game.state.robots))
        turn.decide(issued)
        assert turn.draft.orders[issued.order_id].stitched_at == 0


@pytest.mark.parametrize("shown", [-1, 0], ids=["new order", "update"])
def test_a_refused_new_order_is_over_and_only_after_a_refused_update_it_is_given_up(shown):
    game = driving()
    robot = next(r for r in game.state.robots.values() if r.order_id)
    order = replace(game.state.orders[robot.order_id], acknowledged_update=shown)
    game.state = replace(game.state, orders={**game.state.orders, order.order_id: order})
    game.inbox = [seen.OrderRefused(robot.robot_id, 0, order.order_id, 0, "busy")]

    said = [row.message for row in game.tick()]

    ended = [m.order_id for m in said if isinstance(m, made.OrderEnded)]
    given_up = [m.order_id for m in said if isinstance(m, made.CancelOrdered)]
    assert (ended, given_up) == (([order.order_id], []) if shown < 0 else ([], [order.order_id]))
    assert game.state.robots[robot.robot_id].held
