"""What a batch of pictures shows, as tensors of one size."""

from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Truth:
    """Packages of n pictures, at most m in each; places without one are not `there`."""

    boxes: Tensor  # x1, y1, x2, y2 in px, shape (n, m, 4)
    there: Tensor  # bool, shape (n, m): a package
    unknown: Tensor  # bool, shape (n, m): a place of which nothing is asked
    worth: Tensor  # how exact the box is, 0 to 1, shape (n, m)
    quads: Tensor  # corners of the face in px, shape (n, m, 4, 2)
    has_quad: Tensor  # bool, shape (n, m)

    def most(self, count: int) -> "Truth":
        """The same with at most so many places, packages first."""
        if self.boxes.shape[1] <= count:
            return self
        rank = self.there.float() * 2 + self.unknown.float()
        order = rank.argsort(dim=1, descending=True, stable=True)[:, :count]
        return Truth(*(_picked(getattr(self, field.name), order) for field in fields(self)))

    def of(self, pictures: Tensor | slice) -> "Truth":
        """Those of some of the pictures."""
        return Truth(*(getattr(self, field.name)[pictures] for field in fields(self)))

    def clipped(self, window: Tensor, *, least_seen: float, least_px: float) -> "Truth":
        """As seen through a window x1, y1, x2, y2 for each picture, shape (n, 4).

        What is seen too little of becomes unknown, what is not seen at all is dropped.
        """
        low = torch.maximum(self.boxes[..., :2], window[:, None, :2])
        high = torch.minimum(self.boxes[..., 2:], window[:, None, 2:])
        sides = (high - low).clamp(min=0)
        whole = (self.boxes[..., 2:] - self.boxes[..., :2]).clamp(min=1e-3).prod(-1)
        seen = sides.prod(-1) / whole
        large = sides.amin(-1) >= least_px
        there = self.there & large & (seen >= least_seen)
        hinted = (self.there | self.unknown) & ~there & (sides.amin(-1) > 1) & (seen > 0.02)
        return replace(
            self,
            boxes=torch.cat((low, torch.maximum(high, low)), -1),
            there=there,
            unknown=hinted,
            has_quad=self.has_quad & there & (seen > 0.95),
        )


def joined(parts: list[Truth]) -> Truth:
    """The packages of several truths about the same pictures."""
    return Truth(*(torch.cat([getattr(part, f.name) for part in parts], 1) for f in fields(Truth)))


def stacked(parts: list[Truth]) -> Truth:
    """Truths about several batches of pictures, each with as many places."""
    return Truth(*(torch.cat([getattr(part, f.name) for part in parts], 0) for f in fields(Truth)))


def _picked(values: Tensor, order: Tensor) -> Tensor:
    index = order.reshape(*order.shape, *([1] * (values.dim() - 2)))
    return values.gather(1, index.expand(-1, -1, *values.shape[2:]))


def in_order(quads: Tensor) -> Tensor:
    """Corners clockwise on the screen, that nearest the upper left first, (..., 4, 2)."""
    middle = quads.mean(-2, keepdim=True)
    offsets = quads - middle
    angle = torch.atan2(offsets[..., 1], offsets[..., 0])
    by_angle = angle.argsort(-1)
    turned = quads.gather(-2, by_angle[..., None].expand_as(quads))
    first = turned.sum(-1).argmin(-1, keepdim=True)
    order = (torch.arange(4, device=quads.device) + first) % 4
    return turned.gather(-2, order[..., None].expand_as(quads))
