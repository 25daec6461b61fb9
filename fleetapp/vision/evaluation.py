"""How good a detector is on labelled photographs.

Average precision as COCO defines it. Calibration as the share of right answers
(overlap of half or more with a labelled box not yet taken) among answers of like
score, made monotone by pooling neighbours (isotonic regression, Ayer et al., 1955).
Boxes that nobody labelled count as wrong, so true confidence is rather higher.
"""

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fleetapp.vision.images import pixels_of
from fleetapp.vision.infer import Recogniser

POOL = 40  # answers of like score that are counted together
ERROR_BINS = 15
ERROR_LEAST = 0.2
RIGHT_OVERLAP = 0.5
MOST_AN_IMAGE = 100  # as pycocotools counts

Table = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Scored:
    """Detections of a split as COCO results; of each whether it was right, and its source."""

    results: list[dict[str, Any]]
    scores: NDArray[np.float64]
    right: NDArray[np.bool_]
    sources: NDArray[np.str_]

    def only(self, keep: NDArray[np.bool_]) -> "Scored":
        """The marked detections."""
        results = [result for result, kept in zip(self.results, keep, strict=True) if kept]
        return Scored(results, self.scores[keep], self.right[keep], self.sources[keep])

    def scored_anew(self, scores: NDArray[np.float64]) -> "Scored":
        """The same detections with other scores."""
        results = [
            {**result, "score": float(score)}
            for result, score in zip(self.results, scores, strict=True)
        ]
        return Scored(results, scores, self.right, self.sources)


def detect_all(recogniser: Recogniser, data: Path, split: str) -> Scored:
    """Run the detector over a split."""
    content = json.loads((data / "annotations" / f"{split}.json").read_text("utf-8"))
    truth: dict[int, list[list[float]]] = {image["id"]: [] for image in content["images"]}
    for annotation in content["annotations"]:
        truth[annotation["image_id"]].append(annotation["bbox"])
    results, scores, right, sources = [], [], [], []
    for image in content["images"]:
        packages, _ = recogniser.look(pixels_of((data / image["file_name"]).read_bytes()))
        free = [list(box) for box in truth[image["id"]]]
        for package in packages[:MOST_AN_IMAGE]:
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
            sources.append(str(image.get("source", "")))
    return Scored(results, np.array(scores), np.array(right, dtype=bool), np.array(sources))


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


def average_precision(scored: Scored, truth: Path, source: str | None = None) -> dict[str, float]:
    """AP50:95, AP50, AP75 by pycocotools; of one source of photographs if named."""
    from pycocotools.coco import COCO  # noqa: PLC0415 - evaluation only
    from pycocotools.cocoeval import COCOeval  # noqa: PLC0415

    with contextlib.redirect_stdout(io.StringIO()):  # it prints as it goes
        coco = COCO(str(truth))
        evaluation = COCOeval(coco, coco.loadRes(scored.results), "bbox")
        if source is not None:
            images = coco.loadImgs(coco.getImgIds())
            evaluation.params.imgIds = [i["id"] for i in images if i.get("source") == source]
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    names = ("AP", "AP50", "AP75")
    return {name: round(float(evaluation.stats[n]), 4) for n, name in enumerate(names)}


def calibration_table(scored: Scored) -> Table:
    """Raw score to share of right answers, rising."""
    order = np.argsort(scored.scores, kind="stable")
    scores, right = scored.scores[order], scored.right[order].astype(float)
    pooled: list[tuple[float, float, int]] = []
    for part in np.array_split(np.arange(len(scores)), max(1, len(scores) // POOL)):
        pooled.append((float(scores[part].mean()), float(right[part].mean()), len(part)))
        while len(pooled) > 1 and pooled[-2][1] >= pooled[-1][1]:
            pooled.append(_merged(pooled.pop(), pooled.pop()))
    # So many answers cannot show more: one that was right each time promises no certainty.
    most = POOL / (POOL + 1)
    return [(round(score, 4), round(min(share, most), 4)) for score, share, _ in pooled]


def _merged(
    one: tuple[float, float, int], other: tuple[float, float, int]
) -> tuple[float, float, int]:
    n = one[2] + other[2]
    return (
        (one[0] * one[2] + other[0] * other[2]) / n,
        (one[1] * one[2] + other[1] * other[2]) / n,
        n,
    )


def calibrate(table: Table, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Raw scores through a table; the same line between points as the recogniser draws."""
    raw, share = zip((0.0, 0.0), *table, strict=True)
    result: NDArray[np.float64] = np.interp(scores, raw, share)
    return result


def calibrated_across_sources(scored: Scored) -> Scored:
    """Each source's detections calibrated by a table of the other sources only.

    What calibration is worth on photographs that it was not fitted on.
    """
    scores = scored.scores.copy()
    for source in np.unique(scored.sources):
        mine = scored.sources == source
        table = calibration_table(scored.only(~mine))
        scores[mine] = calibrate(table, scored.scores[mine])
    return scored.scored_anew(scores)


def calibration_error(scored: Scored) -> float:
    """Mean gap between confidence and share of right answers, over bins (D-ECE)."""
    keep = scored.scores > ERROR_LEAST
    scores, right = scored.scores[keep], scored.right[keep]
    bins = np.minimum((scores * ERROR_BINS).astype(int), ERROR_BINS - 1)
    gaps = [
        abs(scores[bins == n].mean() - right[bins == n].mean()) * (bins == n).sum()
        for n in range(ERROR_BINS)
        if (bins == n).any()
    ]
    return round(float(sum(gaps) / max(1, len(scores))), 4)


def sure_confidence(scored: Scored, *, precision: float) -> float:
    """The least confidence, in hundredths, above which so many answers were right.

    1.0 if no confidence reaches it: then nothing is ever sure.
    """
    for hundredth in range(30, 100):
        above = scored.scores >= hundredth / 100
        if above.any() and scored.right[above].mean() >= precision:
            return hundredth / 100
    return 1.0


def coverage(scored: Scored, confidence: float, packages: int) -> float:
    """The share of labelled packages that are found with at least this confidence."""
    found = scored.right[scored.scores >= confidence].sum()
    return round(float(found) / max(1, packages), 4)
