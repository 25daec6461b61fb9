"""Image bytes from outside: decoded, or refused with the remedy.

Pixels are as a viewer shows them: turned as the picture's EXIF orientation says,
sixteen bits of grey brought to eight. Of several pictures in a file the first.
"""

import io
import struct
import warnings
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
LARGEST_SIDE_PX = 8192
MOST_PX = 50_000_000  # of the whole picture: looking at it takes about 10 bytes a pixel
ORIENTATION = 0x0112  # EXIF tag
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
GREY_STEP = 257  # 65,535 becomes 255
DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    TypeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


class ImageError(ValueError):
    """Bytes that are no usable image; the message names the remedy."""


def pixels_of(image: bytes) -> NDArray[np.uint8]:
    """Decode an image to RGB, shape (h, w, 3).

    Raises:
        ImageError: if it cannot be decoded or is too large.
    """
    if not image:
        raise ImageError("the image has no bytes: send a whole JPEG or PNG")
    try:
        with warnings.catch_warnings():
            # The size is checked below, before anything is decoded.
            warnings.simplefilter("ignore")
            return _decoded(image)
    except ImageError:
        raise
    except UnidentifiedImageError as error:
        raise ImageError(
            f"{len(image)} bytes beginning with {image[:8]!r} are no image of a known format: "
            "send a whole JPEG or PNG"
        ) from error
    except DECODER_ERRORS as error:
        what = str(error).replace("\n", " ") or type(error).__name__
        raise ImageError(
            f"{len(image)} bytes are no usable image ({what}): send a whole JPEG or PNG"
        ) from error


def _decoded(image: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(image), formats=FORMATS) as opened:
        width, height = opened.size
        if max(width, height) > LARGEST_SIDE_PX or width * height > MOST_PX:
            raise ImageError(
                f"the image has {width} x {height} px: send at most {LARGEST_SIDE_PX} px a side "
                f"and {MOST_PX // 1_000_000} million in all"
            )
        turn = TURNS.get(_orientation(opened))
        plain = _in_eight_bits(opened).convert("RGB")
        return np.asarray(plain if turn is None else plain.transpose(turn))


def _orientation(opened: Image.Image) -> int:
    """How the picture is to be turned; one whose EXIF data is broken is not."""
    try:
        return int(opened.getexif().get(ORIENTATION, 1))
    except DECODER_ERRORS:
        return 1


def _in_eight_bits(opened: Image.Image) -> Image.Image:
    """Grey of sixteen bits would be cut off at 255: all white."""
    if not opened.mode.startswith("I"):
        return opened
    grey = np.asarray(opened).astype(np.int64).clip(0, 255 * GREY_STEP) // GREY_STEP
    return Image.fromarray(grey.astype(np.uint8))
