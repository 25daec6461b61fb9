"""Label codes, read on full-resolution crops of the packages."""

import numpy as np
import zxingcpp
from numpy.typing import NDArray

MOST_CROPS = 8
MARGIN = 0.04


def read_codes(
    pixels: NDArray[np.uint8], bbox: tuple[float, float, float, float]
) -> tuple[str, ...]:
    """The texts of the codes inside a box.

    Args:
        pixels: shape (h, w, 3).
        bbox: x, y, width, height in px.
    """
    x, y, width, height = bbox
    edge_x, edge_y = width * MARGIN, height * MARGIN
    left, top = max(0, int(x - edge_x)), max(0, int(y - edge_y))
    right = min(pixels.shape[1], int(x + width + edge_x) + 1)
    bottom = min(pixels.shape[0], int(y + height + edge_y) + 1)
    if right - left < 16 or bottom - top < 16:
        return ()
    crop = np.ascontiguousarray(pixels[top:bottom, left:right])
    found = zxingcpp.read_barcodes(crop)
    return tuple(dict.fromkeys(code.text for code in found if code.valid and code.text))
