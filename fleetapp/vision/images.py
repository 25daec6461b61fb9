"""Image bytes from outside: decoded, or refused with the remedy."""

import io
import struct
import warnings
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
LARGEST_SIDE_PX = 8192
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
        if max(opened.size) > LARGEST_SIDE_PX:
            raise ImageError(
                f"the image has {opened.size[0]} x {opened.size[1]} px: "
                f"send at most {LARGEST_SIDE_PX} px a side"
            )
        return np.asarray(opened.convert("RGB"))
