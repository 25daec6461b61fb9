"""Calibrated confidence: of like answers, so many were right."""

import json
from pathlib import Path

import numpy as np
import pytest

from fleetapp.vision.dataset import Photo
from fleetapp.vision.detections import Answers, close_ups
from fleetapp.vision.evaluation import (
    average_precision,
    calibrate,
    calibrated_across_sources,
    calibration_error,
    calibration_of,
    table_of,
    when_sure,
)


def answers(scores: object, right: object, *, size: float = 0.1, central: bool = False) -> Answers:
    many = np.asarray(scores, dtype=float)
    n = len(many)
    return Answers(
        boxes=np.tile([10.0, 10.0, 50.0, 60.0], (n, 1)),
        scores=many,
        right=np.asarray(right, dtype=bool),
        sizes=np.full(n, size),
        central=np.full(n, central),
        image_ids=np.full(n, 3),
        sources=np.where(np.arange(n) % 2 == 0, "one", "other"),
    )


@pytest.fixture
def overconfident() -> Answers:
    """Answers that are right half as often as their score says."""
    random = np.random.default_rng(0)
    scores = random.uniform(0, 1, 4000)
    return answers(scores, random.uniform(0, 1, 4000) < scores / 2)


def test_the_table_rises_and_finds_the_true_shares(overconfident: Answers):
    shares = [share for _, share in table_of(overconfident)]
    fitted = calibrate(calibration_of(overconfident), overconfident)

    assert shares == sorted(shares)
    near = np.abs(overconfident.scores - 0.8) < 0.02
    assert fitted.scores[near].mean() == pytest.approx(0.4, abs=0.06)


def test_calibration_closes_the_gap(overconfident: Answers):
    fitted = calibrate(calibration_of(overconfident), overconfident)

    assert calibration_error(overconfident) > 0.2
    assert calibration_error(fitted) < 0.05


def test_sources_alike_calibrate_each_other(overconfident: Answers):
    assert calibration_error(calibrated_across_sources(overconfident)) < 0.06


def test_large_boxes_are_calibrated_apart_from_small_ones():
    small = answers([0.5] * 100, [False, True] * 50)
    large = answers([0.5] * 100, [True] * 100, size=0.5)
    both = Answers(
        *(
            np.concatenate((getattr(small, name), getattr(large, name)))
            for name in Answers.__dataclass_fields__
        )
    )

    calibration = calibration_of(both)

    assert calibration.confidence(0.5, 0.1) == pytest.approx(0.5)
    assert calibration.confidence(0.5, 0.5) > 0.9


def test_answers_that_were_all_right_are_still_not_certain():
    assert table_of(answers(np.linspace(0.5, 1, 100), [True] * 100))[-1][1] < 1


def test_when_sure_counts_the_targets_that_pass_and_those_that_are_right():
    targets = answers([0.95, 0.95, 0.5, 0.5], [True, False, True, True], central=True)

    assert when_sure(targets, 0.9) == {"targets": 4, "coverage": 0.3333, "precision": 0.5}


def test_close_ups_show_the_package_they_were_made_for():
    boxes = np.array([[100, 80, 200, 160]], np.float32)
    photo = Photo(np.zeros((480, 640, 3), np.uint8), boxes, "one")

    for seed in range(20):
        near, by_chance = close_ups(photo, np.random.default_rng(seed))
        assert len(near.boxes) == 1
        height, width = near.pixels.shape[:2]
        assert width / height == pytest.approx(4 / 3, abs=0.02)
        assert by_chance.pixels.size > 0
        assert (near.boxes[0, 2:] <= [width, height]).all()


def test_perfect_detections_have_an_average_precision_of_one(tmp_path: Path):
    truth = tmp_path / "truth.json"
    box = [10, 10, 50, 60]
    content = {
        "info": {},
        "images": [{"id": 3, "width": 100, "height": 100, "source": "one"}],
        "annotations": [
            {"id": 1, "image_id": 3, "category_id": 1, "bbox": box, "area": 3000, "iscrowd": 0}
        ],
        "categories": [{"id": 1, "name": "box"}],
    }
    truth.write_text(json.dumps(content), "utf-8")

    found = average_precision(answers([0.9], [True]), truth, "one")

    assert found["AP50"] == pytest.approx(1.0)
