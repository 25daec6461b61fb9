"""Whom and what a message is about: the columns that the journal is searched by."""

from dataclasses import dataclass

from fleetapp.api import commands as asked
from fleetapp.core.decisions import Decision
from fleetapp.core.observations import AccessRecorded, CommandGiven, Input


@dataclass(frozen=True, slots=True)
class Subject:
    """Ids named by a message; None where it names none."""

    robot_id: str | None
    task_id: str | None
    order_id: str | None
    order_update_id: int | None
    actor: str


def about(message: Input | Decision) -> Subject:
    """The ids that a message names, and who acted ("core", a person or a robot)."""
    if isinstance(message, CommandGiven):
        return _of_command(message.command, message.person.name)
    if isinstance(message, AccessRecorded):
        return Subject(None, None, None, None, message.person)
    robot_id = getattr(message, "robot_id", None) or None
    return Subject(
        robot_id,
        getattr(message, "task_id", None),
        getattr(message, "order_id", None) or None,
        getattr(message, "order_update_id", getattr(message, "update_id", None)),
        getattr(message, "by", None) or "core",
    )


def _of_command(command: asked.Command, actor: str) -> Subject:
    robot_id = getattr(command, "robot_id", None)
    task_id = getattr(command, "task_id", None)
    return Subject(robot_id, task_id, None, None, actor)
