"""The package recogniser: torch model, label codes, model bundles.

Importing this room is cheap; torch is loaded with the first bundle.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fleetapp.vision.infer import Recogniser


def load_bundle(folder: Path) -> "Recogniser":
    """Check and load the bundle in a folder.

    Raises:
        BundleError: if a file is missing, changed, or does not fit this program.
    """
    from fleetapp.vision.infer import load_recogniser  # noqa: PLC0415 - torch takes a second

    return load_recogniser(folder)
