"""The training recipe: seeded, resumable, and it learns from what it is shown."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from fleetapp.cli.main import main
from fleetapp.vision import load_bundle, training
from fleetapp.vision.backbone import BN_EPSILON, Backbone, load_imagenet
from fleetapp.vision.bundling import Making, make_bundle
from fleetapp.vision.dataset import Photo, crop_of, load_photos
from fleetapp.vision.training import Recipe, generalised_iou, targets, train

SMALL = Recipe(size_px=64, batch=2, budget_s=0.3, warm_up_steps=2)


def test_folded_batch_norms_answer_as_unfolded_ones(imagenet: Path):
    weights = torch.load(imagenet, weights_only=True)
    backbone = Backbone()
    norm = nn.BatchNorm2d(32, eps=BN_EPSILON).eval()
    norm.load_state_dict(
        {k.removeprefix("_bn0."): v for k, v in weights.items() if k.startswith("_bn0.")}
        | {"num_batches_tracked": torch.tensor(0)}
    )
    image = torch.randn(1, 3, 64, 64)

    load_imagenet(backbone, weights)

    with torch.no_grad():
        padded = nn.functional.pad(image, (0, 1, 0, 1))
        unfolded = norm(nn.functional.conv2d(padded, weights["_conv_stem.weight"], stride=2))
        assert torch.allclose(backbone.stem(image), unfolded, atol=1e-4)


def test_a_training_goes_on_from_its_checkpoint(data: Path, imagenet: Path, tmp_path: Path):
    weights, first = train(data, imagenet, tmp_path / "kept", SMALL)

    longer = Recipe(size_px=64, batch=2, budget_s=first.spent_s + 0.2, warm_up_steps=2)
    again, second = train(data, imagenet, tmp_path / "kept", longer)

    assert weights == again
    assert 0 < first.step < second.step


STEPS = Recipe(size_px=64, batch=2, steps=5, warm_up_steps=2, checkpoint_every_s=0)


class PowerCutError(Exception):
    """The machine goes out."""


def test_a_training_of_so_many_steps_gives_the_same_weights_however_often_it_is_cut(
    data: Path, imagenet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    whole, _ = train(data, imagenet, tmp_path / "whole", STEPS)
    step = training._step

    def cut_at(number: int) -> None:
        def cut(*arguments: Any) -> float:
            if arguments[-1].step == number:
                raise PowerCutError
            return step(*arguments)

        monkeypatch.setattr(training, "_step", cut)

    for number in (1, 3):
        cut_at(number)
        with pytest.raises(PowerCutError):
            train(data, imagenet, tmp_path / "cut", STEPS)
    monkeypatch.setattr(training, "_step", step)
    again, progress = train(data, imagenet, tmp_path / "cut", STEPS)

    assert progress.step == 5
    assert again.read_bytes() == whole.read_bytes()


def test_a_checkpoint_that_is_not_whole_is_named(data: Path, imagenet: Path, tmp_path: Path):
    train(data, imagenet, tmp_path / "kept", STEPS)
    state = tmp_path / "kept" / "state.pt"
    state.write_bytes(state.read_bytes()[:1000])

    with pytest.raises(ValueError, match=r"state\.pt is no whole checkpoint: remove it"):
        train(data, imagenet, tmp_path / "kept", STEPS)


@pytest.mark.parametrize("steps", ["0", "-3", "many", "1.5"])
def test_a_number_of_steps_is_one_or_more(steps: str):
    with pytest.raises(SystemExit, match="2"):
        main(["train", "--data", ".", "--out", ".", "--steps", steps])


def test_what_was_trained_becomes_a_bundle_that_loads(data: Path, imagenet: Path, tmp_path: Path):
    weights, progress = train(data, imagenet, tmp_path / "kept", SMALL)
    folder = tmp_path / "bundle"

    card = make_bundle(
        Making(
            weights=weights,
            data=data,
            folder=folder,
            name="small",
            version="0.0.1",
            input_px=128,
            training={"steps": progress.step},
        )
    )

    recogniser = load_bundle(folder)
    assert (recogniser.card.name, recogniser.card.input_px) == ("small", 128)
    assert {"AP", "AP50", "AP75"} <= set(card["metrics_val"])
    assert recogniser.recognise(np.zeros((90, 120, 3), np.uint8)).width == 120


def test_another_seed_does_not_go_on_from_a_foreign_checkpoint(
    data: Path, imagenet: Path, tmp_path: Path
):
    train(data, imagenet, tmp_path / "kept", SMALL)

    with pytest.raises(ValueError, match="seed 0, not 1"):
        train(data, imagenet, tmp_path / "kept", Recipe(size_px=64, batch=2, seed=1))


def test_missing_annotations_are_named(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"train\.json is missing"):
        load_photos(tmp_path, "train")


def test_the_same_seed_cuts_the_same_crop(data: Path):
    (photo,) = load_photos(data, "train")

    one, other = (crop_of(photo, 64, np.random.default_rng(4), empty=False) for _ in range(2))

    assert np.array_equal(one[0], other[0])
    assert np.array_equal(one[1], other[1])


def test_crops_keep_their_boxes_inside_and_empty_ones_have_none(data: Path):
    (photo,) = load_photos(data, "train")

    for seed in range(60):
        random = np.random.default_rng(seed)
        pixels, boxes = crop_of(photo, 64, random, empty=seed % 3 == 0)
        assert pixels.shape == (64, 64, 3)
        assert (boxes >= 0).all()
        assert (boxes <= 64).all()
        assert (boxes[:, 2:] > boxes[:, :2]).all()
        assert seed % 3 or not len(boxes)


def test_a_photograph_without_a_box_can_be_cut_too():
    photo = Photo(np.zeros((70, 90, 3), np.uint8), np.zeros((0, 4), np.float32), "wall")

    pixels, boxes = crop_of(photo, 64, np.random.default_rng(0), empty=False)

    assert (pixels.shape, len(boxes)) == ((64, 64, 3), 0)


def test_the_heat_map_peaks_at_the_middle_of_the_package():
    heat, cells, _ = targets(np.array([[16, 24, 48, 56]], np.float32), 12, 12)

    assert heat[5, 4] == 1.0
    assert (heat >= 0.999).sum() == 1
    assert (5, 4, 0) in cells


def test_overlap_is_one_for_equal_boxes_and_negative_for_distant_ones():
    box = torch.tensor([[0.0, 0.0, 10.0, 10.0]])

    assert float(generalised_iou(box, box)[0]) == pytest.approx(1.0)
    assert float(generalised_iou(box, box + 100)[0]) < 0
