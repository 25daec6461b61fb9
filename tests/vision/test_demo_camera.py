"""The virtual robots' camera: the same arguments, the same frame; every label readable."""

import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from fleetapp.simulation.robots.camera import Camera, Shares

NONE_SPOILED = Shares(0, 0, 0, 0)


def pixels(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg)).convert("RGB")


def test_the_same_arguments_give_the_same_frame(frames_folder: Path):
    one, other = (Camera(frames_folder, 3).frame("LPN-1", "SKU", "r1", 1) for _ in range(2))

    assert one == other


def test_another_robot_attempt_or_seed_sees_another_frame(frames_folder: Path):
    camera = Camera(frames_folder, 3)
    frames = {
        camera.frame("LPN-1", "SKU", "r1", 1).jpeg,
        camera.frame("LPN-1", "SKU", "r1", 2).jpeg,
        camera.frame("LPN-1", "SKU", "r2", 1).jpeg,
        Camera(frames_folder, 4).frame("LPN-1", "SKU", "r1", 1).jpeg,
    }

    assert len(frames) == 4


@pytest.mark.parametrize("code", ["LPN-00012345", "(00)340123450000000018", "A-12"])
def test_every_good_frame_carries_the_tasks_code(frames_folder: Path, code: str):
    camera = Camera(frames_folder, 1, NONE_SPOILED)

    for attempt in range(6):
        frame = camera.frame(code, "SKU", "r1", attempt)
        found = zxingcpp.read_barcodes(pixels(frame.jpeg))
        assert (frame.kind, [c.text for c in found]) == ("good", [code])


def test_some_labels_are_code_128(frames_folder: Path):
    camera = Camera(frames_folder, 1, NONE_SPOILED)

    kinds = {
        str(found.format)
        for attempt in range(30)
        for found in zxingcpp.read_barcodes(
            pixels(camera.frame("LPN-1", "SKU", "r1", attempt).jpeg)
        )
    }

    assert {"Code 128", "Data Matrix"} <= kinds


def test_frames_have_the_cameras_size_and_fit_into_a_message(frames_folder: Path):
    frame = Camera(frames_folder, 1).frame("LPN-1", "SKU", "r1", 1)

    assert pixels(frame.jpeg).size == (1280, 960)
    assert len(frame.jpeg) < 600_000


def test_about_eight_in_a_hundred_frames_are_spoiled(frames_folder: Path):
    camera = Camera(frames_folder, 5)

    kinds = Counter(
        camera._kind(camera._random("C", f"S{n}", "r", 1), has_code=True) for n in range(3000)
    )

    assert set(kinds) == {"good", "dark", "blurred", "empty", "other_code"}
    assert 0.06 < 1 - kinds["good"] / 3000 < 0.10


def test_another_tasks_label_is_not_the_tasks(frames_folder: Path):
    frame = Camera(frames_folder, 1, Shares(0, 0, 0, 1000)).frame("LPN-1", "SKU", "r1", 1)

    found = zxingcpp.read_barcodes(pixels(frame.jpeg))

    assert frame.kind == "other_code"
    assert [code.text for code in found] != ["LPN-1"]
    assert found


def test_a_dark_frame_is_dark(frames_folder: Path):
    frame = Camera(frames_folder, 1, Shares(dark=1000)).frame("LPN-1", "SKU", "r1", 1)

    assert np.asarray(pixels(frame.jpeg)).mean() < 30


def test_missing_frames_are_named(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"index\.json is missing"):
        Camera(tmp_path, 1)


def test_every_view_is_there_and_its_carton_covers_the_middle(frames_folder: Path):
    content = json.loads((frames_folder / "index.json").read_text("utf-8"))

    assert content["views"]
    assert content["empty"]
    for view in content["views"]:
        x, y, width, height = view["box"]
        assert (frames_folder / view["file"]).exists()
        assert x <= 0.5 <= x + width
        assert y <= 0.5 <= y + height
    assert all((frames_folder / name).exists() for name in content["empty"])


@pytest.mark.parametrize("permille", [0, 1, 80, 999, 1000])
def test_spoiled_frames_are_dealt_to_the_kinds_alike(permille: int):
    shares = Shares.of_all(permille)
    each = (shares.dark, shares.blurred, shares.empty, shares.other_code)

    assert sum(each) == permille
    assert max(each) - min(each) <= 1
