"""What is known of the ids that a command names: used before, by what, with what outcome.

The state remembers the newest tasks and commands; the journal all of them. What it
knows enters with the command, as part of the recorded input, so that a replay decides
the same without it.
"""

import hashlib
from dataclasses import dataclass, replace

import msgspec

from fleetapp.api import commands as asked
from fleetapp.api.commands import Command
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import TaskState


@dataclass(frozen=True, slots=True)
class UsedId:
    """What a command id was used for first; the digest is "" in journals from before it."""

    what: str  # the name of the command
    digest: str  # of its content
    task_id: str = ""  # of the task that it was about
    about: str = ""  # of the robot, review or alarm that it was about


@dataclass(frozen=True, slots=True)
class Known:
    """What the journal knows; nothing known is no value at all.

    `task` is the task of the wanted id, or the one that the command id was used for: its
    content as it was taken, its last state, and the reason of that as its note.
    """

    used: UsedId | None = None
    task: Task | None = None
    before: TaskState | None = None  # last state of the task that should come first
    readable: bool = True  # False: the journal could not be asked


NOTHING = Known()


def digest_of(command: Command) -> str:
    """The content of a command without its id, as a short hash."""
    body = msgspec.json.encode(replace(command, command_id=""), order="sorted")
    named = type(command).__name__.encode() + b" " + body
    return hashlib.sha256(named).hexdigest()[:32]


def use_of(command: Command, task_id: str | None) -> UsedId:
    """What a command's id is used for by it; the task it was about, if it made or named one."""
    names = ("robot_id", "review_id", "alarm_id", "halt_id")
    about = next((str(getattr(command, n)) for n in names if getattr(command, n, None)), "")
    return UsedId(type(command).__name__, digest_of(command), task_id or "", about)


# A field of a command beside that of the task it made, and what people call it.
CONTENT: tuple[tuple[str, str, str], ...] = (
    ("sku", "sku", "SKU"),
    ("label_code", "label_code", "label code"),
    ("count", "count", "count"),
    ("from_station", "from_station", "from"),
    ("to_station", "to_station", "to"),
    ("priority", "priority", "priority"),
    ("due_ms", "due_ms", "due time"),
    ("after_task_id", "after_task_id", "task before it"),
    ("robot_id", "wished_robot_id", "robot"),
)


def difference(command: asked.SubmitTask, task: Task) -> str:
    """What a task has that the command does not want so, "" if it is the same."""
    for wanted_name, had_name, words in CONTENT:
        wanted, had = getattr(command, wanted_name), getattr(task, had_name)
        if wanted != had:
            return f"its {words} is {_said(had)}, not {_said(wanted)}"
    return ""


def _said(value: object) -> str:
    return "none" if value is None else str(value)


STATE_WORDS: dict[TaskState, str] = {
    TaskState.QUEUED: "is queued",
    TaskState.ASSIGNED: "is under way",
    TaskState.DRIVING_TO_PICK: "is under way",
    TaskState.LOOKING: "is under way",
    TaskState.IN_REVIEW: "waits for a person",
    TaskState.PICKING: "is being picked",
    TaskState.CARRYING: "is being carried",
    TaskState.DROPPING: "is being handed over",
    TaskState.RETURNING: "is being brought back",
    TaskState.DONE: "is done",
    TaskState.FAILED: "has failed",
    TaskState.CANCELLED: "was cancelled",
}
ENDED = frozenset({TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED})


def became_of(task: Task) -> str:
    """The sentence for somebody who orders a task again."""
    why = f" ({task.note})" if task.note and task.state in ENDED else ""
    return f"Task {task.task_id} was taken before: it {STATE_WORDS[task.state]}{why}."


USE_WORDS: dict[str, str] = {
    "SubmitTask": "ordering task {task}",
    "CancelTask": "cancelling task {task}",
    "RequeueTask": "queueing task {task} again",
    "HoldRobot": "holding {about}",
    "ReleaseHold": "releasing {about}",
    "StopAll": "stopping all robots",
    "ReleaseAll": "releasing all robots",
    "EndHalt": "ending the halt {about}",
    "AdmitRobot": "admitting {about}",
    "RemoveRobot": "removing {about}",
    "AnswerReview": "answering review {about}",
    "AcknowledgeAlarm": "acknowledging alarm {about}",
}


def said_of_use(used: UsedId) -> str:
    """What an id was used for, in words."""
    words = USE_WORDS.get(used.what, "another command")
    return words.format(task=used.task_id, about=used.about)
