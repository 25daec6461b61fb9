"""What the core concludes: past tense, frozen, each with its reason.

A decision holds all that `evolve` needs to change the state, so that a restart
folds the recorded rows and decides nothing again (DESIGN.md section 3).
"""

from dataclasses import dataclass

from fleetapp.core.decisions_driving import (
    BaseExtended,
    CancelOrdered,
    ChargingAsked,
    FloorDoubted,
    FloorFreed,
    FloorTaken,
    HomeGiven,
    OrderEnded,
    OrderIssued,
    PlanDropped,
    PlanRequested,
    RobotWaits,
    RouteReplaced,
    WaitEnded,
)
from fleetapp.core.decisions_guard import HaltBegan, HaltEnded, RuleBroke
from fleetapp.core.decisions_looks import (
    LookExpected,
    RecognitionJudged,
    ReviewClosed,
    ReviewOpened,
)
from fleetapp.core.known import UsedId
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import TaskState, Verification
from fleetapp.terms.reasons import AlarmKind, HoldReason, Refusal

__all__ = [
    "AlarmAcknowledged",
    "AlarmEnded",
    "AlarmRaised",
    "BaseExtended",
    "CancelOrdered",
    "ChargingAsked",
    "CommandAccepted",
    "CommandRefused",
    "Decision",
    "FleetReleased",
    "FleetStopped",
    "FloorDoubted",
    "FloorFreed",
    "FloorTaken",
    "HaltBegan",
    "HaltEnded",
    "HoldReleased",
    "HomeGiven",
    "LookExpected",
    "OrderEnded",
    "OrderIssued",
    "PlanDropped",
    "PlanRequested",
    "RecognitionJudged",
    "RemedyShown",
    "ReviewClosed",
    "ReviewOpened",
    "RobotAdmitted",
    "RobotFellSilent",
    "RobotHeld",
    "RobotPaused",
    "RobotRemoved",
    "RobotResumed",
    "RobotSpokeAgain",
    "RobotWaits",
    "RouteReplaced",
    "RuleBroke",
    "TaskAccepted",
    "TaskAssigned",
    "TaskFreed",
    "TaskMoved",
    "WaitEnded",
    "Weighed",
]


@dataclass(frozen=True, slots=True)
class CommandAccepted:
    """A person's command was taken; what it does follows in rows of its own.

    `used` is what the id is used for from now on, None in journals from before it was noted.
    """

    command_id: str
    message: str
    task_id: str | None = None
    used: UsedId | None = None


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """A person's command was not taken; nothing of it was done."""

    command_id: str
    what: str
    by: str
    refusal: Refusal
    message: str


@dataclass(frozen=True, slots=True)
class TaskAccepted:
    """The fleet took a task over."""

    task: Task

    @property
    def task_id(self) -> str:
        """The task's id."""
        return self.task.task_id


@dataclass(frozen=True, slots=True)
class Weighed:
    """A robot weighed for a task: its cost, or why it was out."""

    robot_id: str
    cost_ms: int | None
    out: str | None


@dataclass(frozen=True, slots=True)
class TaskAssigned:
    """A robot got a task: the cheapest of those weighed over all open tasks."""

    at_ms: int
    task_id: str
    robot_id: str
    cost_ms: int
    candidates: tuple[Weighed, ...]  # at most 20
    out_counts: tuple[tuple[str, int], ...]  # the rest, by reason


@dataclass(frozen=True, slots=True)
class TaskMoved:
    """A task went on in its life cycle."""

    at_ms: int
    task_id: str
    state: TaskState
    reason: str
    robot_id: str | None = None
    verification: Verification | None = None


@dataclass(frozen=True, slots=True)
class TaskFreed:
    """A person sent a task on without the one that should come first. Permissive."""

    at_ms: int
    task_id: str
    after_task_id: str
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class RobotHeld:
    """A robot stands still until a person releases it. Restrictive.

    `pause` says whether it could move and so is told to pause.
    """

    at_ms: int
    robot_id: str
    reason: HoldReason
    by: str
    note: str
    evidence: str
    pause: bool
    review_id: str | None = None


@dataclass(frozen=True, slots=True)
class RobotPaused:
    """A robot stands still while another is somewhere near it off its floor. Restrictive."""

    at_ms: int
    robot_id: str
    stray_id: str


@dataclass(frozen=True, slots=True)
class RobotResumed:
    """The other robot is found again or gone, or a person looked. Permissive."""

    at_ms: int
    robot_id: str
    stray_id: str
    by: str
    note: str
    resume: bool  # nothing else keeps it: it is told to go on


@dataclass(frozen=True, slots=True)
class HoldReleased:
    """A person ended holds of a robot. Permissive."""

    at_ms: int
    robot_id: str
    reasons: tuple[HoldReason, ...]
    by: str
    note: str
    resume: bool  # nothing else holds it: it is told to go on


@dataclass(frozen=True, slots=True)
class FleetStopped:
    """Every admitted robot is told to stand still. Restrictive; not a safety function."""

    at_ms: int
    by: str
    note: str
    robot_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FleetReleased:
    """The fleet stop ended. Permissive."""

    at_ms: int
    by: str
    note: str
    resume: tuple[str, ...]  # robots that nothing else holds


@dataclass(frozen=True, slots=True)
class AlarmRaised:
    """Something abnormal that a person should know of."""

    at_ms: int
    alarm_id: str
    kind: AlarmKind
    robot_id: str | None
    task_id: str | None
    cause: str


@dataclass(frozen=True, slots=True)
class AlarmEnded:
    """The cause of an alarm is gone."""

    at_ms: int
    alarm_id: str


@dataclass(frozen=True, slots=True)
class AlarmAcknowledged:
    """A person has seen an alarm."""

    alarm_id: str
    by: str


@dataclass(frozen=True, slots=True)
class RobotAdmitted:
    """A robot may be driven from now on."""

    at_ms: int
    robot_id: str
    robot_type: str
    name: str
    by: str


@dataclass(frozen=True, slots=True)
class RobotRemoved:
    """A robot gets nothing any more."""

    at_ms: int
    robot_id: str
    by: str


@dataclass(frozen=True, slots=True)
class RemedyShown:
    """Why a robot cannot be driven now, and what a person can do; "" when nothing is wrong."""

    robot_id: str
    remedy: str


@dataclass(frozen=True, slots=True)
class RobotFellSilent:
    """No fresh report within its limit. It keeps the floor it owns."""

    at_ms: int
    robot_id: str
    limit_ms: int


@dataclass(frozen=True, slots=True)
class RobotSpokeAgain:
    """A silent robot reports again."""

    at_ms: int
    robot_id: str


Decision = (
    CommandAccepted
    | CommandRefused
    | TaskAccepted
    | TaskAssigned
    | TaskMoved
    | TaskFreed
    | PlanRequested
    | PlanDropped
    | OrderIssued
    | RouteReplaced
    | BaseExtended
    | FloorTaken
    | FloorDoubted
    | FloorFreed
    | OrderEnded
    | CancelOrdered
    | RobotWaits
    | WaitEnded
    | RobotHeld
    | RobotPaused
    | RobotResumed
    | LookExpected
    | HoldReleased
    | FleetStopped
    | FleetReleased
    | RecognitionJudged
    | ReviewOpened
    | ReviewClosed
    | AlarmRaised
    | AlarmEnded
    | AlarmAcknowledged
    | RobotAdmitted
    | RobotRemoved
    | HomeGiven
    | RemedyShown
    | RobotFellSilent
    | RobotSpokeAgain
    | ChargingAsked
    | RuleBroke
    | HaltBegan
    | HaltEnded
)
