"""Alarms as rows: mark, time and age, title, cause, effect, at most two actions."""

from dataclasses import dataclass

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from ..context import Context
from ..figures import duration
from ..models.alarm_list import AlarmLine, AlarmListModel
from ..theme.marks import paint_alarm
from ..theme.style import font
from .pictures import RowPictures, blank
from .wrapping import wrapped

LEFT_PX, TIME_PX, TEXT_PX = 16, 50, 126
TOP_PX, TITLE_PX, LINE_PX, LEAST_PX = 12, 20, 17, 58
NAME_PX = 42  # for "Cause" and "Effect"
MOST_LINES = 4  # of each
BUTTON_PX, GAP_PX = 32, 8
AGES = 300
CURE, ACKNOWLEDGE = "cure", "acknowledge"
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Act:
    """A painted button: which act, its words, its key, where in the row."""

    act: str
    words: str
    key: str
    box: QRect


class AlarmDelegate(QStyledItemDelegate):
    """Paints rows."""

    def __init__(self, context: Context, model: AlarmListModel, parent: QObject) -> None:
        """In the context's theme."""
        super().__init__(parent)
        self._context, self._model = context, model
        self._pictures = RowPictures()
        self._ages = RowPictures(AGES)
        self.under: tuple[str, str] = ("", "")  # alarm and act under the pointer

    def begin(self) -> None:
        """A new frame."""
        self._pictures.begin()
        self._ages.begin()

    @property
    def behind(self) -> bool:
        """Whether this frame had no time for some row or age."""
        return self._pictures.behind or self._ages.behind

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as its title, cause and effect."""
        shown: AlarmLine | None = index.data(Qt.ItemDataRole.UserRole)
        area = option.widget
        wide = area.viewport().width() if isinstance(area, QAbstractScrollArea) else area.width()
        return QSize(200, LEAST_PX if shown is None else self.height_of(shown, wide))

    def height_of(self, shown: AlarmLine, width_px: int) -> int:
        """How high a row is in a list of this width."""
        lines = sum(len(words) for _name, words in self._facts(shown, width_px))
        return max(LEAST_PX, 2 * TOP_PX + TITLE_PX + LINE_PX * lines)

    def acts(self, shown: AlarmLine, size: QSize) -> tuple[Act, ...]:
        """Its buttons, in a row of this size; the chosen row's tell their key."""
        chosen = self._model.chosen == shown.alarm.alarm_id
        wanted = [(CURE, shown.cure, "")] if shown.cure else []
        if not shown.alarm.acknowledged_by:
            wanted.append((ACKNOWLEDGE, "Acknowledge", "Space" if chosen else ""))
        right, top = size.width() - LEFT_PX, (size.height() - BUTTON_PX) // 2
        found = []
        for act, words, key in reversed(wanted):
            wide = QFontMetrics(font(13, 500)).horizontalAdvance(words) + 26
            wide += QFontMetrics(font(11, 500)).horizontalAdvance(key) + 18 if key else 0
            found.append(Act(act, words, key, QRect(right - wide, top, wide, BUTTON_PX)))
            right -= wide + GAP_PX
        return tuple(found)

    def act_at(self, shown: AlarmLine, rect: QRect, at: QPoint) -> str:
        """The act whose button is under a point, "" if none is."""
        spot = at - rect.topLeft()
        return next((a.act for a in self.acts(shown, rect.size()) if a.box.contains(spot)), "")

    def _facts(self, shown: AlarmLine, width_px: int) -> list[tuple[str, tuple[str, ...]]]:
        buttons = self.acts(shown, QSize(width_px, LEAST_PX))
        right = buttons[-1].box.left() if buttons else width_px
        room = max(160, right - 2 * GAP_PX - TEXT_PX - NAME_PX)
        return [(name, wrapped(words, room, MOST_LINES)) for name, words in shown.facts]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row, its age on top."""
        shown: AlarmLine | None = index.data(Qt.ItemDataRole.UserRole)
        if shown is None:
            return
        rect, name = option.rect, shown.alarm.alarm_id
        chosen = self._model.chosen == name
        under = self.under[1] if self.under[0] == name else ""
        ratio = painter.device().devicePixelRatioF()
        picture = self._pictures.picture(
            name,
            (shown, chosen, under, rect.height()),
            (rect.width(), ratio),
            lambda: self._painted(shown, rect.size(), ratio, chosen=chosen, under=under),
        )
        if picture is None:
            return
        painter.drawPixmap(rect.topLeft(), picture)
        words = duration(shown.age_ms(self._context.store.model.at_ms))
        age = self._ages.picture(name, words, ratio, lambda: self._age(words, ratio))
        if age is not None:
            painter.drawPixmap(rect.x() + TIME_PX, rect.y() + TOP_PX + TITLE_PX, age)

    def _age(self, words: str, ratio: float) -> QPixmap:
        picture = blank(TEXT_PX - TIME_PX, LINE_PX, ratio)
        painter = QPainter(picture)
        painter.setFont(font(12, tabular=True))
        painter.setPen(self._context.theme.colour("text-3"))
        painter.drawText(QRect(0, 0, TEXT_PX - TIME_PX, LINE_PX), 0, words)
        painter.end()
        return picture

    def _painted(
        self, shown: AlarmLine, size: QSize, ratio: float, *, chosen: bool, under: str
    ) -> QPixmap:
        theme, wide, high = self._context.theme, size.width(), size.height()
        ground = theme.colour("bg-selected" if chosen else "bg-panel")
        picture = blank(wide, high, ratio, ground)
        painter = QPainter(picture)
        mark = 15 if shown.alarm.priority == 4 else 22
        where = QRectF(LEFT_PX + (24 - mark) / 2, TOP_PX + (24 - mark) / 2, mark, mark)
        paint_alarm(painter, theme, shown.alarm.priority, where, faded=shown.faded)
        painter.setFont(font(12, tabular=True))
        painter.setPen(theme.colour("text-2"))
        painter.drawText(QRect(TIME_PX, TOP_PX, 70, 18), 0, shown.since)
        acts = self.acts(shown, size)
        self._title(painter, shown, (acts[-1].box.left() if acts else wide) - GAP_PX)
        top = TOP_PX + TITLE_PX
        for name, lines in self._facts(shown, wide):
            top = self._fact(painter, name, lines, top)
        for act in acts:
            self._button(painter, act, filled=chosen and act.act == CURE, under=under == act.act)
        painter.setPen(theme.colour("accent" if chosen else "line-soft"))
        painter.drawLine(0, high - 1, wide, high - 1)
        if chosen:
            painter.drawRect(0, 0, wide - 1, high - 1)
        painter.end()
        return picture

    def _title(self, painter: QPainter, shown: AlarmLine, right: int) -> None:
        theme = self._context.theme
        painter.setFont(font(13, 400 if shown.alarm.acknowledged_by else 600))
        painter.setPen(theme.colour("text-1"))
        room = max(80, right - TEXT_PX)
        title = painter.fontMetrics().elidedText(
            shown.alarm.title, Qt.TextElideMode.ElideMiddle, room
        )
        painter.drawText(QRect(TEXT_PX, TOP_PX, room, 18), 0, title)
        left = TEXT_PX + painter.fontMetrics().horizontalAdvance(title) + GAP_PX
        painter.setFont(font(11))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for tag in shown.tags:
            box = QRectF(
                left + 0.5, TOP_PX - 0.5, painter.fontMetrics().horizontalAdvance(tag) + 16, 18
            )
            if box.right() > right:
                break
            painter.setPen(theme.colour("line"))
            painter.drawRoundedRect(box, 9, 9)
            painter.setPen(theme.colour("text-2"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, tag)
            left = round(box.right()) + GAP_PX
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # noqa: FBT003 - Qt's

    def _fact(self, painter: QPainter, name: str, lines: tuple[str, ...], top: int) -> int:
        """A name and its lines; returns the top of what follows."""
        theme = self._context.theme
        painter.setFont(font(12))
        painter.setPen(theme.colour("text-3"))
        painter.drawText(QRect(TEXT_PX, top, NAME_PX, LINE_PX), 0, name)
        painter.setPen(theme.colour("text-2"))
        for line in lines:
            painter.drawText(TEXT_PX + NAME_PX, top + painter.fontMetrics().ascent(), line)
            top += LINE_PX
        return top

    def _button(self, painter: QPainter, act: Act, *, filled: bool, under: bool) -> None:
        theme = self._context.theme
        ground = "accent-fill" if filled else "bg-hover" if under else "bg-raised"
        ink = theme.colour("accent-ink" if filled else "text-1")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour("accent-fill" if filled else "line"))
        painter.setBrush(theme.colour(ground))
        painter.drawRoundedRect(QRectF(act.box).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(ink)
        painter.setFont(font(13, 500))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(act.box.adjusted(13, 0, 0, 0), middle, act.words)
        if act.key:
            painter.setFont(font(11, 500))
            wide = painter.fontMetrics().horizontalAdvance(act.key) + 10
            cap = QRectF(act.box.right() - wide - 8.5, act.box.center().y() - 8.5, wide, 18)
            painter.setPen(theme.colour("text-2"))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, act.key)
            painter.setPen(theme.colour("line"))
            painter.drawRoundedRect(cap, 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # noqa: FBT003 - Qt's


class AlarmRows(QListView):
    """The rows; a click chooses one or does what its button says."""

    chosen = Signal(str)
    wanted = Signal(str, str)  # alarm, act

    def __init__(self, context: Context, model: AlarmListModel) -> None:
        """Keys belong to the page."""
        super().__init__()
        self.setModel(model)
        self._rows = AlarmDelegate(context, model, self)
        self.setItemDelegate(self._rows)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self.viewport().update)
        self._heights: tuple[int, ...] = ()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Alarms")

    def fit_rows(self, lines: tuple[AlarmLine, ...]) -> None:
        """Qt asks for the height of a row once: it is told when one changed."""
        wide = self.viewport().width()
        heights = tuple(self._rows.height_of(shown, wide) for shown in lines)
        if heights != self._heights:
            self._heights = heights
            self.scheduleDelayedItemsLayout()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A frame; rows it had no time for come in the next."""
        self._rows.begin()
        super().paintEvent(event)
        if self._rows.behind:
            self._again.start()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The button under the pointer is brighter."""
        super().mouseMoveEvent(event)
        self._point(self._act_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """No button is under the pointer."""
        super().leaveEvent(event)
        self._point(("", ""))

    def _point(self, under: tuple[str, str]) -> None:
        if under != self._rows.under:
            self._rows.under = under
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A button acts, the rest of a row chooses it."""
        super().mouseReleaseEvent(event)
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        alarm_id, act = self._act_at(event.position().toPoint())
        if act:
            self.wanted.emit(alarm_id, act)
        elif alarm_id:
            self.chosen.emit(alarm_id)

    def _act_at(self, at: QPoint) -> tuple[str, str]:
        """The alarm and the act under a point, "" for none."""
        index = self.indexAt(at)
        shown: AlarmLine | None = index.data(Qt.ItemDataRole.UserRole)
        if shown is None:
            return "", ""
        return shown.alarm.alarm_id, self._rows.act_at(shown, self.visualRect(index), at)
