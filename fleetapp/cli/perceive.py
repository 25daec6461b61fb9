"""`fleetapp perceive`: packages in image files, one JSON object a line.

Images that cannot be read are named on standard error and the others still done;
the exit status tells of them.
"""

import argparse
import errno
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fleetapp.cli import places
from fleetapp.cli.engine import MODEL

if TYPE_CHECKING:
    from fleetapp.vision.infer import Recogniser
    from fleetapp.vision.recognition import Package, Recognition

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
COCO_LEAST = 0.01
CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
LARGEST_FILE = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Coco:
    """Image ids of a ground truth by the last part of their file name, and what was found."""

    ids: dict[str, int]
    category: int
    detections: list[dict[str, Any]] = field(default_factory=list)
    looked_at: set[int] = field(default_factory=set)


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
    """Look at every image; status 2 if one could not be read."""
    from fleetapp.vision import load_bundle  # noqa: PLC0415 - torch is loaded here only

    if (options.coco_gt is None) != (options.coco_out is None):
        return _refused("--coco-gt and --coco-out go together")
    bundle = options.bundle or places.assets_dir() / "models" / MODEL[0] / MODEL[1]
    try:
        recogniser = load_bundle(bundle)
        label = recogniser.card.label
        coco = _coco(options.coco_gt, label) if options.coco_gt is not None else None
    except ValueError as error:
        return _refused(str(error))
    read = [_look(options, recogniser, path, coco) for path in _files(options)]
    if not any(read):
        return _refused("no image could be read")
    status = 0 if all(read) else 2
    return status if coco is None else max(status, _write_detections(options, coco))


def _write_detections(options: argparse.Namespace, coco: Coco) -> int:
    try:
        options.coco_out.write_text(json.dumps(coco.detections), "utf-8")
    except OSError as error:
        return _refused(f"{options.coco_out} cannot be written: {error.strerror}")
    missing = len(coco.ids) - len(coco.looked_at)
    if missing:
        _refused(f"{missing} of the {len(coco.ids)} images of {options.coco_gt} were not given")
    return 0 if coco.looked_at else 2


def _refused(text: str) -> int:
    print(f"fleetapp perceive: {text}", file=sys.stderr)
    return 2


def _files(options: argparse.Namespace) -> Iterable[Path]:
    for path in options.images:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if _is_image(p))
        else:
            yield path


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.is_dir()


def _coco(path: Path, label: str) -> Coco:
    """Read what is needed of a ground truth.

    Raises:
        ValueError: naming the file and what it lacks.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        ids = {Path(image["file_name"]).name: int(image["id"]) for image in content["images"]}
        known = {str(entry.get("name")): int(entry["id"]) for entry in content["categories"]}
        return Coco(ids, known.get(label, int(content["categories"][0]["id"])))
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(
            f"{path} is no COCO file with images and categories ({error!r})"
        ) from error


def _look(
    options: argparse.Namespace,
    recogniser: "Recogniser",
    path: Path,
    coco: Coco | None,
) -> bool:
    from fleetapp.vision.images import ImageError, pixels_of  # noqa: PLC0415 - as above

    try:
        pixels = pixels_of(_bytes_of(path))
    except OSError as error:
        _refused(f"{path}: {error.strerror or error}")
        return False
    except ImageError as error:
        _refused(f"{path}: {error}")
        return False
    found, distance = recogniser.look(pixels)
    answer = recogniser.answer_to(pixels, found, distance, least_confidence=options.min_confidence)
    print(_line(path, answer, as_object=options.json))
    return coco is None or _keep(coco, path, found)


def _bytes_of(path: Path) -> bytes:
    """The bytes of an image file, never those of a device or pipe without an end.

    Raises:
        OSError: if it is no file of a sensible size, or cannot be read.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "this is no file: give image files and folders")
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise OSError(errno.EFBIG, f"{size} bytes are no photograph: at most {LARGEST_FILE}")
    return path.read_bytes()


def _keep(coco: Coco, path: Path, found: "list[Package]") -> bool:
    """Keep detections of an image of the ground truth, once."""
    image_id = coco.ids.get(path.name)
    if image_id in coco.looked_at:
        _refused(f"{path}: an image of this name was looked at already: its detections are kept")
        return False
    if image_id is not None:
        coco.looked_at.add(image_id)
        coco.detections.extend(_coco_results(found, image_id, coco.category))
    return True


def _line(path: Path, answer: "Recognition", *, as_object: bool) -> str:
    from fleetapp.vision.worker import as_json  # noqa: PLC0415 - as above

    if as_object:
        return json.dumps({"image": str(path), **as_json(answer)})
    codes = sorted({code for package in answer.packages for code in package.codes})
    text = f"{path}: {len(answer.packages)} packages"
    text += f", codes {', '.join(codes)}" if codes else ""
    text += f", no answer: {answer.abstain.value}" if answer.abstain is not None else ""
    # A name of bytes that are no text, or a code with control characters, stops no terminal.
    return text.encode("utf-8", "backslashreplace").decode().translate(CONTROLS)


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
