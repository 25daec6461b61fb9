"""Long waits as one alarm for each robot that causes them, not one for each that waits.

A held robot in an aisle makes a queue; the alarm is about the robot at its head, where
somebody can end it.
"""

from collections.abc import Mapping

from fleetapp.core.alarms import end_alarm, raise_alarm
from fleetapp.core.state import Rules
from fleetapp.core.turn import Turn
from fleetapp.fleet.robot import Robot
from fleetapp.terms.reasons import AlarmKind


def long_waits(
    robots: Mapping[str, Robot], now_ms: int, rules: Rules
) -> dict[str, tuple[str, ...]]:
    """For each robot at the head of a queue the robots that have waited long, itself too.

    Args:
        robots: all, by id.
        now_ms: the time.
        rules: from when on a wait is long, and who must charge.
    """
    found: dict[str, tuple[str, ...]] = {}
    for robot in robots.values():
        if robot.wait is None or now_ms < robot.wait.since_ms + rules.long_wait_ms:
            continue
        if not is_missed(robot, rules.battery_low_permille):
            continue
        head = head_of(robots, robot.robot_id)
        found[head] = (*found.get(head, ()), robot.robot_id)
    return found


def is_missed(robot: Robot, low_permille: int) -> bool:
    """Whether somebody misses what it does: it has a task, or must charge and is on its way."""
    low = robot.battery_permille is not None and robot.battery_permille < low_permille
    return robot.task_id is not None or (low and robot.order_id is not None)


def head_of(robots: Mapping[str, Robot], robot_id: str) -> str:
    """The robot that all others before it wait for; in a circle the first by its id."""
    passed = [robot_id]
    while True:
        robot = robots[passed[-1]]
        ahead = robot.wait.blocker_id if robot.wait is not None and not robot.held else None
        if ahead is None or ahead not in robots:
            return robot.robot_id
        if ahead in passed:
            return min(passed[passed.index(ahead) :])
        passed.append(ahead)


def judge_long_waits(turn: Turn) -> None:
    """Raise an alarm for each head of a queue, end those whose queue is gone.

    While the fleet is stopped nobody waits for another robot: nothing changes then.
    """
    if turn.draft.stop is not None:
        return
    robots = turn.draft.robots.mapping()
    waiting = long_waits(robots, turn.now_ms, turn.draft.rules)
    for alarm in tuple(turn.draft.alarms.values()):
        about = alarm.raised.robot_id
        if alarm.raised.kind is AlarmKind.LONG_WAIT and about not in waiting:
            end_alarm(turn, AlarmKind.LONG_WAIT, about or "")
    for head, names in waiting.items():
        first = robots[names[0]]
        sentence = first.wait.sentence if first.wait is not None else ""
        raise_alarm(
            turn, AlarmKind.LONG_WAIT, f"{first.name or first.serial}: {sentence}", robot_id=head
        )
