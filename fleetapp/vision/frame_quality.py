"""The input gate: is there enough light and sharpness to judge a frame at all?"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fleetapp.terms.reasons import Abstain
from fleetapp.vision.bundle import Card
from fleetapp.vision.recognition import Package

LOOK_AT_PX = (320, 240)


def frame_quality(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """Light and sharpness of a frame, both 0 to 1.

    Light is the mean brightness; sharpness the spread of the Laplacian relative to
    the contrast, on a small copy, so that it depends neither on size nor on light.
    """
    small = np.asarray(
        Image.fromarray(pixels).convert("L").resize(LOOK_AT_PX, Image.Resampling.BOX),
        dtype=np.float32,
    )
    inner = small[1:-1, 1:-1]
    laplacian = 4 * inner - small[:-2, 1:-1] - small[2:, 1:-1] - small[1:-1, :-2] - small[1:-1, 2:]
    contrast = float(small.std()) + 1.0  # a plain wall has none
    sharpness = min(1.0, float(laplacian.std()) / contrast / 1.5)
    return round(float(small.mean()) / 255, 4), round(sharpness, 4)


def frame_doubt(
    card: Card, *, light: float, sharpness: float, packages: tuple[Package, ...]
) -> Abstain | None:
    """Why a frame as a whole gives no answer, None if it does.

    A frame on which a code was read is sharp enough, whatever the measure says.
    """
    if light < card.darkest:
        return Abstain.TOO_DARK
    readable = any(package.codes for package in packages)
    if sharpness < card.least_sharpness and not readable:
        return Abstain.BLURRED
    return None if packages else Abstain.NO_PACKAGE
