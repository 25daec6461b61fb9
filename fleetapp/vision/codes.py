"""Label codes, read on full-resolution crops of the packages.

A code counts as a package's own only if its middle lies on that package: the crop
is a little wider than the box, and a neighbour's label may look in.

Formats are those of warehouse labels; fewer formats mean fewer false reads.
"""

import numpy as np
import zxingcpp
from numpy.typing import NDArray

MOST_CROPS = 8
MARGIN = 0.04
LEAST_SIDE_PX = 8
FORMATS = "DataMatrix|Code128|EAN13|EAN8|ITF|QRCode"

Rectangle = tuple[float, float, float, float]


def read_codes(pixels: NDArray[np.uint8], bbox: Rectangle) -> tuple[str, ...]:
    """The texts of the codes on a package, each once.

    Args:
        pixels: shape (h, w, 3).
        bbox: x, y, width, height in px.
    """
    left, top, right, bottom = _crop_of(pixels, bbox)
    if right - left < LEAST_SIDE_PX or bottom - top < LEAST_SIDE_PX:
        return ()
    crop = np.ascontiguousarray(pixels[top:bottom, left:right])
    found = zxingcpp.read_barcodes(crop, formats=zxingcpp.barcode_formats_from_str(FORMATS))
    texts = [
        code.text
        for code in found
        if code.valid and code.text and _is_on(code.position, left, top, bbox)
    ]
    return tuple(dict.fromkeys(texts))


def _crop_of(pixels: NDArray[np.uint8], bbox: Rectangle) -> tuple[int, int, int, int]:
    x, y, width, height = bbox
    edge_x, edge_y = width * MARGIN, height * MARGIN
    return (
        max(0, int(x - edge_x)),
        max(0, int(y - edge_y)),
        min(pixels.shape[1], int(x + width + edge_x) + 1),
        min(pixels.shape[0], int(y + height + edge_y) + 1),
    )


def _is_on(position: zxingcpp.Position, left: int, top: int, bbox: Rectangle) -> bool:
    corners = (
        position.top_left,
        position.top_right,
        position.bottom_right,
        position.bottom_left,
    )
    x = left + sum(corner.x for corner in corners) / len(corners)
    y = top + sum(corner.y for corner in corners) / len(corners)
    return bbox[0] <= x <= bbox[0] + bbox[2] and bbox[1] <= y <= bbox[1] + bbox[3]
