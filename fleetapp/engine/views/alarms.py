"""Alarms in words: title, effect, what to do, priority. One table.

Priorities: 1 a person or the floor may be in danger, 2 control of a robot or of
the fleet is lost, 3 a robot or task waits for a person, 4 advice.
"""

from dataclasses import dataclass, replace

from fleetapp.api.views import AlarmView
from fleetapp.core.alarms import alarm_id, rule_alarm_subject
from fleetapp.core.long_waits import long_waits
from fleetapp.core.state import Alarm, State
from fleetapp.engine.views.queue import robot_name
from fleetapp.engine.views.reasons import why_of
from fleetapp.terms.reasons import AlarmKind, HoldReason


@dataclass(frozen=True, slots=True)
class Words:
    """The fixed words of a kind of alarm; `{r}` is the robot's name, `{t}` the task's id."""

    priority: int
    title: str
    effect: str
    todo: tuple[str, ...]


WORDS: dict[AlarmKind, Words] = {
    AlarmKind.EMERGENCY_STOP: Words(
        1,
        "{r} reports an emergency stop",
        "It stands still and gets nothing until a person releases it.",
        ("Go to the robot and look why.", "Reset the stop there.", "A supervisor releases it."),
    ),
    AlarmKind.STOP_UNCONFIRMED: Words(
        1,
        "{r} does not confirm the stop",
        "It may still drive to the end of its base.",
        ("Keep people away from it.", "Stop it at the robot.", "Check its network."),
    ),
    AlarmKind.HOLD_UNCONFIRMED: Words(
        1,
        "{r} does not confirm its hold",
        "It may still drive to the end of its base.",
        ("Keep people away from it.", "Stop it at the robot.", "Check its network."),
    ),
    AlarmKind.LEFT_BASE: Words(
        1,
        "{r} is where it was not allowed to go",
        "It is held; robots that could meet it are paused.",
        (
            "Look where it stands.",
            "Move it onto a free node by hand, or remove it: the others go on.",
            "A supervisor releases it.",
        ),
    ),
    AlarmKind.RECORD_DOUBTED: Words(
        1,
        "The journal is not the one that was left",
        "Nothing is allowed to any robot until a supervisor decides. Stops and holds work.",
        (
            "Look where robots stand: the journal may not know what they were told.",
            "Keep a copy of the data folder; what speaks against the journal is in evidence/.",
            "A supervisor decides, with a reason, whether the fleet goes on.",
        ),
    ),
    AlarmKind.RULE_BROKEN: Words(
        1,
        "A rule of the fleet manager failed",
        "What it had begun was undone; the robots it was about stand still and are held.",
        (
            "Look where they stand; the others go on.",
            "A supervisor releases them, then it is tried again.",
            "Send the engine's log to whoever maintains it.",
        ),
    ),
    AlarmKind.ROBOT_SILENT: Words(
        2,
        "{r} is silent",
        "It keeps the floor it owns; others go round it.",
        ("Look whether it stands still.", "Check its network and power."),
    ),
    AlarmKind.ROBOT_FATAL: Words(
        2,
        "{r} reports a fault that needs a person",
        "It is held; its task waits.",
        ("Go to the robot.", "Clear the fault there.", "A supervisor releases it."),
    ),
    AlarmKind.JOURNAL_UNAVAILABLE: Words(
        2,
        "The journal cannot be written",
        "No robot gets anything new; all stop at the end of their base. Stops work.",
        ("Look for a full disk or another program on the database.", "It goes on by itself."),
    ),
    AlarmKind.BROKER_DOWN: Words(
        2,
        "No connection to the broker",
        "No robot can be reached; each stops at the end of its base.",
        ("Check the broker and the network.", "It reconnects by itself."),
    ),
    AlarmKind.RECOGNISER_DOWN: Words(
        2,
        "The recogniser does not answer",
        "Robots at packages wait, then are held.",
        ("It is started again by itself.", "If it stays: see the log of the recogniser."),
    ),
    AlarmKind.NO_ROUTE: Words(
        3,
        "{r} has no way to its goal",
        "It is held; its task waits.",
        ("Look for closed or occupied floor.", "Release it, or cancel its task."),
    ),
    AlarmKind.ROBOT_HELD: Words(
        3,
        "{r} is held and waits for a person",
        "Its task waits.",
        ("Read why in its inspector.", "A supervisor releases it."),
    ),
    AlarmKind.TASK_FAILED: Words(
        3,
        "{t} failed",
        "It is not done; tasks after it wait.",
        ("Queue it again on the Tasks page, or pick it by hand and cancel what follows it.",),
    ),
    AlarmKind.LONG_WAIT: Words(
        3,
        "{r} waits long",
        "Its task is late.",
        ("See what it waits for.", "If it is broken, move it by hand."),
    ),
    AlarmKind.FOREIGN_ORDER: Words(
        3,
        "{r} carries an order that is not ours",
        "It is not driven from here.",
        ("Find who ordered it.", "Let it end there, or cancel it at the robot."),
    ),
    AlarmKind.NOT_CHARGING: Words(
        3,
        "{r} does not charge",
        "It stands at its charger; it is told again every half minute.",
        ("Look whether it touches the charger.", "Look whether the charger has power."),
    ),
    AlarmKind.ROBOT_WARNING: Words(
        4, "{r} warns", "It goes on.", ("Have it looked at in the next break.",)
    ),
    AlarmKind.PAYLOAD_REJECTED: Words(
        4, "Messages of {r} are not used", "They are ignored.", ("Have its interface checked.",)
    ),
    AlarmKind.ROBOT_NOTICED: Words(
        4, "{r} asks to be admitted", "It gets nothing.", ("Admit it on the Robots page.",)
    ),
}


QUEUE_TODO = ("See why it stands, and end that.", "If it is broken, move it by hand.")
NAMED_IN_QUEUE = 3


def alarm_view(state: State, alarm: Alarm) -> AlarmView:
    """An alarm as the list shows it."""
    view = _plain_view(state, alarm)
    if view.kind is AlarmKind.LONG_WAIT and alarm.gone_ms is None:
        return _queue_view(state, view)
    if view.kind is AlarmKind.RULE_BROKEN:
        return replace(view, robot_ids=_broken_with(state, alarm.raised.alarm_id))
    return view


def _broken_with(state: State, key: str) -> tuple[str, ...]:
    """All robots of the type that the same rule failed for."""
    return tuple(
        robot.robot_id
        for robot in state.robots.values()
        for hold in robot.holds
        if hold.reason is HoldReason.RULE_BROKEN
        and key
        == alarm_id(AlarmKind.RULE_BROKEN, rule_alarm_subject(hold.evidence, robot.robot_type))
    )


def _queue_view(state: State, view: AlarmView) -> AlarmView:
    """A robot that holds others up: why it stands, and who waits for it."""
    head = view.robot_ids[0]
    queues = long_waits(state.robots, state.now_ms, state.rules)
    others = tuple(name for name in queues.get(head, ()) if name != head)
    if not others:
        return view
    names = [robot_name(state, robot_id) for robot_id in others]
    shown = names if len(names) <= NAMED_IN_QUEUE + 1 else names[:NAMED_IN_QUEUE]
    rest = len(names) - len(shown)
    listed = ", ".join(shown) + (f" and {rest} more" if rest else "")
    one = len(names) == 1
    why = why_of(state, state.robots[head]) if head in state.robots else None
    return replace(
        view,
        title=f"{robot_name(state, head)} holds up {names[0] if one else f'{len(names)} robots'}",
        cause=why.sentence if why is not None else view.cause,
        effect=f"{listed} waits; its task is late."
        if one
        else f"{listed} wait; their tasks are late.",
        todo=QUEUE_TODO,
        robot_ids=(head, *others),
    )


def _plain_view(state: State, alarm: Alarm) -> AlarmView:
    raised = alarm.raised
    words = WORDS[raised.kind]
    name = robot_name(state, raised.robot_id) or "somebody"
    return AlarmView(
        alarm_id=raised.alarm_id,
        kind=raised.kind,
        priority=words.priority,
        title=words.title.format(r=name, t=raised.task_id),
        cause=raised.cause,
        effect=words.effect,
        todo=words.todo,
        robot_ids=(raised.robot_id,) if raised.robot_id else (),
        raised_ms=raised.at_ms,
        gone_ms=alarm.gone_ms,
        acknowledged_by=alarm.acknowledged_by,
        count=alarm.count,
    )
