"""Facts of the engine's own: its start, its journal and workers, and time itself.

What robots and people do is `observations`. The engine sends these like any other
fact, so that a replay of the journal sees the same trouble at the same row.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeadlineFell:
    """A time that the core asked for has come."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class JournalUnavailable:
    """The journal cannot be written, or lags too far."""

    at_ms: int
    why: str


@dataclass(frozen=True, slots=True)
class JournalRecovered:
    """The journal can be written again."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class WorkerChanged:
    """A process or connection of the engine went down or came back."""

    at_ms: int
    worker: str  # broker, recogniser, planner
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class EngineStarted:
    """The first row of every start: what ran with which site and model."""

    at_ms: int
    boot_id: str
    version: str
    site_id: str
    site_digest: str
    bundle: str
    bundle_digest: str
    floor_digest: str = ""  # of the tables decided upon; "" in journals from before it was noted


@dataclass(frozen=True, slots=True)
class RecordDoubted:
    """A witness of the journal says that this is not the journal we left.

    `named_seq` is the row that the witness names, `found_seq` where the journal ends or
    differs.
    """

    at_ms: int
    witness: str  # anchor, snapshot, ring, proof
    named_seq: int
    found_seq: int
    text: str


@dataclass(frozen=True, slots=True)
class PartBroke:
    """A part of the engine beside the core failed at its work for a robot, or for all.

    Only the kind of fault enters, nothing that differs between machines; the log has
    the rest.
    """

    robot_id: str  # "" if it was for no robot
    at_ms: int
    part: str  # session:state, effect:SendOrder, row:TaskMoved
    fault: str


EngineObservation = (
    DeadlineFell
    | JournalUnavailable
    | JournalRecovered
    | WorkerChanged
    | EngineStarted
    | RecordDoubted
    | PartBroke
)
