"""The pictures of one training step, and what is asked of each."""

import torch
from torch import Tensor

from fleetapp.vision.learning.cartons import Atlas, with_cartons
from fleetapp.vision.learning.scenes import Pool, Scenes, uniform, views, with_mosaics
from fleetapp.vision.learning.spoiling import spoiled
from fleetapp.vision.learning.truth import Truth, stacked

PHOTO_SHARE = 0.64  # of a batch; the rest begins without a package
DRAWN_ON = 0.1  # of the photographs get drawn cartons too
NOTHING_SHARE = 0.1  # of the pictures without a package are noise or plain
MOST = 110  # places for packages of a picture


def pictures(
    photos: Pool, empty: Pool, atlas: Atlas, *, batch: int, side: int, mosaics: bool
) -> Scenes:
    """Photographs, and places without a package on most of which some are drawn.

    Args:
        photos: with packages.
        empty: without one.
        atlas: faces of drawn cartons.
        batch: how many pictures.
        side: of a picture, px.
        mosaics: whether some are put together from four.
    """
    of_photos = max(1, int(batch * PHOTO_SHARE))
    with_photos = views(photos, of_photos, side)
    without = views(empty, batch - of_photos, side)
    scenes = _joined([with_photos, without])
    if mosaics:
        scenes = with_mosaics(scenes)
    first = of_photos - int(of_photos * DRAWN_ON)
    drawn = with_cartons(_some(scenes, slice(first, None)), atlas)
    kept = _some(scenes, slice(0, first))
    parts = [Scenes(s.pixels, s.truth.most(MOST), s.background) for s in (kept, drawn)]
    places = max(part.truth.boxes.shape[1] for part in parts)
    scenes = _joined([_widened(part, places) for part in parts])
    return _with_nothing(Scenes(spoiled(scenes.pixels), scenes.truth, scenes.background))


def _joined(parts: list[Scenes]) -> Scenes:
    return Scenes(
        torch.cat([part.pixels for part in parts]),
        stacked([part.truth for part in parts]),
        torch.cat([part.background for part in parts]),
    )


def _some(scenes: Scenes, which: slice) -> Scenes:
    return Scenes(scenes.pixels[which], scenes.truth.of(which), scenes.background[which])


def _widened(scenes: Scenes, places: int) -> Scenes:
    """As many places for packages as asked."""
    more = places - scenes.truth.boxes.shape[1]
    if more <= 0:
        return scenes
    truth = scenes.truth

    def wide(values: Tensor) -> Tensor:
        return torch.cat((values, values.new_zeros(len(values), more, *values.shape[2:])), 1)

    fields = (truth.boxes, truth.there, truth.unknown, truth.worth, truth.quads, truth.has_quad)
    return Scenes(scenes.pixels, Truth(*(wide(values) for values in fields)), scenes.background)


def _with_nothing(scenes: Scenes) -> Scenes:
    """Some pictures without a package become noise or plain: a covered or broken camera."""
    n, device = len(scenes.pixels), scenes.pixels.device
    none = ~(scenes.truth.there | scenes.truth.unknown).any(1)
    chosen = (none & (torch.rand(n, device=device) < NOTHING_SHARE))[:, None, None, None]
    plain = uniform(0, 255, (n, 3, 1, 1), device)
    spread = uniform(0, 80, (n, 1, 1, 1), device)
    noise = (plain + torch.randn_like(scenes.pixels) * spread).clamp(0, 255)
    return Scenes(torch.where(chosen, noise, scenes.pixels), scenes.truth, scenes.background)


def strange(scenes: Scenes) -> tuple[Tensor, Tensor]:
    """How strange each picture is, and of which that is asked, (n,) each.

    Strange is what shows no package; what may show one is not asked.
    """
    some = scenes.truth.there.any(1)
    maybe = scenes.truth.unknown.any(1) & ~some
    return (~some).float(), (~maybe).float()
