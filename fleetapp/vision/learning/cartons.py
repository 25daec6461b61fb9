"""Drawn cartons on pictures: cuboids in perspective with faces from an atlas.

Cheap, not realistic: flat faces, one light, a soft shadow. What is exact is where
everything is: the part that is seen, the whole, the corners of the face in front.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from fleetapp.vision.learning.cuboids import Cuboids, arranged, corners_of, front_of
from fleetapp.vision.learning.scenes import Scenes, inverse, logarithmic, uniform
from fleetapp.vision.learning.truth import Truth, joined

SEEN_ENOUGH, SEEN_AT_ALL = 0.3, 0.04
LEAST_PX = 7.0
COVERED = 0.6
# Red, green, blue of what cartons are made of, and how often.
COLOURS = (
    (178, 138, 96),
    (152, 112, 74),
    (205, 170, 128),
    (120, 88, 58),
    (228, 226, 220),
    (190, 190, 188),
    (90, 110, 150),
    (60, 60, 64),
)
COLOUR_CHANCES = (0.27, 0.2, 0.16, 0.1, 0.14, 0.06, 0.04, 0.03)


@dataclass(frozen=True, slots=True)
class Atlas:
    """Faces to draw: red, green, blue and how much they cover, uint8 (t, 4, s, s)."""

    faces: Tensor
    chance: Tensor  # shape (t,)


def with_cartons(scenes: Scenes, atlas: Atlas) -> Scenes:
    """Cartons on most of the pictures; what they hide is no longer asked for."""
    n, side = len(scenes.pixels), scenes.pixels.shape[-1]
    cuboids = arranged(n, side, scenes.pixels.device)
    pixels, layers, wholes = _drawn(scenes.pixels, cuboids, atlas)
    pixels, layers = _with_bars(pixels, layers)
    drawn = _truth_of(cuboids, layers, wholes, side)
    kept = _uncovered(scenes.truth, layers != 0)
    return Scenes(pixels, joined([drawn, kept]), scenes.background)


def _drawn(pixels: Tensor, cuboids: Cuboids, atlas: Atlas) -> tuple[Tensor, Tensor, Tensor]:
    """Pictures; the number of the carton at each place, from 1; px of each before hiding.

    All cuboids at once and few large operations: one after the other, with 2,000 small
    ones, it took 84 ms a batch on an accelerator, all of it waiting for the processor.
    """
    n, side, device = len(pixels), pixels.shape[-1], pixels.device
    k = cuboids.there.shape[1]
    ticks = torch.arange(side, device=device) + 0.5 - side / 2
    y, x = torch.meshgrid(ticks, ticks, indexing="ij")
    rays = torch.stack((x, y, torch.ones_like(x))).reshape(3, -1)
    faces = _faces(cuboids)
    inside = [_inside(faces, axis, rays) & cuboids.there[..., None] for axis in range(3)]
    mask = inside[0] | inside[1] | inside[2]
    numbers = torch.arange(1, k + 1, device=device, dtype=torch.int16)
    front = (mask * numbers[:, None]).amax(1)
    carton = (front.long() - 1).clamp(min=0)
    axis = torch.where(inside[1].gather(1, carton[:, None])[:, 0], 1, 0)
    axis = torch.where(inside[2].gather(1, carton[:, None])[:, 0], 2, axis)
    colour = _painted(faces, carton * 3 + axis, rays, _looks(n, k, atlas, faces), atlas)
    layers = front.view(n, side, side)
    ground = pixels * _shadows(cuboids, rays).view(n, 1, side, side)
    drawn = torch.where(layers[:, None] > 0, colour.view(n, 3, side, side), ground)
    return _softened(drawn, layers), layers, mask.sum(-1)


@dataclass(frozen=True, slots=True)
class _Faces:
    """The three faces of each cuboid that are turned to the camera."""

    from_screen: Tensor  # from px to the place on the face, (n, k, 3, 3, 3)
    facing: Tensor  # bool, (n, k, 3)
    normals: Tensor  # (n, k, 3, 3)


@dataclass(frozen=True, slots=True)
class _Looks:
    """What each face looks like; the faces of a picture one after the other, (n, k * 3)."""

    texture: Tensor
    colour: Tensor  # (n, k * 3, 3)
    bright: Tensor


def _faces(cuboids: Cuboids) -> _Faces:
    halves, centres = cuboids.halves, cuboids.centres[..., None, :]
    sign = -torch.sign((halves * centres).sum(-1, keepdim=True))
    middles = centres + halves * sign
    normals = functional.normalize(halves * sign, dim=-1)
    facing = (normals * middles).sum(-1) < 0
    e1 = 2 * halves[..., (1, 0, 0), :]
    e2 = -2 * halves[..., (2, 2, 1), :]
    return _Faces(
        _from_screen(e1, e2, middles - e1 / 2 - e2 / 2, cuboids.focal_px), facing, normals
    )


def _from_screen(e1: Tensor, e2: Tensor, corner: Tensor, focal_px: Tensor) -> Tensor:
    """From px, counted from the middle, to places on planes of (n, k, ..., 3) each."""
    scale = torch.stack((focal_px, focal_px, torch.ones_like(focal_px)), -1)
    scale = scale.view(-1, *([1] * (e1.dim() - 2)), 3, 1)
    # A face seen on edge has no inverse; a little of the unit matrix gives it one.
    nudge = torch.eye(3, device=e1.device) * 1e-6
    return inverse(torch.stack((e1, e2, corner), -1) * scale + nudge)


def _inside(faces: _Faces, axis: int, rays: Tensor) -> Tensor:
    """Where the faces of an axis are seen, bool (n, k, px)."""
    u, v, w = (faces.from_screen[:, :, axis] @ rays).unbind(2)
    seen = (u >= 0) & (u < w) & (v >= 0) & (v < w) & (w > 1e-9)
    return seen & faces.facing[:, :, axis, None]


def _looks(n: int, k: int, atlas: Atlas, faces: _Faces) -> _Looks:
    device = faces.facing.device
    texture = torch.multinomial(atlas.chance, n * k * 3, replacement=True).view(n, k, 3)
    same = torch.rand((n, 1, 1), device=device) < 0.5
    texture = torch.where(same, texture[:, :1], texture)
    light = functional.normalize(torch.randn((n, 1, 1, 3), device=device), dim=-1)
    ambient = uniform(0.45, 0.95, (n, 1, 1), device)
    lit = (faces.normals * light).sum(-1).clamp(min=0)
    bright = ambient + (1 - ambient) * lit * 1.6
    colour = _colours(n, k, device)[:, :, None].expand(-1, -1, 3, -1)
    return _Looks(texture.flatten(1), colour.flatten(1, 2), bright.flatten(1))


def _painted(faces: _Faces, face: Tensor, rays: Tensor, looks: _Looks, atlas: Atlas) -> Tensor:
    """The colour where a face, numbered for each px, is seen, (n, 3, px)."""
    size = atlas.faces.shape[-1]
    rows = faces.from_screen.flatten(1, 2).flatten(2)
    matrix = rows.gather(1, face[..., None].expand(-1, -1, 9)).reshape(*face.shape, 3, 3)
    u, v, w = (matrix * rays.T[:, None]).sum(-1).unbind(-1)
    w = torch.where(w.abs() < 1e-9, torch.full_like(w, 1e-9), w)
    u, v = (u / w).clamp(0, 0.9999), (v / w).clamp(0, 0.9999)
    texture = looks.texture.gather(1, face)
    at = texture * (4 * size * size) + (v * size).long() * size + (u * size).long()
    flat = atlas.faces.flatten()
    ink = torch.stack([flat[at + channel * size * size] for channel in range(4)], 1).float()
    cover = ink[:, 3:] / 255
    base = looks.colour.gather(1, face[..., None].expand(-1, -1, 3)).transpose(1, 2)
    edge = torch.minimum(torch.minimum(u, 1 - u), torch.minimum(v, 1 - v)).clamp(0, 0.03) / 0.03
    bright = (0.78 + 0.22 * edge) * (1.04 - 0.1 * v) * looks.bright.gather(1, face)
    result: Tensor = (base * (1 - cover) + ink[:, :3] * cover) * bright[:, None]
    return result


def _shadows(cuboids: Cuboids, rays: Tensor) -> Tensor:
    """How much light is left on the ground round the cartons, (n, px)."""
    e1, e2 = 2 * cuboids.halves[..., 0, :], 2 * cuboids.halves[..., 1, :]
    corner = cuboids.centres - cuboids.halves[..., 2, :] - e1 / 2 - e2 / 2
    u, v, w = (_from_screen(e1, e2, corner, cuboids.focal_px) @ rays).unbind(2)
    safe = w.clamp(min=1e-6)
    out_x = ((u / safe - 0.5).abs() - 0.5).clamp(min=0)
    out_y = ((v / safe - 0.5).abs() - 0.5).clamp(min=0)
    near = torch.exp(-(out_x**2 + out_y**2) / 0.03) * (w > 1e-6) * cuboids.there[..., None]
    dark = uniform(0, 0.7, (len(near), 1), rays.device)
    return 1 - dark * near.amax(1)


def _softened(pixels: Tensor, layers: Tensor) -> Tensor:
    """Edges between cartons and ground without steps."""
    number = layers[:, None].float()
    edge = functional.max_pool2d(number, 3, 1, 1) != -functional.max_pool2d(-number, 3, 1, 1)
    return torch.where(edge, functional.avg_pool2d(pixels, 3, 1, 1), pixels)


def _colours(n: int, k: int, device: torch.device) -> Tensor:
    """One colour for most cartons of a picture, (n, k, 3)."""
    table = torch.tensor(COLOURS, device=device, dtype=torch.float32)
    chances = torch.tensor(COLOUR_CHANCES, device=device)
    kinds = torch.multinomial(chances, n * k, replacement=True).view(n, k)
    alike = torch.rand((n, 1), device=device) < 0.6
    kinds = torch.where(alike, kinds[:, :1], kinds)
    wide = table[kinds] * (1 + torch.randn((n, 1, 3), device=device) * 0.06)
    return (wide * (1 + torch.randn((n, k, 1), device=device) * 0.08)).clamp(10, 250)


def _with_bars(pixels: Tensor, layers: Tensor) -> tuple[Tensor, Tensor]:
    """Posts, beams and cables before some of the pictures."""
    n, side, device = len(pixels), pixels.shape[-1], pixels.device
    ticks = torch.arange(side, device=device) - side / 2
    for _ in range(2):
        kind = torch.rand((n, 1, 1), device=device)
        angle = torch.where(kind < 0.5, 0.0, torch.pi / 2) + torch.randn(
            (n, 1, 1), device=device
        ) * torch.where(kind > 0.8, 0.6, 0.04)
        far = ticks[None, None, :] * angle.cos() + ticks[None, :, None] * angle.sin()
        wide = logarithmic(0.006, 0.06, (n, 1, 1), device) * side
        bar = (far - uniform(-0.5, 0.5, (n, 1, 1), device) * side).abs() < wide
        bar = bar & (torch.rand((n, 1, 1), device=device) < 0.2)
        colour = uniform(10, 240, (n, 3, 1, 1), device)
        pixels = torch.where(bar[:, None], colour, pixels)
        layers = torch.where(bar, torch.full_like(layers, -1), layers)
    return pixels, layers


def _truth_of(cuboids: Cuboids, layers: Tensor, wholes: Tensor, side: int) -> Truth:
    corners = corners_of(cuboids)
    low, high = corners.amin(-2), corners.amax(-2)
    whole = (high - low).clamp(min=1).prod(-1)
    inner = (high.clamp(0, side) - low.clamp(0, side)).clamp(min=0).prod(-1)
    numbers = torch.arange(1, cuboids.there.shape[1] + 1, device=layers.device)
    masks = layers[:, None] == numbers[:, None, None]
    seen = masks.sum((2, 3)) / wholes.clamp(min=1) * (inner / whole).clamp(0, 1)
    box = _hull(masks)
    large = (box[..., 2:] - box[..., :2]).amin(-1) >= LEAST_PX
    there = cuboids.there & large & (seen >= SEEN_ENOUGH)
    quads = front_of(cuboids)
    in_sight = ((quads > -0.05 * side) & (quads < 1.05 * side)).all(-1).all(-1)
    return Truth(
        boxes=box,
        there=there,
        unknown=cuboids.there & ~there & (seen > SEEN_AT_ALL),
        worth=torch.ones_like(seen),
        quads=quads,
        has_quad=there & in_sight & (seen > 0.8),
    )


def _hull(masks: Tensor) -> Tensor:
    """Box round the marked places, (n, k, 4); of no size where nothing is marked."""
    side = masks.shape[-1]
    ticks = torch.arange(side, device=masks.device)
    ends = []
    for lines in (masks.any(2), masks.any(3)):
        first = torch.where(lines, ticks, side).amin(-1)
        last = torch.where(lines, ticks + 1, 0).amax(-1)
        ends.append((first, torch.maximum(first, last)))
    (x1, x2), (y1, y2) = ends
    return torch.stack((x1, y1, x2, y2), -1).float()


def _uncovered(truth: Truth, covered: Tensor) -> Truth:
    """What is mostly covered is no longer asked for."""
    side = covered.shape[-1]
    sums = functional.pad(covered.float(), (1, 0, 1, 0)).cumsum(1).cumsum(2)
    x1, y1, x2, y2 = truth.boxes.round().long().clamp(0, side).unbind(-1)
    rows = torch.arange(len(covered), device=covered.device)[:, None]
    inside = sums[rows, y2, x2] - sums[rows, y1, x2] - sums[rows, y2, x1] + sums[rows, y1, x1]
    share = inside / ((x2 - x1) * (y2 - y1)).clamp(min=1)
    hidden = share > COVERED
    return Truth(
        boxes=truth.boxes,
        there=truth.there & ~hidden,
        unknown=truth.unknown | (truth.there & hidden),
        worth=truth.worth * (share < 0.2).float().clamp(min=0.3),
        quads=truth.quads,
        has_quad=truth.has_quad & (share < 0.3),
    )
