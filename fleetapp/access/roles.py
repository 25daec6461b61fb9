"""Who may give which command: one table, and what is not in it nobody may.

An operator orders, cancels, holds, stops and answers reviews; only a signed-in
supervisor releases, admits and removes. A release and an answer say why. Whoever holds the run
file's token alone is the operator "local", not signed in.
"""

from fleetapp.api import commands as asked
from fleetapp.api.commands import Command, Person
from fleetapp.terms.modes import Role
from fleetapp.terms.reasons import Refusal

ANYBODY: frozenset[type] = frozenset(
    {
        asked.SubmitTask,
        asked.CancelTask,
        asked.RequeueTask,
        asked.HoldRobot,
        asked.StopAll,
        asked.AnswerReview,
        asked.AcknowledgeAlarm,
    }
)
SUPERVISOR: frozenset[type] = frozenset(
    {asked.ReleaseHold, asked.ReleaseAll, asked.AdmitRobot, asked.RemoveRobot, asked.EndHalt}
)
WITH_REASON: frozenset[type] = frozenset(
    {asked.ReleaseHold, asked.ReleaseAll, asked.AnswerReview, asked.EndHalt}
)


def refusal(command: Command, person: Person) -> Refusal | None:
    """Why this person may not give this command, None if they may."""
    kind = type(command)
    if kind not in ANYBODY | SUPERVISOR:
        return Refusal.ROLE_TOO_LOW
    if kind in SUPERVISOR and not person.signed_in:
        return Refusal.NOT_SIGNED_IN
    if kind in SUPERVISOR and person.role is not Role.SUPERVISOR:
        return Refusal.ROLE_TOO_LOW
    if kind in WITH_REASON and not command.reason.strip():  # type: ignore[union-attr]
        return Refusal.REASON_MISSING
    return None
