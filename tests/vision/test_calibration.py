"""Calibrated confidence: of like answers, so many were right."""

import json
from pathlib import Path

import numpy as np
import pytest

from fleetapp.vision.evaluation import (
    Scored,
    average_precision,
    calibrate,
    calibrated_across_sources,
    calibration_error,
    calibration_table,
    coverage,
    sure_confidence,
)


@pytest.fixture
def overconfident() -> Scored:
    """Answers that are right half as often as their score says."""
    random = np.random.default_rng(0)
    scores = random.uniform(0, 1, 4000)
    right = random.uniform(0, 1, 4000) < scores / 2
    sources = np.where(np.arange(4000) % 2 == 0, "one", "other")
    return Scored([{"score": float(score)} for score in scores], scores, right, sources)


def test_the_table_rises_and_finds_the_true_shares(overconfident: Scored):
    table = calibration_table(overconfident)

    shares = [share for _, share in table]
    assert shares == sorted(shares)
    assert calibrate(table, np.array([0.8]))[0] == pytest.approx(0.4, abs=0.06)


def test_calibration_closes_the_gap(overconfident: Scored):
    table = calibration_table(overconfident)
    fitted = overconfident.scored_anew(calibrate(table, overconfident.scores))

    assert calibration_error(overconfident) > 0.2
    assert calibration_error(fitted) < 0.05


def test_sources_alike_calibrate_each_other(overconfident: Scored):
    assert calibration_error(calibrated_across_sources(overconfident)) < 0.06


def test_answers_that_were_all_right_are_still_not_certain():
    scores = np.linspace(0.5, 1, 100)
    scored = Scored([{}] * 100, scores, np.ones(100, bool), np.full(100, "one"))

    assert calibration_table(scored)[-1][1] < 1


def test_sure_is_the_least_confidence_that_keeps_the_precision():
    scores = np.array([0.4] * 50 + [0.8] * 50)
    right = np.array([False] * 50 + [True] * 50)
    scored = Scored([{}] * 100, scores, right, np.full(100, "one"))

    assert sure_confidence(scored, precision=0.95) == 0.41
    assert sure_confidence(scored, precision=0.4) == 0.3
    assert coverage(scored, 0.41, 200) == 0.25


def test_nothing_is_sure_where_nothing_was_right():
    scored = Scored([{}] * 9, np.full(9, 0.9), np.zeros(9, bool), np.full(9, "one"))

    assert sure_confidence(scored, precision=0.95) == 1.0


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
    results = [{"image_id": 3, "category_id": 1, "bbox": box, "score": 0.9}]
    scored = Scored(results, np.array([0.9]), np.array([True]), np.array(["one"]))

    assert average_precision(scored, truth, "one")["AP50"] == pytest.approx(1.0)
