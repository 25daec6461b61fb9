"""Which cell answers for which package, and what its answer costs.

Source: task-aligned assignment, Feng et al., TOOD, ICCV 2021; varifocal loss,
Zhang et al., CVPR 2021; distribution focal loss, Li et al., NeurIPS 2020;
generalised IoU, Rezatofighi et al., CVPR 2019.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from fleetapp.vision.learning.truth import Truth, in_order
from fleetapp.vision.network import BINS, Seen

CELLS_A_PACKAGE = 10
SCORE_POWER, FIT_POWER = 0.5, 6.0
LEAST_INSIDE_PX = 9.0  # a thinner package still has a cell
FOCUS = 0.75  # of a cell without a package, with the square of its score
WEIGHTS = {"presence": 1.0, "overlap": 2.5, "edges": 0.6, "quality": 0.5, "corners": 0.25}
STRANGE_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class Assigned:
    """Which package each cell answers for; n pictures, a cells."""

    answers: Tensor  # bool, (n, a)
    package: Tensor  # number of the package, (n, a)
    target: Tensor  # what the cell should say, 0 to 1, (n, a)
    fit: Tensor  # overlap of the cell's box, (n, a)


def overlaps(one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and generalised IoU of boxes that broadcast, shape (..., 4)."""
    low = torch.maximum(one[..., :2], other[..., :2])
    high = torch.minimum(one[..., 2:], other[..., 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    areas = [(b[..., 2:] - b[..., :2]).clamp(min=0).prod(-1) for b in (one, other)]
    union = (areas[0] + areas[1] - shared).clamp(min=1e-6)
    hull_low = torch.minimum(one[..., :2], other[..., :2])
    hull_high = torch.maximum(one[..., 2:], other[..., 2:])
    hull = (hull_high - hull_low).prod(-1).clamp(min=1e-6)
    iou = shared / union
    return iou, iou - (hull - union) / hull


@torch.no_grad()
def assign(scores: Tensor, boxes: Tensor, seen: Seen, truth: Truth) -> Assigned:
    """Cells with good score and fit answer for a package.

    Args:
        scores: shape (n, a), 0 to 1.
        boxes: shape (n, a, 4), px.
        seen: for the cells.
        truth: m packages.
    """
    ability = _able(seen, truth)
    iou = overlaps(truth.boxes[:, :, None], boxes[:, None])[0] * ability
    align = scores[:, None].clamp(min=1e-6) ** SCORE_POWER * iou**FIT_POWER
    best = align.topk(CELLS_A_PACKAGE, -1)
    chosen = torch.zeros_like(align, dtype=torch.bool)
    chosen.scatter_(-1, best.indices, best.values > 1e-12)
    # At first no box fits: the cells nearest the middle begin.
    chosen = chosen & ability
    fit, package = (iou * chosen).max(1)
    answers = chosen.any(1)
    numbers = torch.arange(iou.shape[1], device=iou.device)
    mine = chosen & (package[:, None] == numbers[:, None])
    align = align * mine
    top = align.amax(-1, keepdim=True).clamp(min=1e-12)
    top_fit = (iou * mine).amax(-1, keepdim=True)
    target = (align / top * top_fit).amax(1)
    return Assigned(answers, package, target, fit)


def _able(seen: Seen, truth: Truth) -> Tensor:
    """Cells that lie on a package and can reach its edges, bool (n, m, a)."""
    low, high = truth.boxes[..., None, :2], truth.boxes[..., None, 2:]
    middle = (low + high) / 2
    half = (high - low).clamp(min=LEAST_INSIDE_PX) / 2
    inside = ((seen.middles - middle).abs() < half).all(-1)
    reach = torch.maximum(seen.middles - low, high - seen.middles).amax(-1)
    return inside & (reach < (BINS - 1.01) * seen.strides) & truth.there[..., None]


def cost(
    seen: Seen, truth: Truth, *, background: Tensor, strange: Tensor, strange_asked: Tensor
) -> dict[str, Tensor]:
    """What the answers cost, by part.

    Args:
        seen: answers to n pictures.
        truth: what they show.
        background: how much it is asked that a place without package stays empty, (n,).
        strange: 1 where a picture shows nothing familiar, (n,).
        strange_asked: weight of that question, (n,).
    """
    boxes = seen.boxes()
    logits = seen.presence.float()
    scores = torch.sigmoid(logits.detach())
    given = assign(scores, boxes.detach(), seen, truth)
    total = given.target.sum().clamp(min=1.0)
    parts = {"presence": _presence(logits, given, seen, truth, background) / total}
    wanted = _of_package(truth.boxes, given.package)
    worth = truth.worth.gather(1, given.package) * given.target * given.answers
    sure = worth.sum().clamp(min=1.0)
    iou, generalised = overlaps(boxes, wanted)
    parts["overlap"] = ((1 - generalised) * worth).sum() / sure
    parts["edges"] = (_edges(seen, wanted) * worth).sum() / sure
    quality = functional.binary_cross_entropy_with_logits(
        seen.quality.float(), iou.detach().clamp(0, 1), reduction="none"
    )
    parts["quality"] = (quality * worth).sum() / sure
    parts["corners"] = _corners(seen, truth, given, wanted)
    doubt = functional.binary_cross_entropy_with_logits(seen.strange, strange, reduction="none")
    parts["strange"] = (doubt * strange_asked).sum() / strange_asked.sum().clamp(min=1.0)
    return parts


def weighed(parts: dict[str, Tensor]) -> Tensor:
    """The sum of the parts."""
    total = STRANGE_WEIGHT * parts["strange"]
    for name, weight in WEIGHTS.items():
        total = total + weight * parts[name]
    return total


def _presence(
    logits: Tensor, given: Assigned, seen: Seen, truth: Truth, background: Tensor
) -> Tensor:
    scores = torch.sigmoid(logits.detach())
    unknown = _on_unknown(seen.middles, truth)
    empty = FOCUS * scores**2 * (~unknown) * background[:, None]
    weight = torch.where(given.answers, given.target, empty)
    target = given.target * given.answers
    return (
        functional.binary_cross_entropy_with_logits(logits, target, reduction="none") * weight
    ).sum()


def _on_unknown(middles: Tensor, truth: Truth) -> Tensor:
    low, high = truth.boxes[..., None, :2], truth.boxes[..., None, 2:]
    inside = ((middles > low) & (middles < high)).all(-1)
    return (inside & truth.unknown[..., None]).any(1)


def _of_package(values: Tensor, package: Tensor) -> Tensor:
    index = package.reshape(*package.shape, *([1] * (values.dim() - 2)))
    return values.gather(1, index.expand(-1, -1, *values.shape[2:]))


def _edges(seen: Seen, wanted: Tensor) -> Tensor:
    """Distribution focal loss, shape (n, a)."""
    middles = torch.cat((seen.middles, seen.middles), -1)
    sign = torch.tensor([1.0, 1.0, -1.0, -1.0], device=wanted.device)
    cells = (middles - wanted) * sign / seen.strides[:, None]
    cells = cells.clamp(0, BINS - 1.01)
    below = cells.long()
    part = cells - below
    logs = functional.log_softmax(seen.edges.float(), -1)
    lower = logs.gather(-1, below[..., None])[..., 0]
    upper = logs.gather(-1, below[..., None] + 1)[..., 0]
    return -(lower * (1 - part) + upper * part).mean(-1)


def _corners(seen: Seen, truth: Truth, given: Assigned, wanted: Tensor) -> Tensor:
    """Distance of the corners, in parts of the package's size."""
    quads = _of_package(in_order(truth.quads), given.package)
    asked = truth.has_quad.gather(1, given.package) & given.answers
    size = (wanted[..., 2:] - wanted[..., :2]).clamp(min=8).mean(-1)
    off = functional.smooth_l1_loss(
        seen.quads() / size[..., None, None],
        quads / size[..., None, None],
        reduction="none",
        beta=0.05,
    ).mean((-1, -2))
    weight = given.target * asked
    return (off.nan_to_num() * weight).sum() / weight.sum().clamp(min=1.0)
