"""A bundle is used only if every byte is the one that was recorded."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fleetapp.vision.bundle import (
    CARD,
    MANIFEST,
    WEIGHTS,
    BundleError,
    read_card,
    write_manifest,
)
from fleetapp.vision.infer import load_recogniser

LARGEST_BYTES = 16 * 1024 * 1024


def table(points: list[list[float]]) -> dict[str, object]:
    return {"large_from": 0.2, "small": [[1.0, 0.9]], "large": points}


@pytest.fixture
def copy(bundle_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle_folder, tmp_path / "bundle"))


def change_card(folder: Path, **values: object) -> None:
    content = json.loads((folder / CARD).read_text("utf-8"))
    (folder / CARD).write_text(json.dumps(content | values), "utf-8")
    write_manifest(folder)


@pytest.mark.parametrize("name", [WEIGHTS, CARD])
def test_one_flipped_byte_is_refused_and_the_file_named(copy: Path, name: str):
    body = bytearray((copy / name).read_bytes())
    body[len(body) // 2] ^= 1
    (copy / name).write_bytes(bytes(body))

    with pytest.raises(BundleError, match=rf"{name}.*restore"):
        load_recogniser(copy)


@pytest.mark.parametrize("name", [WEIGHTS, CARD, MANIFEST])
def test_a_missing_file_is_named(copy: Path, name: str):
    (copy / name).unlink()

    with pytest.raises(BundleError, match=name):
        load_recogniser(copy)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"format": 2}, "format 2"),
        ({"input_px": 500}, "input_px is 500"),
        ({"thresholds": {"report": 0.9, "sure": 0.3}}, "thresholds"),
        ({"calibration": table([[0.5, 0.9], [0.6, 0.1]])}, "calibration"),
        ({"calibration": table([[0.5, 1.9]])}, "calibration"),
        ({"calibration": table([])}, "calibration"),
        ({"calibration": {}}, "large_from"),
        ({"gates": {}}, "darkest"),
        ({"classes": []}, "model card"),
    ],
)
def test_a_card_that_does_not_fit_is_refused_with_the_value(
    copy: Path, values: dict[str, object], named: str
):
    change_card(copy, **values)

    with pytest.raises(BundleError, match=named):
        read_card(copy)


def test_a_card_that_is_not_json_is_refused(copy: Path):
    (copy / CARD).write_bytes(b"\xff not json")
    write_manifest(copy)

    with pytest.raises(BundleError, match="not JSON"):
        read_card(copy)


def test_weights_of_another_detector_are_refused(copy: Path):
    (copy / WEIGHTS).write_bytes(b"not safetensors")
    write_manifest(copy)

    with pytest.raises(BundleError, match="does not fit"):
        load_recogniser(copy)


def test_the_digest_stands_for_the_card_too(copy: Path, bundle_folder: Path):
    change_card(copy, gates={"darkest": 0.2, "least_sharpness": 0.1})

    assert read_card(copy).digest != read_card(bundle_folder).digest


def test_the_committed_bundle_is_small_enough_and_never_certain(bundle_folder: Path):
    card = read_card(bundle_folder)

    assert (bundle_folder / WEIGHTS).stat().st_size <= LARGEST_BYTES
    for share in (0.0, 1.0):
        assert card.calibration.confidence(1.0, share) < 1.0
        assert card.calibration.confidence(0.0, share) == 0.0


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_confidence_never_falls_as_the_score_rises(bundle_folder: Path, share: float):
    calibration = read_card(bundle_folder).calibration

    confidences = [calibration.confidence(score / 200, share) for score in range(201)]

    assert confidences == sorted(confidences)


def test_looking_for_a_command_does_not_load_torch():
    code = "import sys, fleetapp.vision, fleetapp.cli.main; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
