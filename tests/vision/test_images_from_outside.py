"""Images come from outside: what is no image is refused with value and remedy."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from fleetapp.vision.images import ORIENTATION, ImageError, pixels_of


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


def test_many_pixels_in_a_small_file_are_refused_before_they_are_decoded():
    with pytest.raises(ImageError, match="50 million in all"):
        pixels_of(encoded(Image.new("1", (8192, 8192))))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_a_viewer_shows_it(orientation: int):
    image = Image.new("RGB", (8, 4), "black")
    image.putpixel((0, 0), (255, 255, 255))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    buffer = io.BytesIO()
    image.save(buffer, "PNG", exif=exif)

    shown = ImageOps.exif_transpose(Image.open(io.BytesIO(buffer.getvalue())))

    assert np.array_equal(pixels_of(buffer.getvalue()), np.asarray(shown))


def test_broken_exif_data_makes_no_picture_unreadable():
    buffer = io.BytesIO()
    Image.new("RGB", (8, 4)).save(buffer, "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")

    assert pixels_of(buffer.getvalue()).shape == (4, 8, 3)


def test_grey_of_sixteen_bits_keeps_its_shades():
    shades = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)

    pixels = pixels_of(encoded(Image.fromarray(shades)))

    assert np.array_equal(pixels[..., 0].ravel(), np.arange(256))


def test_of_a_moving_picture_the_first_frame_counts():
    first, second = Image.new("RGB", (8, 6), "white"), Image.new("RGB", (8, 6), "black")
    buffer = io.BytesIO()
    first.save(buffer, "WEBP", save_all=True, append_images=[second], lossless=True)

    assert pixels_of(buffer.getvalue()).min() == 255
