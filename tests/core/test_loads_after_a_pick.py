"""What becomes of a task whose pick was ordered, when its order ends before its time."""

from dataclasses import replace

import pytest
from driving_fleet import D, base, driving, order_id, task_id

from fleetapp.core import decisions as made
from fleetapp.core.loads import after_cancel, after_loss
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import ActionKind, OrderAction, Purpose
from fleetapp.fleet.robot import Hold
from fleetapp.terms.modes import LoadState, TaskState
from fleetapp.terms.reasons import HoldReason

HELD = (Hold(HoldReason.ACTION_FAILED, 0, "core", "its pick failed"),)
OPEN = OrderAction("pick-1", ActionKind.PICK, 0, "A01-01", None, "S")
FAILED = replace(OPEN, ended=True)
PICKED = replace(FAILED, ok=True)


def ended(rule, *, pick, load, holds=(), state=TaskState.PICKING):
    """What is decided when the order that carries the pick ends so."""
    fleet = driving()
    order = replace(base(), purpose=Purpose.CARRY, actions=(pick,))
    task = replace(fleet.tasks[task_id()], state=state, pick_published=True)
    robot = replace(fleet.robots[D], load=load, holds=holds)
    turn = Turn(
        replace(
            fleet,
            robots={**fleet.robots, D: robot},
            tasks={**fleet.tasks, task.task_id: task},
            orders={**fleet.orders, order_id(): order},
        )
    )
    rule(turn, order)
    return [
        m.state if isinstance(m, made.TaskMoved) else m.reason
        for m in (row.message for row in turn.rows)
        if isinstance(m, made.TaskMoved | made.RobotHeld)
    ]


@pytest.mark.parametrize(
    ("load", "state"),
    [
        (LoadState.LOADED, TaskState.CARRYING),
        (LoadState.EMPTY, TaskState.QUEUED),
        (LoadState.UNKNOWN, TaskState.FAILED),
    ],
)
def test_a_failed_pick_that_was_looked_at_before_its_order_ended_goes_on_by_the_report(load, state):
    assert ended(after_cancel, pick=FAILED, load=load) == [state]
    assert ended(after_cancel, pick=FAILED, load=load, holds=HELD) == []  # a person looks first


@pytest.mark.parametrize("pick", [OPEN, PICKED], ids=["not ended", "picked"])
def test_a_pick_that_has_not_failed_leaves_its_task_to_what_comes_next(pick):
    assert ended(after_cancel, pick=pick, load=LoadState.EMPTY) == []


@pytest.mark.parametrize(
    ("load", "decided"),
    [
        (LoadState.EMPTY, [TaskState.CANCELLED]),
        (LoadState.UNKNOWN, [HoldReason.LOAD_UNKNOWN]),
        (LoadState.LOADED, []),  # it is brought back
    ],
)
def test_a_cancelled_task_whose_pick_was_given_up_ends_as_the_robot_says(load, decided):
    given_up = {"pick": FAILED, "load": load, "state": TaskState.RETURNING}

    assert ended(after_cancel, **given_up) == decided


@pytest.mark.parametrize(
    ("load", "state", "decided"),
    [
        (LoadState.EMPTY, TaskState.PICKING, [TaskState.QUEUED]),
        (LoadState.UNKNOWN, TaskState.PICKING, [HoldReason.LOAD_UNKNOWN]),
        (LoadState.LOADED, TaskState.PICKING, [HoldReason.LOAD_UNKNOWN]),
        (LoadState.EMPTY, TaskState.CARRYING, [HoldReason.LOAD_UNKNOWN]),
        (LoadState.EMPTY, TaskState.RETURNING, [HoldReason.LOAD_UNKNOWN]),
        (LoadState.LOADED, TaskState.RETURNING, []),
    ],
)
def test_a_lost_order_frees_its_task_only_if_nothing_can_be_on_board(load, state, decided):
    assert ended(after_loss, pick=OPEN, load=load, state=state) == decided
