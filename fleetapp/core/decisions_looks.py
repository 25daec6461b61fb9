"""What the core concludes about packages: looks, verdicts, questions; part of `decisions`."""

from dataclasses import dataclass

from fleetapp.core.observations import SeenBox
from fleetapp.terms.modes import ReviewAnswer, Verification
from fleetapp.terms.reasons import Abstain


@dataclass(frozen=True, slots=True)
class LookExpected:
    """A robot looks at a package; a missing answer becomes a hold at `until_ms`."""

    robot_id: str
    task_id: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class RecognitionJudged:
    """What the gate concluded from a frame, or that none came in time."""

    at_ms: int
    robot_id: str
    task_id: str
    frame_id: str
    frame_sha256: str
    bundle_digest: str
    sure: bool
    abstain: Abstain | None
    verification: Verification | None
    sentence: str
    threshold_permille: int
    target: int | None  # index among the boxes


@dataclass(frozen=True, slots=True)
class ReviewOpened:
    """A question to a person about one frame."""

    at_ms: int
    review_id: str
    robot_id: str
    task_id: str
    frame_id: str
    station_id: str
    abstain: Abstain
    doubt: str
    meaning: str
    boxes: tuple[SeenBox, ...]
    target: int | None
    width_px: int
    height_px: int
    light_permille: int
    sharpness_permille: int
    threshold_permille: int
    bundle: str
    bundle_digest: str


@dataclass(frozen=True, slots=True)
class ReviewClosed:
    """A person answered a review, or it lost its object."""

    at_ms: int
    review_id: str
    answer: ReviewAnswer | None
    by: str
    note: str
    corrected_code: str | None
