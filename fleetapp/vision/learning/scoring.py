"""Average precision of a network on photographs, apart for each source.

As COCO defines it, but an answer that lies on a place of unknown content counts
neither as right nor as wrong.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from fleetapp.vision.learning.scenes import Pool
from fleetapp.vision.network import Network, scores_of

Floats = NDArray[np.float32]
MOST = 300
MOST_COUNTED = 100
LEAST_SCORE = 0.005
SAME = 0.6
THRESHOLDS = np.arange(0.5, 0.96, 0.05)
BATCH = 32
LONG = 3.0  # times as long as wide
SURE = 0.3  # score from which a long package counts as found


@torch.inference_mode()
def answers(network: Network, pool: Pool, side: int) -> list[tuple[Floats, Floats]]:
    """Boxes in the photograph's px and scores of each photograph, best first."""
    found: list[tuple[Floats, Floats]] = []
    scale = side / pool.pixels.shape[-1]
    for at in range(0, len(pool.pixels), BATCH):
        part = pool.pixels[at : at + BATCH]
        image = functional.interpolate(part.float(), (side, side), mode="bilinear", antialias=True)
        seen = network(((image - 127.0) / 128.0).contiguous(memory_format=torch.channels_last))
        scores, boxes = scores_of(seen), seen.boxes() / scale
        best = scores.topk(min(MOST, scores.shape[1]), 1)
        found += [
            _apart(boxes[number, best.indices[number]], best.values[number])
            for number in range(len(part))
        ]
    return found


def _apart(boxes: Tensor, scores: Tensor) -> tuple[Floats, Floats]:
    """Without weak ones and doubles."""
    keep = scores > LEAST_SCORE
    all_boxes, all_scores = boxes[keep].cpu().numpy(), scores[keep].cpu().numpy()
    kept = apart(all_boxes, SAME)[:MOST_COUNTED]
    return all_boxes[kept], all_scores[kept]


def apart(boxes: Floats, same: float) -> list[int]:
    """Numbers of the boxes, best first, that no better one overlaps with."""
    iou = overlap(boxes, boxes)
    free = np.ones(len(boxes), bool)
    kept: list[int] = []
    for number in range(len(boxes)):
        if free[number]:
            kept.append(number)
            free &= iou[number] < same
    return kept


def overlap(one: Floats, other: Floats) -> Floats:
    """IoU of each with each, shape (n, m)."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    shared = (high - low).clip(min=0).prod(-1)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(-1) for boxes in (one, other)]
    union = areas[0][:, None] + areas[1][None] - shared
    result: Floats = shared / np.maximum(union, 1e-6)
    return result


def _covered(boxes: Floats, places: Floats) -> NDArray[np.bool_]:
    """Boxes half or more of which lie on one of the places."""
    if not len(places):
        return np.zeros(len(boxes), bool)
    low = np.maximum(boxes[:, None, :2], places[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], places[None, :, 2:])
    shared = (high - low).clip(min=0).prod(-1)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(-1)
    covered: NDArray[np.bool_] = (shared / np.maximum(area, 1e-6)[:, None]).max(1) >= 0.5
    return covered


def _marks(
    boxes: Floats, known: Floats, places: Floats
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Right at each threshold, (t, k), and what does not count, (t, k)."""
    right = np.zeros((len(THRESHOLDS), len(boxes)), bool)
    iou = overlap(boxes, known)
    for row, threshold in enumerate(THRESHOLDS):
        free = np.ones(len(known), bool)
        for number in range(len(boxes)):
            fits = np.where(free, iou[number], 0) if len(known) else np.zeros(0)
            if len(fits) and fits.max() >= threshold:
                free[fits.argmax()] = False
                right[row, number] = True
    return right, ~right & _covered(boxes, places)[None]


def average_precision(scores: Floats, right: NDArray[np.bool_], packages: int) -> float:
    """Of answers over all photographs, at one threshold."""
    if not packages:
        return float("nan")
    if not len(scores):
        return 0.0
    order = np.argsort(-scores, kind="stable")
    hits = right[order].cumsum()
    recall = hits / packages
    precision = hits / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, np.linspace(0, 1, 101))
    return float(
        np.where(at < len(precision), precision[at.clip(max=len(precision) - 1)], 0).mean()
    )


def report(
    found: list[tuple[Floats, Floats]], rows: list[dict[str, Any]]
) -> dict[str, dict[str, float]]:
    """AP, AP50 and the recall of long packages, by source and over all."""
    sources = sorted({row["source"] for row in rows})
    return {
        name: _report(
            [n for n, row in enumerate(rows) if name in ("all", row["source"])], found, rows
        )
        for name in [*sources, "all"]
    }


def _report(
    chosen: list[int], found: list[tuple[Floats, Floats]], rows: list[dict[str, Any]]
) -> dict[str, float]:
    scores: list[Floats] = []
    right: list[NDArray[np.bool_]] = []
    packages = long = long_found = 0
    for n in chosen:
        boxes, values = found[n]
        known = np.array(rows[n]["boxes"], np.float32).reshape(-1, 4)
        packages += len(known)
        of_these, of_these_found = _long_ones(known, boxes[values >= SURE])
        long, long_found = long + of_these, long_found + of_these_found
        if not len(boxes):
            continue
        hits, ignored = _marks(boxes, known, _not_asked(rows[n]))
        scores.append(np.where(ignored, -1, values[None]))
        right.append(hits)
    each = _precisions(scores, right, packages)
    return {
        "photographs": len(chosen),
        "AP50": round(each[0], 4),
        "AP": round(float(np.mean(each)), 4),
        "long": long,
        "long_recall": round(long_found / max(1, long), 4),
    }


def _not_asked(row: dict[str, Any]) -> Floats:
    """Where a find is neither right nor wrong, (m, 4)."""
    if row["background"] < 1:  # only what is labelled is known there
        return np.array([[-1e4, -1e4, 1e4, 1e4]], np.float32)
    return np.array(row["unknown"], np.float32).reshape(-1, 4)


def _long_ones(known: Floats, sure: Floats) -> tuple[int, int]:
    """How many of the packages are long, and how many of those were found."""
    sides = known[:, 2:] - known[:, :2]
    is_long = sides.max(1) > LONG * sides.min(1)
    if not len(sure) or not is_long.any():
        return int(is_long.sum()), 0
    found = (overlap(known[is_long], sure).max(1) >= 0.5).sum()
    return int(is_long.sum()), int(found)


def _precisions(scores: list[Floats], right: list[NDArray[np.bool_]], packages: int) -> list[float]:
    """Average precision at each threshold; nothing found is 0."""
    if not scores:
        return [0.0] * len(THRESHOLDS)
    all_scores, all_right = np.concatenate(scores, 1), np.concatenate(right, 1)
    return [
        average_precision(row[row >= 0], hits[row >= 0], packages)
        for row, hits in zip(all_scores, all_right, strict=True)
    ]
