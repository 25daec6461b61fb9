"""The core's answer to a command: taken, or refused by a named rule."""

from dataclasses import dataclass

from fleetapp.terms.reasons import Refusal


@dataclass(frozen=True, slots=True)
class Reply:
    """`refusal` is None if the command was taken."""

    refusal: Refusal | None
    message: str
    task_id: str | None = None


def done(message: str, task_id: str | None = None) -> Reply:
    """The command was taken."""
    return Reply(None, message, task_id)


def refused(refusal: Refusal, message: str) -> Reply:
    """The command was not taken; the message names rule and remedy."""
    return Reply(refusal, message)
