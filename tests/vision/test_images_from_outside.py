"""Images come from outside: what is no image is refused with value and remedy."""

import io

import numpy as np
import pytest
from PIL import Image

from fleetapp.vision.images import ImageError, pixels_of


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "CMYK", "I;16"])
def test_every_kind_of_colour_becomes_rgb(mode: str):
    kind = "JPEG" if mode == "CMYK" else "PNG"

    pixels = pixels_of(encoded(Image.new(mode, (8, 6)), kind))

    assert pixels.shape == (6, 8, 3)
    assert pixels.dtype == np.uint8


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"\xff\xd8\xff\xe0 cut", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\0" * 40]
)
def test_bytes_that_are_no_image_are_refused_with_the_remedy(body: bytes):
    with pytest.raises(ImageError, match="send a whole JPEG or PNG"):
        pixels_of(body)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_every_cut_of_an_image_is_refused_or_read_but_never_anything_else(kind: str):
    whole = encoded(Image.linear_gradient("L").resize((64, 48)), kind)

    for length in range(0, len(whole), 7):
        try:
            pixels = pixels_of(whole[:length])
        except ImageError:
            continue
        assert pixels.shape == (48, 64, 3)


def test_an_image_that_would_fill_the_memory_is_refused_before_it_is_decoded():
    huge = encoded(Image.new("1", (30_000, 30_000)))

    with pytest.raises(ImageError):
        pixels_of(huge)


def test_a_side_above_the_limit_is_named():
    with pytest.raises(ImageError, match="9000 x 2 px"):
        pixels_of(encoded(Image.new("L", (9000, 2))))
