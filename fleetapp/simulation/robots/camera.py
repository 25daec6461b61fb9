"""What a virtual robot's camera sees: close-ups of real cartons with the task's label.

Each view is a crop of a real photograph around one carton (from the val split of
the data set, never trained on). The task's code is pasted on the carton as a
white label: a Code 128 in some of the frames where it fits on the carton, else a
Data Matrix. A share of frames is spoiled: dark, blurred, without a
package, or with another task's label. The same arguments give the same frame.
"""

import functools
import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import zxingcpp
from PIL import Image, ImageChops, ImageFilter

SIZE_PX = (1280, 960)
MATRIX_MODULES_PX = (5, 4, 3, 2)  # the largest that fits; the reader needs 2 px a module
LINES_PX = (3, 2)
LINES_HEIGHT_PX = 60
QUIET_PX = 20  # white edge of a label; a Code 128 needs ten modules
PAPER = 244
MOST_OF_CARTON = 0.9  # a label takes at most this share of the carton's sides
LINES_MOST = 0.75  # the same for a Code 128, which is wide
LINES_SHARE = 0.15
BLUR_PX = 28
DARK = 0.09
NOISE_TILES = 4
SPOILED_PERMILLE = 80  # in a demo
VIEWS_KEPT = 24  # decoded, 3.7 MB each


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of a thousand frames are spoiled, by kind."""

    dark: int = 0
    blurred: int = 0
    empty: int = 0
    other_code: int = 0

    @classmethod
    def of_all(cls, permille: int) -> "Shares":
        """So many of a thousand, as many of each kind as of any other."""
        return cls(*((permille + more) // 4 for more in range(4)))


@dataclass(frozen=True, slots=True)
class View:
    """A crop on disk and the carton in it, as shares of its width and height."""

    path: Path
    box: tuple[float, float, float, float]  # x, y, width, height

    def place_px(self) -> tuple[int, int, int, int]:
        """The carton in the frame: x, y, width, height."""
        x, y, width, height = self.box
        return (
            round(x * SIZE_PX[0]),
            round(y * SIZE_PX[1]),
            round(width * SIZE_PX[0]),
            round(height * SIZE_PX[1]),
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """A JPEG and what was done to it."""

    jpeg: bytes
    kind: str  # good, dark, blurred, empty, other_code


class Camera:
    """The cameras of all robots of a demo."""

    def __init__(self, folder: Path, seed: int, shares: Shares | None = None) -> None:
        """Take the views of a folder.

        Raises:
            FileNotFoundError: if it has no index.
        """
        index = folder / "index.json"
        if not index.exists():
            raise FileNotFoundError(f"{index} is missing: the demo's frames are not installed")
        content = json.loads(index.read_text("utf-8"))
        self._views = tuple(
            View(folder / view["file"], (view["box"][0], view["box"][1], *view["box"][2:]))
            for view in content["views"]
        )
        self._empty = tuple(folder / name for name in content["empty"])
        self._seed = seed
        self._shares = shares or Shares.of_all(SPOILED_PERMILLE)

    def frame(self, label_code: str | None, sku: str, robot_id: str, attempt: int) -> Frame:
        """What the camera sees.

        Args:
            label_code: the code on the carton; None leaves it without a label.
            sku: decides, with the code, which carton it is.
            robot_id: whose camera.
            attempt: a second look differs from the first.
        """
        random = self._random(label_code, sku, robot_id, attempt)
        kind = self._kind(random, has_code=label_code is not None)
        if kind == "empty":
            image = _opened(self._empty[int(random.integers(len(self._empty)))]).copy()
        else:
            view = self._views[int(random.integers(len(self._views)))]
            image = _opened(view.path).copy()
            code = f"X{random.integers(10**8):08d}" if kind == "other_code" else label_code
            if code is not None:
                _paste_label(image, view, code, random)
        return Frame(_exposed(image, kind, random), kind)

    def _random(
        self, label_code: str | None, sku: str, robot_id: str, attempt: int
    ) -> np.random.Generator:
        text = f"{self._seed}|{label_code}|{sku}|{robot_id}|{attempt}"
        digest = hashlib.sha256(text.encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8], "big"))

    def _kind(self, random: np.random.Generator, *, has_code: bool) -> str:
        draw = int(random.integers(1000))
        kinds = (
            ("dark", self._shares.dark),
            ("blurred", self._shares.blurred),
            ("empty", self._shares.empty),
            ("other_code", self._shares.other_code if has_code else 0),
        )
        for kind, share in kinds:
            if draw < share:
                return kind
            draw -= share
        return "good"


@functools.lru_cache(maxsize=VIEWS_KEPT)
def _opened(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        return opened.convert("RGB").resize(SIZE_PX, Image.Resampling.BILINEAR)


def _paste_label(image: Image.Image, view: View, code: str, random: np.random.Generator) -> None:
    """A white label with the code, somewhere in the carton's middle."""
    x, y, width, height = view.place_px()
    wants_lines = bool(random.random() < LINES_SHARE)
    wide = _lines_label(code, int(width * LINES_MOST)) if wants_lines else None
    room = (int(width * MOST_OF_CARTON), int(height * MOST_OF_CARTON))
    label = wide or _matrix_label(code, room)
    left = x + (width - label.width) * float(random.uniform(0.35, 0.65))
    top = y + (height - label.height) * float(random.uniform(0.45, 0.75))
    image.paste(label.convert("RGB"), (max(0, int(left)), max(0, int(top))))


def _matrix_label(code: str, room: tuple[int, int]) -> Image.Image:
    """A Data Matrix that fits into the room; the smallest readable one if none does."""
    barcode = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.DataMatrix)
    label = _on_paper(barcode, MATRIX_MODULES_PX[0])
    for module_px in MATRIX_MODULES_PX[1:]:
        if label.width <= room[0] and label.height <= room[1]:
            break
        label = _on_paper(barcode, module_px)
    return label


def _lines_label(code: str, room_px: int) -> Image.Image | None:
    """A Code 128 that fits into the width, None if there is none."""
    try:
        barcode = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.Code128)
    except ValueError:  # a text that Code 128 cannot hold
        return None
    for module_px in LINES_PX:
        label = _on_paper(barcode, module_px)
        if label.width <= room_px:
            return label
    return None


def _on_paper(barcode: zxingcpp.Barcode, module_px: int) -> Image.Image:
    drawn = np.asarray(zxingcpp.write_barcode_to_image(barcode, scale=module_px))
    if barcode.format == zxingcpp.BarcodeFormat.Code128:
        drawn = np.repeat(drawn[drawn.shape[0] // 2][None], LINES_HEIGHT_PX, axis=0)
    matrix = Image.fromarray(np.ascontiguousarray(drawn)).convert("L")
    size = (matrix.width + 2 * QUIET_PX, matrix.height + 2 * QUIET_PX)
    label = Image.new("L", size, PAPER)
    label.paste(matrix, (QUIET_PX, QUIET_PX))
    return label


def _exposed(image: Image.Image, kind: str, random: np.random.Generator) -> bytes:
    """Light, noise and blur of the kind, as a JPEG."""
    if kind == "blurred":
        image = image.filter(ImageFilter.GaussianBlur(BLUR_PX))
    light = DARK if kind == "dark" else float(random.uniform(0.88, 1.1))
    lit = image.point([min(255, round(level * light)) for level in range(256)] * 3)
    # Adding images is three times faster than adding arrays of floats.
    noisy = ImageChops.add(lit, _noise(random), scale=1.0, offset=-128)
    buffer = io.BytesIO()
    noisy.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _noise(random: np.random.Generator) -> Image.Image:
    """Grain of about two grey levels round 128, repeated over the frame."""
    across, down = SIZE_PX[0] // NOISE_TILES, SIZE_PX[1] // NOISE_TILES
    grain = random.normal(128, 2, (down, across)).round().astype(np.uint8)
    whole = Image.fromarray(np.tile(grain, (NOISE_TILES, NOISE_TILES)))
    return Image.merge("RGB", (whole, whole, whole))
