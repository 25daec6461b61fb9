"""The package detector: backbone, top-down fusion to stride 8, centre and box heads.

For each cell of 8 x 8 px a score that a package's centre lies there, and the
distances from the cell's middle to the package's left, top, right and bottom edge.

Source: centre heat maps as in Zhou et al., Objects as Points, 2019; distances as
in Tian et al., FCOS, ICCV 2019.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from fleetapp.vision.backbone import TAP_CHANNELS, Backbone

STRIDE = 8
WIDTH = 64


class Detector(nn.Module):
    """3 million weights; input sides are multiples of 32."""

    def __init__(self) -> None:
        """Build with random weights."""
        super().__init__()
        self.backbone = Backbone()
        self.lateral = nn.ModuleList(nn.Conv2d(c, WIDTH, 1) for c in TAP_CHANNELS)
        self.smooth = nn.ModuleList(_separable(WIDTH) for _ in range(2))
        self.centre = nn.Sequential(_separable(WIDTH), _separable(WIDTH), nn.Conv2d(WIDTH, 1, 1))
        self.box = nn.Sequential(_separable(WIDTH), _separable(WIDTH), nn.Conv2d(WIDTH, 4, 1))
        self._begin()

    def _begin(self) -> None:
        """Start with rare centres and boxes of about 40 px."""
        centre, box = self.centre[-1], self.box[-1]
        if isinstance(centre, nn.Conv2d) and centre.bias is not None:
            nn.init.constant_(centre.bias, -3.5)
        if isinstance(box, nn.Conv2d) and box.bias is not None:
            nn.init.constant_(box.bias, 1.0)

    def forward(self, image: Tensor, frozen: int = 0) -> tuple[Tensor, Tensor]:
        """Scores and distances.

        Args:
            image: shape (n, 3, h, w), values about -1 to 1.
            frozen: backbone blocks run without gradients.

        Returns:
            Logits of shape (n, 1, h/8, w/8), distances in px of shape (n, 4, h/8, w/8).
        """
        logits, distances = self.heads(self.backbone(image, frozen))
        return logits, distances

    def heads(self, taps: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Scores and distances, as `forward`, from the backbone's feature maps."""
        fine, middle, coarse = taps
        x = self.lateral[2](coarse)
        for tap, lateral, smooth in ((middle, 1, 0), (fine, 0, 1)):
            x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = self.smooth[smooth](x + self.lateral[lateral](tap))
        distances = torch.exp(self.box(x).clamp(-4.0, 5.0)) * STRIDE
        logits: Tensor = self.centre(x)
        return logits, distances


def _separable(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, channels, 5, padding=2, groups=channels),
        nn.Conv2d(channels, channels, 1),
        nn.ReLU(inplace=True),
    )


def normalised(pixels: Tensor) -> Tensor:
    """Pixels 0 to 255 of shape (n, 3, h, w) as the backbone expects them."""
    return (pixels - 127.0) / 128.0


def decoded(
    logits: Tensor, distances: Tensor, *, least_score: float, most: int
) -> tuple[Tensor, Tensor]:
    """Peaks of one image's heat map as boxes, best first, before overlaps are removed.

    Args:
        logits: shape (1, h, w).
        distances: shape (4, h, w), px.
        least_score: peaks below are left out.
        most: at most so many peaks.

    Returns:
        Boxes x1, y1, x2, y2 of shape (k, 4) in px, scores of shape (k,).
    """
    scores = torch.sigmoid(logits)[0]
    peaks = scores * (scores == functional.max_pool2d(scores[None], 3, 1, 1)[0])
    values, where = peaks.flatten().topk(min(most, peaks.numel()))
    keep = values > least_score
    values, where = values[keep], where[keep]
    rows, columns = where // scores.shape[1], where % scores.shape[1]
    x, y = (columns + 0.5) * STRIDE, (rows + 0.5) * STRIDE
    left, top, right, bottom = distances[:, rows, columns]
    return torch.stack((x - left, y - top, x + right, y + bottom), dim=1), values
