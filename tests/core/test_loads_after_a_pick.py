"""What becomes of a task whose pick was ordered, when its order ends before its time."""

from dataclasses import replace

import pytest
from driving_fleet import SMALL, D, base, driving, order_id, task_id
from floor_players import BOSS_NOTE, SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core.answer_plans import on_proposed
from fleetapp.core.legs import next_legs
from fleetapp.core.loads import after_cancel, after_loss, conclude_loads
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import ActionKind, OrderAction, Purpose
from fleetapp.fleet.robot import Hold
from fleetapp.terms.modes import EmergencyStop, LoadState, TaskState
from fleetapp.terms.reasons import HoldReason
from fleetapp.traffic.planners.detour import find_way_round

R1 = "sim/r01"

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


def left_with(load, *, holds=(), **changes):
    """The fleet with a robot whose order ended while its task was at the pick."""
    fleet = driving()
    robot = replace(fleet.robots[D], load=load, holds=holds, order_id=None, **changes)
    task = replace(fleet.tasks[task_id()], state=TaskState.PICKING, pick_published=True)
    orders = {key: order for key, order in fleet.orders.items() if key != order_id()}
    return replace(
        fleet,
        robots={**fleet.robots, D: robot},
        tasks={**fleet.tasks, task.task_id: task},
        orders=orders,
    )


def concluded(state):
    turn = Turn(state)
    conclude_loads(turn)
    return [row.message.state for row in turn.rows if isinstance(row.message, made.TaskMoved)]


AS_REPORTED = {
    LoadState.LOADED: TaskState.CARRYING,
    LoadState.EMPTY: TaskState.QUEUED,
    LoadState.UNKNOWN: TaskState.FAILED,
}


@pytest.mark.parametrize(("load", "state"), AS_REPORTED.items())
def test_a_pick_that_ended_without_an_item_goes_on_by_the_report(load, state):
    assert concluded(left_with(load)) == [state]
    assert concluded(left_with(load, holds=HELD)) == []  # a person looks first
    assert concluded(left_with(load, reported=False)) == []  # that was before the start
    assert concluded(left_with(load, silent=True)) == []  # that was before its silence


@pytest.mark.parametrize(
    ("stop", "released"),
    [
        ({"emergency_stop": EmergencyStop.MANUAL}, {"emergency_stop": EmergencyStop.NONE}),
        ({"errors": (seen.ErrorSeen("motorFault", "FATAL", ""),)}, {"errors": ()}),
    ],
    ids=["emergency stop", "fatal error"],
)
@pytest.mark.parametrize(("load", "state"), AS_REPORTED.items())
def test_a_pick_that_a_stop_cut_short_is_concluded_whatever_is_released_first(
    stop, released, load, state
):
    game = Game(SMALL, 1)
    game.command(replace(game.pick_task(), task_id="T"))
    player = game.players[R1]
    while not (player.acting and game.state.tasks["T"].state is TaskState.PICKING):
        game.tick()
    order = game.state.orders[game.state.robots[R1].order_id]
    first = len(game.rows)
    player.acted.add(player.acting)
    failed = seen.ActionEnded(R1, 0, order.order_id, player.acting, ok=False, result="cut short")
    player.acting, player.free_at_ms = None, 10**15
    stopped = replace(game.report(player), load=load, **stop)

    tell(game, stopped, failed)
    tell(game, seen.CommandGiven(0, asked.ReleaseHold("r1", R1, BOSS_NOTE), SUPERVISOR))
    player.order, player.finished, player.free_at_ms = None, True, 0
    tell(game, replace(stopped, idle=True), seen.CancelConfirmed(R1, 0, order.order_id))
    tell(game, replace(stopped, idle=True, **released))
    tell(game, seen.CommandGiven(0, asked.ReleaseHold("r2", R1, BOSS_NOTE), SUPERVISOR))

    rows = [row.message for row in game.rows[first:]]
    moved = [m.state for m in rows if isinstance(m, made.TaskMoved)]
    assert moved[:1] == [state]
    if load is not LoadState.EMPTY:
        orders = [m for m in rows if isinstance(m, made.OrderIssued)]
        assert not [a for o in orders for a in o.actions if a.kind is ActionKind.PICK]


def tell(game, *messages):
    game.inbox.extend(messages)
    for _ in range(8):
        game.tick()


@pytest.mark.parametrize("load", [LoadState.LOADED, LoadState.UNKNOWN])
def test_no_plan_with_another_pick_is_taken_while_something_may_be_on_board(load):
    state = left_with(load)
    (plan,) = plans_of(left_with(LoadState.EMPTY))
    state = replace(state, plans={plan.problem_id: plan})
    robot = replace(state.robots[D], plan_id=plan.problem_id)
    turn = Turn(replace(state, robots={**state.robots, D: robot}))
    road = state.floor.roads[robot.robot_type]
    way = find_way_round(road, plan.start, plan.goal, avoid=frozenset(), penalties={})

    on_proposed(turn, seen.PlanProposed(plan.problem_id, D, 0, way.nodes, way.edges, 0, 0))

    assert [type(row.message) for row in turn.rows] == [made.PlanDropped]


def plans_of(state):
    """The plan for another carry, as it would be asked for if no rule concluded the pick."""
    turn = Turn(state)
    turn.decide(made.FloorTaken(D, driving().orders[order_id()].at_node, ()))
    next_legs(turn)
    return [row.message for row in turn.rows if isinstance(row.message, made.PlanRequested)]


@pytest.mark.parametrize("pick", [OPEN, FAILED, PICKED], ids=["not ended", "failed", "picked"])
def test_a_cancel_leaves_its_task_at_the_pick_to_what_is_concluded_from_the_load(pick):
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
