"""The frame of a review: as large as possible, the target box with its corners and tag."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QWidget

from fleetapp.api.views import ReviewView, SeenPackage

from ..context import Context
from ..figures import percent
from ..theme.style import font


class FrameView(QWidget):
    """Paints a crop and what was seen in it."""

    def __init__(self, context: Context) -> None:
        """Nothing to show."""
        super().__init__()
        self._context = context
        self._review: ReviewView | None = None
        self._image = QPixmap()
        self._bright = QPixmap()
        self._brighten = False
        self._zoom = 1.0
        self.setMinimumHeight(240)

    def show_review(self, review: ReviewView | None, image: QImage) -> None:
        """Show a review's frame; a null image shows none."""
        self._review = review
        self._zoom = 1.0
        self._image = QPixmap.fromImage(image)
        self._bright = QPixmap()
        self.update()

    def toggle_bright(self) -> None:
        """Brighten the view, never the data."""
        self._brighten = not self._brighten
        if self._brighten and self._bright.isNull() and not self._image.isNull():
            self._bright = _brightened(self._image)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the middle."""
        self._zoom = min(4.0, max(1.0, self._zoom * 2 ** (event.angleDelta().y() / 480)))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Frame, boxes, tags."""
        theme = self._context.theme
        painter = QPainter(self)
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()), 8, 8)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(path)
        painter.fillRect(self.rect(), theme.colour("bg-base"))
        image = self._bright if self._brighten and not self._bright.isNull() else self._image
        if image.isNull() or self._review is None:
            painter.setPen(theme.colour("text-3"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No frame")
            painter.end()
            return
        scale = min(self.width() / image.width(), self.height() / image.height()) * self._zoom
        wide, tall = image.width() * scale, image.height() * scale
        corner = QPointF((self.width() - wide) / 2, (self.height() - tall) / 2)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(QRectF(corner.x(), corner.y(), wide, tall), image, QRectF(image.rect()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for package in self._review.packages:
            self._box(painter, package, corner, scale * self._review.crop_scale)
        painter.end()

    def _box(self, painter: QPainter, package: SeenPackage, corner: QPointF, scale: float) -> None:
        theme = self._context.theme
        box = QRectF(
            corner.x() + package.x_px * scale,
            corner.y() + package.y_px * scale,
            package.width_px * scale,
            package.height_px * scale,
        )
        if not package.is_target:
            painter.setPen(QPen(theme.colour("map-station-line"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)
            return
        painter.setPen(QPen(theme.colour("p3-fill"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        painter.setPen(QPen(theme.colour("p3-fill"), 4))
        arm = min(box.width(), box.height()) * 0.12
        for x, dx in ((box.left(), arm), (box.right(), -arm)):
            for y, dy in ((box.top(), arm), (box.bottom(), -arm)):
                painter.drawLine(QPointF(x, y), QPointF(x + dx, y))
                painter.drawLine(QPointF(x, y), QPointF(x, y + dy))
        self._tag(painter, box, f"Carton, {percent(package.confidence)} sure")

    def _tag(self, painter: QPainter, box: QRectF, text: str) -> None:
        painter.setFont(font(13, 600))
        width = painter.fontMetrics().horizontalAdvance(text) + 20
        tag = QRectF(box.left(), max(0.0, box.top() - 28), width, 24)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._context.theme.colour("p3-fill"))
        painter.drawRoundedRect(tag, 4, 4)
        painter.setPen(self._context.theme.colour("p3-ink"))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)


def _brightened(image: QPixmap) -> QPixmap:
    """The picture added to itself, three times."""
    made = QPixmap(image)
    painter = QPainter(made)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Plus)
    for _ in range(3):
        painter.drawPixmap(0, 0, image)
    painter.end()
    return made
