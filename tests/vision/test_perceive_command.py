"""`fleetapp perceive`: one JSON object a line; bad images are named, others still done."""

import json
import os
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
    assert status == 2
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


def test_what_is_no_file_is_named_and_not_read_without_an_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)

    status = main(["perceive", str(pipe), "/dev/zero", "--json"])

    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    assert f"{pipe}: this is no file" in captured.err
    assert "/dev/zero: this is no file" in captured.err


def test_a_file_too_large_for_a_photograph_is_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    large = tmp_path / "large.jpg"
    with large.open("wb") as handle:
        handle.truncate(2**40)  # a sparse file

    assert main(["perceive", str(large), "--json"]) == 2
    assert "1099511627776 bytes are no photograph" in capsys.readouterr().err


def coco_of(photos: Path, names: list[str], **more: object) -> Path:
    truth = photos / "gt.json"
    content: dict[str, object] = {
        "images": [{"id": 7 + n, "file_name": name} for n, name in enumerate(names)],
        "annotations": [],
        "categories": [{"id": 4, "name": "box"}],
    }
    truth.write_text(json.dumps(content | more), "utf-8")
    return truth


def coco_run(photos: Path, truth: Path) -> tuple[int, list[dict[str, int]]]:
    out = photos / "out.json"
    status = main(["perceive", str(photos), "--coco-gt", str(truth), "--coco-out", str(out)])
    return status, json.loads(out.read_text("utf-8"))


def test_detections_are_of_the_category_that_is_named_like_the_models_class(photos: Path):
    both = [{"id": 0, "name": "Boxes"}, {"id": 1, "name": "box"}]

    status, detections = coco_run(photos, coco_of(photos, ["0.jpg"], categories=both))

    assert status == 0
    assert {d["category_id"] for d in detections} == {1}


def test_a_ground_truth_of_other_images_is_bad_input(
    photos: Path, capsys: pytest.CaptureFixture[str]
):
    status, detections = coco_run(photos, coco_of(photos, ["elsewhere.jpg"]))

    assert (status, detections) == (2, [])
    assert "1 of the 1 images" in capsys.readouterr().err


def test_a_second_image_of_the_same_name_gives_no_second_detections(
    photos: Path, capsys: pytest.CaptureFixture[str]
):
    _, once = coco_run(photos, coco_of(photos, ["0.jpg"]))
    (photos / "again").mkdir()
    shutil.copyfile(photos / "0.jpg", photos / "again" / "0.jpg")

    status, detections = coco_run(photos, photos / "gt.json")

    assert status == 2
    assert detections == once
    assert "an image of this name was looked at already" in capsys.readouterr().err


def test_a_name_that_is_no_text_and_a_code_with_control_characters_stop_nothing(
    photos: Path, capsys: pytest.CaptureFixture[str]
):
    odd = photos / os.fsdecode(b"bad\xff\x1b[31m.jpg")
    (photos / "0.jpg").rename(odd)

    assert main(["perceive", str(odd)]) == 0
    assert main(["perceive", str(odd), "--json"]) == 0

    text, line = capsys.readouterr().out.splitlines()
    assert "bad\\udcff\\x1b[31m.jpg" in text
    assert json.loads(line)["image"] == str(odd)
