"""What follows from a person's command: done, or refused with rule and remedy.

Sending the same command id twice does it once, but for what restricts: a stop whose
id was used before, by whatever mistake, must not be lost, and to stop twice harms
nobody. Whether the person may is asked of `fleetapp.access` first.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fleetapp.access.roles import refusal
from fleetapp.api import commands as asked
from fleetapp.api.commands import Person
from fleetapp.core import answer_overrides as overrides
from fleetapp.core import answer_reviews as reviews
from fleetapp.core import answer_tasks as tasks
from fleetapp.core.answer_halts import end_halt
from fleetapp.core.decisions import (
    AlarmAcknowledged,
    CommandAccepted,
    CommandRefused,
    FleetStopped,
)
from fleetapp.core.holding import hold
from fleetapp.core.known import NOTHING, use_of
from fleetapp.core.observations import CommandGiven
from fleetapp.core.replies import Reply, done, refused
from fleetapp.core.same_again import answer_again, use_before
from fleetapp.core.turn import Turn
from fleetapp.terms.reasons import HoldReason, Refusal

ALWAYS_ACT = (asked.StopAll, asked.HoldRobot)


def on_command(turn: Turn, message: CommandGiven) -> None:
    """Answer a command; what it does was decided in rows after the answer's input."""
    command, person = message.command, message.person
    used = use_before(turn, message)
    reply = None
    if used is not None and not isinstance(command, ALWAYS_ACT):
        reply = answer_again(turn, message, used)
    reply = reply or _answer(turn, message)
    if reply.refusal is not None:
        turn.decide(
            CommandRefused(
                command.command_id,
                type(command).__name__,
                person.name,
                reply.refusal,
                reply.message,
            )
        )
        return
    used = used or use_of(command, reply.task_id)
    turn.decide(CommandAccepted(command.command_id, reply.message, reply.task_id, used))


def _answer(turn: Turn, message: CommandGiven) -> Reply:
    command, person, known = message.command, message.person, message.known
    not_allowed = refusal(command, person)
    if not_allowed is not None:
        return refused(not_allowed, ACCESS_TEXTS[not_allowed])
    if not turn.draft.journal_ok and not isinstance(command, WHILE_UNRECORDED):
        return refused(
            Refusal.JOURNAL_UNAVAILABLE,
            "The journal cannot be written, so nothing new is taken or allowed; stops and holds "
            "work. Give the command again when the alarm about the journal has ended.",
        )
    if known is not None and not known.readable and not isinstance(command, asked.RESTRICTIVE):
        return refused(
            Refusal.JOURNAL_UNAVAILABLE,
            "The journal cannot be read, so it is not known whether this was asked before: "
            "nothing was done. Give the command again; stops, holds and cancels work.",
        )
    if isinstance(command, asked.SubmitTask):
        return tasks.submit(turn, command, person, known or NOTHING)
    return ANSWERS[type(command)](turn, command, person)


# While the journal cannot be written nothing else is taken: what is not recorded is not
# allowed, and a task that a crash would lose is better refused than promised.
WHILE_UNRECORDED = asked.RESTRICTIVE

ACCESS_TEXTS: dict[Refusal, str] = {
    Refusal.NOT_SIGNED_IN: "Only a signed-in supervisor may do this: sign in and repeat it.",
    Refusal.ROLE_TOO_LOW: "Only a supervisor may do this: let a supervisor sign for it.",
    Refusal.REASON_MISSING: "A reason is needed: say why in a few words.",
}


def _stop_all(turn: Turn, command: asked.StopAll, person: Person) -> Reply:
    robots = tuple(sorted(r.robot_id for r in turn.draft.robots.values() if r.admitted))
    turn.decide(FleetStopped(turn.now_ms, person.name, command.reason, robots))
    return done(f"Stop sent to {len(robots)} robots. This is not a safety function.")


def _hold(turn: Turn, command: asked.HoldRobot, person: Person) -> Reply:
    robot = turn.draft.robots.get(command.robot_id)
    if robot is None or not robot.admitted:
        return refused(
            Refusal.UNKNOWN_ROBOT, f"There is no admitted robot {command.robot_id!r}: check its id."
        )
    hold(
        turn,
        robot.robot_id,
        HoldReason.BY_PERSON,
        note=command.reason,
        by=person.name,
    )
    return done(f"{robot.name} is held.")


def _acknowledge(turn: Turn, command: asked.AcknowledgeAlarm, person: Person) -> Reply:
    if command.alarm_id not in turn.draft.alarms:
        return refused(Refusal.UNKNOWN_ALARM, f"There is no alarm {command.alarm_id!r} any more.")
    turn.decide(AlarmAcknowledged(command.alarm_id, person.name))
    return done("Acknowledged.")


ANSWERS: Mapping[type, Callable[[Turn, Any, Person], Reply]] = {
    asked.SubmitTask: tasks.submit,
    asked.CancelTask: tasks.cancel,
    asked.RequeueTask: tasks.requeue,
    asked.HoldRobot: _hold,
    asked.ReleaseHold: overrides.release_hold,
    asked.StopAll: _stop_all,
    asked.ReleaseAll: overrides.release_all,
    asked.AdmitRobot: overrides.admit,
    asked.RemoveRobot: overrides.remove,
    asked.AnswerReview: reviews.answer,
    asked.AcknowledgeAlarm: _acknowledge,
    asked.EndHalt: end_halt,
}
