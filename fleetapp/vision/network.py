"""The package detector of several strides: boxes, their quality, the face's corners.

Three grids of cells, of 8, 16 and 32 px. Each cell says how surely it lies on a
package, how well its box will fit, the box itself as a distribution over distances
to each edge, and the corners of the face that is turned to the camera. One more
number for the whole frame says how strange it is.

Sources: distances as distributions, Li et al., Generalized Focal Loss, NeurIPS
2020; two-way fusion, Liu et al., PANet, CVPR 2018.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from fleetapp.vision.backbone import TAP_CHANNELS, Backbone

STRIDES = (8, 16, 32)
WIDTH = 96
BINS = 16  # distances of 0 to 15 cells
CORNERS = 8  # x, y of four corners


@dataclass(frozen=True, slots=True)
class Seen:
    """What the cells say, all grids one after the other; n images, a cells."""

    presence: Tensor  # logits, shape (n, a)
    quality: Tensor  # logits, shape (n, a)
    edges: Tensor  # logits over distances, shape (n, a, 4, BINS)
    corners: Tensor  # in cells from the cell's middle, shape (n, a, 8)
    strange: Tensor  # logits, shape (n,)
    middles: Tensor  # px, shape (a, 2)
    strides: Tensor  # px, shape (a,)

    def boxes(self) -> Tensor:
        """Boxes x1, y1, x2, y2 in px, shape (n, a, 4)."""
        steps = torch.arange(BINS, device=self.edges.device, dtype=torch.float32)
        cells = (self.edges.float().softmax(-1) * steps).sum(-1)
        distances = cells * self.strides[:, None]
        x, y = self.middles[:, 0], self.middles[:, 1]
        left, top, right, bottom = distances.unbind(-1)
        return torch.stack((x - left, y - top, x + right, y + bottom), -1)

    def quads(self) -> Tensor:
        """Corners of the face in px, shape (n, a, 4, 2)."""
        corners = self.corners.float()
        offsets = corners.reshape(*corners.shape[:-1], 4, 2) * self.strides[:, None, None]
        result: Tensor = offsets + self.middles[:, None, :]
        return result


class Smooth(nn.Module):
    """A 5 x 5 filter of each channel, then a mixture of the channels."""

    def __init__(self, channels: int, stride: int = 1) -> None:
        """Build with random weights."""
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 5, stride, 2, groups=channels)
        self.mix = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, c, h, w) to (n, c, h / stride, w / stride)."""
        return functional.relu(self.mix(self.depthwise(x)), inplace=True)


class Head(nn.Module):
    """What the cells of one grid say."""

    def __init__(self, channels: int) -> None:
        """Start with rare packages of about four cells."""
        super().__init__()
        self.find = nn.Sequential(Smooth(channels), Smooth(channels))
        self.fit = nn.Sequential(Smooth(channels), Smooth(channels))
        self.presence = nn.Conv2d(channels, 1, 1)
        self.quality = nn.Conv2d(channels, 1, 1)
        self.edges = nn.Conv2d(channels, 4 * BINS, 1)
        self.corners = nn.Conv2d(channels, CORNERS, 1)
        for last in (self.presence, self.quality, self.edges, self.corners):
            nn.init.normal_(last.weight, std=0.01)
            nn.init.zeros_(last.bias if last.bias is not None else last.weight)
        if self.presence.bias is not None:
            nn.init.constant_(self.presence.bias, -4.5)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Presence, quality, edges and corners of each cell, cells last but one."""
        found, fitted = self.find(x), self.fit(x)
        rows = (self.presence(found), self.quality(fitted), self.edges(fitted))
        presence, quality, edges = (row.flatten(2).transpose(1, 2) for row in rows)
        corners = self.corners(fitted).flatten(2).transpose(1, 2)
        return presence[..., 0], quality[..., 0], edges.reshape(*edges.shape[:-1], 4, BINS), corners


class Network(nn.Module):
    """The detector; input sides are multiples of 32."""

    def __init__(self) -> None:
        """Build with random weights."""
        super().__init__()
        self.backbone = Backbone()
        self.lateral = nn.ModuleList(nn.Conv2d(c, WIDTH, 1) for c in TAP_CHANNELS)
        self.context = nn.Conv2d(3 * WIDTH, WIDTH, 1)
        self.down = nn.ModuleList(Smooth(WIDTH) for _ in range(2))
        self.shrink = nn.ModuleList(Smooth(WIDTH, stride=2) for _ in range(2))
        self.up = nn.ModuleList(Smooth(WIDTH) for _ in range(2))
        self.heads = nn.ModuleList(Head(WIDTH) for _ in STRIDES)
        self.familiar = nn.Linear(TAP_CHANNELS[1] + TAP_CHANNELS[2], 64)
        self.strange = nn.Linear(64, 1)

    def forward(self, image: Tensor) -> Seen:
        """What is seen in images of shape (n, 3, h, w), values about -1 to 1."""
        return self.answer(self.backbone(image))

    def answer(self, taps: list[Tensor]) -> Seen:
        """What is seen, from the backbone's feature maps."""
        maps = self._fused(taps)
        said = [head(x) for head, x in zip(self.heads, maps, strict=True)]
        middles, strides = _cells([(x.shape[2], x.shape[3]) for x in maps], maps[0].device)
        return Seen(
            presence=torch.cat([row[0] for row in said], 1),
            quality=torch.cat([row[1] for row in said], 1),
            edges=torch.cat([row[2] for row in said], 1),
            corners=torch.cat([row[3] for row in said], 1),
            strange=self._strange(taps),
            middles=middles,
            strides=strides,
        )

    def _fused(self, taps: list[Tensor]) -> list[Tensor]:
        fine, middle, coarse = (
            lateral(tap) for lateral, tap in zip(self.lateral, taps, strict=True)
        )
        wide = functional.max_pool2d(coarse, 5, 1, 2)
        wider = functional.max_pool2d(wide, 5, 1, 2)
        coarse = coarse + functional.relu(self.context(torch.cat((coarse, wide, wider), 1)))
        middle = self.down[0](middle + _twice(coarse))
        fine = self.down[1](fine + _twice(middle))
        middle = self.up[0](middle + self.shrink[0](fine))
        coarse = self.up[1](coarse + self.shrink[1](middle))
        return [fine, middle, coarse]

    def _strange(self, taps: list[Tensor]) -> Tensor:
        means = torch.cat([tap.float().mean((2, 3)) for tap in taps[1:]], 1)
        result: Tensor = self.strange(functional.relu(self.familiar(means)))[:, 0]
        return result.float()


def _twice(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def _cells(sizes: list[tuple[int, int]], device: torch.device) -> tuple[Tensor, Tensor]:
    middles, strides = [], []
    for (rows, columns), stride in zip(sizes, STRIDES, strict=True):
        y = (torch.arange(rows, device=device) + 0.5) * stride
        x = (torch.arange(columns, device=device) + 0.5) * stride
        grid = torch.stack(torch.meshgrid(y, x, indexing="ij"), -1).flip(-1)
        middles.append(grid.reshape(-1, 2))
        strides.append(torch.full((rows * columns,), float(stride), device=device))
    return torch.cat(middles), torch.cat(strides)


def scores_of(seen: Seen) -> Tensor:
    """How good each cell's answer is, 0 to 1, shape (n, a): presence and fit together."""
    presence, quality = torch.sigmoid(seen.presence.float()), torch.sigmoid(seen.quality.float())
    return presence.sqrt() * quality.sqrt()
