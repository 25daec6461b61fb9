"""How good a detector is on labelled photographs, and a bundle made of it.

Average precision as COCO defines it; calibration as the share of right answers
(overlap of half or more with a labelled box) among answers of like score, made
monotone by pooling neighbours (isotonic regression, Ayer et al., 1955).
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fleetapp.vision.bundle import FORMAT, write_manifest
from fleetapp.vision.infer import Recogniser

BINS = 20
RIGHT_OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Scored:
    """Detections of a split as COCO results, and whether each was right."""

    results: list[dict[str, Any]]
    scores: NDArray[np.float64]
    right: NDArray[np.bool_]


def detect_all(recogniser: Recogniser, data: Path, split: str) -> Scored:
    """Run the detector over a split."""
    content = json.loads((data / "annotations" / f"{split}.json").read_text("utf-8"))
    truth: dict[int, list[list[float]]] = {image["id"]: [] for image in content["images"]}
    for annotation in content["annotations"]:
        truth[annotation["image_id"]].append(annotation["bbox"])
    results, scores, right = [], [], []
    for image in content["images"]:
        with Image.open(data / image["file_name"]) as opened:
            pixels = np.asarray(opened.convert("RGB"))
        free = [list(box) for box in truth[image["id"]]]
        for package in recogniser.detect(pixels)[:100]:
            results.append(
                {
                    "image_id": image["id"],
                    "category_id": 1,
                    "bbox": list(package.bbox),
                    "score": package.confidence,
                }
            )
            scores.append(package.confidence)
            right.append(_take_match(free, package.bbox))
    return Scored(results, np.array(scores), np.array(right, dtype=bool))


def _take_match(free: list[list[float]], box: tuple[float, float, float, float]) -> bool:
    """Whether a labelled box not yet taken is hit; it is taken then."""
    best, at = RIGHT_OVERLAP, -1
    for number, (x, y, width, height) in enumerate(free):
        across = min(x + width, box[0] + box[2]) - max(x, box[0])
        down = min(y + height, box[1] + box[3]) - max(y, box[1])
        if across <= 0 or down <= 0:
            continue
        overlap = across * down / (width * height + box[2] * box[3] - across * down)
        if overlap >= best:
            best, at = overlap, number
    if at >= 0:
        free.pop(at)
    return at >= 0


def average_precision(scored: Scored, truth: Path) -> dict[str, float]:
    """AP50:95, AP50, AP75 by pycocotools."""
    from pycocotools.coco import COCO  # noqa: PLC0415 - evaluation only
    from pycocotools.cocoeval import COCOeval  # noqa: PLC0415

    coco = COCO(str(truth))
    evaluation = COCOeval(coco, coco.loadRes(scored.results), "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    names = ("AP", "AP50", "AP75")
    return {name: round(float(evaluation.stats[n]), 4) for n, name in enumerate(names)}


def calibration_table(scored: Scored) -> list[tuple[float, float]]:
    """Raw score to share of right answers, rising."""
    order = np.argsort(scored.scores)
    scores, right = scored.scores[order], scored.right[order].astype(float)
    bins = [part for part in np.array_split(np.arange(len(scores)), BINS) if len(part)]
    pools = [[float(scores[p].mean()), float(right[p].mean()), float(len(p))] for p in bins]
    merged: list[list[float]] = []
    for pool in pools:
        merged.append(pool)
        while len(merged) > 1 and merged[-2][1] > merged[-1][1]:
            last, before = merged.pop(), merged.pop()
            weight = last[2] + before[2]
            merged.append([last[0], (last[1] * last[2] + before[1] * before[2]) / weight, weight])
    table = [(round(score, 4), round(share, 4)) for score, share, _ in merged]
    return [*table, (1.0, max(table[-1][1], 0.99))] if table else [(1.0, 1.0)]


def make_bundle(weights: Path, folder: Path, card: dict[str, Any]) -> Path:
    """Put weights and card into a bundle folder, with digests."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(weights, folder / "weights.safetensors")
    content = {"format": FORMAT, **card}
    (folder / "model.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    write_manifest(folder)
    return folder
