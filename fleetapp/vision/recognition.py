"""What the recogniser answers: plain values, no torch."""

from dataclasses import dataclass

from fleetapp.terms.reasons import Abstain


@dataclass(frozen=True, slots=True)
class Package:
    """A package in a frame: x, y, width, height in px; calibrated confidence 0 to 1.

    `abstain` is set where the package is too doubtful to act on, whatever the task.
    """

    bbox: tuple[float, float, float, float]
    label: str
    confidence: float
    codes: tuple[str, ...] = ()
    abstain: Abstain | None = None


@dataclass(frozen=True, slots=True)
class Recognition:
    """The answer to one frame; `abstain` is about the frame as a whole.

    `light`, `sharpness` and `ood_score` (how unlike the training photographs the
    frame is) lie between 0 and 1.
    """

    width: int
    height: int
    bundle: str
    bundle_digest: str
    abstain: Abstain | None
    ood_score: float
    light: float
    sharpness: float
    packages: tuple[Package, ...]
