"""The training recipe: seeded, resumable, and it learns from what it is shown."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from fleetapp.cli.main import main
from fleetapp.vision import load_bundle, training
from fleetapp.vision.backbone import BN_EPSILON, Backbone, Block, load_imagenet
from fleetapp.vision.bundling import Making, make_bundle
from fleetapp.vision.dataset import Photo, crop_of, load_photos
from fleetapp.vision.training import Recipe, generalised_iou, targets, train

SMALL = Recipe(size_px=64, batch=2, budget_s=0.3, warm_up_steps=2)


def published(random: torch.Generator) -> dict[str, Tensor]:
    """Weights under the names of the published file, by chance."""
    backbone, weights = Backbone(), {}
    convs = [(backbone.stem.conv, "_conv_stem", "_bn0")]
    for number, block in enumerate(backbone.blocks):
        assert isinstance(block, Block)
        prefix = f"_blocks.{number}."
        if block.expand is not None:
            convs.append((block.expand, f"{prefix}_expand_conv", f"{prefix}_bn0"))
        convs.append((block.depthwise.conv, f"{prefix}_depthwise_conv", f"{prefix}_bn1"))
        convs.append((block.project, f"{prefix}_project_conv", f"{prefix}_bn2"))
    for conv, name, norm in convs:
        channels = conv.out_channels
        weights[f"{name}.weight"] = torch.randn(conv.weight.shape, generator=random) * 0.1
        weights[f"{norm}.weight"] = torch.rand(channels, generator=random) + 0.5
        weights[f"{norm}.bias"] = torch.randn(channels, generator=random)
        weights[f"{norm}.running_mean"] = torch.randn(channels, generator=random)
        weights[f"{norm}.running_var"] = torch.rand(channels, generator=random) + 0.5
    return weights


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "images").mkdir(parents=True)
    (folder / "annotations").mkdir()
    Image.linear_gradient("L").convert("RGB").resize((160, 120)).save(folder / "images/a.png")
    content = {
        "info": {},
        "images": [
            {"id": 5, "file_name": "images/a.png", "source": "one", "width": 160, "height": 120}
        ],
        "annotations": [
            {
                "id": 1,
                "image_id": 5,
                "category_id": 1,
                "bbox": [40, 30, 60, 50],
                "area": 3000,
                "iscrowd": 0,
            }
        ],
        "categories": [{"id": 1, "name": "box"}],
    }
    for split in ("train", "val"):
        (folder / f"annotations/{split}.json").write_text(json.dumps(content), "utf-8")
    return folder


@pytest.fixture
def imagenet(tmp_path: Path) -> Path:
    path = tmp_path / "imagenet.pth"
    torch.save(published(torch.Generator().manual_seed(1)), path)
    return path


def test_folded_batch_norms_answer_as_unfolded_ones():
    weights = published(torch.Generator().manual_seed(0))
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
