"""Chooses the demo's camera views from the val photographs and writes assets/frames.

Usage: python packaging/make_views.py DATA BUNDLE OUT

Every labelled carton that is large enough becomes a candidate: a 4:3 crop in
which it fills about two fifths of the width, in the middle. Kept are those in
which the gate is sure of the labelled carton in any light that the camera gives:
a demo whose robots could not see anything would show nothing. The index says how
many candidates there were, of how many the gate was sure, and how many of these
were the labelled carton.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from fleetapp.perception.gate import Box, Thresholds, judge
from fleetapp.vision import load_bundle
from fleetapp.vision.infer import Recogniser
from fleetapp.vision.recognition import Package

SIZE_PX = (1280, 960)
MOST = 96
MOST_PER_PHOTO = 2
MOST_EMPTY = 8
FILL = 0.42
RIGHT_OVERLAP = 0.5
LIGHT = (0.88, 1.1)


@dataclass(frozen=True, slots=True)
class View:
    """A close-up and its carton as shares of its width and height."""

    file: str
    crop: Image.Image
    box: list[float]


def main() -> None:
    """Choose and write."""
    data, bundle, out = (Path(argument) for argument in sys.argv[1:4])
    recogniser = load_bundle(bundle)
    content = json.loads((data / "annotations/val.json").read_text("utf-8"))
    boxes: dict[int, list[list[float]]] = {}
    for annotation in content["annotations"]:
        boxes.setdefault(annotation["image_id"], []).append(annotation["bbox"])
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.jpg"):
        old.unlink()
    counts = {"candidates": 0, "sure": 0, "right": 0}
    views: list[View] = []
    empty: list[str] = []
    for image in content["images"]:
        with Image.open(data / image["file_name"]) as opened:
            photo = opened.convert("RGB")
        stem, known = Path(image["file_name"]).stem, boxes.get(image["id"], [])
        views += views_of(recogniser, photo, stem, known, counts)
        place = empty_place(known, photo.size)
        if len(empty) < MOST_EMPTY and place is not None:
            empty += empty_view(recogniser, photo.crop(place), out / f"empty_{stem}.jpg")
    chosen = spread(views)
    for view in chosen:
        view.crop.save(out / view.file, quality=92)
    index = {
        **counts,
        "views": [{"file": view.file, "box": view.box} for view in chosen],
        "empty": empty,
    }
    (out / "index.json").write_text(json.dumps(index, indent=0) + "\n", "utf-8")
    print(f"{counts}, {len(chosen)} views, {len(empty)} without a package")


def views_of(
    recogniser: Recogniser,
    photo: Image.Image,
    stem: str,
    boxes: list[list[float]],
    counts: dict[str, int],
) -> list[View]:
    """The views of a photograph in which the gate is sure of the right carton."""
    views: list[View] = []
    for number, box in enumerate(boxes):
        region = close_up(box, photo.size)
        if region is None:
            continue
        crop, place = photo.crop(region), relative(box, region)
        sure, right = verdict(recogniser, crop, place)
        counts["candidates"] += 1
        counts["sure"] += sure
        counts["right"] += right
        if right and len(views) < MOST_PER_PHOTO and steady(recogniser, crop, place):
            views.append(View(f"{stem}_{number}.jpg", crop, place))
    return views


def spread(views: list[View]) -> list[View]:
    """At most so many, evenly over all photographs."""
    if len(views) <= MOST:
        return views
    return [views[n * len(views) // MOST] for n in range(MOST)]


def empty_view(recogniser: Recogniser, crop: Image.Image, path: Path) -> list[str]:
    """Keep a place without a package, if the detector sees none there either."""
    if recogniser.recognise(np.asarray(crop.resize(SIZE_PX))).packages:
        return []
    crop.save(path, quality=92)
    return [path.name]


def close_up(box: list[float], size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """A 4:3 region round a carton, None if the carton is too small or at the edge."""
    x, y, width, height = box
    if min(width, height) < 56:
        return None
    wide = max(width / FILL, height / 0.6 * 4 / 3)
    tall = wide * 3 / 4
    left, top = x + width / 2 - wide / 2, y + height / 2 - tall / 2
    if left < 0 or top < 0 or left + wide > size[0] or top + tall > size[1]:
        return None
    return (int(left), int(top), int(left + wide), int(top + tall))


def relative(box: list[float], region: tuple[int, int, int, int]) -> list[float]:
    """The carton as shares of the region."""
    wide, tall = region[2] - region[0], region[3] - region[1]
    return [
        round((box[0] - region[0]) / wide, 4),
        round((box[1] - region[1]) / tall, 4),
        round(box[2] / wide, 4),
        round(box[3] / tall, 4),
    ]


def _box(package: Package) -> Box:
    """A package as the gate takes it, in pixels and permille."""
    left, top, wide, tall = (round(v) for v in package.bbox)
    return Box(left, top, wide, tall, round(package.confidence * 1000), ())


def verdict(recogniser: Recogniser, crop: Image.Image, box: list[float]) -> tuple[bool, bool]:
    """Whether the gate is sure of one carton in the middle; whether it is the labelled one."""
    found = recogniser.recognise(np.asarray(crop.resize(SIZE_PX, Image.Resampling.BICUBIC)))
    boxes = tuple(_box(package) for package in found.packages)
    result = judge(
        boxes=boxes,
        frame_abstain=found.abstain,
        width_px=SIZE_PX[0],
        height_px=SIZE_PX[1],
        sku="S",
        label_code=None,
        thresholds=Thresholds(round(recogniser.card.sure_confidence * 1000)),
    )
    if not result.sure or result.target is None:
        return False, False
    wanted = [share * SIZE_PX[n % 2] for n, share in enumerate(box)]
    return True, overlap(found.packages[result.target].bbox, wanted) >= RIGHT_OVERLAP


def steady(recogniser: Recogniser, crop: Image.Image, box: list[float]) -> bool:
    """Whether the verdict stands in the least and the most light that the camera gives."""
    lit = (crop.point([min(255, round(v * light)) for v in range(256)] * 3) for light in LIGHT)
    return all(verdict(recogniser, image, box)[1] for image in lit)


def overlap(one: tuple[float, float, float, float], other: list[float]) -> float:
    """Intersection over union of two rectangles x, y, width, height."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(0.0, across) * max(0.0, down)
    return shared / max(1e-6, one[2] * one[3] + other[2] * other[3] - shared)


def empty_place(
    boxes: list[list[float]], size: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    """A 240 x 180 region without a labelled carton, None if there is none."""
    for top in range(0, size[1] - 180, 60):
        for left in range(0, size[0] - 240, 60):
            if not any(
                x < left + 240 and x + w > left and y < top + 180 and y + h > top
                for x, y, w, h in boxes
            ):
                return (left, top, left + 240, top + 180)
    return None


if __name__ == "__main__":
    main()
