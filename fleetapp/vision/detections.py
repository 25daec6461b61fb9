"""A detector's answers to labelled photographs, each marked right or wrong.

Whole photographs as they are, and close-ups of them as a robot's camera sees
packages: round a labelled package and at places by chance. An answer is right if
it overlaps half or more with a labelled package that no better answer took.
Packages that nobody labelled make right answers wrong, so truth is rather better.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fleetapp.vision.bundle import size_share
from fleetapp.vision.dataset import Photo, load_photos, visible_boxes
from fleetapp.vision.infer import Recogniser
from fleetapp.vision.recognition import Package

RIGHT_OVERLAP = 0.5
MOST_AN_IMAGE = 100  # as pycocotools counts
ASPECT = 4 / 3
LEAST_SIDE_PX = 40  # a package smaller than this is no close-up
FILL = (0.3, 0.6)  # share of a close-up's width that its package takes
BY_CHANCE_WIDE = (0.25, 0.7)  # width of a close-up by chance, share of the photograph's
SEED = 1

Boxes = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers side by side, all of length n.

    `central` marks the best answer over the middle of a close-up: what the gate
    would take as its target. `image_ids` is 0 for close-ups.
    """

    boxes: NDArray[np.float64]  # shape (n, 4): x, y, width, height in px
    scores: NDArray[np.float64]
    right: NDArray[np.bool_]
    sizes: NDArray[np.float64]  # share of the frame's longer side
    central: NDArray[np.bool_]
    image_ids: NDArray[np.int64]
    sources: NDArray[np.str_]

    def only(self, keep: NDArray[np.bool_]) -> "Answers":
        """The marked answers."""
        return Answers(
            self.boxes[keep],
            self.scores[keep],
            self.right[keep],
            self.sizes[keep],
            self.central[keep],
            self.image_ids[keep],
            self.sources[keep],
        )

    def scored_anew(self, scores: NDArray[np.float64]) -> "Answers":
        """The same answers with other scores."""
        return Answers(
            self.boxes,
            scores,
            self.right,
            self.sizes,
            self.central,
            self.image_ids,
            self.sources,
        )

    def coco(self) -> list[dict[str, Any]]:
        """Those to whole photographs as COCO results."""
        return [
            {
                "image_id": int(self.image_ids[n]),
                "category_id": 1,
                "bbox": [float(value) for value in self.boxes[n]],
                "score": float(self.scores[n]),
            }
            for n in np.flatnonzero(self.image_ids)
        ]


@dataclass(frozen=True, slots=True)
class _Row:
    box: tuple[float, float, float, float]
    score: float
    right: bool
    size: float
    central: bool
    image_id: int
    source: str


def answers_to(
    recogniser: Recogniser, data: Path, split: str, unlabelled: Mapping[str, list[list[float]]]
) -> Answers:
    """Run the detector over a split, whole photographs and two close-ups of each.

    Answers on packages that nobody labelled are left out, neither right nor wrong;
    `unlabelled` gives their boxes by the last part of the photograph's name.
    """
    content = json.loads((data / "annotations" / f"{split}.json").read_text("utf-8"))
    random = np.random.default_rng(SEED)
    rows: list[_Row] = []
    for image, labelled in zip(content["images"], load_photos(data, split), strict=True):
        seen = unlabelled.get(Path(image["file_name"]).name, [])
        photo = replace(labelled, unlabelled=np.array(seen, np.float32).reshape(-1, 4))
        rows += _rows(recogniser, photo, int(image["id"]))
        for part in close_ups(photo, random):
            rows += _rows(recogniser, part, 0)
    return Answers(
        boxes=np.array([row.box for row in rows]),
        scores=np.array([row.score for row in rows]),
        right=np.array([row.right for row in rows], dtype=bool),
        sizes=np.array([row.size for row in rows]),
        central=np.array([row.central for row in rows], dtype=bool),
        image_ids=np.array([row.image_id for row in rows]),
        sources=np.array([row.source for row in rows]),
    )


def close_ups(photo: Photo, random: np.random.Generator) -> list[Photo]:
    """One round a labelled package, if one is large enough, and one by chance."""
    parts = []
    sides = photo.boxes[:, 2:] - photo.boxes[:, :2]
    near = np.flatnonzero(sides.min(axis=1) >= LEAST_SIDE_PX) if len(sides) else np.array([])
    if len(near):
        x1, y1, x2, y2 = photo.boxes[int(random.choice(near))]
        wide = max(x2 - x1, (y2 - y1) * ASPECT) / random.uniform(*FILL)
        parts.append(_part(photo, (x1 + x2) / 2, (y1 + y2) / 2, wide))
    height, width = photo.pixels.shape[:2]
    wide = width * random.uniform(*BY_CHANCE_WIDE)
    parts.append(_part(photo, random.uniform(0, width), random.uniform(0, height), wide))
    return parts


def _part(photo: Photo, x: float, y: float, wide: float) -> Photo:
    """A 4:3 part round a point, moved inside the photograph."""
    height, width = photo.pixels.shape[:2]
    across = int(min(wide, width, height * ASPECT))
    down = max(1, int(across / ASPECT))
    left = int(np.clip(x - across / 2, 0, width - across))
    top = int(np.clip(y - down / 2, 0, height - down))
    boxes = visible_boxes(photo.boxes, (left, top, across, down))
    pixels = photo.pixels[top : top + down, left : left + across]
    unlabelled = visible_boxes(photo.unlabelled, (left, top, across, down))
    return Photo(np.ascontiguousarray(pixels), boxes, photo.source, unlabelled)


def _rows(recogniser: Recogniser, photo: Photo, image_id: int) -> list[_Row]:
    packages = recogniser.look(photo.pixels)[0][:MOST_AN_IMAGE]
    height, width = photo.pixels.shape[:2]
    free, unlabelled = _sized(photo.boxes), _sized(photo.unlabelled)
    target = None if image_id else _target(packages, width, height)
    rows = []
    for package in packages:
        right = _take_match(free, package.bbox)
        if not right and _take_match(unlabelled, package.bbox):
            continue
        share = size_share(package.bbox, width, height)
        central = package is target
        rows.append(
            _Row(
                package.bbox,
                package.confidence,
                right,
                share,
                central,
                image_id,
                photo.source,
            )
        )
    return rows


def _sized(boxes: Boxes) -> list[list[float]]:
    """Boxes as x, y, width, height."""
    return [[x1, y1, x2 - x1, y2 - y1] for x1, y1, x2, y2 in boxes.tolist()]


def _target(packages: list[Package], width: int, height: int) -> Package | None:
    """The best answer over the middle, as the gate takes it."""
    for package in packages:
        x, y, wide, tall = package.bbox
        if x <= width / 2 <= x + wide and y <= height / 2 <= y + tall:
            return package
    return None


def _take_match(free: list[list[float]], box: tuple[float, float, float, float]) -> bool:
    """Whether a labelled package not yet taken is hit; it is taken then."""
    best, at = RIGHT_OVERLAP, -1
    for number, (x, y, width, height) in enumerate(free):
        across = min(x + width, box[0] + box[2]) - max(x, box[0])
        down = min(y + height, box[1] + box[3]) - max(y, box[1])
        if across <= 0 or down <= 0:
            continue
        overlap = across * down / (width * height + box[2] * box[3] - across * down)
        if overlap >= best:
            best, at = overlap, number
    if at >= 0:
        free.pop(at)
    return at >= 0
