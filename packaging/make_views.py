"""Chooses the demo's camera views from the val photographs and writes assets/frames.

Usage: python packaging/make_views.py DATA BUNDLE OUT

Every labelled carton that is large enough becomes a candidate: a 4:3 crop in
which it fills about two fifths of the width, in the middle. Kept are those in
which the detector finds one carton under the crosshair: a demo whose robots could
not see anything would show nothing. What that means for figures is said in
docs/model-card.md.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from fleetapp.perception.gate import Box, Thresholds, judge
from fleetapp.vision.infer import Recogniser

MOST = 96
MOST_PER_PHOTO = 2
FILL = 0.42


def main() -> None:
    """Choose and write."""
    data, bundle, out = (Path(argument) for argument in sys.argv[1:4])
    recogniser = Recogniser(bundle)
    content = json.loads((data / "annotations/val.json").read_text("utf-8"))
    boxes: dict[int, list[list[float]]] = {}
    for annotation in content["annotations"]:
        boxes.setdefault(annotation["image_id"], []).append(annotation["bbox"])
    views, candidates, empty = [], 0, []
    out.mkdir(parents=True, exist_ok=True)
    for image in content["images"]:
        photo = Image.open(data / image["file_name"]).convert("RGB")
        stem = Path(image["file_name"]).stem
        taken = 0
        for number, box in enumerate(boxes.get(image["id"], [])):
            region = close_up(box, photo.size)
            if region is None or taken >= MOST_PER_PHOTO:
                continue
            candidates += 1
            crop = photo.crop(region)
            if clear(recogniser, crop) and len(views) < MOST:
                taken += 1
                name = f"{stem}_{number}.jpg"
                crop.save(out / name, quality=92)
                views.append({"file": name, "box": relative(box, region)})
        if len(empty) < 8:
            place = empty_place(boxes.get(image["id"], []), photo.size)
            if place is not None and nothing_seen(recogniser, photo.crop(place)):
                name = f"empty_{stem}.jpg"
                photo.crop(place).save(out / name, quality=92)
                empty.append(name)
    index = {"candidates": candidates, "views": views, "empty": empty}
    (out / "index.json").write_text(json.dumps(index, indent=0) + "\n", "utf-8")
    print(f"{len(views)} of {candidates} candidates, {len(empty)} without a package")


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


def clear(recogniser: Recogniser, crop: Image.Image) -> bool:
    """Whether the detector is sure of one carton in the middle."""
    pixels = np.asarray(crop.resize((1280, 960), Image.Resampling.BICUBIC))
    found = recogniser.recognise(pixels)
    boxes = tuple(
        Box(*(round(v) for v in p.bbox), round(p.confidence * 1000), ()) for p in found.packages
    )
    result = judge(
        boxes=boxes,
        frame_abstain=found.abstain,
        width_px=1280,
        height_px=960,
        sku="S",
        label_code=None,
        thresholds=Thresholds(700),
    )
    return result.sure


def nothing_seen(recogniser: Recogniser, crop: Image.Image) -> bool:
    """Whether the detector sees no package either."""
    return not recogniser.recognise(np.asarray(crop.resize((1280, 960)))).packages


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
