"""What clients see of the fleet: plain frozen values, one table a kind.

Everything here travels as JSON (`fleetapp.api.codec`). Times are UTC
milliseconds of the engine's clock; positions are metres in the site frame.
A client never computes what may be said: sentences come from the engine, so
that desktop, API and command line say the same.
"""

from dataclasses import dataclass

from fleetapp.terms.modes import (
    LoadState,
    OperatingMode,
    Priority,
    ReviewAnswer,
    RobotState,
    Role,
    TaskState,
    Verification,
)
from fleetapp.terms.reasons import Abstain, AlarmKind, HaltReason, HoldReason, WaitCause


@dataclass(frozen=True, slots=True)
class Why:
    """Why a robot stands still: one sentence, since when, what ends it."""

    sentence: str
    cause: str  # a WaitCause or HoldReason value
    since_ms: int
    ends: str
    evidence: str
    blocker_id: str | None = None  # the robot in the way, if one is
    journal_seq: int | None = None


@dataclass(frozen=True, slots=True)
class HoldView:
    """One hold on a robot; several may lie on it at once."""

    reason: HoldReason
    since_ms: int
    by: str  # person or "system"
    note: str
    confirmed: bool  # the robot's own reports show it paused or standing still


@dataclass(frozen=True, slots=True)
class PoseView:
    """Where a robot is, straight from its last report; never used for decisions."""

    robot_id: str
    x_m: float
    y_m: float
    heading_rad: float
    at_ms: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A robot weighed for a task: its cost, or why it was out."""

    robot_id: str
    cost_ms: int | None
    out: str | None  # an Out value, None where cost_ms is given


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One past decision about a robot or task, in words."""

    at_ms: int
    text: str
    seq: int


@dataclass(frozen=True, slots=True)
class RobotView:
    """One robot as lists, map and inspector show it."""

    robot_id: str  # "MAKER/SERIAL"
    name: str
    robot_type: str  # "" while only noticed
    maker: str
    serial: str
    admitted: bool
    state: RobotState
    state_since_ms: int
    doing: str  # "Carrying to P3"; "Parked"
    place: str  # nearest station or node id, "" if unknown
    x_m: float | None
    y_m: float | None
    heading_rad: float | None
    battery_fraction: float | None
    charging: bool
    load: LoadState
    mode: OperatingMode
    task_id: str | None
    order_id: str | None
    why: Why | None
    holds: tuple[HoldView, ...]
    base: tuple[str, ...]  # node ids from the last passed to the decision point
    horizon: tuple[str, ...]  # node ids after the decision point to the goal
    remedy: str  # for a noticed or unusable robot: what a person can do; else ""
    last_report_ms: int | None
    protocol: str  # "2.1"
    quirks: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    software: str = ""
    story: tuple[StoryLine, ...] = ()  # newest first, at most 12


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task as lists and inspector show it."""

    task_id: str
    state: TaskState
    sku: str | None
    label_code: str | None
    count: int
    from_station: str
    to_station: str
    priority: Priority
    due_ms: int | None
    after_task_id: str | None
    created_ms: int
    created_by: str
    assigned_ms: int | None
    ended_ms: int | None
    robot_id: str | None
    step: int  # 0..5 of Drive, Look, Pick, To, Drop; 5 = all done
    sentence: str  # why it is where it is: "Waits for a free robot"
    load_is: str  # "at A05-14", "on r17", "at P4"
    verification: Verification | None
    candidates: tuple[Candidate, ...]  # at most 20, cheapest first
    candidates_out: tuple[tuple[str, int], ...]  # counts by reason beyond those
    may_go_alone: bool = False  # the task before it failed or was cancelled: a person decides


@dataclass(frozen=True, slots=True)
class AlarmView:
    """One alarm, grouped by root cause."""

    alarm_id: str
    kind: AlarmKind
    priority: int  # 1..4
    title: str
    cause: str
    effect: str
    todo: tuple[str, ...]  # numbered steps
    robot_ids: tuple[str, ...]
    raised_ms: int
    gone_ms: int | None
    acknowledged_by: str | None
    count: int


@dataclass(frozen=True, slots=True)
class SeenPackage:
    """A box the recogniser found, pixels of the frame it came from."""

    x_px: int
    y_px: int
    width_px: int
    height_px: int
    label: str  # class, "box"
    confidence: float
    codes: tuple[str, ...]
    is_target: bool


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A question to a person: is this the right package?

    The crop itself is fetched at `/v1/reviews/{review_id}/crop` (JPEG).
    """

    review_id: str
    robot_id: str
    task_id: str
    frame_id: str
    station: str
    asked_ms: int
    abstain: Abstain
    doubt: str  # the doubt in words
    meaning: str  # what the confidence means
    expected_sku: str | None
    expected_code: str | None
    frame_width_px: int
    frame_height_px: int
    crop_scale: float  # pixels of the crop per pixel of the frame
    packages: tuple[SeenPackage, ...]
    threshold: float
    light: float  # 0..1
    sharpness: float  # 0..1
    bundle: str
    bundle_digest: str
    answer: ReviewAnswer | None = None
    answered_by: str | None = None
    answered_ms: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ProcessView:
    """One of the engine's processes or connections."""

    name: str  # broker, recogniser, journal, engine, planner
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class StopView:
    """The fleet stop and what the robots' own reports say about it."""

    active: bool
    since_ms: int | None
    by: str
    sent_after_ms: int | None  # command to last publish
    standing: tuple[str, ...]  # robot ids standing still by their own reports
    sent: tuple[str, ...]  # told, no report yet
    no_answer: tuple[str, ...]  # silent past their limit
    still_after_ms: tuple[tuple[str, int], ...]  # robot id, stop to its report that it stands


NOT_STOPPED = StopView(
    active=False,
    since_ms=None,
    by="",
    sent_after_ms=None,
    standing=(),
    sent=(),
    no_answer=(),
    still_after_ms=(),
)


@dataclass(frozen=True, slots=True)
class HaltView:
    """Nothing is allowed, or one rule rests, until a supervisor decides."""

    halt_id: str
    reason: HaltReason
    whole: bool
    sentence: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class FleetView:
    """What is true of the whole fleet now."""

    site_id: str
    site_name: str
    layout_version: str
    at_ms: int
    started_ms: int
    stop: StopView
    processes: tuple[ProcessView, ...]
    robots_working: int
    robots_admitted: int
    tasks_open: int
    tasks_done: int
    tasks_failed: int
    tasks_done_last_hour: int
    done_per_minute: tuple[int, ...]  # the last 60 whole minutes, oldest first
    tasks_late: int
    tasks_due_done: int  # done in the last hour, of those with a due time
    tasks_on_time: int  # of these, done by then
    journal_seq: int
    journal_durable_seq: int
    journal_lag_ms: int
    rejected_payloads: int
    first_user_needed: bool
    halts: tuple[HaltView, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonView:
    """Someone signed in."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a client needs to begin."""

    seq: int
    at_ms: int
    fleet: FleetView
    robots: tuple[RobotView, ...]
    tasks: tuple[TaskView, ...]  # open ones and the last 500 ended
    alarms: tuple[AlarmView, ...]
    reviews: tuple[ReviewView, ...]  # open ones and the last 100 answered


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed since the snapshot or delta numbered `seq` - 1.

    Each tuple holds whole new values; `gone_*` ids are to be forgotten.
    """

    seq: int
    at_ms: int
    fleet: FleetView | None = None
    robots: tuple[RobotView, ...] = ()
    gone_robots: tuple[str, ...] = ()
    tasks: tuple[TaskView, ...] = ()
    gone_tasks: tuple[str, ...] = ()
    alarms: tuple[AlarmView, ...] = ()
    gone_alarms: tuple[str, ...] = ()
    reviews: tuple[ReviewView, ...] = ()
    gone_reviews: tuple[str, ...] = ()
    poses: tuple[PoseView, ...] = ()


@dataclass(frozen=True, slots=True)
class JournalRowView:
    """One journal row as the audit page and exports show it."""

    seq: int
    at_ms: int
    kind: str  # "input" or "decision"
    type: str
    title: str
    actor: str
    robot_id: str | None
    task_id: str | None
    order_id: str | None
    cause_seq: int | None
    body: str  # canonical JSON
    hash: str


@dataclass(frozen=True, slots=True)
class ProofView:
    """Up to where the chain was verified, and the first bad row if any."""

    verified_to_seq: int
    verified_at_ms: int
    ok: bool
    first_bad_seq: int | None
    message: str


__all__ = [
    "NOT_STOPPED",
    "AlarmView",
    "Candidate",
    "Delta",
    "FleetView",
    "HoldView",
    "JournalRowView",
    "PersonView",
    "PoseView",
    "ProcessView",
    "ProofView",
    "ReviewView",
    "RobotView",
    "SeenPackage",
    "Snapshot",
    "StopView",
    "StoryLine",
    "TaskView",
    "WaitCause",
    "Why",
]
