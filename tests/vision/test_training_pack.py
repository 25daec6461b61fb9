"""A pack of training data: what goes in, and that its step trains, stops and goes on."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from fleetapp.vision import load_bundle, packing
from fleetapp.vision.bundle import DetectorKind
from fleetapp.vision.bundling import Making, make_bundle
from fleetapp.vision.detections import answers_to
from fleetapp.vision.learning import pool
from fleetapp.vision.learning.pool import read_pack
from fleetapp.vision.learning.step import parsed, run
from fleetapp.vision.network import Network
from fleetapp.vision.packing import Sources, pack, read_hints
from fleetapp.vision.recognition import Package

SIZES = ((640, 640), (320, 200), (64, 48))


def picture(path: Path, size: tuple[int, int], seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def packed(tmp_path: Path, imagenet: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(packing, "SURFACES", 2)
    monkeypatch.setattr(pool, "DRAWN_FACES", 4)
    boxes = tmp_path / "boxes"
    (boxes / "annotations").mkdir(parents=True)
    for split in ("train", "val"):
        images = [
            {"id": n, "file_name": f"images/{split}/{n}.png", "source": f"s{n}", "clean": n != 1}
            for n in range(3)
        ]
        annotations = [{"image_id": n, "bbox": [100, 100, 200, 150]} for n in range(3)]
        content = {"images": images, "annotations": annotations}
        (boxes / f"annotations/{split}.json").write_text(json.dumps(content), "utf-8")
        for image in images:
            picture(boxes / image["file_name"], (640, 640), image["id"])
    for number, size in enumerate(SIZES):
        picture(tmp_path / f"empty/{number}.png", size, number)
    hint = {"image": "elsewhere/0.png", "packages": [{"bbox": [400, 400, 80, 80]}]}
    (tmp_path / "hints.jsonl").write_text(json.dumps(hint) + "\n", "utf-8")
    pack(
        Sources(
            boxes,
            None,
            (tmp_path / "empty",),
            (tmp_path / "hints.jsonl",),
            imagenet,
        ),
        tmp_path / "pack",
    )
    return tmp_path / "pack"


def test_hints_are_found_by_the_photographs_name(tmp_path: Path):
    line = {"image": "a/b.jpg", "packages": [{"bbox": [1, 2, 3, 4]}]}
    (tmp_path / "h").write_text(json.dumps(line), "utf-8")

    assert read_hints([tmp_path / "h"]) == {"b.jpg": [[1, 2, 4, 6]]}


def test_what_nobody_labelled_but_others_found_is_unknown(packed: Path):
    rows = [row for row in read_pack(packed).photos if row["split"] == "train"]

    assert [len(row["unknown"]) for row in rows] == [1, 0, 0]
    assert [row["worth"] for row in rows] == [1.0, 0.25, 1.0]


def test_the_step_trains_goes_on_and_gives_weights_that_fit(packed: Path, tmp_path: Path):
    options = ["--data", str(packed), "--out", str(tmp_path / "out")]
    options += ["--state", str(tmp_path / "state/s.pt"), "--batch", "3", "--side", "64"]

    run(parsed([*options, "--steps", "1", "--leave-out", "s2"]))
    run(parsed([*options, "--steps", "2", "--leave-out", "s2"]))

    lines = [json.loads(line) for line in (tmp_path / "out/detector.log").read_text().splitlines()]
    assert [line["step"] for line in lines if "step" in line] == [1, 2]
    assert {line["figures"] for line in lines if "figures" in line} == {"val", "left_out"}
    Network().load_state_dict(
        {
            name: value.float()
            for name, value in load_file(tmp_path / "out/detector.safetensors").items()
        }
    )


def test_the_packs_own_copy_of_the_step_runs_alone(packed: Path):
    answer = subprocess.run(
        [sys.executable, "-m", "fleetapp.vision.learning.step", "--help"],
        cwd=packed,
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0
    assert "--leave-out" in answer.stdout


def test_trained_weights_become_a_bundle_of_their_kind(data: Path, tmp_path: Path):
    torch.manual_seed(0)
    from fleetapp.vision.learning.plain_tensors import write_half

    write_half(Network().state_dict(), tmp_path / "w.safetensors")

    make_bundle(
        Making(
            weights=tmp_path / "w.safetensors",
            data=data,
            folder=tmp_path / "bundle",
            name="small",
            version="0.0.1",
            input_px=64,
            training={},
            detector=DetectorKind.GRIDS,
        )
    )

    recogniser = load_bundle(tmp_path / "bundle")
    assert recogniser.card.detector is DetectorKind.GRIDS
    assert recogniser.recognise(np.zeros((90, 120, 3), np.uint8)).height == 90


def test_an_answer_on_a_package_that_nobody_labelled_does_not_count(data: Path):
    class Eye:
        def look(self, pixels: np.ndarray) -> tuple[list[Package], float]:
            tall, wide = pixels.shape[:2]
            return [Package((0.0, 0.0, float(wide), float(tall)), "box", 0.9)], 0.0

    whole = {"a.png": [[0.0, 0.0, 160.0, 120.0]]}

    counted, left_out = (answers_to(Eye(), data, "val", seen) for seen in ({}, whole))

    assert counted.image_ids.tolist()[0] == 5
    assert not counted.right[0]
    assert 5 not in left_out.image_ids
