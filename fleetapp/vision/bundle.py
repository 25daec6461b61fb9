"""A model bundle: a folder with weights, its card and the digests of both.

The digests are checked before anything is opened; weights are safetensors,
never pickle. What does not fit is refused with the reason.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

FORMAT = 1
FILES = ("weights.safetensors", "model.json")


class BundleError(ValueError):
    """A bundle that must not be used; the message names file and remedy."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the recogniser needs of the model card."""

    name: str
    version: str
    digest: str
    input_px: int
    least_score: float
    calibration: tuple[tuple[float, float], ...]  # raw score, share that was right
    darkest: float
    least_sharpness: float


def digest_of(path: Path) -> str:
    """SHA-256 of a file, hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_card(folder: Path) -> Card:
    """Check a bundle's digests and read its card.

    Raises:
        BundleError: if a file is missing, changed, or of an unknown format.
    """
    manifest = folder / "SHA256SUMS"
    if not manifest.exists():
        raise BundleError(f"{manifest} is missing: give a folder made by `fleetapp train`")
    lines = [line.split(maxsplit=1) for line in manifest.read_text("utf-8").splitlines()]
    listed = {line[1]: line[0] for line in lines if len(line) == 2}
    for name in FILES:
        path = folder / name
        if not path.exists():
            raise BundleError(f"{path} is missing: restore the bundle")
        if digest_of(path) != listed.get(name):
            raise BundleError(f"{path} was changed since the bundle was made: restore it")
    content = json.loads((folder / "model.json").read_text("utf-8"))
    if content.get("format") != FORMAT:
        raise BundleError(
            f"{folder / 'model.json'} has format {content.get('format')}, this program reads "
            f"{FORMAT}: use the program that made it"
        )
    return Card(
        content["name"],
        content["version"],
        listed["weights.safetensors"],
        int(content["input_px"]),
        float(content["least_score"]),
        tuple((float(a), float(b)) for a, b in content["calibration"]),
        float(content["gates"]["darkest"]),
        float(content["gates"]["least_sharpness"]),
    )


def write_manifest(folder: Path) -> None:
    """Record the digests of a bundle's files."""
    lines = [f"{digest_of(folder / name)}  {name}" for name in FILES]
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="utf-8")


def calibrated(card: Card, score: float) -> float:
    """The share of answers with such a raw score that were right, between table points."""
    before = (0.0, 0.0)
    for raw, right in card.calibration:
        if score <= raw:
            span = raw - before[0]
            part = (score - before[0]) / span if span > 0 else 1.0
            return before[1] + part * (right - before[1])
        before = (raw, right)
    return before[1]
