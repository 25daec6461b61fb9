"""Line icons (Lucide) in a theme's colours, rendered once and kept."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from .tokens import Theme


class Icons:
    """Icons by name, colour and size."""

    def __init__(self, assets: Path, theme: Theme, ratio: float) -> None:
        """For one theme and screen ratio."""
        self._folder = assets / "icons"
        self._theme = theme
        self._ratio = ratio
        self._known: dict[tuple[str, str, int], QPixmap] = {}

    def pixmap(self, name: str, token: str = "text-2", size_px: int = 16) -> QPixmap:
        """An icon in the colour of a token."""
        key = (name, token, size_px)
        if key not in self._known:
            self._known[key] = self._render(*key)
        return self._known[key]

    def icon(self, name: str, token: str = "text-2", size_px: int = 16) -> QIcon:
        """The same as a QIcon, greyed where it is disabled."""
        made = QIcon(self.pixmap(name, token, size_px))
        made.addPixmap(self.pixmap(name, "text-off", size_px), QIcon.Mode.Disabled)
        return made

    def _render(self, name: str, token: str, size_px: int) -> QPixmap:
        text = (self._folder / f"{name}.svg").read_text("utf-8")
        text = text.replace("currentColor", self._theme.hexes[token]).replace(
            'stroke-width="2"', 'stroke-width="1.75"'
        )
        pixmap = QPixmap(round(size_px * self._ratio), round(size_px * self._ratio))
        pixmap.setDevicePixelRatio(self._ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(0, 0, size_px, size_px))
        painter.end()
        return pixmap
