"""Camera, recogniser and gate together: good frames pass, spoiled ones are stopped."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fleetapp.perception.gate import Box, GateResult, Thresholds, judge
from fleetapp.simulation.robots.camera import Camera, Shares
from fleetapp.terms.reasons import Abstain
from fleetapp.terms.units import permille
from fleetapp.vision.infer import Pixels, Recogniser

LOOKS = 8


def verdicts(
    recogniser: Recogniser, frames_folder: Path, shares: Shares, code: str | None = "LPN-42"
) -> list[GateResult]:
    camera = Camera(frames_folder, 11, shares)
    return [
        verdict(recogniser, camera.frame(code, "S", "r1", attempt).jpeg, code)
        for attempt in range(LOOKS)
    ]


def verdict(recogniser: Recogniser, frame: bytes | Pixels, code: str | None) -> GateResult:
    answer = recogniser.recognise(frame)
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
    return judge(
        boxes=boxes,
        frame_abstain=answer.abstain,
        width_px=answer.width,
        height_px=answer.height,
        sku="S",
        label_code=code,
        thresholds=Thresholds(permille(recogniser.card.sure_confidence)),
    )


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

    assert len(results) == LOOKS
    assert not any(result.sure for result in results)


def test_another_tasks_label_is_named_as_such(recogniser: Recogniser, frames_folder: Path):
    results = verdicts(recogniser, frames_folder, Shares(0, 0, 0, 1000))

    doubts = [result.abstain for result in results]
    assert doubts.count(Abstain.CODE_MISMATCH) >= LOOKS - 2


def test_a_carton_without_a_label_is_not_the_one_with_the_code(
    recogniser: Recogniser, frames_folder: Path
):
    frame = Camera(frames_folder, 11, Shares(0, 0, 0, 0)).frame(None, "S", "r1", 0).jpeg

    assert verdict(recogniser, frame, "LPN-42").abstain is Abstain.CODE_UNREAD
    assert verdict(recogniser, frame, None).sure


def test_a_carton_that_is_hard_to_see_is_not_sure_although_its_code_was_read(
    recogniser: Recogniser, frames_folder: Path
):
    frame = Camera(frames_folder, 11, Shares(0, 0, 0, 0)).frame("LPN-42", "S", "r1", 27).jpeg

    assert verdict(recogniser, frame, "LPN-42").abstain is Abstain.LOW_CONFIDENCE


def test_two_cartons_that_meet_where_the_robot_looks_are_ambiguous(
    recogniser: Recogniser, frames_folder: Path
):
    view = json.loads((frames_folder / "index.json").read_text("utf-8"))["views"][0]
    image = Image.open(frames_folder / view["file"]).convert("RGB").resize((1280, 960))
    x, y, width, height = (round(s * (1280, 960)[n % 2]) for n, s in enumerate(view["box"]))
    carton = image.crop((x, y, x + width, y + height))
    image.paste(carton, (640 - width + 10, y))
    image.paste(carton, (640 - 10, y))

    assert verdict(recogniser, np.asarray(image), None).abstain is Abstain.AMBIGUOUS
