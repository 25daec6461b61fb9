"""What a virtual robot's camera sees: close-ups of real cartons with the task's label.

Each view is a crop of a real photograph around one carton (from the val split of
the data set, never trained on). The task's code is pasted on the carton as a
white label. A share of frames is spoiled: dark, blurred, without a package, or
with another task's label. The same arguments give the same frame.
"""

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import zxingcpp
from PIL import Image, ImageFilter

SIZE_PX = (1280, 960)
MODULE_PX = 5
QUIET_PX = 14


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of a thousand frames are spoiled, by kind."""

    dark: int = 20
    blurred: int = 20
    empty: int = 20
    other_code: int = 20


@dataclass(frozen=True, slots=True)
class View:
    """A crop on disk and the carton in it, as shares of its width and height."""

    path: Path
    box: tuple[float, float, float, float]  # x, y, width, height


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
        self._shares = shares or Shares()

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
            image = _opened(self._empty[int(random.integers(len(self._empty)))])
        else:
            view = self._views[int(random.integers(len(self._views)))]
            image = _opened(view.path)
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


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        return opened.convert("RGB").resize(SIZE_PX, Image.Resampling.BICUBIC)


def _paste_label(image: Image.Image, view: View, code: str, random: np.random.Generator) -> None:
    """A white label with the code as a Data Matrix, somewhere in the carton's middle."""
    x, y = view.box[0] * SIZE_PX[0], view.box[1] * SIZE_PX[1]
    width, height = view.box[2] * SIZE_PX[0], view.box[3] * SIZE_PX[1]
    barcode = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.DataMatrix)
    matrix = Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(barcode, scale=MODULE_PX)))
    label = Image.new("L", (matrix.width + 2 * QUIET_PX, matrix.height + 2 * QUIET_PX), 244)
    label.paste(matrix.convert("L"), (QUIET_PX, QUIET_PX))
    left = x + (width - label.width) * float(random.uniform(0.35, 0.65))
    top = y + (height - label.height) * float(random.uniform(0.45, 0.75))
    image.paste(label.convert("RGB"), (max(0, int(left)), max(0, int(top))))


def _exposed(image: Image.Image, kind: str, random: np.random.Generator) -> bytes:
    if kind == "blurred":
        image = image.filter(ImageFilter.GaussianBlur(28))
    pixels = np.asarray(image, dtype=np.float32)
    light = 0.09 if kind == "dark" else float(random.uniform(0.88, 1.1))
    pixels = pixels * light + random.normal(0, 2.0, pixels.shape[:2])[:, :, None]
    buffer = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
