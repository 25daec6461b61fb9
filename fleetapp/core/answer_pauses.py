"""What follows from what reports say of a pause: proved, missing, or undone.

A stop or hold that the reports do not show, or that they contradict again and again,
is an alarm of priority 1. It ends when a report shows the pause, or when nobody wishes it
any more: whoever released it, and whatever the robot says or does not say.
"""

from fleetapp.core import observations as seen
from fleetapp.core.alarms import end_alarm, raise_alarm
from fleetapp.core.turn import Turn
from fleetapp.terms.reasons import AlarmKind

UNCONFIRMED = (AlarmKind.HOLD_UNCONFIRMED, AlarmKind.STOP_UNCONFIRMED)
ALARMED_TIMES = 3  # once may be a person at the robot, or a report that was late


def on_confirmed(turn: Turn, message: seen.PauseConfirmed) -> None:
    """The reports show what was told: the alarm about it is over."""
    _end(turn, message.robot_id)


def on_standstill(turn: Turn, message: seen.StandstillSeen) -> None:
    """It stands, as far as its reports can say."""
    _end(turn, message.robot_id)


def on_unconfirmed(turn: Turn, message: seen.PauseUnconfirmed) -> None:
    """A stop that the robot's reports do not confirm."""
    if message.paused:
        _raise(turn, message.robot_id, "It was told to stand still, and its reports do not show it")


def on_contradicted(turn: Turn, message: seen.PauseContradicted) -> None:
    """It was told again at once; if it goes on like that a person must know."""
    if message.times >= ALARMED_TIMES:
        _raise(
            turn,
            message.robot_id,
            f"It was told to stand still, and its reports took that back {message.times} times",
        )


def _raise(turn: Turn, robot_id: str, cause: str) -> None:
    robot = turn.draft.robots.get(robot_id)
    if robot is None or not robot.pause_wanted:
        return
    kind = AlarmKind.STOP_UNCONFIRMED if turn.draft.stop else AlarmKind.HOLD_UNCONFIRMED
    raise_alarm(turn, kind, cause, robot_id=robot_id)


def _end(turn: Turn, robot_id: str) -> None:
    for kind in UNCONFIRMED:
        end_alarm(turn, kind, robot_id)


def end_pause_alarms(turn: Turn) -> None:
    """End the alarms about stops and holds that are over."""
    for alarm in tuple(turn.draft.alarms.values()):
        if alarm.raised.kind not in UNCONFIRMED or alarm.gone_ms is not None:
            continue
        robot_id = alarm.raised.robot_id or ""
        robot = turn.draft.robots.get(robot_id)
        if robot is None or not robot.pause_wanted:
            end_alarm(turn, alarm.raised.kind, robot_id)
