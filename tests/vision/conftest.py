from pathlib import Path

import pytest

from fleetapp.cli import places
from fleetapp.cli.engine import MODEL
from fleetapp.vision import load_bundle
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
