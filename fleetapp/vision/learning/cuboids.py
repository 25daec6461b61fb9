"""Where drawn cartons stand before a camera: cuboids alone, scattered, in rows and stacks.

Flat, tall, slim and long ones, in the camera's frame: x right, y down, z ahead; lengths
are relative, px count from the picture's corner.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from fleetapp.vision.learning.scenes import logarithmic, uniform

MOST_CARTONS = 12
ALONE, ARRANGED = 0.25, 0.45  # the rest is scattered
BARE = 0.22  # of the pictures get no carton
# width, depth, height of each kind: lowest and highest factor
SHAPES = (
    ((0.7, 1.4), (0.7, 1.4), (0.6, 1.2)),  # like a cube
    ((0.9, 1.6), (0.8, 1.4), (0.12, 0.35)),  # flat
    ((0.5, 0.9), (0.5, 0.9), (1.6, 3.6)),  # tall
    ((3.0, 8.0), (0.6, 1.2), (0.5, 1.2)),  # long, seen from the side
    ((0.6, 1.2), (3.0, 8.0), (0.5, 1.2)),  # long, seen from its end
    ((0.12, 0.35), (0.8, 1.2), (0.8, 1.4)),  # slim, upright
)
SHAPE_CHANCES = (0.42, 0.14, 0.11, 0.16, 0.06, 0.11)


@dataclass(frozen=True, slots=True)
class Cuboids:
    """k cuboids before n cameras, the farthest first."""

    centres: Tensor  # (n, k, 3), camera frame: x right, y down, z ahead
    halves: Tensor  # vectors from the centre to three faces, (n, k, 3, 3)
    there: Tensor  # bool (n, k)
    focal_px: Tensor  # (n,)
    side_px: int  # of the picture


def arranged(n: int, side: int, device: torch.device) -> Cuboids:
    """Cuboids before n cameras whose pictures have `side` px: alone, scattered or in rows."""
    k = MOST_CARTONS
    kind = torch.rand((n, 1), device=device)
    alone, in_rows = kind < ALONE, (kind >= ALONE) & (kind < ALONE + ARRANGED)
    focal = uniform(0.7, 1.7, (n,), device) * side
    axes = _axes(n, k, in_rows, device)
    sizes = _sizes(n, k, in_rows, device)
    rows = torch.randint(1, 5, (n, 1), device=device)
    columns = (k // rows).clamp(max=7)
    columns = (torch.rand((n, 1), device=device) * columns).long() + 1
    there = _there(alone, in_rows, rows * columns)
    centres = _scattered(alone, in_rows, sizes, focal, side)
    step = _steps(rows, columns, sizes)
    in_row = centres + (step[..., None] * axes).sum(-2)
    centres = torch.where(in_rows[..., None], in_row, centres)
    halves = axes * sizes[..., None] / 2
    order = centres.norm(dim=-1).argsort(1, descending=True)
    return Cuboids(
        centres.gather(1, order[..., None].expand(-1, -1, 3)),
        halves.gather(1, order[..., None, None].expand(-1, -1, 3, 3)),
        there.gather(1, order),
        focal,
        side,
    )


def _there(alone: Tensor, in_rows: Tensor, of_rows: Tensor) -> Tensor:
    """Which of the cartons there are, bool (n, k); some pictures get none."""
    device, n, k = alone.device, len(alone), MOST_CARTONS
    number = torch.arange(k, device=device)[None]
    count = torch.where(alone, 1, torch.randint(1, k + 1, (n, 1), device=device))
    count = torch.where(in_rows, of_rows, count)
    bare = torch.rand((n, 1), device=device) < BARE
    return (number < count) & ~bare


def _scattered(alone: Tensor, in_rows: Tensor, sizes: Tensor, focal: Tensor, side: int) -> Tensor:
    """Centres so that cartons appear in sizes that were asked for; one place for a row."""
    device, (n, k) = alone.device, sizes.shape[:2]
    apparent = torch.where(
        alone, logarithmic(0.15, 1.3, (n, 1), device), logarithmic(0.07, 0.7, (n, k), device)
    )
    apparent = torch.where(in_rows, logarithmic(0.08, 0.45, (n, 1), device), apparent)
    across = sizes.amax(-1)
    depth = focal[:, None] / side * across / apparent + across * 0.5
    place = uniform(-0.5, 0.5, (n, k, 2), device) * side
    place = torch.where(in_rows[..., None], place[:, :1] * 0.7, place)
    depth = torch.where(in_rows, depth[:, :1], depth)
    ahead = torch.cat((place / focal[:, None, None], torch.ones_like(place[..., :1])), -1)
    return ahead * depth[..., None]


def _steps(rows: Tensor, columns: Tensor, sizes: Tensor) -> Tensor:
    """From the middle of rows and stacks to each carton, along its own axes, (n, k, 3)."""
    device, (n, k) = sizes.device, sizes.shape[:2]
    number = torch.arange(k, device=device)[None]
    column, row = number % columns, number // columns
    gap = uniform(1.0, 1.06, (n, 1), device)
    step = torch.stack(
        (
            column - (columns - 1) / 2,
            torch.zeros_like(column, dtype=torch.float32),
            row - (rows - 1) / 2,
        ),
        -1,
    )
    step = step * gap[..., None] * sizes
    return step + torch.randn((n, k, 3), device=device) * sizes * 0.02


def _axes(n: int, k: int, in_rows: Tensor, device: torch.device) -> Tensor:
    """Unit vectors across, into the depth and up, in the camera's frame, (n, k, 3, 3)."""
    steep = torch.rand((n, 1), device=device)
    pitch = torch.where(
        steep < 0.6, uniform(-0.1, 0.35, (n, 1), device), uniform(0.35, 1.3, (n, 1), device)
    )
    roll = torch.randn((n, 1), device=device) * 0.05
    yaw = uniform(-torch.pi, torch.pi, (n, k), device)
    mild = torch.randn((n, 1), device=device) * 0.4
    turned = torch.where(torch.rand((n, 1), device=device) < 0.5, mild, yaw[:, :1])
    yaw = torch.where(in_rows, turned + torch.randn((n, k), device=device) * 0.015, yaw)
    front = torch.rand((n, 1), device=device) < 0.35
    yaw = torch.where(front, yaw * 0.06, yaw)
    tumbled = (torch.rand((n, k), device=device) < 0.08) & ~in_rows
    roll = torch.where(tumbled, uniform(-3, 3, (n, k), device), roll.expand(n, k))
    pitch = pitch.expand(n, k)
    zero, one = torch.zeros_like(yaw), torch.ones_like(yaw)

    def turn(*values: Tensor) -> Tensor:
        return torch.stack(values, -1).reshape(n, k, 3, 3)

    about_up = turn(yaw.cos(), zero, yaw.sin(), zero, one, zero, -yaw.sin(), zero, yaw.cos())
    about_side = turn(
        one, zero, zero, zero, pitch.cos(), -pitch.sin(), zero, pitch.sin(), pitch.cos()
    )
    about_view = turn(roll.cos(), -roll.sin(), zero, roll.sin(), roll.cos(), zero, zero, zero, one)
    rotation = about_view @ about_side @ about_up
    across, up, into = rotation.unbind(-1)
    return torch.stack((across, into, -up), -2)


def _sizes(n: int, k: int, in_rows: Tensor, device: torch.device) -> Tensor:
    """Width, depth and height, (n, k, 3)."""
    chances = torch.tensor(SHAPE_CHANCES, device=device)
    kinds = torch.multinomial(chances, n * k, replacement=True).view(n, k)
    low = torch.tensor([[axis[0] for axis in shape] for shape in SHAPES], device=device)
    high = torch.tensor([[axis[1] for axis in shape] for shape in SHAPES], device=device)
    part = torch.rand((n, k, 3), device=device)
    sizes = low[kinds] * (high[kinds] / low[kinds]) ** part
    return torch.where(in_rows[..., None], sizes[:, :1], sizes)


def corners_of(cuboids: Cuboids) -> Tensor:
    """Of all eight on the screen, shape (n, k, 8, 2)."""
    signs = torch.tensor(
        [[a, b, c] for a in (-1.0, 1.0) for b in (-1.0, 1.0) for c in (-1.0, 1.0)],
        device=cuboids.centres.device,
    )
    points = cuboids.centres[..., None, :] + signs @ cuboids.halves
    return _on_screen(points, cuboids)


def _on_screen(points: Tensor, cuboids: Cuboids) -> Tensor:
    focal = cuboids.focal_px[:, None, None, None]
    return points[..., :2] / points[..., 2:].clamp(min=1e-2) * focal + cuboids.side_px / 2


def front_of(cuboids: Cuboids) -> Tensor:
    """Corners of the larger upright face that is turned to the camera, (n, k, 4, 2)."""
    faces, areas = [], []
    for axis, (across, down) in ((0, (1, 2)), (1, (0, 2))):
        half = cuboids.halves[..., axis, :]
        sign = -torch.sign((half * cuboids.centres).sum(-1, keepdim=True))
        middle = cuboids.centres + half * sign
        one, other = cuboids.halves[..., across, :], cuboids.halves[..., down, :]
        points = torch.stack(
            (
                middle - one + other,
                middle + one + other,
                middle + one - other,
                middle - one - other,
            ),
            -2,
        )
        quad = _on_screen(points, cuboids)
        x, y = quad.unbind(-1)
        area = (x * y.roll(-1, -1) - y * x.roll(-1, -1)).sum(-1).abs()
        facing = ((half * sign) * middle).sum(-1) < 0
        faces.append(quad)
        areas.append(area * facing)
    first = (areas[0] >= areas[1])[..., None, None]
    return torch.where(first, faces[0], faces[1])
