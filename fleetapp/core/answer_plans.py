"""What follows from the planner's answer: an order, another route, or neither.

The core checks a proposal before it adopts it: it must begin where the robot's
base ends, run over connected edges, end at the goal, and come while the robot
may be given something. The planner is never trusted.
"""

from fleetapp.core.alarms import raise_alarm
from fleetapp.core.decisions import (
    OrderIssued,
    PlanDropped,
    PlanRequested,
    RouteReplaced,
    TaskMoved,
)
from fleetapp.core.floor import node_id, place_name
from fleetapp.core.holding import hold
from fleetapp.core.legs import BEFORE_PICK, leg_of
from fleetapp.core.loads import may_pick
from fleetapp.core.observations import PlanProposed
from fleetapp.core.order_actions import actions_for
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import Order, OrderPhase, Purpose
from fleetapp.fleet.robot import Robot
from fleetapp.layout.roadmap import RoadMap
from fleetapp.safety.permission import obstacle_to_permission
from fleetapp.terms.modes import LoadState, TaskState
from fleetapp.terms.reasons import AlarmKind, HoldReason

NEEDED = frozenset({Purpose.TO_PICK, Purpose.LOOK, Purpose.CARRY, Purpose.TO_RETURN})


def on_proposed(turn: Turn, message: PlanProposed) -> None:
    """Adopt the plan if it still fits."""
    problem = turn.draft.plans.get(message.problem_id)
    if problem is None:
        return
    robot = turn.draft.robots[problem.robot_id]
    if robot.plan_id != problem.problem_id:
        turn.decide(PlanDropped(problem.problem_id, problem.robot_id, "another was asked for"))
        return
    if not message.nodes:
        _no_way(turn, problem)
        return
    reason = _unfit(turn, problem, message, robot)
    if reason is not None:
        _drop(turn, problem, reason)
        return
    _adopt(turn, problem, message, robot)


def _no_way(turn: Turn, problem: PlanRequested) -> None:
    _drop(turn, problem, "there is no way")
    floor = turn.draft.floor
    _hold_without_route(
        turn,
        problem,
        f"There is no way from {place_name(floor, problem.start)} to "
        f"{place_name(floor, problem.goal)} for type {problem.robot_type}",
    )


def no_answer(turn: Turn, problem: PlanRequested) -> None:
    """The planner kept silent: the wait for it is over, and a person must look."""
    _drop(turn, problem, "no answer in time")
    seconds = turn.draft.rules.plan_timeout_ms // 1000
    _hold_without_route(turn, problem, f"The planner gave no answer in {seconds} s")


def _drop(turn: Turn, problem: PlanRequested, reason: str) -> None:
    """Use nothing of the plan; if that lasts, a person is told where somebody misses the route."""
    turn.decide(PlanDropped(problem.problem_id, problem.robot_id, reason))
    robot = turn.draft.robots[problem.robot_id]
    if robot.fruitless is None or not robot.fruitless.lasts or _obstacle(turn, robot) is not None:
        return
    place = place_name(turn.draft.floor, problem.goal)
    if problem.purpose is Purpose.CHARGE:
        low = turn.draft.rules.battery_low_permille
        if robot.battery_permille is not None and robot.battery_permille < low:
            text = f"It must charge, and gets no route to {place}: {reason}"
            raise_alarm(turn, AlarmKind.NOT_CHARGING, text, robot_id=robot.robot_id)
    elif problem.purpose in NEEDED and not _serves_already(turn, problem):
        note = f"It gets no route to {place}, asked again and again: {reason}"
        hold(turn, robot.robot_id, HoldReason.NO_ROUTE, note=note, evidence=problem.problem_id)


def _serves_already(turn: Turn, problem: PlanRequested) -> bool:
    """Whether its order leads where the plan was to lead: only another way was looked for."""
    order = turn.draft.orders.get(problem.replaces) if problem.replaces else None
    return order is not None and (order.purpose, order.task_id, order.goal_station) == (
        problem.purpose,
        problem.task_id,
        problem.station_id,
    )


def _hold_without_route(turn: Turn, problem: PlanRequested, note: str) -> None:
    """A robot that needs the route for its task is held; others just stay where they are."""
    if problem.purpose not in NEEDED or problem.replaces is not None:
        return
    hold(turn, problem.robot_id, HoldReason.NO_ROUTE, note=note, evidence=problem.problem_id)


def _unfit(turn: Turn, problem: PlanRequested, plan: PlanProposed, robot: Robot) -> str | None:
    obstacle = _obstacle(turn, robot)
    if obstacle is not None:
        return obstacle
    if robot.robot_type != problem.robot_type:
        return "it is of another type meanwhile"
    if not _still_wanted(turn, problem, robot):
        return "its task wants something else meanwhile"
    road = turn.draft.floor.roads[problem.robot_type]
    if not _connected(road, plan) or plan.nodes[-1] != problem.goal:
        return "the proposal is not a way to the goal"
    return _misplaced(turn, problem, plan, robot)


def _obstacle(turn: Turn, robot: Robot) -> str | None:
    return obstacle_to_permission(
        robot,
        journal_ok=turn.draft.journal_ok,
        stopped=turn.draft.stop is not None,
        halted=turn.draft.halted,
    )


def _still_wanted(turn: Turn, problem: PlanRequested, robot: Robot) -> bool:
    """Whether the robot still has the task that the route is for, and it was not given up."""
    if problem.task_id is None:
        return robot.task_id is None
    task = turn.draft.tasks.get(problem.task_id)
    if task is None or robot.task_id != problem.task_id:
        return False
    if task.state in BEFORE_PICK:  # nothing is picked without a sure look of this task, here
        loaded = problem.purpose is Purpose.CARRY and robot.load is LoadState.LOADED
        return leg_of(robot, task) is problem.purpose and not loaded
    if problem.purpose is Purpose.CARRY and leg_of(robot, task) is not Purpose.CARRY:
        return False  # the task was taken away and given back: it is looked at anew
    if problem.purpose is Purpose.CARRY and problem.replaces is None and not may_pick(robot, task):
        return False
    return (task.state is TaskState.RETURNING) == (problem.purpose is Purpose.TO_RETURN)


def _misplaced(turn: Turn, problem: PlanRequested, plan: PlanProposed, robot: Robot) -> str | None:
    """Why the proposal does not begin where it must."""
    if problem.replaces is None:
        if robot.order_id is not None:
            return "it has an order meanwhile"
        return None if plan.nodes[0] == robot.node else "it stands elsewhere meanwhile"
    order = turn.draft.orders.get(problem.replaces)
    if order is None or order.phase is not OrderPhase.ACTIVE:
        return "its order is over"
    if order.acknowledged_update != order.update_id:
        return "its last update is not acknowledged yet"
    if plan.nodes[0] != order.decision_node:
        return f"its base ends at {node_id(turn.draft.floor, order.decision_node)} meanwhile"
    return None


def _connected(road: RoadMap, plan: PlanProposed) -> bool:
    if len(plan.edges) != len(plan.nodes) - 1:
        return False
    nodes_there = all(0 <= node < road.node_count for node in plan.nodes)
    if not nodes_there or not all(0 <= edge < len(road.edge_start) for edge in plan.edges):
        return False
    pairs = zip(plan.nodes, plan.nodes[1:], strict=False)
    return all(
        int(road.edge_start[edge]) == start and int(road.edge_end[edge]) == end
        for edge, (start, end) in zip(plan.edges, pairs, strict=True)
    )


def _adopt(turn: Turn, problem: PlanRequested, plan: PlanProposed, robot: Robot) -> None:
    if problem.replaces is not None:
        _replace(turn, problem, plan, turn.draft.orders[problem.replaces])
        return
    order_id = new_order_id(turn, robot)
    actions = actions_for(turn.draft, problem, order_id, len(plan.nodes) - 1, ())
    _begin_pick(turn, problem, robot)
    turn.decide(
        OrderIssued(
            turn.now_ms,
            order_id,
            robot.robot_id,
            problem.task_id,
            problem.purpose,
            problem.station_id,
            plan.nodes,
            plan.edges,
            actions,
            problem.problem_id,
        )
    )


def new_order_id(turn: Turn, robot: Robot) -> str:
    """An id that the robot does not show already, as one of a data folder that is gone."""
    order_id = f"{robot.name or robot.serial}-{turn.draft.seq}"
    return f"{order_id}-anew" if robot.shown_order_id == order_id else order_id


def _begin_pick(turn: Turn, problem: PlanRequested, robot: Robot) -> None:
    """From here on only this robot can know where the item is."""
    task = turn.draft.tasks.get(problem.task_id) if problem.task_id else None
    if task is None or problem.purpose is not Purpose.CARRY:
        return
    if task.state not in BEFORE_PICK:
        return
    turn.decide(
        TaskMoved(
            turn.now_ms,
            task.task_id,
            TaskState.PICKING,
            "the pick is ordered",
            robot.robot_id,
        )
    )


def _replace(turn: Turn, problem: PlanRequested, plan: PlanProposed, order: Order) -> None:
    if len(plan.nodes) == 1:
        _shorten(turn, problem, order)
        return
    kept = order.nodes[: order.released_to]
    nodes = (*kept, *plan.nodes)
    sent = tuple(a for a in order.actions if a.node_index <= order.released_to)
    prefix = f"{order.order_id}-{turn.draft.seq}"
    turn.decide(
        RouteReplaced(
            turn.now_ms,
            order.order_id,
            order.robot_id,
            problem.task_id,
            problem.purpose,
            problem.station_id,
            nodes,
            (*order.edges[: order.released_to], *plan.edges),
            actions_for(turn.draft, problem, prefix, len(nodes) - 1, sent),
            problem.problem_id,
        )
    )


def _shorten(turn: Turn, problem: PlanRequested, order: Order) -> None:
    """It is to do something where its base ends, and that node is sent: nothing can be added.

    So the order ends there, as what it was, and the next one begins with the action
    (VDA 5050 2.1: what is released is immutable).
    """
    turn.decide(
        RouteReplaced(
            turn.now_ms,
            order.order_id,
            order.robot_id,
            order.task_id,
            order.purpose,
            order.goal_station,
            order.nodes[: order.released_to + 1],
            order.edges[: order.released_to],
            tuple(a for a in order.actions if a.node_index <= order.released_to),
            problem.problem_id,
        )
    )
