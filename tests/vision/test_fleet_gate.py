"""Camera, recogniser and gate together: good frames pass, spoiled ones are stopped."""

from pathlib import Path

import pytest

from fleetapp.perception.gate import Box, GateResult, Thresholds, judge
from fleetapp.simulation.robots.camera import Camera, Shares
from fleetapp.terms.reasons import Abstain
from fleetapp.terms.units import permille
from fleetapp.vision.infer import Recogniser

LOOKS = 8


def verdicts(
    recogniser: Recogniser, frames_folder: Path, shares: Shares, code: str | None = "LPN-42"
) -> list[GateResult]:
    camera = Camera(frames_folder, 11, shares)
    results = []
    for attempt in range(LOOKS):
        answer = recogniser.recognise(camera.frame(code, "S", "r1", attempt).jpeg)
        boxes = tuple(
            Box(
                x_px=round(package.bbox[0]),
                y_px=round(package.bbox[1]),
                width_px=round(package.bbox[2]),
                height_px=round(package.bbox[3]),
                confidence_permille=permille(package.confidence),
                codes=package.codes,
            )
            for package in answer.packages
        )
        results.append(
            judge(
                boxes=boxes,
                frame_abstain=answer.abstain,
                width_px=answer.width,
                height_px=answer.height,
                sku="S",
                label_code=code,
                thresholds=Thresholds(permille(recogniser.card.sure_confidence)),
            )
        )
    return results


def test_most_good_frames_pass(recogniser: Recogniser, frames_folder: Path):
    results = verdicts(recogniser, frames_folder, Shares(0, 0, 0, 0))

    assert sum(result.sure for result in results) >= LOOKS - 2


@pytest.mark.parametrize(
    "shares",
    [Shares(1000, 0, 0, 0), Shares(0, 1000, 0, 0), Shares(0, 0, 1000, 0), Shares(0, 0, 0, 1000)],
    ids=["dark", "blurred", "empty", "other_code"],
)
def test_no_spoiled_frame_passes(recogniser: Recogniser, frames_folder: Path, shares: Shares):
    results = verdicts(recogniser, frames_folder, shares)

    assert not any(result.sure for result in results)


def test_another_tasks_label_is_named_as_such(recogniser: Recogniser, frames_folder: Path):
    results = verdicts(recogniser, frames_folder, Shares(0, 0, 0, 1000))

    doubts = [result.abstain for result in results]
    assert doubts.count(Abstain.CODE_MISMATCH) >= LOOKS - 2
