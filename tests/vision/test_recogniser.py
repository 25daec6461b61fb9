"""The committed recogniser on the demo's frames: what it says and when it abstains."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from fleetapp.simulation.robots.camera import Camera, Shares
from fleetapp.terms.reasons import Abstain
from fleetapp.vision.infer import Recogniser, without_doubles
from fleetapp.vision.recognition import Package


def overlap(package: Package, place: list[float], size: tuple[int, int]) -> float:
    x, y, width, height = (share * size[n % 2] for n, share in enumerate(place))
    left, top, wide, tall = package.bbox
    across = min(left + wide, x + width) - max(left, x)
    down = min(top + tall, y + height) - max(top, y)
    shared = max(0.0, across) * max(0.0, down)
    return shared / (wide * tall + width * height - shared)


def test_the_same_frame_gives_the_same_answer(recogniser: Recogniser, frames_folder: Path):
    jpeg = Camera(frames_folder, 1, Shares(0, 0, 0, 0)).frame("LPN-1", "S", "r1", 1).jpeg

    assert recogniser.recognise(jpeg) == recogniser.recognise(jpeg)


def test_cartons_in_the_demos_views_are_found_where_they_are(
    recogniser: Recogniser, frames_folder: Path
):
    views = json.loads((frames_folder / "index.json").read_text("utf-8"))["views"][::12]

    assert len(views) > 1
    for view in views:
        answer = recogniser.recognise((frames_folder / view["file"]).read_bytes())
        size = (answer.width, answer.height)
        assert max(overlap(package, view["box"], size) for package in answer.packages) >= 0.5


def test_a_label_is_read_on_its_package(recogniser: Recogniser, frames_folder: Path):
    camera = Camera(frames_folder, 2, Shares(0, 0, 0, 0))

    answers = [recogniser.recognise(camera.frame("LPN-7", "S", "r1", n).jpeg) for n in range(4)]

    read = [any("LPN-7" in package.codes for package in answer.packages) for answer in answers]
    assert read.count(True) >= 3


@pytest.mark.parametrize(
    ("shares", "doubt"),
    [
        (Shares(1000, 0, 0, 0), Abstain.TOO_DARK),
        (Shares(0, 1000, 0, 0), Abstain.BLURRED),
        (Shares(0, 0, 1000, 0), Abstain.NO_PACKAGE),
    ],
)
def test_a_spoiled_frame_gets_its_reason(
    recogniser: Recogniser, frames_folder: Path, shares: Shares, doubt: Abstain
):
    frame = Camera(frames_folder, 1, shares).frame("LPN-1", "S", "r1", 1)

    assert recogniser.recognise(frame.jpeg).abstain is doubt


@pytest.mark.parametrize("level", [0, 30, 128, 255])
def test_a_plain_picture_is_never_an_answer(recogniser: Recogniser, level: int):
    assert recogniser.recognise(np.full((480, 640, 3), level, np.uint8)).abstain is not None


def test_noise_is_stranger_than_a_carton(recogniser: Recogniser, frames_folder: Path):
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    carton = Camera(frames_folder, 1, Shares(0, 0, 0, 0)).frame(None, "S", "r1", 1)

    assert recogniser.recognise(noise).ood_score > 0.5
    assert recogniser.recognise(carton.jpeg).ood_score < 0.5


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (2000, 5), (640, 480)])
def test_boxes_lie_inside_a_frame_of_any_shape(recogniser: Recogniser, size: tuple[int, int]):
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)

    answer = recogniser.recognise(pixels, least_confidence=0.0)

    assert (answer.width, answer.height) == size
    for package in answer.packages:
        x, y, width, height = package.bbox
        assert min(package.bbox) >= 0
        assert x + width <= size[0] + 0.2
        assert y + height <= size[1] + 0.2


def test_a_package_too_doubtful_to_act_on_says_so(recogniser: Recogniser, frames_folder: Path):
    jpeg = Camera(frames_folder, 1, Shares(0, 0, 0, 0)).frame(None, "S", "r1", 1).jpeg

    answer = recogniser.recognise(jpeg, least_confidence=0.01)

    limit = recogniser.card.sure_confidence
    assert any(package.confidence < limit for package in answer.packages)
    for package in answer.packages:
        expected = None if package.confidence >= limit else Abstain.LOW_CONFIDENCE
        assert package.abstain is expected


def test_asking_for_fewer_packages_does_not_change_the_doubt_about_the_frame(
    recogniser: Recogniser, frames_folder: Path
):
    jpeg = Camera(frames_folder, 1, Shares(0, 0, 0, 0)).frame(None, "S", "r1", 1).jpeg

    answer = recogniser.recognise(jpeg, least_confidence=1.0)

    assert (answer.packages, answer.abstain) == ((), None)


def test_bytes_and_pixels_of_an_image_are_answered_alike(
    recogniser: Recogniser, frames_folder: Path
):
    jpeg = Camera(frames_folder, 1).frame("LPN-1", "S", "r1", 1).jpeg
    pixels = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))

    assert recogniser.recognise(jpeg) == recogniser.recognise(pixels)


def test_of_boxes_round_the_same_package_the_best_is_kept():
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [50, 50, 60, 60]], np.float32)

    assert without_doubles(boxes, np.array([0.5, 0.9, 0.2], np.float32)) == [1, 2]


def test_in_a_crowd_the_package_over_the_middle_has_its_code_read(recogniser: Recogniser):
    code = np.asarray(
        zxingcpp.write_barcode_to_image(
            zxingcpp.create_barcode("LPN-1", zxingcpp.BarcodeFormat.DataMatrix), scale=4
        )
    )
    frame = np.full((960, 1280, 3), 150, np.uint8)
    top, left = 480 - code.shape[0] // 2, 640 - code.shape[1] // 2
    frame[top : top + code.shape[0], left : left + code.shape[1]] = code[:, :, None]
    crowd = [Package((n * 100.0, 10.0, 90.0, 90.0), "box", 0.99) for n in range(12)]
    middle = Package((500.0, 340.0, 280.0, 280.0), "box", 0.9)

    answer = recogniser.answer_to(frame, [*crowd, middle], 0.0)

    assert answer.packages[-1].codes == ("LPN-1",)
