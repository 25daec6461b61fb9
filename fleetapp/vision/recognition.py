"""What the recogniser answers: plain values, no torch."""

from dataclasses import dataclass

from fleetapp.terms.reasons import Abstain


@dataclass(frozen=True, slots=True)
class Package:
    """A package in a frame: x, y, width, height in px; calibrated confidence 0 to 1."""

    bbox: tuple[float, float, float, float]
    label: str
    confidence: float
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recognition:
    """The answer to one frame; `abstain` is about the frame as a whole."""

    width: int
    height: int
    bundle: str
    abstain: Abstain | None
    ood_score: float
    light: float
    sharpness: float
    packages: tuple[Package, ...]
