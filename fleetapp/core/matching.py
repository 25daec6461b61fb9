"""Giving open tasks to free robots."""

from fleetapp.core.decisions import TaskAssigned, Weighed
from fleetapp.core.reach import Reach
from fleetapp.core.turn import Turn
from fleetapp.dispatch.assignment import Assignment, Bid, Wanted, assign
from fleetapp.fleet.order import OrderPhase, Purpose
from fleetapp.fleet.robot import Robot
from fleetapp.layout.roadmap import UNREACHABLE_MS
from fleetapp.safety.permission import out_of_dispatch
from fleetapp.tasks.task import Task, is_open
from fleetapp.terms.modes import LoadState, Priority, TaskState
from fleetapp.terms.reasons import Out

RANK_MS: dict[Priority, int] = {
    Priority.HIGH: 0,
    Priority.NORMAL: 600_000,
    Priority.LOW: 1_200_000,
}
MOST_TASKS = 200
BENDABLE = frozenset({Purpose.PARK, Purpose.MOVE_ASIDE, Purpose.CHARGE})


def match_tasks(turn: Turn) -> None:
    """Assign what can be assigned now."""
    if turn.draft.stop is not None or not turn.draft.journal_ok or turn.draft.halted:
        return
    tasks = _open_tasks(turn)
    robots = sorted((r for r in turn.draft.robots.values() if r.admitted), key=lambda r: r.robot_id)
    if not tasks or not any(_out(turn, robot) is None for robot in robots):
        return
    reach = Reach(turn)
    wanted = tuple(_wanted(turn, reach, task, robots) for task in tasks)
    for assignment in assign(wanted):
        turn.decide(_decision(turn, assignment))


def charge_is_the_obstacle(turn: Turn, robot: Robot) -> bool:
    """Whether tasks are open, and the robot's charge is enough for none of them."""
    # Well below "enough": a robot just charged does not go back for the last permille.
    worth_it = turn.draft.rules.battery_enough_permille - 100
    if robot.battery_permille is None or robot.battery_permille >= worth_it:
        return False
    reach = Reach(turn)
    bids = [_bid(turn, reach, task, robot) for task in _open_tasks(turn)]
    return bool(bids) and all(bid.out is Out.OUT_OF_REACH for bid in bids)


def _open_tasks(turn: Turn) -> list[Task]:
    tasks = [
        task
        for task in turn.draft.tasks.values()
        if task.state is TaskState.QUEUED and not _waits_for_another(turn, task)
    ]
    tasks.sort(key=lambda task: (_rank_ms(turn, task), task.task_id))
    return tasks[:MOST_TASKS]


def _waits_for_another(turn: Turn, task: Task) -> bool:
    before = turn.draft.tasks.get(task.after_task_id) if task.after_task_id else None
    return before is not None and is_open(before)


def _rank_ms(turn: Turn, task: Task) -> int:
    """More urgent is less: priority first, then age, then a near deadline."""
    rank = RANK_MS[task.priority] - min(300_000, turn.now_ms - task.created_ms)
    if task.due_ms is not None:
        rank -= max(0, 300_000 - max(0, task.due_ms - turn.now_ms))
    return rank + 1_000_000


def _wanted(turn: Turn, reach: Reach, task: Task, robots: list[Robot]) -> Wanted:
    bids = tuple(_bid(turn, reach, task, robot) for robot in robots)
    return Wanted(task.task_id, _rank_ms(turn, task), bids)


def _bid(turn: Turn, reach: Reach, task: Task, robot: Robot) -> Bid:
    out = _out(turn, robot)
    if out is None and task.wished_robot_id not in (None, robot.robot_id):
        out = Out.OTHER_WISHED
    if out is not None:
        return Bid(robot.robot_id, None, out)
    cost = _cost_ms(turn, task, robot)
    if cost >= UNREACHABLE_MS:
        return Bid(robot.robot_id, None, Out.UNREACHABLE)
    if not reach.has(robot, task, cost):
        return Bid(robot.robot_id, None, Out.OUT_OF_REACH)
    return Bid(robot.robot_id, cost, None)


def _out(turn: Turn, robot: Robot) -> Out | None:
    out = out_of_dispatch(robot)
    if out is not None:
        return out
    if robot.task_id is not None:
        return Out.HAS_TASK
    if robot.load is LoadState.LOADED:
        return Out.LOADED
    if _battery_too_low(turn, robot):
        return Out.LOW_BATTERY
    return Out.BUSY if _busy(turn, robot) else None


def _battery_too_low(turn: Turn, robot: Robot) -> bool:
    charge = robot.battery_permille
    if charge is None:
        return False
    least = turn.draft.rules.battery_min_for_task_permille
    return charge < (least if robot.charging or robot.charge_asked else least - 80)


def _busy(turn: Turn, robot: Robot) -> bool:
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    if order is None:
        return False
    if order.phase is not OrderPhase.ACTIVE:
        return True
    return order.task_id is None and order.purpose not in BENDABLE


def _cost_ms(turn: Turn, task: Task, robot: Robot) -> int:
    road = turn.draft.floor.roads[robot.robot_type]
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    start = order.decision_node if order is not None else robot.node
    if start is None or task.from_station not in road.station_nodes:
        return UNREACHABLE_MS
    if task.to_station not in road.station_nodes:
        return UNREACHABLE_MS
    goals = road.station_nodes[task.from_station]
    return min(road.travel.between(start, goal) for goal in goals)


def _decision(turn: Turn, assignment: Assignment) -> TaskAssigned:
    return TaskAssigned(
        turn.now_ms,
        assignment.task_id,
        assignment.robot_id,
        assignment.cost_ms,
        tuple(
            Weighed(b.robot_id, b.cost_ms, b.out.value if b.out is not None else None)
            for b in assignment.candidates
        ),
        tuple((out.value, count) for out, count in assignment.out_counts),
    )
