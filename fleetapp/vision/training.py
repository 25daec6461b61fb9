"""The training recipe: seeded, resumable, bounded by a budget of minutes or steps.

Photographs in memory, one random crop at a time, one thread: focal loss on the
heat map, generalised overlap on the boxes, AdamW with a cosine, an average of
the weights. A checkpoint a minute, in one file; started again it goes on from
there. Bounded by steps it gives the same weights on the same machine, however
often it was interrupted; bounded by time the machine's speed decides.

Sources: penalty-reduced focal loss, Law and Deng, CornerNet, ECCV 2018;
generalised IoU, Rezatofighi et al., CVPR 2019.
"""

import logging
import math
import pickle
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from fleetapp.vision.backbone import load_imagenet
from fleetapp.vision.dataset import Boxes, Photo, crop_of, load_photos
from fleetapp.vision.detector import STRIDE, Detector, normalised

log = logging.getLogger(__name__)

FROZEN_BLOCKS = 5
EMA = 0.998


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a training is made of."""

    size_px: int = 288
    batch: int = 8
    learning_rate: float = 1.2e-3
    weight_decay: float = 1e-4
    empty_share: float = 0.12
    warm_up_steps: int = 60
    seed: int = 0
    budget_s: float = 3600.0
    steps: int | None = None  # so many instead of a budget of time
    checkpoint_every_s: float = 60.0


@dataclass(slots=True)
class Progress:
    """Where a training stands."""

    seed: int
    step: int = 0
    spent_s: float = 0.0

    def share_done(self, recipe: Recipe) -> float:
        """How much of the training is done, 1 or more at the end."""
        if recipe.steps is not None:
            return self.step / max(1, recipe.steps)
        return self.spent_s / recipe.budget_s if recipe.budget_s > 0 else 1.0


def train(data: Path, imagenet: Path, checkpoints: Path, recipe: Recipe) -> tuple[Path, Progress]:
    """Train until the budget is spent; the path of the averaged weights and the steps done.

    Args:
        data: folder with `annotations/` and `images/`.
        imagenet: the published backbone weights (.pth).
        checkpoints: where it keeps its state; goes on from what is there.
        recipe: what to do.

    Raises:
        FileNotFoundError: if the data lacks its annotations.
        ValueError: if the checkpoints belong to another seed or are damaged.
    """
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    photos = load_photos(data, "train")
    detector, average, optimiser, progress = _begin(imagenet, checkpoints, recipe)
    saved_s = progress.spent_s
    while progress.share_done(recipe) < 1:
        began = time.monotonic()
        loss = _step(detector, optimiser, photos, recipe, progress)
        _follow(average, detector)
        progress.step += 1
        progress.spent_s += time.monotonic() - began
        if progress.step % 50 == 0:
            log.info("step %d, %.0f s, loss %.3f", progress.step, progress.spent_s, loss)
        if progress.spent_s - saved_s >= recipe.checkpoint_every_s:
            saved_s = progress.spent_s
            _save(checkpoints, detector, average, optimiser, progress)
    _save(checkpoints, detector, average, optimiser, progress)
    return _write_average(checkpoints, average), progress


def _begin(
    imagenet: Path, checkpoints: Path, recipe: Recipe
) -> tuple[Detector, Detector, torch.optim.AdamW, Progress]:
    checkpoints.mkdir(parents=True, exist_ok=True)
    detector = Detector().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = Detector().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(
        [p for name, p in detector.named_parameters() if not _is_frozen(name)],
        lr=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
    )
    state = checkpoints / "state.pt"
    if state.exists():
        saved = _saved(state)
        if saved.get("seed", recipe.seed) != recipe.seed:
            raise ValueError(
                f"{checkpoints} holds a training with seed {saved['seed']}, not {recipe.seed}: "
                "give another --checkpoints folder"
            )
        detector.load_state_dict(saved["weights"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        return detector, average, optimiser, Progress(recipe.seed, saved["step"], saved["spent_s"])
    load_imagenet(detector.backbone, torch.load(imagenet, weights_only=True))
    average.load_state_dict(detector.state_dict())
    return detector, average, optimiser, Progress(recipe.seed)


def _saved(path: Path) -> dict[str, Any]:
    try:
        saved: dict[str, Any] = torch.load(path, weights_only=True)
    except (RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise ValueError(f"{path} is no whole checkpoint: remove it to begin again") from error
    missing = {"weights", "average", "optimiser", "step", "spent_s"} - saved.keys()
    if missing:
        raise ValueError(f"{path} lacks {', '.join(sorted(missing))}: remove it to begin again")
    return saved


def _is_frozen(name: str) -> bool:
    if name.startswith("backbone.stem"):
        return True
    parts = name.split(".")
    return parts[:2] == ["backbone", "blocks"] and int(parts[2]) < FROZEN_BLOCKS


def _step(
    detector: Detector,
    optimiser: torch.optim.AdamW,
    photos: list[Photo],
    recipe: Recipe,
    progress: Progress,
) -> float:
    random = np.random.default_rng((recipe.seed, progress.step))
    done = progress.share_done(recipe)
    warm = min(1.0, (progress.step + 1) / recipe.warm_up_steps)
    rate = recipe.learning_rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
    for group in optimiser.param_groups:
        group["lr"] = rate
    images, boxes = _batch(photos, recipe, random)
    logits, distances = detector(images, FROZEN_BLOCKS)
    loss = _loss(logits, distances, boxes)
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(detector.parameters(), 10.0)
    optimiser.step()
    return float(loss.detach())


def _batch(
    photos: list[Photo], recipe: Recipe, random: np.random.Generator
) -> tuple[Tensor, list[Boxes]]:
    crops, boxes = [], []
    for _ in range(recipe.batch):
        photo = photos[int(random.integers(len(photos)))]
        empty = bool(random.random() < recipe.empty_share)
        pixels, found = crop_of(photo, recipe.size_px, random, empty=empty)
        crops.append(pixels)
        boxes.append(found)
    stacked = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float()
    return normalised(stacked).contiguous(memory_format=torch.channels_last), boxes


def _loss(logits: Tensor, distances: Tensor, boxes: list[Boxes]) -> Tensor:
    """Focal loss of the centres and overlap loss of the boxes, both per package."""
    total = torch.zeros(())
    count = max(1, sum(len(b) for b in boxes))
    for number, found in enumerate(boxes):
        heat, cells, weights = targets(found, logits.shape[2], logits.shape[3])
        total = total + _focal(logits[number, 0], heat)
        if len(cells):
            total = total + 2.0 * _overlap(distances[number], cells, weights, found)
    return total / count


def targets(
    boxes: Boxes, rows: int, columns: int
) -> tuple[Tensor, list[tuple[int, int, int]], list[float]]:
    """What the heads should say.

    Returns:
        Heat map of shape (rows, columns); cells (row, column, box) that are to
        give a box; their weights.
    """
    heat = np.zeros((rows, columns), np.float32)
    cells: list[tuple[int, int, int]] = []
    weights: list[float] = []
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    for number, (x1, y1, x2, y2) in enumerate(boxes):
        column = int(min(columns - 1, (x1 + x2) / 2 / STRIDE))
        row = int(min(rows - 1, (y1 + y2) / 2 / STRIDE))
        sigma_x = max(0.6, (x2 - x1) / STRIDE * 0.12)
        sigma_y = max(0.6, (y2 - y1) / STRIDE * 0.12)
        bump = np.exp(-((x - column) ** 2) / (2 * sigma_x**2) - (y - row) ** 2 / (2 * sigma_y**2))
        heat = np.maximum(heat, bump)
        heat[row, column] = 1.0
        for r, c in (
            (row, column),
            (row - 1, column),
            (row + 1, column),
            (row, column - 1),
            (row, column + 1),
        ):
            if 0 <= r < rows and 0 <= c < columns:
                cells.append((r, c, number))
                weights.append(0.4 if (r, c) == (row, column) else 0.15)
    return torch.from_numpy(heat), cells, weights


def _focal(logits: Tensor, heat: Tensor) -> Tensor:
    score = torch.sigmoid(logits).clamp(1e-4, 1 - 1e-4)
    centres = heat >= 0.999
    hits = -torch.log(score[centres]) * (1 - score[centres]) ** 2
    rest = ~centres
    misses = -torch.log(1 - score[rest]) * score[rest] ** 2 * (1 - heat[rest]) ** 4
    return hits.sum() + misses.sum()


def _overlap(
    distances: Tensor, cells: list[tuple[int, int, int]], weights: list[float], boxes: Boxes
) -> Tensor:
    rows = torch.tensor([cell[0] for cell in cells])
    columns = torch.tensor([cell[1] for cell in cells])
    wanted = torch.from_numpy(boxes[[cell[2] for cell in cells]])
    left, top, right, bottom = distances[:, rows, columns]
    x, y = (columns + 0.5) * STRIDE, (rows + 0.5) * STRIDE
    said = torch.stack((x - left, y - top, x + right, y + bottom), 1)
    return ((1 - generalised_iou(said, wanted)) * torch.tensor(weights)).sum()


def generalised_iou(one: Tensor, other: Tensor) -> Tensor:
    """Overlap of pairs of boxes, shape (k, 4) each, in -1 to 1."""
    low, high = torch.maximum(one[:, :2], other[:, :2]), torch.minimum(one[:, 2:], other[:, 2:])
    shared = (high - low).clamp(min=0).prod(1)
    union = (one[:, 2:] - one[:, :2]).prod(1) + (other[:, 2:] - other[:, :2]).prod(1) - shared
    hull_low = torch.minimum(one[:, :2], other[:, :2])
    hull_high = torch.maximum(one[:, 2:], other[:, 2:])
    hull = (hull_high - hull_low).prod(1).clamp(min=1e-6)
    union = union.clamp(min=1e-6)
    return shared / union - (hull - union) / hull


def _follow(average: Detector, detector: Detector) -> None:
    with torch.no_grad():
        for kept, new in zip(average.parameters(), detector.parameters(), strict=True):
            kept.lerp_(new, 1 - EMA)


def _save(
    folder: Path,
    detector: Detector,
    average: Detector,
    optimiser: torch.optim.AdamW,
    progress: Progress,
) -> None:
    """All of it in one file, renamed: whenever the process ends, the parts fit together."""
    state = {
        "weights": detector.state_dict(),
        "average": average.state_dict(),
        "optimiser": optimiser.state_dict(),
        "step": progress.step,
        "spent_s": progress.spent_s,
        "seed": progress.seed,
    }
    beside = folder / "state.part"
    torch.save(state, beside)
    beside.replace(folder / "state.pt")


def _write_average(folder: Path, average: Detector) -> Path:
    path = folder / "average.safetensors"
    save_file({name: value.contiguous() for name, value in average.state_dict().items()}, path)
    return path
