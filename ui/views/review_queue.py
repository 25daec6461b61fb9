"""The queue of reviews as rows: thumbnail, robot, why it asks, how long it has waited."""

from collections import OrderedDict

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from fleetapp.api.views import ReviewView
from fleetapp.terms.modes import ReviewAnswer
from fleetapp.terms.reasons import Abstain

from ..context import Context
from ..figures import clock, duration, percent, whole_duration
from ..theme.style import font
from .pictures import blank

Index = QModelIndex | QPersistentModelIndex
THUMB = QSize(72, 48)
ROW_PX = 68
MOST_NAME_PX = 72
MOST_THUMBS = 60
LINE_PX, KEPT_ANSWERED = 34, 60
DOUBTS: dict[Abstain, str] = {
    Abstain.TOO_DARK: "Too dark",
    Abstain.BLURRED: "Blurred",
    Abstain.NO_PACKAGE: "No package seen",
    Abstain.AMBIGUOUS: "Two look alike",
    Abstain.LOW_CONFIDENCE: "Not sure",
    Abstain.CODE_UNREAD: "Code not read",
    Abstain.CODE_MISMATCH: "Another code",
}
ANSWERS: dict[ReviewAnswer, tuple[str, str]] = {
    ReviewAnswer.ACCEPT: ("check", "accepted"),
    ReviewAnswer.CORRECT: ("pencil", "corrected"),
    ReviewAnswer.REJECT: ("x", "rejected"),
}


class Thumbs:
    """Small pictures of reviews, fetched once."""

    def __init__(self, context: Context, changed: QListWidget) -> None:
        """`changed` is painted anew when a picture arrives."""
        self._context, self._changed = context, changed
        self._known: dict[str, QPixmap | None] = {}

    def of(self, review_id: str) -> QPixmap | None:
        """The picture, None while it is on its way or gone."""
        if review_id not in self._known:
            if len(self._known) >= MOST_THUMBS:
                self._known.pop(next(iter(self._known)))
            self._known[review_id] = None
            connection = self._context.commands.connection
            self._context.commands.call(
                lambda: _small(connection.review_crop(review_id)),
                lambda image: self._arrived(review_id, image),
            )
        return self._known[review_id]

    def _arrived(self, review_id: str, image: object) -> None:
        if isinstance(image, QImage) and not image.isNull():
            self._known[review_id] = QPixmap.fromImage(image)
            self._changed.viewport().update()


def _small(jpeg: bytes) -> QImage:
    """Scaled on the worker's thread, so that the screen's is not held."""
    fill = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    size = THUMB * 2
    return QImage.fromData(jpeg).scaled(size, fill, Qt.TransformationMode.SmoothTransformation)


class QueueDelegate(QStyledItemDelegate):
    """Paints a review that waits."""

    def __init__(self, context: Context, thumbs: Thumbs, parent: QObject) -> None:
        """In the context's theme."""
        super().__init__(parent)
        self._context, self._thumbs = context, thumbs

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """One height for all."""
        return QSize(200, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Thumbnail and words."""
        name = index.data(Qt.ItemDataRole.UserRole)
        review = self._context.store.model.reviews.get(name)
        if review is None:
            return
        theme, rect = self._context.theme, QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.colour("bg-selected"))
            painter.setPen(theme.colour("accent"))
            painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.colour("bg-hover"))
        self._thumb(painter, rect, name)
        self._words(painter, rect, review)
        painter.setPen(theme.colour("line-soft"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()

    def _thumb(self, painter: QPainter, rect: QRectF, name: str) -> None:
        place = QRectF(rect.x() + 12, rect.y() + 10, THUMB.width(), THUMB.height())
        path = QPainterPath()
        path.addRoundedRect(place, 4, 4)
        painter.fillPath(path, self._context.theme.colour("bg-base"))
        picture = self._thumbs.of(name)
        if picture is None:
            return
        painter.save()
        painter.setClipPath(path)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        share = place.width() / place.height()
        tall = min(picture.height(), picture.width() / share)
        wide = tall * share
        source = QRectF((picture.width() - wide) / 2, (picture.height() - tall) / 2, wide, tall)
        painter.drawPixmap(place, picture, source)
        painter.restore()

    def _words(self, painter: QPainter, rect: QRectF, review: ReviewView) -> None:
        theme = self._context.theme
        x, right = rect.x() + 96, rect.right() - 12
        name = robot_name(self._context, review)
        painter.setFont(font(12, 600))
        painter.setPen(theme.colour("text-1"))
        name = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, MOST_NAME_PX)
        painter.drawText(QRectF(x, rect.y() + 12, MOST_NAME_PX, 18), 0, name)
        x2 = x + painter.fontMetrics().horizontalAdvance(name) + 6
        age = whole_duration(self._context.store.model.at_ms - review.asked_ms)
        room = right - x2 - painter.fontMetrics().horizontalAdvance(age) - 4
        doubt = painter.fontMetrics().elidedText(
            DOUBTS[review.abstain], Qt.TextElideMode.ElideRight, int(room)
        )
        painter.setPen(theme.colour("p3"))
        painter.drawText(QRectF(x2, rect.y() + 12, room, 18), 0, doubt)
        painter.setFont(font(12, tabular=True))
        painter.setPen(theme.colour("text-2"))
        side = Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(right - 90, rect.y() + 12, 90, 18), side, age)
        painter.drawText(QRectF(x, rect.y() + 34, right - x, 18), 0, seen_words(review))


class AnsweredDelegate(QStyledItemDelegate):
    """Paints an answered review: time, sign, who said what. Answered ones never change."""

    def __init__(self, context: Context, parent: QObject) -> None:
        """In the context's theme."""
        super().__init__(parent)
        self._context = context
        self._kept: OrderedDict[object, QPixmap] = OrderedDict()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """One line."""
        return QSize(200, LINE_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row, kept as a picture."""
        review = self._context.store.model.reviews.get(index.data(Qt.ItemDataRole.UserRole))
        if review is None or review.answered_ms is None:
            return
        name = robot_name(self._context, review)
        look = (review.review_id, name, option.rect.width())
        picture = self._kept.get(look)
        if picture is None:
            ratio = painter.device().devicePixelRatioF()
            picture = blank(option.rect.width(), LINE_PX, ratio)
            self._draw(picture, review, name, option.rect.width())
            self._kept[look] = picture
            if len(self._kept) > KEPT_ANSWERED:
                self._kept.popitem(last=False)
        painter.drawPixmap(option.rect.topLeft(), picture)

    def _draw(self, picture: QPixmap, review: ReviewView, name: str, wide: int) -> None:
        theme, rect = self._context.theme, QRectF(0, 0, wide, LINE_PX)
        middle, answered_ms = Qt.AlignmentFlag.AlignVCenter, review.answered_ms or 0
        painter = QPainter(picture)
        painter.setFont(font(12, tabular=True))
        painter.setPen(theme.colour("text-3"))
        painter.drawText(rect.adjusted(16, 0, 0, 0), middle, clock(answered_ms)[:5])
        icon, words = ("undo-2", "released") if review.answer is None else ANSWERS[review.answer]
        painter.drawPixmap(60, 9, self._context.icons.pixmap(icon, "text-2"))
        took = duration(answered_ms - review.asked_ms)
        painter.setFont(font(12))
        painter.setPen(theme.colour("text-2"))
        room = rect.adjusted(86, 0, -10, 0)
        text = painter.fontMetrics().elidedText(
            f"{name} {words} by {review.answered_by or 'nobody'}, {took}",
            Qt.TextElideMode.ElideRight,
            int(room.width()),
        )
        painter.drawText(room, middle, text)
        painter.setPen(theme.colour("line-soft"))
        painter.drawLine(0, LINE_PX - 1, wide, LINE_PX - 1)
        painter.end()


def robot_name(context: Context, review: ReviewView) -> str:
    """The robot that asks, by its name."""
    robot = context.store.model.robots.get(review.robot_id)
    return robot.name if robot is not None else review.robot_id


def seen_words(review: ReviewView) -> str:
    """Such as "Carton at A09-28, 81 % sure"."""
    target = next((p for p in review.packages if p.is_target), None)
    if target is None:
        return f"At {review.station}"
    return f"At {review.station}, {percent(target.confidence)} sure"


def add_review(target: QListWidget, review: ReviewView, text: str) -> None:
    """One more row; `text` is what a screen reader says."""
    item = QListWidgetItem()
    item.setData(Qt.ItemDataRole.UserRole, review.review_id)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, text)
    target.addItem(item)
