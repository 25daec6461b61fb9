"""Making a bundle: half-precision weights, calibration, thresholds and the card.

What is fitted on which photographs is written into the card. The val split serves
twice, for calibration and for figures, so the card also gives figures in which
each source was calibrated by the other sources only.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from fleetapp.vision import evaluation
from fleetapp.vision.bundle import (
    CARD,
    FORMAT,
    WEIGHTS,
    Calibration,
    DetectorKind,
    write_manifest,
)
from fleetapp.vision.dataset import Photo, load_photos
from fleetapp.vision.detections import Answers, answers_to
from fleetapp.vision.infer import KNOWN_MEAN, KNOWN_WHITENING, Recogniser, load_recogniser
from fleetapp.vision.strangeness import Known, known_from

ARCHITECTURE = {
    DetectorKind.HEAT_MAP: (
        "EfficientNet-Lite0 with folded batch norms, 64-channel top-down fusion to stride 8, "
        "centre heat map and box distances"
    ),
    DetectorKind.GRIDS: (
        "EfficientNet-Lite0 with folded batch norms, 96-channel fusion both ways, grids of "
        "stride 8, 16 and 32 with presence, fit, edge distributions and corners"
    ),
}
LIMITS = {
    DetectorKind.HEAT_MAP: (
        "One class. Cartons of two sites, most of them on the pallet racks of one warehouse. "
        "Val shares that warehouse with train. See docs/model-card.md."
    ),
    DetectorKind.GRIDS: (
        "One class. Real cartons of four sites, half of the photographs from the pallet racks of "
        "one warehouse, which val shares; drawn cartons elsewhere. Long packages in rows are "
        "mostly missed. Calibrated on val. See docs/model-card-1.1.0.md."
    ),
}
REPORT_CONFIDENCE = 0.3
# A policy, not a fit: one answer in ten of this confidence may be wrong. Calibration
# decides which score that is.
SURE_CONFIDENCE = 0.9
# Measured on the demo's frames: ordinary ones lie at 0.2 and 0.12 or above.
GATES = {"darkest": 0.12, "least_sharpness": 0.06}
KNOWN_EVERY = 4  # every fourth photograph and a close-up of it describe the training set
USUAL_SHARE = 0.98
FEATURES = 112
NOT_CALIBRATED = Calibration(1.0, ((1.0, 1.0),), ((1.0, 1.0),))


@dataclass(frozen=True, slots=True)
class Making:
    """What a bundle is made of."""

    weights: Path
    data: Path
    folder: Path
    name: str
    version: str
    input_px: int
    training: dict[str, Any]
    detector: DetectorKind = DetectorKind.HEAT_MAP
    # By the last part of a val photograph's name: packages seen there without a label.
    unlabelled: Mapping[str, list[list[float]]] = field(default_factory=dict)


def make_bundle(making: Making) -> dict[str, Any]:
    """Write a bundle; its card.

    Raises:
        FileNotFoundError: naming what is missing of the data.
        ValueError: if the detector finds nothing at all.
    """
    card = _first_card(making)
    state = {name: value.half() for name, value in load_file(making.weights).items()}
    nothing = Known(np.zeros(FEATURES, np.float32), np.eye(FEATURES, dtype=np.float32))
    recogniser = _written(making.folder, state, nothing, card)
    known = _known(recogniser, load_photos(making.data, "train"))
    recogniser = _written(making.folder, state, known, card)
    card["strange_distance"] = _usual_distance(recogniser, load_photos(making.data, "val"))
    raw = answers_to(recogniser, making.data, "val", making.unlabelled)
    if not raw.image_ids.any():
        raise ValueError("the detector finds nothing on the val photographs: train it longer")
    seen = sum(len(boxes) for boxes in making.unlabelled.values())
    _judge(card, raw, making.data / "annotations" / "val.json", seen)
    _written(making.folder, state, known, card)
    return card


def _first_card(making: Making) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": making.name,
        "version": making.version,
        "detector": making.detector.value,
        "architecture": ARCHITECTURE[making.detector],
        "classes": ["box"],
        "input_px": making.input_px,
        "thresholds": {"report": REPORT_CONFIDENCE, "sure": SURE_CONFIDENCE},
        "calibration": asdict(NOT_CALIBRATED),
        "strange_distance": 1.0,
        "gates": GATES,
        "training": making.training,
        "data": {
            split: _digest(making.data / "annotations" / f"{split}.json")
            for split in ("train", "val")
        },
        "limits": LIMITS[making.detector],
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _written(
    folder: Path, state: dict[str, torch.Tensor], known: Known, card: dict[str, Any]
) -> Recogniser:
    """The bundle on disk, and opened as anybody else opens it."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.contiguous() for name, value in state.items()}
    tensors[KNOWN_MEAN] = torch.from_numpy(known.mean)
    tensors[KNOWN_WHITENING] = torch.from_numpy(known.whitening)
    save_file(tensors, folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)
    (folder / CARD).write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    write_manifest(folder)
    return load_recogniser(folder)


def _known(recogniser: Recogniser, photos: list[Photo]) -> Known:
    random = np.random.default_rng(0)
    samples = []
    for photo in photos[::KNOWN_EVERY]:
        samples.append(recogniser.features(photo.pixels))
        samples.append(recogniser.features(close_up(photo.pixels, random)))
    return known_from(np.stack(samples))


def _usual_distance(recogniser: Recogniser, photos: list[Photo]) -> float:
    """The distance that all but a few of the photographs and close-ups stay below."""
    random = np.random.default_rng(1)
    distances = []
    for photo in photos[::2]:
        distances.append(recogniser.look(photo.pixels)[1])
        distances.append(recogniser.look(close_up(photo.pixels, random))[1])
    return round(float(np.quantile(distances, USUAL_SHARE)), 4)


def close_up(pixels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """A random 4:3 part, a quarter to three quarters as wide."""
    height, width = pixels.shape[:2]
    wide = max(1, int(width * random.uniform(0.25, 0.75)))
    tall = max(1, min(height, wide * 3 // 4))
    x, y = random.integers(0, width - wide + 1), random.integers(0, height - tall + 1)
    return pixels[y : y + tall, x : x + wide]


def _judge(card: dict[str, Any], raw: Answers, truth: Path, unlabelled: int) -> None:
    """Calibration and figures into the card."""
    calibration = evaluation.calibration_of(raw)
    fitted = evaluation.calibrate(calibration, raw)
    across = evaluation.calibrated_across_sources(raw)
    sources = [str(source) for source in np.unique(raw.sources)]
    card["calibration"] = asdict(calibration)
    card["fitted_on"] = {
        "calibration": "val, whole photographs and close-ups of them, all sources",
        "strange_distance": f"val, whole and close-ups, quantile {USUAL_SHARE}",
    }
    card["metrics_val"] = {
        "unlabelled_left_out": unlabelled,
        **evaluation.average_precision(fitted, truth),
        "by_source": {s: evaluation.average_precision(fitted, truth, s) for s in sources},
        "calibration_error": {
            "raw": evaluation.calibration_error(raw),
            "fitted": evaluation.calibration_error(fitted),
            "across_sources": evaluation.calibration_error(across),
        },
        "close_ups_when_sure": {
            "fitted": evaluation.when_sure(fitted, SURE_CONFIDENCE),
            "across_sources": evaluation.when_sure(across, SURE_CONFIDENCE),
        },
    }
