"""`fleetapp perceive`: packages in image files, one JSON object a line."""

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fleetapp.cli import places
from fleetapp.cli.engine import MODEL

if TYPE_CHECKING:
    from fleetapp.vision.infer import Recogniser
    from fleetapp.vision.recognition import Package, Recognition

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
COCO_LEAST = 0.01


@dataclass(frozen=True, slots=True)
class Coco:
    """Image ids of a ground truth by the last part of their file name."""

    ids: dict[str, int]
    category: int


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser("perceive", help="find packages in images")
    parser.add_argument("images", type=Path, nargs="+", metavar="IMAGE_OR_DIR")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--coco-gt", type=Path, default=None, help="COCO ground truth")
    parser.add_argument("--coco-out", type=Path, default=None, help="COCO detections to write")
    parser.add_argument(
        "--min-confidence", type=fraction, default=None, help="0 to 1; default: the bundle's"
    )
    parser.add_argument("--bundle", type=Path, default=None, help="model bundle folder")
    parser.set_defaults(run=run)


def fraction(text: str) -> float:
    """A number from 0 to 1.

    Raises:
        argparse.ArgumentTypeError: if it is not.
    """
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no confidence: write 0 to 1")
    return value


def run(options: argparse.Namespace) -> int:
    """Look at every image; bad ones are named and the others still done."""
    from fleetapp.vision import load_bundle  # noqa: PLC0415 - torch is loaded here only

    if (options.coco_gt is None) != (options.coco_out is None):
        return _refused("--coco-gt and --coco-out go together")
    bundle = options.bundle or places.assets_dir() / "models" / MODEL[0] / MODEL[1]
    try:
        coco = _coco(options.coco_gt) if options.coco_gt is not None else None
        recogniser = load_bundle(bundle)
    except ValueError as error:
        return _refused(str(error))
    detections: list[dict[str, Any]] = []
    read = sum(_look(options, recogniser, path, coco, detections) for path in _files(options))
    if not read:
        return _refused("no image could be read")
    if options.coco_out is None:
        return 0
    try:
        options.coco_out.write_text(json.dumps(detections), "utf-8")
    except OSError as error:
        return _refused(f"{options.coco_out} cannot be written: {error.strerror}")
    return 0


def _refused(text: str) -> int:
    print(f"fleetapp perceive: {text}", file=sys.stderr)
    return 2


def _files(options: argparse.Namespace) -> Iterable[Path]:
    for path in options.images:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES)
        else:
            yield path


def _coco(path: Path) -> Coco:
    """Read what is needed of a ground truth.

    Raises:
        ValueError: naming the file and what it lacks.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        ids = {Path(image["file_name"]).name: int(image["id"]) for image in content["images"]}
        return Coco(ids, int(content["categories"][0]["id"]))
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise ValueError(
            f"{path} is no COCO file with images and categories ({error!r})"
        ) from error


def _look(
    options: argparse.Namespace,
    recogniser: "Recogniser",
    path: Path,
    coco: Coco | None,
    detections: list[dict[str, Any]],
) -> bool:
    from fleetapp.vision.images import ImageError, pixels_of  # noqa: PLC0415 - as above

    try:
        pixels = pixels_of(path.read_bytes())
    except OSError as error:
        _refused(f"{path}: {error.strerror or error}")
        return False
    except ImageError as error:
        _refused(f"{path}: {error}")
        return False
    found, distance = recogniser.look(pixels)
    answer = recogniser.answer_to(pixels, found, distance, least_confidence=options.min_confidence)
    print(_line(path, answer, as_object=options.json))
    if coco is not None and path.name in coco.ids:
        detections.extend(_coco_results(found, coco.ids[path.name], coco.category))
    return True


def _line(path: Path, answer: "Recognition", *, as_object: bool) -> str:
    from fleetapp.vision.worker import as_json  # noqa: PLC0415 - as above

    if as_object:
        return json.dumps({"image": str(path), **as_json(answer)})
    codes = sorted({code for package in answer.packages for code in package.codes})
    text = f"{path}: {len(answer.packages)} packages"
    text += f", codes {', '.join(codes)}" if codes else ""
    return text + (f", no answer: {answer.abstain.value}" if answer.abstain is not None else "")


def _coco_results(found: "list[Package]", image_id: int, category: int) -> list[dict[str, Any]]:
    return [
        {
            "image_id": image_id,
            "category_id": category,
            "bbox": list(package.bbox),
            "score": package.confidence,
        }
        for package in found
        if package.confidence >= COCO_LEAST
    ]
