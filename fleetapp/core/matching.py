"""Giving queued tasks to free robots."""

from collections.abc import Sequence

from fleetapp.core.charge_for import patience_of
from fleetapp.core.decisions import TaskAssigned, Weighed
from fleetapp.core.offers import FreeRobots, out_now
from fleetapp.core.reach import Ways, standing_of
from fleetapp.core.set_aside import queued_tasks
from fleetapp.core.turn import Turn
from fleetapp.dispatch.assignment import Assignment
from fleetapp.dispatch.serving import Waiting, serve
from fleetapp.fleet.robot import Robot
from fleetapp.layout.roadmap import UNREACHABLE_MS
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import Priority

RANK_MS: dict[Priority, int] = {
    Priority.HIGH: 0,
    Priority.NORMAL: 600_000,
    Priority.LOW: 1_200_000,
}


def match_tasks(turn: Turn) -> None:
    """Assign what can be assigned now."""
    if turn.draft.stop is not None or not turn.draft.journal_ok or turn.draft.halted:
        return
    tasks = queued_tasks(turn.draft)
    if not tasks:
        return
    robots = FreeRobots(turn.draft, tasks)
    queue = [_waiting(turn, task) for task in tasks] if robots.any_free else []
    for assignment in serve(queue, robots, patience_of(turn.draft.rules)):
        turn.decide(_decision(turn, assignment))


def charge_is_the_obstacle(turn: Turn, robot: Robot, tasks: Sequence[Task]) -> bool:
    """Whether the robot could do some of these tasks, but its charge is enough for none."""
    # Well below "enough": a robot just charged does not go back for the last permille.
    worth_it = turn.draft.rules.battery_enough_permille - 100
    if robot.battery_permille is None or robot.battery_permille >= worth_it:
        return False
    standing, ways = standing_of(turn.draft, robot), Ways(turn.draft.floor)
    if standing is None or out_now(turn.draft, robot) is not None:
        return False
    obstacle = False
    for task in tasks:
        if task.wished_robot_id not in (None, robot.robot_id):
            continue
        to_package_ms = ways.to_package_ms(standing, task.from_station)
        if to_package_ms >= UNREACHABLE_MS or not ways.serves(robot.robot_type, task):
            continue
        if to_package_ms + ways.after_pick_ms(robot.robot_type, task) <= standing.longest_ms:
            return False
        obstacle = True
    return obstacle


def _waiting(turn: Turn, task: Task) -> Waiting:
    return Waiting(
        task.task_id,
        task.number,
        task.priority,
        turn.now_ms - task.created_ms,
        _rank_ms(turn, task),
    )


def _rank_ms(turn: Turn, task: Task) -> int:
    """More urgent is less: priority first, then age, then a near deadline."""
    rank = RANK_MS[task.priority] - min(300_000, turn.now_ms - task.created_ms)
    if task.due_ms is not None:
        rank -= max(0, 300_000 - max(0, task.due_ms - turn.now_ms))
    return rank + 1_000_000


def _decision(turn: Turn, assignment: Assignment) -> TaskAssigned:
    return TaskAssigned(
        turn.now_ms,
        assignment.task_id,
        assignment.robot_id,
        assignment.cost_ms,
        tuple(
            Weighed(b.robot_id, b.cost_ms, b.out.value if b.out is not None else None)
            for b in assignment.candidates.shown
        ),
        tuple((out.value, count) for out, count in assignment.candidates.out_counts),
    )
