"""`fleetapp perceive`: packages in image files, one JSON object a line."""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fleetapp.cli import places
from fleetapp.cli.engine import MODEL

if TYPE_CHECKING:
    from fleetapp.vision.infer import Recogniser

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
    parser.add_argument("--json", action="store_true", help="JSON lines (the only form)")
    parser.add_argument("--coco-gt", type=Path, default=None, help="COCO ground truth")
    parser.add_argument("--coco-out", type=Path, default=None, help="COCO detections to write")
    parser.add_argument("--min-confidence", type=float, default=None)
    parser.add_argument("--bundle", type=Path, default=None, help="model bundle folder")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Look at every image; bad ones are named and the others still done."""
    from fleetapp.vision.bundle import BundleError  # noqa: PLC0415 - torch is loaded here only
    from fleetapp.vision.infer import Recogniser  # noqa: PLC0415

    if (options.coco_gt is None) != (options.coco_out is None):
        print("fleetapp perceive: --coco-gt and --coco-out go together", file=sys.stderr)
        return 2
    bundle = options.bundle or places.assets_dir() / "models" / MODEL[0] / MODEL[1]
    try:
        recogniser = Recogniser(bundle)
        coco = _coco(options.coco_gt) if options.coco_gt is not None else None
    except (BundleError, OSError, ValueError) as error:
        print(f"fleetapp perceive: {error}", file=sys.stderr)
        return 2
    detections: list[dict[str, Any]] = []
    read = sum(_look(options, recogniser, path, coco, detections) for path in _files(options))
    if options.coco_out is not None:
        options.coco_out.write_text(json.dumps(detections), "utf-8")
    return 0 if read else 2


def _files(options: argparse.Namespace) -> list[Path]:
    found: list[Path] = []
    for path in options.images:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES)
        else:
            found.append(path)
    return found


def _coco(path: Path) -> Coco:
    content = json.loads(path.read_text("utf-8"))
    ids = {Path(image["file_name"]).name: int(image["id"]) for image in content["images"]}
    return Coco(ids, int(content["categories"][0]["id"]))


def _look(
    options: argparse.Namespace,
    recogniser: "Recogniser",
    path: Path,
    coco: Coco | None,
    detections: list[dict[str, Any]],
) -> bool:
    from fleetapp.vision.infer import ImageError, pixels_of  # noqa: PLC0415 - see above
    from fleetapp.vision.worker import as_json  # noqa: PLC0415

    try:
        pixels = pixels_of(path.read_bytes())
    except (OSError, ImageError) as error:
        print(f"fleetapp perceive: {path}: {error}", file=sys.stderr)
        return False
    answer = recogniser.recognise(pixels, least_confidence=options.min_confidence)
    print(json.dumps({"image": str(path), **as_json(answer)}))
    if coco is not None and path.name in coco.ids:
        detections.extend(
            {
                "image_id": coco.ids[path.name],
                "category_id": coco.category,
                "bbox": list(package.bbox),
                "score": package.confidence,
            }
            for package in recogniser.detect(pixels)
            if package.confidence >= COCO_LEAST
        )
    return True
