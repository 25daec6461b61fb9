"""The floor as cached square tiles of 512 px.

While the zoom changes, tiles of the nearest half octave are shown, scaled; once it
rests, tiles of the exact zoom are built and shown unscaled, which is sharp and fast.
A frame builds within its budget, and shows the backdrop, one picture of
the whole site, where a tile is not ready.
"""

import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap

from fleetapp.api.layout import Layout

from ..theme.tokens import Theme
from .budget import Budget
from .floor_painter import FloorPainter, Slice
from .viewport import Viewport

TILE_PX = 512
KEPT_BYTES = 128 * 1024 * 1024
RESTING_S = 0.15
BACKDROP_PX = 1600

Key = tuple[float, int, int]  # pixels a metre, column, row


@dataclass(slots=True)
class Unfinished:
    """A tile that is being built."""

    key: Key
    picture: QPixmap
    slices: Iterator[Slice]


class Floor:
    """Tiles of one layout in one theme."""

    def __init__(self, layout: Layout, theme: Theme, ratio: float) -> None:
        """Paints the backdrop; no tile is built yet."""
        self._theme = theme
        self._ratio = ratio
        self._painter = FloorPainter(layout, theme)
        self._kept = max(24, round(KEPT_BYTES / (4 * (TILE_PX * ratio) ** 2)))
        self._tiles: OrderedDict[Key, QPixmap] = OrderedDict()
        self._unfinished: Unfinished | None = None
        self._zoom, self._zoomed_at = 0.0, 0.0
        self._bounds = layout.bounds
        self._backdrop, self._backdrop_view = self._whole(layout.bounds)

    def show_zones(self, *, shown: bool) -> None:
        """With or without the zones: all is painted anew."""
        if shown != self._painter.show_zones:
            self._painter.show_zones = shown
            self._tiles.clear()
            self._unfinished = None
            self._backdrop, self._backdrop_view = self._whole(self._bounds)

    def paint(self, painter: QPainter, view: Viewport, now: float, budget: Budget) -> bool:
        """Paint what is seen at `now` (seconds, monotonic); whether more is to come."""
        if view.zoom != self._zoom:
            self._zoom, self._zoomed_at = view.zoom, now
        stepped = 2.0 ** (round(math.log2(view.zoom) * 2) / 2)
        resting = now - self._zoomed_at >= RESTING_S
        wanted = view.zoom if resting or math.isclose(stepped, view.zoom) else stepped
        ready = self._build(_seen(view, wanted), budget)
        if ready or wanted == stepped:
            self._show(painter, view, wanted, smooth=resting)
        else:
            self._show(painter, view, stepped, smooth=resting)
        return not (ready and wanted == view.zoom)

    def prepare(self, view: Viewport, budget: Budget) -> bool:
        """Build for a moment what `view` will show, before it is seen; whether all is ready."""
        return self._build(_seen(view, view.zoom), budget)

    def _show(self, painter: QPainter, view: Viewport, zoom: float, *, smooth: bool) -> None:
        sharp = zoom == view.zoom
        side = TILE_PX / zoom * view.zoom
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth and not sharp)
        for key in _seen(view, zoom):
            corner = view.to_screen(key[1] * TILE_PX / zoom, (key[2] + 1) * TILE_PX / zoom)
            tile = self._tiles.get(key)
            if tile is None:
                self._show_backdrop(painter, view, QRectF(corner.x(), corner.y(), side, side))
                continue
            self._tiles.move_to_end(key)
            if sharp:
                ratio = self._ratio
                x, y = round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio
                painter.drawPixmap(QRectF(x, y, side, side), tile, QRectF(tile.rect()))
            else:
                box = QRectF(corner.x(), corner.y(), side + 0.5, side + 0.5)
                painter.drawPixmap(box, tile, QRectF(tile.rect()))

    def _show_backdrop(self, painter: QPainter, view: Viewport, target: QRectF) -> None:
        target = target.intersected(QRectF(0, 0, view.width_px, view.height_px))
        whole = self._backdrop_view
        left, top = view.to_site(target.left(), target.top())
        corner = whole.to_screen(left, top)
        scale = whole.zoom / view.zoom
        source = QRectF(corner.x(), corner.y(), target.width() * scale, target.height() * scale)
        painter.fillRect(target, self._theme.colour("map-outside"))
        painter.drawPixmap(target, self._backdrop, source)

    def _build(self, keys: list[Key], budget: Budget) -> bool:
        """Build what is missing of `keys`, the one begun first; whether all are ready."""
        begun = self._unfinished.key if self._unfinished is not None else None
        for key in sorted((k for k in keys if k not in self._tiles), key=lambda k: k != begun):
            if self._unfinished is None or self._unfinished.key != key:
                if not budget.is_left:
                    return False
                with budget:
                    self._unfinished = self._begun(key)
            if not self._go_on(self._unfinished, budget):
                return False
        return True

    def _begun(self, key: Key) -> Unfinished:
        picture = self._blank(QSize(TILE_PX, TILE_PX))
        size_m = TILE_PX / key[0]
        middle = ((key[1] + 0.5) * size_m, (key[2] + 0.5) * size_m)
        view = Viewport(middle[0], middle[1], key[0], TILE_PX, TILE_PX)
        return Unfinished(key, picture, self._painter.slices(view))

    def _go_on(self, unfinished: Unfinished, budget: Budget) -> bool:
        """Paint slices while there is time; whether the tile is done."""
        while budget.is_left:
            with budget:
                piece = next(unfinished.slices, None)
                if piece is not None:
                    _paint_slice(unfinished.picture, piece)
            if piece is None:
                self._tiles[unfinished.key] = unfinished.picture
                self._unfinished = None
                while len(self._tiles) > self._kept:
                    self._tiles.popitem(last=False)
                return True
        return False

    def _blank(self, size: QSize) -> QPixmap:
        picture = QPixmap(size * self._ratio)
        picture.setDevicePixelRatio(self._ratio)
        picture.fill(self._theme.colour("map-outside"))
        return picture

    def _whole(self, bounds: tuple[float, float, float, float]) -> tuple[QPixmap, Viewport]:
        """A picture of the whole site and how it was looked at."""
        wide, tall = max(1.0, bounds[2] - bounds[0]), max(1.0, bounds[3] - bounds[1])
        zoom = BACKDROP_PX / max(wide, tall)
        size = QSize(math.ceil(wide * zoom), math.ceil(tall * zoom))
        middle = ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
        view = Viewport(middle[0], middle[1], zoom, size.width(), size.height())
        picture = QPixmap(size)
        picture.fill(self._theme.colour("map-outside"))
        for piece in self._painter.slices(view):
            _paint_slice(picture, piece)
        return picture, view


def _paint_slice(picture: QPixmap, piece: Slice) -> None:
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    piece(painter)
    painter.end()


def _seen(view: Viewport, zoom: float) -> list[Key]:
    """The tiles of a zoom that lie in what is seen."""
    size_m = TILE_PX / zoom
    left, top = view.to_site(0, 0)
    right, bottom = view.to_site(view.width_px, view.height_px)
    return [
        (zoom, column, row)
        for column in range(math.floor(left / size_m), math.floor(right / size_m) + 1)
        for row in range(math.floor(bottom / size_m), math.floor(top / size_m) + 1)
    ]
