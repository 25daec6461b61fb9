"""A model bundle: a folder with weights, its card and the digests of both.

Each file is read once, its digest is checked, and the bytes that were checked are
the bytes that are used. Weights are safetensors, never pickle. What does not fit
is refused with the reason. Who made a bundle is not proven here: there is no
signature yet.
"""

import hashlib
import itertools
import json
import math
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

FORMAT = 1
MANIFEST = "SHA256SUMS"
WEIGHTS = "weights.safetensors"
CARD = "model.json"
FILES = (WEIGHTS, CARD)
INPUT_STEP_PX = 32  # the coarsest feature map has this stride
LARGEST_INPUT_PX = 1280


class DetectorKind(StrEnum):
    """Which detector a bundle's weights belong to."""

    HEAT_MAP = "heat-map"
    GRIDS = "grids"


class BundleError(ValueError):
    """A bundle that must not be used; the message names file and remedy."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """From a raw score to the share of such answers that were right.

    Large boxes have a table of their own: `large_from` is the share of the frame's
    longer side, as `size_share` gives it. A table's points rise in both columns;
    between them, and from 0 to the first, the confidence is a straight line.
    """

    large_from: float
    small: tuple[tuple[float, float], ...]
    large: tuple[tuple[float, float], ...]

    def confidence(self, score: float, share: float) -> float:
        """The confidence in a box with this raw score and size share."""
        before = (0.0, 0.0)
        for raw, right in self.large if share >= self.large_from else self.small:
            if score <= raw:
                span = raw - before[0]
                part = (score - before[0]) / span if span > 0 else 1.0
                return before[1] + part * (right - before[1])
            before = (raw, right)
        return before[1]


@dataclass(frozen=True, slots=True)
class Card:
    """What the recogniser needs of the model card.

    `digest` is that of the manifest, so it stands for weights and card together.
    """

    name: str
    version: str
    digest: str
    label: str
    detector: DetectorKind
    input_px: int
    report_confidence: float  # packages below are not reported
    sure_confidence: float  # packages below are not acted on
    calibration: Calibration
    darkest: float
    least_sharpness: float
    strange_distance: float  # distance from the training photographs that scores 0.5


@dataclass(frozen=True, slots=True)
class Bundle:
    """A checked card and the checked bytes of its weights."""

    card: Card
    weights: bytes


def digest_of(path: Path) -> str:
    """SHA-256 of a file, hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_bundle(folder: Path) -> Bundle:
    """Check a bundle's digests, then read it.

    Raises:
        BundleError: if a file is missing, changed, or not of this format.
    """
    manifest = _read(folder / MANIFEST)
    listed = _listed(manifest, folder / MANIFEST)
    content = {name: _read(folder / name) for name in FILES}
    for name in FILES:
        if hashlib.sha256(content[name]).hexdigest() != listed.get(name):
            raise BundleError(
                f"{folder / name} is not the file that {MANIFEST} lists: restore the bundle"
            )
    card = card_of(content[CARD], hashlib.sha256(manifest).hexdigest(), folder / CARD)
    return Bundle(card, content[WEIGHTS])


def read_card(folder: Path) -> Card:
    """The card of a bundle whose digests are right; as `read_bundle`."""
    return read_bundle(folder).card


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError(
            f"{path} cannot be read ({error.strerror}): give a folder made by `fleetapp train`"
        ) from error


def _listed(manifest: bytes, path: Path) -> dict[str, str]:
    """File names and their digests, as `sha256sum` writes them."""
    try:
        lines = [line.split(maxsplit=1) for line in manifest.decode("utf-8").splitlines()]
    except UnicodeDecodeError as error:
        raise BundleError(f"{path} is no list of digests: restore the bundle") from error
    return {line[1]: line[0] for line in lines if len(line) == 2}


def card_of(body: bytes, digest: str, path: Path) -> Card:
    """Read a card; the path is for the message only.

    Raises:
        BundleError: naming what does not fit.
    """
    content = _object(body, path)
    if content.get("format") != FORMAT:
        raise BundleError(
            f"{path} has format {content.get('format')}, this program reads {FORMAT}: "
            "use the program that made it"
        )
    try:
        card = _card(content, digest)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise BundleError(f"{path} is no model card ({error!r}): restore the bundle") from error
    _check(card, path)
    return card


def _object(body: bytes, path: Path) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except ValueError as error:
        raise BundleError(f"{path} is not JSON ({error}): restore the bundle") from error
    if not isinstance(content, dict):
        raise BundleError(f"{path} is no JSON object: restore the bundle")
    return content


def _card(content: dict[str, Any], digest: str) -> Card:
    thresholds, gates = content["thresholds"], content["gates"]
    return Card(
        name=str(content["name"]),
        version=str(content["version"]),
        digest=digest,
        label=str(content["classes"][0]),
        # The first bundles had one kind and did not name it.
        detector=DetectorKind(content.get("detector", DetectorKind.HEAT_MAP)),
        input_px=int(content["input_px"]),
        report_confidence=float(thresholds["report"]),
        sure_confidence=float(thresholds["sure"]),
        calibration=Calibration(
            float(content["calibration"]["large_from"]),
            _table(content["calibration"]["small"]),
            _table(content["calibration"]["large"]),
        ),
        darkest=float(gates["darkest"]),
        least_sharpness=float(gates["least_sharpness"]),
        strange_distance=float(content["strange_distance"]),
    )


def _table(points: list[list[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(raw), float(right)) for raw, right in points)


def _check(card: Card, path: Path) -> None:
    if card.input_px % INPUT_STEP_PX or not INPUT_STEP_PX <= card.input_px <= LARGEST_INPUT_PX:
        raise BundleError(
            f"{path}: input_px is {card.input_px}, expected a multiple of {INPUT_STEP_PX} "
            f"up to {LARGEST_INPUT_PX}"
        )
    if not 0 <= card.report_confidence <= card.sure_confidence <= 1:
        raise BundleError(
            f"{path}: thresholds are {card.report_confidence} and {card.sure_confidence}, "
            "expected 0 <= report <= sure <= 1"
        )
    for table in (card.calibration.small, card.calibration.large):
        if not _rises(table):
            raise BundleError(f"{path}: a calibration table does not rise from 0 to 1")


def _rises(table: tuple[tuple[float, float], ...]) -> bool:
    within = all(0 <= value <= 1 for point in table for value in point)
    pairs = itertools.pairwise(table)
    return bool(table) and within and all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairs)


def write_manifest(folder: Path) -> None:
    """Record the digests of a bundle's files."""
    lines = [f"{digest_of(folder / name)}  {name}" for name in FILES]
    (folder / MANIFEST).write_text("\n".join(lines) + "\n", encoding="utf-8")


def size_share(bbox: tuple[float, float, float, float], width: int, height: int) -> float:
    """How large a box x, y, width, height is in its frame.

    The side of a square of its area, as a share of the frame's longer side.
    """
    return math.sqrt(max(0.0, bbox[2] * bbox[3])) / max(width, height)
