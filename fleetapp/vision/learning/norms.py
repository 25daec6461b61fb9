"""Batch norms for the time of training: put in at the beginning, folded away at the end."""

import torch
from torch import Tensor, nn

from fleetapp.vision.backbone import BN_EPSILON, Backbone, Block, load_imagenet

MOMENTUM = 0.03


class Normed(nn.Module):
    """A convolution and its norm."""

    def __init__(self, conv: nn.Conv2d) -> None:
        """Take over a convolution; its bias becomes the norm's."""
        super().__init__()
        self.norm = nn.BatchNorm2d(conv.out_channels, eps=BN_EPSILON, momentum=MOMENTUM)
        if conv.bias is not None and self.norm.running_mean is not None:
            self.norm.running_mean.copy_(-conv.bias.detach())
        self.conv = conv
        conv.bias = None

    def forward(self, x: Tensor) -> Tensor:
        """Convolve and normalise."""
        result: Tensor = self.norm(self.conv(x))
        return result

    def folded(self) -> nn.Conv2d:
        """The same in one convolution."""
        old, norm = self.conv, self.norm
        conv = nn.Conv2d(
            old.in_channels,
            old.out_channels,
            old.kernel_size,  # type: ignore[arg-type]
            old.stride,  # type: ignore[arg-type]
            old.padding,  # type: ignore[arg-type]
            groups=old.groups,
        )
        mean, variance = norm.running_mean, norm.running_var
        if mean is None or variance is None or conv.bias is None:
            raise TypeError("a norm without running statistics cannot be folded")
        scale = norm.weight / torch.sqrt(variance + norm.eps)
        with torch.no_grad():
            conv.weight.copy_(old.weight * scale[:, None, None, None])
            conv.bias.copy_(norm.bias - mean * scale)
        return conv


LAST = ("presence", "quality", "edges", "corners")  # what a cell says is not normalised


def put_norms(module: nn.Module) -> None:
    """Give every convolution but the last ones its norm."""
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d):
            if name not in LAST:
                setattr(module, name, Normed(child))
        elif not isinstance(child, Normed):
            put_norms(child)


def fold_norms(module: nn.Module) -> None:
    """Take all norms away again; the answers stay the same."""
    for name, child in module.named_children():
        if isinstance(child, Normed):
            setattr(module, name, child.folded())
        else:
            fold_norms(child)


def begin_from_imagenet(backbone: Backbone, published: dict[str, Tensor]) -> None:
    """Load published weights and put in norms that change nothing at first.

    A folded convolution's output has the published norm's bias for a mean and its
    weight for a deviation.
    """
    load_imagenet(backbone, published)
    put_norms(backbone)
    _begin(backbone.stem.conv, published, "_bn0")
    for number, block in enumerate(backbone.blocks):
        if not isinstance(block, Block):
            raise TypeError(f"block {number} is a {type(block).__name__}, expected Block")
        prefix = f"_blocks.{number}."
        if block.expand is not None:
            _begin(block.expand, published, f"{prefix}_bn0")
        _begin(block.depthwise.conv, published, f"{prefix}_bn1")
        _begin(block.project, published, f"{prefix}_bn2")


def _begin(normed: nn.Module, published: dict[str, Tensor], name: str) -> None:
    if not isinstance(normed, Normed):
        raise TypeError(f"{name} belongs to a {type(normed).__name__}, expected Normed")
    mean, variance = normed.norm.running_mean, normed.norm.running_var
    if mean is None or variance is None:
        raise TypeError("a norm without running statistics cannot be begun")
    with torch.no_grad():
        spread = published[f"{name}.weight"] ** 2
        normed.norm.weight.copy_((spread + BN_EPSILON).sqrt())
        normed.norm.bias.copy_(published[f"{name}.bias"])
        mean.add_(published[f"{name}.bias"])
        variance.copy_(spread)
