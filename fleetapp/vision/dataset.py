"""Training crops of photographs with boxes: cut, scaled, lit and spoiled at random.

Reads COCO detection files. A share of crops shows no package: places without a
label in the photographs, and plain drawn surfaces, so that the detector does not
see packages everywhere.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
Boxes = NDArray[np.float32]

LEAST_SIDE_PX = 6.0
LEAST_VISIBLE = 0.35


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph and its boxes (x1, y1, x2, y2), shape (k, 4), px.

    `unlabelled` are packages that somebody saw and nobody labelled.
    """

    pixels: Pixels
    boxes: Boxes
    source: str
    unlabelled: Boxes = field(default_factory=lambda: np.zeros((0, 4), np.float32))


def load_photos(folder: Path, split: str) -> list[Photo]:
    """All photographs of a split ("train", "val") into memory.

    Raises:
        FileNotFoundError: naming the annotation file that is missing.
    """
    path = folder / "annotations" / f"{split}.json"
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: give the folder that holds annotations/")
    content = json.loads(path.read_text(encoding="utf-8"))
    boxes: dict[int, list[list[float]]] = {image["id"]: [] for image in content["images"]}
    for annotation in content["annotations"]:
        x, y, width, height = annotation["bbox"]
        boxes[annotation["image_id"]].append([x, y, x + width, y + height])
    photos = []
    for image in content["images"]:
        with Image.open(folder / image["file_name"]) as opened:
            pixels = np.asarray(opened.convert("RGB"))
        found = np.array(boxes[image["id"]], dtype=np.float32).reshape(-1, 4)
        photos.append(Photo(pixels, found, str(image.get("source", ""))))
    return photos


def crop_of(
    photo: Photo, size_px: int, random: np.random.Generator, *, empty: bool
) -> tuple[Pixels, Boxes]:
    """A square crop, shape (size, size, 3), and the boxes that are still to be seen in it."""
    if empty and random.random() < 0.5:
        return _spoiled(drawn_surface(size_px, random), random), np.zeros((0, 4), np.float32)
    scale = float(np.exp(random.uniform(np.log(0.4), np.log(2.4))))
    side = min(size_px / scale, float(min(photo.pixels.shape[:2])))
    x, y = _corner(photo, side, random, empty=empty)
    boxes = _visible(photo.boxes, x, y, side, size_px)
    if empty and len(boxes):
        return _spoiled(drawn_surface(size_px, random), random), np.zeros((0, 4), np.float32)
    height, width = photo.pixels.shape[:2]
    cut = Image.fromarray(photo.pixels).resize(
        (size_px, size_px),
        Image.Resampling.BILINEAR,
        box=(x, y, min(x + side, width), min(y + side, height)),
    )
    pixels = np.array(cut)
    if random.random() < 0.5:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
        boxes = boxes[:, [2, 1, 0, 3]]
        boxes[:, [0, 2]] = size_px - boxes[:, [0, 2]]
    _label(pixels, boxes, random)
    return _spoiled(pixels, random), boxes


def _corner(
    photo: Photo, side: float, random: np.random.Generator, *, empty: bool
) -> tuple[float, float]:
    height, width = photo.pixels.shape[:2]
    if len(photo.boxes) and not empty and random.random() < 0.7:
        x1, y1, x2, y2 = photo.boxes[random.integers(len(photo.boxes))]
        x = (x1 + x2) / 2 - side * random.uniform(0.2, 0.8)
        y = (y1 + y2) / 2 - side * random.uniform(0.2, 0.8)
        return float(np.clip(x, 0, width - side)), float(np.clip(y, 0, height - side))
    return random.uniform(0, max(1e-3, width - side)), random.uniform(0, max(1e-3, height - side))


def _visible(boxes: Boxes, x: float, y: float, side: float, size_px: int) -> Boxes:
    """Boxes in crop pixels, clipped; those mostly outside or tiny are left out."""
    if not len(boxes):
        return boxes.copy()
    factor = size_px / side
    moved = (boxes - np.array([x, y, x, y], np.float32)) * factor
    return _clipped(moved, size_px, size_px)


def visible_boxes(boxes: Boxes, part: tuple[int, int, int, int]) -> Boxes:
    """Boxes as they are seen in a part x, y, width, height of their photograph."""
    x, y, width, height = part
    if not len(boxes):
        return boxes.copy()
    return _clipped(boxes - np.array([x, y, x, y], np.float32), width, height)


def _clipped(moved: Boxes, width: float, height: float) -> Boxes:
    clipped = moved.clip(0, np.array([width, height, width, height], np.float32))
    area = (moved[:, 2] - moved[:, 0]) * (moved[:, 3] - moved[:, 1])
    sides = np.stack((clipped[:, 2] - clipped[:, 0], clipped[:, 3] - clipped[:, 1]), 1)
    keep = (sides.min(axis=1) >= LEAST_SIDE_PX) & (
        sides.prod(axis=1) >= LEAST_VISIBLE * np.maximum(area, 1.0)
    )
    visible: Boxes = clipped[keep].astype(np.float32)
    return visible


def _label(pixels: Pixels, boxes: Boxes, random: np.random.Generator) -> None:
    """Paste a white label with dark modules on some boxes, as real cartons have."""
    for x1, y1, x2, y2 in boxes:
        side = int(min(x2 - x1, y2 - y1) * random.uniform(0.2, 0.55))
        if side < 10 or random.random() < 0.6:
            continue
        left = int(random.uniform(x1, x2 - side))
        top = int(random.uniform(y1, y2 - side))
        cells = random.integers(8, 20)
        modules = random.integers(0, 2, (cells, cells)) * 230 + random.integers(0, 20)
        inner = max(4, int(side * 0.8))
        code = np.array(
            Image.fromarray(modules.astype(np.uint8)).resize(
                (inner, inner), Image.Resampling.NEAREST
            )
        )
        pixels[top : top + side, left : left + side] = random.integers(215, 256)
        edge = (side - inner) // 2
        target = pixels[top + edge : top + edge + inner, left + edge : left + edge + inner]
        target[:] = code[: target.shape[0], : target.shape[1], None]


def drawn_surface(size_px: int, random: np.random.Generator) -> Pixels:
    """A drawn surface without a package: wall, floor, shelf bars, in any colour."""
    base = random.uniform(20, 235, 3)
    slope = np.linspace(-1, 1, size_px)[:, None, None] * random.uniform(-40, 40, 3)
    image = np.broadcast_to(base + slope, (size_px, size_px, 3)).copy()
    if random.random() < 0.5:
        image = image.transpose(1, 0, 2).copy()
    for _ in range(random.integers(0, 7)):
        colour = random.uniform(10, 245, 3)
        at, thick = random.integers(0, size_px), random.integers(2, max(3, size_px // 8))
        if random.random() < 0.5:
            image[at : at + thick] = colour
        else:
            image[:, at : at + thick] = colour
    image += random.normal(0, random.uniform(1, 14), image.shape)
    return image.clip(0, 255).astype(np.uint8)


def _spoiled(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Change light, contrast, colour; sometimes blur and noise."""
    image: NDArray[np.floating] = pixels.astype(np.float32)
    image = (image - 128) * random.uniform(0.6, 1.4) + 128 * random.uniform(0.55, 1.4)
    image *= random.uniform(0.85, 1.15, 3).astype(np.float32)
    if random.random() < 0.2:
        image[:] = image.mean(axis=2, keepdims=True)
    if random.random() < 0.25:
        shift = int(random.integers(1, 3))
        image = (image + np.roll(image, shift, 0) + np.roll(image, shift, 1)) / 3
    if random.random() < 0.35:
        image += random.normal(0, random.uniform(2, 16), image.shape).astype(np.float32)
    return image.clip(0, 255).astype(np.uint8)
