"""A command whose id was used before: the same again, or another under the same id.

The same is done once, however often it is sent, and the answer says what became of it.
Another one is refused by name: taking it silently for the first would lose it.
"""

from fleetapp.api.commands import RESTRICTIVE
from fleetapp.core.known import (
    NOTHING,
    Known,
    UsedId,
    became_of,
    digest_of,
    said_of_use,
)
from fleetapp.core.observations import CommandGiven
from fleetapp.core.replies import Reply, done, refused
from fleetapp.core.turn import Turn
from fleetapp.terms.reasons import Refusal


def use_before(turn: Turn, message: CommandGiven) -> UsedId | None:
    """What the command's id was used for before; the journal remembers longest."""
    known = message.known or NOTHING
    return known.used or turn.draft.commands.get(message.command.command_id)


def answer_again(turn: Turn, message: CommandGiven, used: UsedId) -> Reply | None:
    """The answer to a used id; None if the command is to act all the same."""
    if used.digest in ("", digest_of(message.command)):
        return done(_became(turn, message.known or NOTHING, used), used.task_id or None)
    if isinstance(message.command, RESTRICTIVE):
        return None  # what restricts is not lost for an id that somebody used twice
    return refused(
        Refusal.DUPLICATE_COMMAND,
        f"The command id {message.command.command_id} was used before for {said_of_use(used)}, "
        "with other content: nothing was done. Give this command an id of its own.",
    )


def _became(turn: Turn, known: Known, used: UsedId) -> str:
    task = turn.draft.tasks.get(used.task_id) or known.task
    if used.what in ("", "SubmitTask") and task is not None and task.task_id == used.task_id:
        return became_of(task)
    return "This command was taken before; nothing was done twice."
