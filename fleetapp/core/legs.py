"""The next leg of each task: to the package, to the station, or back.

A leg begins with a plan. A robot that still has an order gets it as a new end
of that order (its horizon is replaced, its base stays); one without gets a new
order.
"""

from collections.abc import Mapping

from fleetapp.core.decisions import PlanRequested, TaskMoved
from fleetapp.core.floor import station_nodes
from fleetapp.core.guard import each
from fleetapp.core.holding import hold
from fleetapp.core.kept import stays
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import Order, OrderPhase, Purpose
from fleetapp.fleet.robot import Robot
from fleetapp.safety.permission import obstacle_to_permission
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import LoadState, TaskState
from fleetapp.terms.reasons import HoldReason


def next_legs(turn: Turn) -> None:
    """Ask for a plan wherever a robot's task needs one."""
    wanting = (r.robot_id for r in turn.draft.robots.values() if r.task_id and r.plan_id is None)
    for robot_id in each(turn, "next_leg", wanting):
        robot = turn.draft.robots[robot_id]
        _next_leg(turn, robot, turn.draft.tasks[robot.task_id or ""])


def may_be_given(turn: Turn, robot: Robot) -> bool:
    """Whether anything permissive may be decided for the robot now."""
    obstacle = obstacle_to_permission(
        robot,
        journal_ok=turn.draft.journal_ok,
        stopped=turn.draft.stop is not None,
        halted=turn.draft.halted,
    )
    return obstacle is None


def _next_leg(turn: Turn, robot: Robot, task: Task) -> None:
    leg = leg_of(robot, task)
    if leg is None or not may_be_given(turn, robot):
        return
    if leg is Purpose.CARRY and task.state in BEFORE_PICK and robot.load is LoadState.LOADED:
        note = "It reports a load before it has picked: look what it carries"
        hold(turn, robot.robot_id, HoldReason.LOAD_UNKNOWN, note=note, evidence=task.task_id)
        return
    purpose, station_id = leg, station_for(turn, leg, task)
    if station_id is None:
        turn.decide(
            TaskMoved(
                turn.now_ms,
                task.task_id,
                TaskState.FAILED,
                "this site has no return station: a person takes the load off",
                robot.robot_id,
            )
        )
        return
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    if order is not None and order.purpose is purpose and order.task_id == task.task_id:
        return
    request_plan(turn, robot, purpose, station_id, task_id=task.task_id)


BEFORE_PICK = frozenset({TaskState.LOOKING, TaskState.IN_REVIEW})

LEG_OF_STATE: dict[TaskState, Purpose] = {
    TaskState.ASSIGNED: Purpose.TO_PICK,
    TaskState.DRIVING_TO_PICK: Purpose.TO_PICK,
    TaskState.PICKING: Purpose.CARRY,
    TaskState.CARRYING: Purpose.CARRY,
    TaskState.DROPPING: Purpose.CARRY,
    TaskState.RETURNING: Purpose.TO_RETURN,
}


def leg_of(robot: Robot, task: Task) -> Purpose | None:
    """What the robot must do next for the task, None while it waits for an answer."""
    if task.state in BEFORE_PICK:
        if robot.order_id is not None or robot.held:
            return None
        look = robot.look
        if look is not None and look.is_sure_of(task.task_id, robot.node):
            return Purpose.CARRY
        return Purpose.LOOK if look is None or look.until_ms is None else None
    return LEG_OF_STATE.get(task.state)


def station_for(turn: Turn, purpose: Purpose, task: Task) -> str | None:
    """Where a leg ends."""
    if purpose in (Purpose.TO_PICK, Purpose.LOOK):
        return task.from_station
    if purpose is Purpose.CARRY:
        return task.to_station
    return turn.draft.floor.site.return_station_id or None


def request_plan(
    turn: Turn,
    robot: Robot,
    purpose: Purpose,
    station_id: str,
    *,
    task_id: str | None,
    avoid: tuple[int, ...] = (),
    penalties: Mapping[int, int] | None = None,
) -> None:
    """Ask the planner, from where the robot's base ends, unless it is too early or was in vain."""
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    if order is not None and not _replaceable(order):
        return
    if order is None and robot.node is None:
        return
    start = order.decision_node if order is not None else robot.node
    goal = goal_node(turn, robot, station_id)
    if order is not None and order.fully_released and goal == start:
        return  # it ends there by itself; what is to be done there comes with an order of its own
    wanted = PlanRequested(
        turn.now_ms,
        f"plan-{turn.draft.numbers + 1}",
        robot.robot_id,
        robot.robot_type,
        purpose,
        task_id,
        station_id,
        start if start is not None else -1,
        goal,
        avoid,
        tuple((penalties or {}).items()),
        order.order_id if order is not None else None,
    )
    if robot.fruitless is None or turn.now_ms >= robot.fruitless.until_ms(wanted.question):
        turn.decide(wanted)


def _replaceable(order: Order) -> bool:
    """Only an acknowledged order with nothing carried on its sent part is bent elsewhere."""
    if order.phase is not OrderPhase.ACTIVE or order.acknowledged_update != order.update_id:
        return False
    return all(action.ended for action in order.actions if action.node_index <= order.released_to)


QUEUE_MS = 15_000  # what one robot before us at a station's node costs: driving up and a handling


def _is_kept(turn: Turn, robot: Robot, node: int) -> bool:
    """Whether a robot stands there that will not go on by itself."""
    owner = turn.draft.robots.get(turn.draft.owners.get(node) or "")
    return owner is not None and owner.robot_id != robot.robot_id and stays(owner) is not None


def goal_node(turn: Turn, robot: Robot, station_id: str) -> int:
    """The node of a station that is served soonest: near, and with few robots bound for it."""
    road = turn.draft.floor.roads[robot.robot_type]
    nodes = road.station_nodes.get(station_id) or station_nodes(turn.draft.floor, station_id)
    nodes = tuple(n for n in nodes if not _is_kept(turn, robot, n)) or nodes
    if len(nodes) == 1:
        return nodes[0]
    here = robot.node if robot.node is not None else nodes[0]
    bound = [o.goal_node for o in turn.draft.orders.values() if o.robot_id != robot.robot_id]
    bound += [p.goal for p in turn.draft.plans.values() if p.robot_id != robot.robot_id]
    return min(
        nodes,
        key=lambda node: (road.travel.between(here, node) + QUEUE_MS * bound.count(node), node),
    )
