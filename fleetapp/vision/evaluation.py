"""How good a detector's answers are, and what its scores are worth.

Average precision as COCO defines it. Calibration as the share of right answers
among answers of like score, made monotone by pooling neighbours (isotonic
regression, Ayer et al., 1955), apart for small and large boxes: the same score
means more on a package that fills the view.
"""

import contextlib
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fleetapp.vision.bundle import Calibration
from fleetapp.vision.detections import Answers

POOL = 40  # answers of like score that are counted together
LARGE_FROM = 0.2  # share of the frame's longer side
ERROR_BINS = 15
ERROR_LEAST = 0.2

Table = tuple[tuple[float, float], ...]


def average_precision(answers: Answers, truth: Path, source: str | None = None) -> dict[str, float]:
    """AP50:95, AP50, AP75 by pycocotools; of one source of photographs if named."""
    from pycocotools.coco import COCO  # noqa: PLC0415 - evaluation only
    from pycocotools.cocoeval import COCOeval  # noqa: PLC0415

    with contextlib.redirect_stdout(io.StringIO()):  # it prints as it goes
        coco = COCO(str(truth))
        evaluation = COCOeval(coco, coco.loadRes(answers.coco()), "bbox")
        if source is not None:
            images = coco.loadImgs(coco.getImgIds())
            evaluation.params.imgIds = [i["id"] for i in images if i.get("source") == source]
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    names = ("AP", "AP50", "AP75")
    return {name: round(float(evaluation.stats[n]), 4) for n, name in enumerate(names)}


def calibration_of(answers: Answers) -> Calibration:
    """Tables for small and for large boxes."""
    large = answers.sizes >= LARGE_FROM
    return Calibration(LARGE_FROM, table_of(answers.only(~large)), table_of(answers.only(large)))


def table_of(answers: Answers) -> Table:
    """Raw score to share of right answers, rising."""
    if not len(answers.scores):
        return ((1.0, 0.0),)  # never seen, so worth nothing
    order = np.argsort(answers.scores, kind="stable")
    scores, right = answers.scores[order], answers.right[order].astype(float)
    pooled: list[tuple[float, float, int]] = []
    for part in np.array_split(np.arange(len(scores)), max(1, len(scores) // POOL)):
        pooled.append((float(scores[part].mean()), float(right[part].mean()), len(part)))
        while len(pooled) > 1 and pooled[-2][1] >= pooled[-1][1]:
            pooled.append(_merged(pooled.pop(), pooled.pop()))
    # So many answers cannot show more: one that was right each time promises no certainty.
    most = POOL / (POOL + 1)
    return tuple((round(score, 4), round(min(share, most), 4)) for score, share, _ in pooled)


def _merged(
    one: tuple[float, float, int], other: tuple[float, float, int]
) -> tuple[float, float, int]:
    n = one[2] + other[2]
    return (
        (one[0] * one[2] + other[0] * other[2]) / n,
        (one[1] * one[2] + other[1] * other[2]) / n,
        n,
    )


def calibrate(calibration: Calibration, answers: Answers) -> Answers:
    """Answers with confidence for score, as the recogniser would give them."""
    pairs = zip(answers.scores, answers.sizes, strict=True)
    return answers.scored_anew(
        np.array([calibration.confidence(float(score), float(size)) for score, size in pairs])
    )


def calibrated_across_sources(answers: Answers) -> Answers:
    """Each source's answers calibrated by the other sources only.

    What calibration is worth on photographs that it was not fitted on.
    """
    scores = answers.scores.copy()
    for source in np.unique(answers.sources):
        mine = answers.sources == source
        calibration = calibration_of(answers.only(~mine))
        scores[mine] = calibrate(calibration, answers.only(mine)).scores
    return answers.scored_anew(scores)


def calibration_error(answers: Answers) -> float:
    """Mean gap between confidence and share of right answers, over bins (D-ECE)."""
    keep = answers.scores > ERROR_LEAST
    scores, right = answers.scores[keep], answers.right[keep]
    bins = np.minimum((scores * ERROR_BINS).astype(int), ERROR_BINS - 1)
    gaps = [
        abs(scores[bins == n].mean() - right[bins == n].mean()) * (bins == n).sum()
        for n in range(ERROR_BINS)
        if (bins == n).any()
    ]
    return round(float(sum(gaps) / max(1, len(scores))), 4)


def when_sure(answers: Answers, confidence: float) -> dict[str, float]:
    """How the targets of close-ups fare at a threshold.

    Returns:
        Number of targets; the share of the right ones that pass (coverage); the
        share of right ones among those that pass (precision; 1 if none passes).
    """
    targets = answers.only(answers.central)
    passed: NDArray[np.bool_] = targets.scores >= confidence
    right = int(targets.right.sum())
    return {
        "targets": len(targets.scores),
        "coverage": round(float((passed & targets.right).sum() / max(1, right)), 4),
        "precision": round(float(targets.right[passed].mean()), 4) if passed.any() else 1.0,
    }
