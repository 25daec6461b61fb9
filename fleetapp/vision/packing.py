"""Packing training data so that one call to a large accelerator can use it.

A folder of at most some 60 MB: photographs as JPEG of 640 px, what they show, places
without a package, faces for drawn cartons, the backbone's published weights, and the
training step itself, which needs torch, numpy and pillow.
"""

import io
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from fleetapp.vision import backbone, learning, network
from fleetapp.vision.dataset import drawn_surface
from fleetapp.vision.learning.faces import SIDE_PX as FACE_PX
from fleetapp.vision.learning.faces import cut_faces
from fleetapp.vision.learning.pool import BACKBONE, INDEX, PHOTOS

SIDE_PX = 640
STORED_PX = {"train": 528, "val": 448, "empty": 352}
QUALITY = 60
SAME = 0.35  # a hint that overlaps with a label says nothing new
LEAST_EMPTY_PX = 130
EMPTY_DRAWN_PX = 256
CUT_FACES = 420
SURFACES = 60
CUTS_A_PHOTO = 8
MOST_EMPTY_CUTS = 160
CLUTTERED = 0.35  # of a shuttle's picture outside the label

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the data is."""

    boxes: Path  # folder with annotations/ and images/
    shuttle: Path | None  # folder with train.json and images/
    empty: tuple[Path, ...]  # photographs without a package
    hints: tuple[Path, ...]  # what others found, as `fleetapp perceive --json` writes it
    imagenet: Path


def pack(sources: Sources, folder: Path) -> dict[str, int]:
    """Write a pack; how many photographs of each split and bytes in all."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    hints = read_hints(sources.hints)
    rows: list[dict[str, Any]] = []
    cuts: list[tuple[str, Pixels]] = []
    with (folder / PHOTOS).open("wb") as blob:
        for row, pixels in _labelled(sources, hints):
            rows.append(_stored(blob, row, pixels))
            if row["split"] == "train" and row["worth"] == 1.0:
                boxes = np.array(row["boxes"], np.float32).reshape(-1, 4)
                cuts += [(row["source"], face) for face in cut_faces(pixels, boxes)]
        for source, pixels in _empty(sources, rows, random):
            rows.append(_stored(blob, _nothing(source, "empty"), pixels))
        for source, pixels in _balanced(cuts, CUT_FACES, random):
            rows.append(_stored(blob, _nothing(source, "face"), pixels))
    (folder / INDEX).write_text(json.dumps({"photos": rows}), "utf-8")
    _write_backbone(sources.imagenet, folder / BACKBONE)
    _write_step(folder)
    sizes = {split: sum(r["split"] == split for r in rows) for split in ("train", "val", "empty")}
    return {**sizes, "bytes": sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())}


def read_hints(paths: Iterable[Path]) -> dict[str, list[list[float]]]:
    """Boxes x1, y1, x2, y2 that others found, by the last part of the photograph's name."""
    found: dict[str, list[list[float]]] = {}
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            answer = json.loads(line)
            boxes = found.setdefault(Path(answer["image"]).name, [])
            for package in answer["packages"]:
                x, y, wide, tall = package["bbox"]
                boxes.append([x, y, x + wide, y + tall])
    return found


def _stored(blob: io.BufferedWriter, row: dict[str, Any], pixels: Pixels) -> dict[str, Any]:
    image = Image.fromarray(pixels)
    most = STORED_PX.get(row["split"], FACE_PX)
    if max(image.size) > most:
        image = image.resize((most, most), Image.Resampling.LANCZOS)
    body = io.BytesIO()
    image.save(body, "JPEG", quality=QUALITY)
    at = blob.tell()
    blob.write(body.getvalue())
    return {**row, "at": at, "size": body.tell()}


def _labelled(
    sources: Sources, hints: dict[str, list[list[float]]]
) -> Iterator[tuple[dict[str, Any], Pixels]]:
    for split in ("train", "val"):
        yield from _photographs(sources.boxes, split, hints)
    if sources.shuttle is not None:
        yield from _of_the_shuttle(sources.shuttle, hints)


def _photographs(
    folder: Path, split: str, hints: dict[str, list[list[float]]]
) -> Iterator[tuple[dict[str, Any], Pixels]]:
    content = json.loads((folder / "annotations" / f"{split}.json").read_text("utf-8"))
    boxes = _by_image(content)
    for image in content["images"]:
        clean = bool(image.get("clean", True))
        row = {
            "source": image["source"],
            "split": split,
            "boxes": [annotation["box"] for annotation in boxes.get(image["id"], [])],
            "worth": 1.0 if clean else 0.25,
            "chance": 1.0 if clean else 0.5,
            "background": 1.0,
        }
        yield (
            _with_hints(row, hints.get(Path(image["file_name"]).name, [])),
            _read(folder / image["file_name"]),
        )


def _of_the_shuttle(
    folder: Path, hints: dict[str, list[list[float]]]
) -> Iterator[tuple[dict[str, Any], Pixels]]:
    """One carton a photograph, of which only the face in front is labelled."""
    content = json.loads((folder / "train.json").read_text("utf-8"))
    boxes = _by_image(content)
    for image in content["images"]:
        (annotation,) = boxes[image["id"]]
        row = {
            "source": image["source"],
            "split": "train",
            "boxes": [annotation["box"]],
            "quad": annotation["quad"],
            "worth": 0.6,
            "chance": 1.0,
            "background": CLUTTERED,
        }
        row = _with_hints(row, hints.get(Path(image["file_name"]).name, []))
        # The carton's other faces lie beside the one that is labelled.
        x1, y1, x2, y2 = annotation["box"]
        wide, tall = (x2 - x1) * 0.6, (y2 - y1) * 0.25
        row["unknown"].append([x1 - wide, y1 - tall, x2 + wide, y2 + tall])
        yield row, _read(folder / "images" / image["file_name"])


def _by_image(content: dict[str, Any]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for annotation in content["annotations"]:
        x, y, wide, tall = annotation["bbox"]
        box = [round(float(v), 1) for v in (x, y, x + wide, y + tall)]
        found.setdefault(annotation["image_id"], []).append(
            {"box": box, "quad": annotation.get("quad")}
        )
    return found


def _with_hints(row: dict[str, Any], hints: Iterable[list[float]]) -> dict[str, Any]:
    """What a teacher found and nobody labelled is a place of which nothing is asked."""
    known = np.array(row["boxes"], np.float32).reshape(-1, 4)
    unknown = []
    for x1, y1, x2, y2 in hints:
        low = np.maximum(known[:, :2], (x1, y1))
        high = np.minimum(known[:, 2:], (x2, y2))
        shared = (high - low).clip(min=0).prod(1)
        area = (known[:, 2:] - known[:, :2]).prod(1)
        union = area + (x2 - x1) * (y2 - y1) - shared
        if not (shared / np.maximum(union, 1)).max(initial=0) > SAME:
            unknown.append([round(float(v), 1) for v in (x1, y1, x2, y2)])
    return {**row, "unknown": unknown}


def _nothing(source: str, split: str) -> dict[str, Any]:
    return {
        "source": source,
        "split": split,
        "boxes": [],
        "unknown": [],
        "worth": 0.0,
        "chance": 1.0,
        "background": 1.0,
    }


def _read(path: Path) -> Pixels:
    with Image.open(path) as opened:
        return np.asarray(opened.convert("RGB"))


def _empty(
    sources: Sources, rows: list[dict[str, Any]], random: np.random.Generator
) -> Iterator[tuple[str, Pixels]]:
    """Photographs without a package, drawn surfaces, empty places of the labelled ones."""
    for folder in sources.empty:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            if path.suffix.lower() not in {".jpg", ".jpeg", ".png"}:
                continue
            for pixels in _squares(path, random):
                yield f"empty:{folder.name}", pixels
    for _ in range(SURFACES):
        yield "drawn", drawn_surface(EMPTY_DRAWN_PX, random)
    train = [row for row in rows if row["split"] == "train"]
    left = MOST_EMPTY_CUTS
    paths = _paths(sources)
    for number in random.permutation(len(train)):
        row = train[number]
        window = _free_window(row, random)
        if window is not None and left > 0:
            left -= 1
            x1, y1, x2, y2 = window
            yield row["source"], _read(paths[number])[y1:y2, x1:x2]


def _paths(sources: Sources) -> list[Path]:
    """Of the training photographs, in the order of their rows."""
    content = json.loads((sources.boxes / "annotations/train.json").read_text("utf-8"))
    paths = [sources.boxes / image["file_name"] for image in content["images"]]
    if sources.shuttle is not None:
        content = json.loads((sources.shuttle / "train.json").read_text("utf-8"))
        paths += [sources.shuttle / "images" / image["file_name"] for image in content["images"]]
    return paths


def _squares(path: Path, random: np.random.Generator) -> list[Pixels]:
    """Square parts of a photograph: many of a large one, one of a small one."""
    pixels = _read(path)
    tall, wide = pixels.shape[:2]
    least = min(tall, wide)
    parts = []
    for _ in range(CUTS_A_PHOTO if least > 900 else 1):
        side = least if least <= 900 else int(least * random.uniform(0.35, 1.0))
        x, y = random.integers(0, wide - side + 1), random.integers(0, tall - side + 1)
        parts.append(np.ascontiguousarray(pixels[y : y + side, x : x + side]))
    return parts


def _free_window(
    row: dict[str, Any], random: np.random.Generator
) -> tuple[int, int, int, int] | None:
    """The largest square by chance that touches neither a label nor a hint."""
    taken = np.array([*row["boxes"], *row["unknown"]], np.float32).reshape(-1, 4)
    best: tuple[int, int, int, int] | None = None
    for _ in range(60):
        side = int(random.uniform(LEAST_EMPTY_PX, 420))
        x, y = (int(v) for v in random.integers(0, SIDE_PX - side, 2))
        low = np.maximum(taken[:, :2], (x, y))
        high = np.minimum(taken[:, 2:], (x + side, y + side))
        if not ((high - low) > 0).all(1).any() and (best is None or side > best[2] - best[0]):
            best = (x, y, x + side, y + side)
    return best


def _balanced(
    cuts: list[tuple[str, Pixels]], most: int, random: np.random.Generator
) -> list[tuple[str, Pixels]]:
    """Cut faces, as many of each source as there are."""
    by_source: dict[str, list[tuple[str, Pixels]]] = {}
    for cut in cuts:
        by_source.setdefault(cut[0], []).append(cut)
    share = most // max(1, len(by_source))
    chosen = []
    for _, group in sorted(by_source.items()):
        order = random.permutation(len(group))[:share]
        chosen += [group[number] for number in order]
    return chosen


def _write_backbone(imagenet: Path, path: Path) -> None:
    weights = torch.load(imagenet, weights_only=True)
    kept = {
        name: value.half().numpy() if "running_var" not in name else value.float().numpy()
        for name, value in weights.items()
        if value.is_floating_point() and not name.startswith(("_fc", "_conv_head", "_bn1."))
    }
    np.savez(path, **kept)


def _write_step(folder: Path) -> None:
    """The training step's own source, so that the pack runs where nothing is installed."""
    room = folder / "fleetapp" / "vision"
    (room / "learning").mkdir(parents=True, exist_ok=True)
    for place in (folder / "fleetapp", room):
        (place / "__init__.py").write_text("", "utf-8")
    for module in (backbone, network):
        path = Path(str(module.__file__))
        shutil.copy(path, room / path.name)
    for path in sorted(Path(str(learning.__file__)).parent.glob("*.py")):
        shutil.copy(path, room / "learning" / path.name)
