"""Where the map is looked at: site metres to screen pixels and back. North is up."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF

LEAST_ZOOM = 1.5
MOST_ZOOM = 120.0


@dataclass(frozen=True, slots=True)
class Viewport:
    """`x_m`, `y_m` is in the middle of the screen; `zoom` is pixels a metre."""

    x_m: float
    y_m: float
    zoom: float
    width_px: float
    height_px: float

    def to_screen(self, x_m: float, y_m: float) -> QPointF:
        """Pixels of a place."""
        return QPointF(
            (x_m - self.x_m) * self.zoom + self.width_px / 2,
            (self.y_m - y_m) * self.zoom + self.height_px / 2,
        )

    def to_site(self, x_px: float, y_px: float) -> tuple[float, float]:
        """Place of a pixel."""
        return (
            (x_px - self.width_px / 2) / self.zoom + self.x_m,
            self.y_m - (y_px - self.height_px / 2) / self.zoom,
        )

    def box(self) -> tuple[float, float, float, float]:
        """What is seen: smallest x and y, largest x and y, metres."""
        left, top = self.to_site(0, 0)
        right, bottom = self.to_site(self.width_px, self.height_px)
        return (left, bottom, right, top)

    def panned(self, dx_px: float, dy_px: float) -> "Viewport":
        """The map dragged by so many pixels."""
        return replace(self, x_m=self.x_m - dx_px / self.zoom, y_m=self.y_m + dy_px / self.zoom)

    def zoomed(self, factor: float, at: QPointF) -> "Viewport":
        """Closer or farther, the place under the pointer stays."""
        zoom = min(MOST_ZOOM, max(LEAST_ZOOM, self.zoom * factor))
        x_m, y_m = self.to_site(at.x(), at.y())
        moved = replace(self, zoom=zoom)
        after = moved.to_screen(x_m, y_m)
        return moved.panned(at.x() - after.x(), at.y() - after.y())

    def fitted(self, bounds: tuple[float, float, float, float], free: QRectF) -> "Viewport":
        """All of the site inside a free part of the screen."""
        wide, tall = bounds[2] - bounds[0], bounds[3] - bounds[1]
        zoom = min(free.width() / max(wide, 1.0), free.height() / max(tall, 1.0))
        made = replace(
            self,
            x_m=(bounds[0] + bounds[2]) / 2,
            y_m=(bounds[1] + bounds[3]) / 2,
            zoom=min(MOST_ZOOM, max(LEAST_ZOOM, zoom)),
        )
        shift = free.center() - QPointF(self.width_px / 2, self.height_px / 2)
        return made.panned(shift.x(), shift.y())
