"""A site drawn from its files, before any engine runs: no robots, nothing moves."""

from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from fleetapp.api.layout import Layout
from fleetapp.api.model import FleetModel

from ..context import Context
from ..map.map_view import MapView


class SitePicture(QWidget):
    """The floor of a site, filled by what lies above it or shown by itself."""

    def __init__(self, context: Context, *, veil: float = 0.0) -> None:
        """`veil` is how much of it the ground colour hides, 0 to 1."""
        super().__init__()
        self._map = MapView(FleetModel(), context.theme, small=True)
        self._map.setParent(self)
        self._map.setEnabled(False)
        self._map.hide()
        self._veil = Veil(context, veil)
        self._veil.setParent(self)
        self._veil.setVisible(veil > 0)

    def show_layout(self, layout: Layout | None) -> None:
        """Draw a site; None draws nothing."""
        self._map.setVisible(layout is not None)
        if layout is not None:
            self._map.set_layout(layout)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Map and veil fill it."""
        super().resizeEvent(event)
        self._map.resize(self.size())
        self._veil.resize(self.size())
        self._veil.raise_()


class Veil(QWidget):
    """Dims what lies below it."""

    def __init__(self, context: Context, strength: float) -> None:
        """`strength` 0 to 1."""
        super().__init__()
        self._colour = context.theme.colour("bg-base", strength)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """One colour."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._colour)
        painter.end()
