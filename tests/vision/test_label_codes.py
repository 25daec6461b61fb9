"""Codes are read on the package that carries them, and only there."""

import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray

from fleetapp.vision.codes import read_codes


def drawn(text: str, name: str, *, scale: int = 3) -> NDArray[np.uint8]:
    barcode = zxingcpp.create_barcode(text, zxingcpp.barcode_format_from_str(name))
    image = np.asarray(zxingcpp.write_barcode_to_image(barcode, scale=scale))
    return np.repeat(image[:, :, None], 3, axis=2)


def frame_with(code: NDArray[np.uint8], x: int, y: int) -> NDArray[np.uint8]:
    frame = np.full((480, 640, 3), 150, np.uint8)
    frame[y : y + code.shape[0], x : x + code.shape[1]] = code
    return frame


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("LPN-00042", "DataMatrix"),
        ("LPN-00042", "Code128"),
        ("4006381333931", "EAN13"),
        ("12345678901231", "ITF"),
        ("LPN-00042", "QRCode"),
    ],
)
def test_warehouse_codes_are_read(text: str, name: str):
    frame = frame_with(drawn(text, name), 100, 120)

    assert read_codes(frame, (40, 60, 560, 380)) == (text,)


def test_a_code_beside_the_package_is_not_its_own():
    code = drawn("LPN-1", "DataMatrix")
    frame = frame_with(code, 300, 120)

    assert read_codes(frame, (20, 60, 250, 300)) == ()


def test_a_code_on_the_edge_of_the_crop_belongs_to_the_package_its_middle_is_on():
    code = drawn("LPN-1", "DataMatrix", scale=2)
    frame = frame_with(code, 300, 120)
    right_edge = 300 + code.shape[1] - 4

    assert read_codes(frame, (20, 60, right_edge - 20, 300)) == ("LPN-1",)


def test_a_plain_carton_has_no_code():
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (480, 640, 3), dtype=np.uint8)

    assert read_codes(noise, (0, 0, 640, 480)) == ()


@pytest.mark.parametrize("box", [(0, 0, 3, 3), (639, 479, 50, 50), (-20, -20, 10, 10)])
def test_a_box_too_small_or_outside_has_no_code(box: tuple[float, float, float, float]):
    assert read_codes(np.zeros((480, 640, 3), np.uint8), box) == ()
