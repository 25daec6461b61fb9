"""Light, colour, blur, noise and compression as cameras give them, on the device."""

import torch
from torch import Tensor
from torch.nn import functional

from fleetapp.vision.learning.scenes import logarithmic, uniform

KERNEL = 21
BLURRED, COMPRESSED, COARSE = 0.3, 0.3, 0.15
LUMINANCE = (0.299, 0.587, 0.114)
# Annex K of the JPEG standard, luminance.
QUANTA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)


def spoiled(pixels: Tensor) -> Tensor:
    """Pictures 0 to 255 of shape (n, 3, h, w), each spoiled in its own way."""
    pixels = _lit(pixels)
    pixels = _coarse(pixels)
    pixels = _some(pixels, BLURRED, _blurred)
    pixels = _noisy(pixels).clamp(0, 255)
    return _some(pixels, COMPRESSED, _compressed).clamp(0, 255)


def _some(pixels: Tensor, share: float, change: "object") -> Tensor:
    """Change the first few of a batch in a new order; the rest stay as they are."""
    count = int(len(pixels) * share)
    if not count or not callable(change):
        return pixels
    chosen = torch.randperm(len(pixels), device=pixels.device)[:count]
    return pixels.index_copy(0, chosen, change(pixels[chosen]))


def _lit(pixels: Tensor) -> Tensor:
    n, device, side = len(pixels), pixels.device, pixels.shape[-1]
    shape = (n, 1, 1, 1)
    often = torch.rand(shape, device=device) < 0.8
    gamma = torch.where(
        often, logarithmic(0.7, 1.5, shape, device), logarithmic(0.35, 2.6, shape, device)
    )
    x = (pixels / 255).clamp(0, 1) ** gamma
    contrast = uniform(0.65, 1.4, shape, device)
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * contrast + mean * logarithmic(0.6, 1.5, shape, device)
    cast = 1 + torch.randn((n, 3, 1, 1), device=device) * 0.1
    x = x * cast
    grey = (x * torch.tensor(LUMINANCE, device=device)[:, None, None]).sum(1, keepdim=True)
    colour = uniform(0.3, 1.5, shape, device)
    colour = colour * (torch.rand(shape, device=device) > 0.2)
    x = grey + (x - grey) * colour
    ticks = torch.linspace(-1, 1, side, device=device)
    lean = torch.randn((n, 2, 1, 1), device=device) * 0.2
    lean = lean * (torch.rand(shape, device=device) < 0.5)
    slope = lean[:, :1] * ticks[:, None] + lean[:, 1:] * ticks
    spot = uniform(-1, 1, (n, 2, 1, 1), device)
    far = (ticks[:, None] - spot[:, :1]) ** 2 + (ticks - spot[:, 1:]) ** 2
    dark = uniform(0, 0.45, shape, device) * (torch.rand(shape, device=device) < 0.35)
    return (x * (1 + slope).clamp(0.3, 1.7) * torch.exp(-dark * far)).clamp(0, 1.2) * 255


def _coarse(pixels: Tensor) -> Tensor:
    """A few of a batch lose detail."""
    share = float(torch.rand(())) * 0.6 + 0.25
    side = pixels.shape[-1]
    small = max(16, int(side * share))

    def shrunk(part: Tensor) -> Tensor:
        less = functional.interpolate(part, (small, small), mode="bilinear", antialias=True)
        return functional.interpolate(less, (side, side), mode="bilinear")

    return _some(pixels, COARSE, shrunk)


def _blurred(pixels: Tensor) -> Tensor:
    """Motion along a line, or out of focus."""
    n, device, half = len(pixels), pixels.device, KERNEL // 2
    ticks = torch.arange(KERNEL, device=device) - half
    y, x = torch.meshgrid(ticks, ticks, indexing="ij")
    angle = uniform(0, torch.pi, (n, 1, 1), device)
    length = logarithmic(2, half + 0.5, (n, 1, 1), device)
    along = x * angle.cos() + y * angle.sin()
    across = y * angle.cos() - x * angle.sin()
    line = torch.exp(-(across**2) / 0.6) * torch.sigmoid((length - along.abs()) * 3)
    radius = logarithmic(0.7, 6, (n, 1, 1), device)
    disk = torch.sigmoid((radius - (x**2 + y**2).float().sqrt()) * 3) + 1e-6
    moving = torch.rand((n, 1, 1), device=device) < 0.55
    kernel = torch.where(moving, line, disk)
    kernel = kernel / kernel.sum((1, 2), keepdim=True)
    weight = kernel.repeat_interleave(3, 0)[:, None]
    flat = functional.pad(pixels, (half,) * 4, mode="replicate").reshape(
        1, n * 3, *(side + 2 * half for side in pixels.shape[-2:])
    )
    return functional.conv2d(flat, weight, groups=n * 3).reshape(pixels.shape)


def _noisy(pixels: Tensor) -> Tensor:
    n, device = len(pixels), pixels.device
    shape = (n, 1, 1, 1)
    strong = uniform(0, 18, shape, device) * (torch.rand(shape, device=device) < 0.4)
    shot = uniform(0, 1.6, shape, device) * (torch.rand(shape, device=device) < 0.3)
    spread = strong + shot * pixels.clamp(0, 255).sqrt()
    pixels = pixels + torch.randn_like(pixels) * spread
    rare = uniform(0, 0.06, shape, device) * (torch.rand(shape, device=device) < 0.12)
    chance = torch.rand_like(pixels)
    pixels = torch.where(chance < rare / 2, torch.zeros_like(pixels), pixels)
    return torch.where(chance > 1 - rare / 2, torch.full_like(pixels, 255), pixels)


def _compressed(pixels: Tensor) -> Tensor:
    """Each block of 8 x 8 px through a cosine transform with coarse steps."""
    device = pixels.device
    quality = uniform(0.4, 6, (len(pixels), 1, 1, 1, 1, 1), device)
    steps = torch.tensor(QUANTA, device=device, dtype=torch.float32) * quality
    number = torch.arange(8, device=device)
    basis = torch.cos((2 * number + 1) * number[:, None] * torch.pi / 16) / 2
    basis = torch.cat((basis[:1] / 2**0.5, basis[1:]))
    rows, columns = pixels.shape[2] // 8, pixels.shape[3] // 8
    blocks = pixels.reshape(len(pixels), 3, rows, 8, columns, 8).transpose(3, 4) - 128
    cosines = ((basis @ blocks @ basis.T) / steps).round() * steps
    back = basis.T @ cosines @ basis + 128
    return back.transpose(3, 4).reshape(pixels.shape)
