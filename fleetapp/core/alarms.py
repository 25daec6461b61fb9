"""Raising and ending alarms; one alarm for one cause, however often it shows.

The alarm's id is made of kind and subject, so that the same cause cannot raise
two. Priorities and texts for people stand in `fleetapp.engine.alarm_texts`.
"""

from fleetapp.core.decisions import AlarmEnded, AlarmRaised
from fleetapp.core.turn import Turn
from fleetapp.terms.reasons import AlarmKind


def alarm_id(kind: AlarmKind, subject: str) -> str:
    """The id of the alarm of this kind about this subject."""
    return f"{kind.value}:{subject}" if subject else kind.value


def raise_alarm(
    turn: Turn,
    kind: AlarmKind,
    cause: str,
    *,
    robot_id: str | None = None,
    task_id: str | None = None,
    subject: str = "",
) -> None:
    """Raise an alarm unless it is on already; `subject` tells causes of one kind apart."""
    key = alarm_id(kind, robot_id or task_id or subject)
    known = turn.draft.alarms.get(key)
    if known is not None and known.gone_ms is None:
        return
    turn.decide(AlarmRaised(turn.now_ms, key, kind, robot_id, task_id, cause))


def end_alarm(turn: Turn, kind: AlarmKind, subject: str = "") -> None:
    """End an alarm if it is on."""
    key = alarm_id(kind, subject)
    known = turn.draft.alarms.get(key)
    if known is not None and known.gone_ms is None:
        turn.decide(AlarmEnded(turn.now_ms, key))


def rule_alarm_subject(rule: str, robot_type: str) -> str:
    """Robots of one type for which the same rule failed are one cause."""
    return f"{rule}:{robot_type}" if robot_type else rule


def raise_rule_alarm(turn: Turn, rule: str, fault: str, robot_ids: tuple[str, ...]) -> None:
    """A rule of ours failed for these robots, or for all."""
    robot = turn.draft.robots.get(robot_ids[0]) if robot_ids else None
    subject = rule_alarm_subject(rule, robot.robot_type if robot is not None else "")
    key = alarm_id(AlarmKind.RULE_BROKEN, subject)
    known = turn.draft.alarms.get(key)
    if known is not None and known.gone_ms is None:
        return
    cause = f"The rule {rule} failed ({fault}) and was undone; the log has the details"
    first = robot.robot_id if robot is not None else None
    turn.decide(AlarmRaised(turn.now_ms, key, AlarmKind.RULE_BROKEN, first, None, cause))


def raise_halt_alarm(turn: Turn, rule: str) -> None:
    """A rule of ours failed, and nothing but the halt for it is known of that."""
    cause = f"The rule {rule} failed; the log has the details"
    raise_alarm(turn, AlarmKind.RULE_BROKEN, cause, subject=rule)
