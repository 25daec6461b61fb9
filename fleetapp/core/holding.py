"""Putting a hold on a robot, once for each reason."""

from fleetapp.core.alarms import raise_alarm
from fleetapp.core.decisions import RobotHeld
from fleetapp.core.turn import Turn
from fleetapp.fleet.robot import Robot
from fleetapp.safety.holds import could_move
from fleetapp.terms.reasons import AlarmKind, HoldReason

SYSTEM = "system"

ALARM_OF: dict[HoldReason, AlarmKind] = {
    HoldReason.EMERGENCY_STOP: AlarmKind.EMERGENCY_STOP,
    HoldReason.LEFT_BASE: AlarmKind.LEFT_BASE,
    HoldReason.FATAL_ERROR: AlarmKind.ROBOT_FATAL,
    HoldReason.NO_ROUTE: AlarmKind.NO_ROUTE,
    HoldReason.NO_RECOGNITION: AlarmKind.ROBOT_HELD,
    HoldReason.ORDER_UNACKNOWLEDGED: AlarmKind.ROBOT_HELD,
    HoldReason.ORDER_REFUSED: AlarmKind.ROBOT_HELD,
    HoldReason.ACTION_FAILED: AlarmKind.ROBOT_HELD,
    HoldReason.LOAD_UNKNOWN: AlarmKind.ROBOT_HELD,
    HoldReason.FOUND_PAUSED: AlarmKind.ROBOT_HELD,
}


def hold(
    turn: Turn,
    robot_id: str,
    reason: HoldReason,
    *,
    note: str,
    evidence: str = "",
    by: str = SYSTEM,
    review_id: str | None = None,
) -> None:
    """Hold a robot for a reason; held for it already it is only told to stand, if it could move.

    One that is gone or not admitted is not ours to hold.
    """
    robot = turn.draft.robots.get(robot_id)
    if robot is None or not robot.admitted:
        return
    if any(known.reason is reason for known in robot.holds):
        tell_to_stand(turn, robot)
        return
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    turn.decide(
        RobotHeld(
            turn.now_ms,
            robot_id,
            reason,
            by,
            note,
            evidence,
            pause=could_move(robot, order),
            review_id=review_id,
        )
    )
    alarm = ALARM_OF.get(reason)
    if alarm is not None:
        raise_alarm(turn, alarm, note, robot_id=robot_id)


def tell_to_stand(turn: Turn, robot: Robot) -> None:
    """A held robot that could move meanwhile is told to stand still."""
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    if not robot.held or robot.pause_wanted or not could_move(robot, order):
        return
    first = robot.holds[0]
    turn.decide(
        RobotHeld(
            turn.now_ms,
            robot.robot_id,
            first.reason,
            first.by,
            first.note,
            first.evidence,
            pause=True,
            review_id=first.review_id,
        )
    )
