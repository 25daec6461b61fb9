"""Photographs seen anew: moved, turned, scaled, in perspective, four in one.

All on the device, a batch at a time. A photograph is looked at through a
homography; its packages' boxes go along as the hull of their turned corners.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from fleetapp.vision.learning.truth import Truth, joined

GREY = 114.0
LEAST_SEEN, LEAST_PX = 0.35, 6.0
WHOLE_SHARE = 0.35  # of the views show the whole photograph
MOSAIC_SHARE = 0.2
MOST = 100  # packages in a picture


@dataclass(frozen=True, slots=True)
class Pool:
    """Photographs in the device's memory."""

    pixels: Tensor  # uint8, shape (p, 3, side, side)
    small: Tensor  # the same, half the side
    truth: Truth
    chance: Tensor  # of each photograph, shape (p,)
    background: Tensor  # how much its places without a label are worth, shape (p,)


@dataclass(frozen=True, slots=True)
class Scenes:
    """A batch of pictures and what they show."""

    pixels: Tensor  # float 0 to 255, shape (n, 3, side, side)
    truth: Truth
    background: Tensor  # shape (n,)


def uniform(low: float, high: float, shape: tuple[int, ...], device: torch.device) -> Tensor:
    """Evenly by chance."""
    return torch.rand(shape, device=device) * (high - low) + low


def logarithmic(low: float, high: float, shape: tuple[int, ...], device: torch.device) -> Tensor:
    """By chance, as often between 1 and 2 as between 2 and 4."""
    ends = torch.tensor([low, high]).log()
    return uniform(float(ends[0]), float(ends[1]), shape, device).exp()


def views(pool: Pool, count: int, side: int) -> Scenes:
    """So many views of photographs by chance, shape (count, 3, side, side)."""
    chosen = torch.multinomial(pool.chance, count, replacement=True)
    forward = _homographies(pool, chosen, side)
    pixels = _seen_through(pool, chosen, inverse(forward), side)
    truth = moved(pool.truth.of(chosen), forward)
    window = torch.tensor([0.0, 0.0, side, side], device=pixels.device).expand(count, 4)
    truth = truth.clipped(window, least_seen=LEAST_SEEN, least_px=LEAST_PX)
    return Scenes(pixels, truth, pool.background[chosen])


def _homographies(pool: Pool, chosen: Tensor, side: int) -> Tensor:
    """From photograph to picture, shape (n, 3, 3)."""
    n, device, old = len(chosen), pool.pixels.device, float(pool.pixels.shape[-1])
    fit = side / old
    whole = torch.rand(n, device=device) < WHOLE_SHARE
    zoom = torch.where(
        whole,
        uniform(0.7, 1.08, (n,), device),
        logarithmic(0.55, 3.2, (n,), device),
    ).mul(fit)
    centre = _points_of_interest(pool.truth.of(chosen), old)
    middle = uniform(0.44, 0.56, (n, 2), device) * old
    centre = torch.where(whole[:, None], middle, centre)
    stretch = (torch.randn(n, device=device) * 0.12).clamp(-0.35, 0.35).exp()
    mirror = torch.where(torch.rand(n, device=device) < 0.5, 1.0, -1.0)
    angle = _angles(n, device)
    tilt = torch.randn((n, 2), device=device) * 0.08 / side
    tilt = tilt * (torch.rand((n, 1), device=device) < 0.5)
    zero, one = torch.zeros(n, device=device), torch.ones(n, device=device)
    to_middle = _matrix(one, zero, -centre[:, 0], zero, one, -centre[:, 1], zero, zero)
    scale = _matrix(zoom * stretch * mirror, zero, zero, zero, zoom / stretch, zero, zero, zero)
    cos, sin = angle.cos(), angle.sin()
    turn = _matrix(cos, -sin, zero, sin, cos, zero, zero, zero)
    lean = _matrix(one, zero, zero, zero, one, zero, tilt[:, 0], tilt[:, 1])
    place = uniform(0.3, 0.7, (n, 2), device)
    place = torch.where(whole[:, None], torch.full_like(place, 0.5), place) * side
    back = _matrix(one, zero, place[:, 0], zero, one, place[:, 1], zero, zero)
    return back @ lean @ turn @ scale @ to_middle


def _angles(n: int, device: torch.device) -> Tensor:
    """Mostly upright; some leaning, few lying."""
    kind = torch.rand(n, device=device)
    angle = torch.randn(n, device=device) * 0.04
    angle = torch.where(kind < 0.12, uniform(-0.4, 0.4, (n,), device), angle)
    quarter = torch.randint(1, 4, (n,), device=device) * (torch.pi / 2)
    return torch.where(kind > 0.92, angle + quarter, angle)


def _points_of_interest(truth: Truth, old: float) -> Tensor:
    """The middle of a package by chance in seven of ten, else any point, (n, 2)."""
    n, device = truth.boxes.shape[0], truth.boxes.device
    some = torch.multinomial(truth.there.float() + 1e-6, 1)[:, 0]
    rows = torch.arange(n, device=device)
    box = truth.boxes[rows, some]
    middle = (box[:, :2] + box[:, 2:]) / 2
    usable = truth.there.any(1) & (torch.rand(n, device=device) < 0.7)
    return torch.where(usable[:, None], middle, uniform(0.15, 0.85, (n, 2), device) * old)


def _matrix(*rows: Tensor) -> Tensor:
    """Eight numbers of each matrix, the ninth is 1; shape (n, 3, 3)."""
    return torch.stack((*rows, torch.ones_like(rows[0])), -1).reshape(-1, 3, 3)


def _seen_through(pool: Pool, chosen: Tensor, backward: Tensor, side: int) -> Tensor:
    n, device, old = len(chosen), pool.pixels.device, float(pool.pixels.shape[-1])
    ticks = torch.arange(side, device=device) + 0.5
    y, x = torch.meshgrid(ticks, ticks, indexing="ij")
    points = torch.stack((x, y, torch.ones_like(x)), -1).reshape(1, -1, 3)
    seen = points @ backward.transpose(1, 2)
    grid = seen[..., :2] / seen[..., 2:].clamp(min=1e-4)
    grid = (grid / old * 2 - 1).reshape(n, side, side, 2)
    shrinks = _areas(backward).sqrt()[:, None, None, None] > 1.6
    fill = _fills(n, device)
    parts = []
    for level in (pool.pixels, pool.small):
        photo = level[chosen].float() - fill
        parts.append(
            functional.grid_sample(photo, grid, mode="bilinear", align_corners=False) + fill
        )
    return torch.where(shrinks, parts[1], parts[0])


def _fills(n: int, device: torch.device) -> Tensor:
    """What lies beyond a photograph's edge: mostly the grey of the letter box."""
    kind = torch.rand((n, 1, 1, 1), device=device)
    colour = uniform(0, 255, (n, 3, 1, 1), device)
    fill = torch.where(kind < 0.65, torch.full_like(colour, GREY), colour)
    return torch.where(kind > 0.82, torch.zeros_like(fill), fill)


def inverse(matrices: Tensor) -> Tensor:
    """Of matrices (..., 3, 3), by cross products: the library's asks the device each time."""
    a, b, c = matrices.unbind(-1)
    rows = torch.stack(
        (torch.linalg.cross(b, c), torch.linalg.cross(c, a), torch.linalg.cross(a, b)), -2
    )
    whole = (a * rows[..., 0, :]).sum(-1)[..., None, None]
    return rows / torch.where(whole.abs() < 1e-12, torch.full_like(whole, 1e-12), whole)


def _areas(backward: Tensor) -> Tensor:
    """Of the photograph's px that one px of the picture shows, shape (n,)."""
    a, b = backward[:, 0, 0] * backward[:, 1, 1], backward[:, 0, 1] * backward[:, 1, 0]
    return (a - b).abs()


def moved(truth: Truth, forward: Tensor) -> Truth:
    """Packages as seen through homographies, shape (n, 3, 3)."""
    x1, y1, x2, y2 = truth.boxes.unbind(-1)
    corners = torch.stack((x1, y1, x2, y1, x2, y2, x1, y2), -1).reshape(*x1.shape, 4, 2)
    seen = _through(corners, forward)
    # A turned hull is larger than what it shows, so it is worth less as a box.
    lean = (forward[:, 0, 1] / forward[:, 1, 1].abs().clamp(min=1e-6)).abs()
    lean = torch.minimum(lean, 1 / lean.clamp(min=1e-6))
    exact = (1.2 - lean * 4).clamp(0.15, 1)
    return Truth(
        boxes=torch.cat((seen.amin(-2), seen.amax(-2)), -1),
        there=truth.there,
        unknown=truth.unknown,
        worth=truth.worth * exact[:, None],
        quads=_through(truth.quads, forward),
        has_quad=truth.has_quad,
    )


def _through(points: Tensor, forward: Tensor) -> Tensor:
    """Points of shape (n, m, 4, 2)."""
    whole = torch.cat((points, torch.ones_like(points[..., :1])), -1)
    seen = whole @ forward[:, None].transpose(-1, -2)
    return seen[..., :2] / seen[..., 2:].clamp(min=1e-4)


def with_mosaics(scenes: Scenes) -> Scenes:
    """Some pictures become four parts of four pictures."""
    n, side, device = len(scenes.pixels), scenes.pixels.shape[-1], scenes.pixels.device
    mosaic = torch.rand(n, device=device) < MOSAIC_SHARE
    split = uniform(0.3, 0.7, (n, 2), device) * side
    split = torch.where(mosaic[:, None], split.round(), torch.full_like(split, side))
    ticks = torch.arange(side, device=device)
    right = (ticks >= split[:, :1])[:, None, None, :]
    lower = (ticks >= split[:, 1:])[:, None, :, None]
    pixels, parts = scenes.pixels, []
    background = scenes.background
    for number in range(4):
        other = (torch.arange(n, device=device) + number * 7) % n
        here_x, here_y = number % 2 == 1, number >= 2
        if number:
            place = (right == here_x) & (lower == here_y)
            pixels = torch.where(place, scenes.pixels[other], pixels)
            background = torch.where(
                mosaic, torch.minimum(background, scenes.background[other]), background
            )
        low = torch.stack((split[:, 0] * here_x, split[:, 1] * here_y), 1)
        high_x = torch.full_like(split[:, 0], side) if here_x else split[:, 0]
        high_y = torch.full_like(split[:, 0], side) if here_y else split[:, 1]
        window = torch.cat((low, torch.stack((high_x, high_y), 1)), 1)
        parts.append(
            scenes.truth.of(other).clipped(window, least_seen=LEAST_SEEN, least_px=LEAST_PX)
        )
    return Scenes(pixels, joined(parts).most(MOST), background)
