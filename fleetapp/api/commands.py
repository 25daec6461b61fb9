"""What a person may ask of the fleet: the bodies of the HTTP commands.

The person and role come from the sign-in, never from the body. Every command
carries an id of the client's making, so that sending it twice does it once (a stop
and a hold act each time).
"""

from dataclasses import dataclass

from fleetapp.terms.modes import Priority, ReviewAnswer, Role


@dataclass(frozen=True, slots=True)
class SubmitTask:
    """Order a pick: what, from where, to where."""

    command_id: str
    from_station: str
    to_station: str
    sku: str | None = None
    label_code: str | None = None
    count: int = 1
    priority: Priority = Priority.NORMAL
    due_ms: int | None = None
    after_task_id: str | None = None
    task_id: str | None = None  # the warehouse's own id; made from command_id if absent
    robot_id: str | None = None  # a wish: only this robot


@dataclass(frozen=True, slots=True)
class CancelTask:
    """Give a task up; what happens to a load follows DESIGN.md section 5."""

    command_id: str
    task_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RequeueTask:
    """Put a failed or stuck task back into the queue, or send one on without its predecessor."""

    command_id: str
    task_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HoldRobot:
    """One robot stands still until released."""

    command_id: str
    robot_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """Supervisor: end the holds of one robot."""

    command_id: str
    robot_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class StopAll:
    """Every admitted robot stands still. Not a safety function."""

    command_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseAll:
    """Supervisor: end the fleet stop."""

    command_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class AdmitRobot:
    """Supervisor: let a robot join, known from now on under a name and type."""

    command_id: str
    robot_id: str
    robot_type: str
    name: str


@dataclass(frozen=True, slots=True)
class RemoveRobot:
    """Supervisor: the robot gets nothing any more."""

    command_id: str
    robot_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AnswerReview:
    """A person answers for one item."""

    command_id: str
    review_id: str
    answer: ReviewAnswer
    reason: str
    corrected_code: str | None = None


@dataclass(frozen=True, slots=True)
class AcknowledgeAlarm:
    """Someone has seen the alarm."""

    command_id: str
    alarm_id: str


@dataclass(frozen=True, slots=True)
class EndHalt:
    """Supervisor: let the fleet go on after it was halted."""

    command_id: str
    halt_id: str
    reason: str


Command = (
    SubmitTask
    | CancelTask
    | RequeueTask
    | HoldRobot
    | ReleaseHold
    | StopAll
    | ReleaseAll
    | AdmitRobot
    | RemoveRobot
    | AnswerReview
    | AcknowledgeAlarm
    | EndHalt
)

# What takes something from robots or tells nobody to move: taken even while the journal
# cannot be written, and sent on a way of its own.
RESTRICTIVE = (StopAll, HoldRobot, CancelTask, AcknowledgeAlarm)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The engine's answer to a command, once decided (not: once carried out)."""

    command_id: str
    accepted: bool
    reason: str  # a Refusal value, "" if accepted
    message: str  # the sentence for the person, with the remedy if refused
    task_id: str | None = None
    recorded: bool = True  # False: in force, but a crash now would lose it


@dataclass(frozen=True, slots=True)
class Person:
    """Who gives a command."""

    name: str
    role: Role
    signed_in: bool  # False: only the run file's token ("local")
