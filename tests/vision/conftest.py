import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from fleetapp.cli import places
from fleetapp.cli.engine import MODEL
from fleetapp.vision import load_bundle
from fleetapp.vision.backbone import Backbone, Block
from fleetapp.vision.infer import Recogniser


@pytest.fixture(scope="session")
def bundle_folder() -> Path:
    return places.assets_dir() / "models" / MODEL[0] / MODEL[1]


@pytest.fixture(scope="session")
def frames_folder() -> Path:
    return places.assets_dir() / "frames"


@pytest.fixture(scope="session")
def recogniser(bundle_folder: Path) -> Recogniser:
    return load_bundle(bundle_folder)


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
