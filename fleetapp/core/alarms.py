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
) -> None:
    """Raise an alarm unless it is on already."""
    key = alarm_id(kind, robot_id or task_id or "")
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
