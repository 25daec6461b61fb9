"""`fleetapp perceive`: one JSON object a line; bad images are named, others still done."""

import json
import shutil
from pathlib import Path

import pytest

from fleetapp.cli.main import main

KEYS = {"image", "width", "height", "bundle", "abstain", "ood_score", "packages"}
PACKAGE_KEYS = {"bbox", "class", "confidence", "codes", "abstain"}


@pytest.fixture
def photos(frames_folder: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    views = json.loads((frames_folder / "index.json").read_text("utf-8"))["views"]
    for number, view in enumerate(views[:2]):
        shutil.copyfile(frames_folder / view["file"], folder / f"{number}.jpg")
    return folder


def test_every_image_is_one_object_with_the_promised_keys(
    photos: Path, capsys: pytest.CaptureFixture[str]
):
    status = main(["perceive", str(photos), "--json"])

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert status == 0
    assert [Path(line["image"]).name for line in lines] == ["0.jpg", "1.jpg"]
    for line in lines:
        assert set(line) == KEYS
        assert line["packages"]
        assert set(line["packages"][0]) == PACKAGE_KEYS
        assert len(line["packages"][0]["bbox"]) == 4


def test_a_bad_image_is_named_and_the_others_still_done(
    photos: Path, capsys: pytest.CaptureFixture[str]
):
    bad = photos / "bad.png"
    bad.write_bytes(b"this is text")

    status = main(["perceive", str(photos / "none.jpg"), str(photos), "--json"])

    captured = capsys.readouterr()
    assert status == 0
    assert len(captured.out.splitlines()) == 2
    errors = captured.err.splitlines()
    assert len(errors) == 2
    assert "none.jpg" in errors[0]
    assert str(bad) in errors[1]


def test_nothing_readable_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["perceive", str(tmp_path), "--json"]) == 2
    assert capsys.readouterr().out == ""


def test_coco_detections_match_images_by_the_last_part_of_their_name(photos: Path, tmp_path: Path):
    truth, out = tmp_path / "gt.json", tmp_path / "out.json"
    content = {
        "images": [{"id": 77, "file_name": "elsewhere/1.jpg"}],
        "annotations": [],
        "categories": [{"id": 4, "name": "box"}],
    }
    truth.write_text(json.dumps(content), "utf-8")

    status = main(["perceive", str(photos), "--coco-gt", str(truth), "--coco-out", str(out)])

    detections = json.loads(out.read_text("utf-8"))
    assert status == 0
    assert {(d["image_id"], d["category_id"]) for d in detections} == {(77, 4)}
    assert min(d["score"] for d in detections) >= 0.01
    assert min(d["score"] for d in detections) < 0.3


def test_a_higher_least_confidence_reports_fewer_packages(
    photos: Path, capsys: pytest.CaptureFixture[str]
):
    counts = []
    for least in ("0.01", "0.99"):
        main(["perceive", str(photos / "0.jpg"), "--json", "--min-confidence", least])
        counts.append(len(json.loads(capsys.readouterr().out)["packages"]))

    assert counts[0] > counts[1]


@pytest.mark.parametrize("value", ["-1", "2", "nan", "much"])
def test_a_confidence_that_is_none_is_refused(value: str):
    with pytest.raises(SystemExit, match="2"):
        main(["perceive", "x.jpg", "--min-confidence", value])


@pytest.mark.parametrize("text", ["{}", "no json", '{"images": [], "categories": []}'])
def test_a_ground_truth_that_is_no_coco_file_is_named(
    photos: Path, text: str, capsys: pytest.CaptureFixture[str]
):
    truth = photos / "gt.json"
    truth.write_text(text, "utf-8")

    status = main(["perceive", str(photos), "--coco-gt", str(truth), "--coco-out", "out.json"])

    assert status == 2
    assert str(truth) in capsys.readouterr().err


@pytest.mark.parametrize("budget", ["50", "m", "-1m", "nanm", "1h"])
def test_a_training_budget_is_minutes_or_seconds(budget: str):
    with pytest.raises(SystemExit, match="2"):
        main(["train", "--data", ".", "--out", ".", "--budget", budget])
