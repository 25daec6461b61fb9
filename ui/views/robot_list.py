"""The robots, those that need a person first; a sentence for each that stands."""

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QKeySequence,
    QMouseEvent,
    QPainter,
    QShortcut,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from fleetapp.api.commands import HoldRobot
from fleetapp.api.model import Changes
from fleetapp.api.views import RobotView
from fleetapp.terms.modes import RobotState

from ..commands import new_id
from ..context import Context, duration
from ..models.robot_rows import NEED_YOU, ORDER, RobotListModel
from ..theme.marks import TEXT_TOKENS, WORDS, paint_battery, paint_state
from ..theme.style import font

LONG_NAME = 5
Index = QModelIndex | QPersistentModelIndex


class RobotDelegate(QStyledItemDelegate):
    """Paints a row: mark, id, text, battery; a sentence below for one that stands."""

    hold_wanted = Signal(str)

    def __init__(self, context: Context, parent: QObject) -> None:
        """In the context's theme."""
        super().__init__(parent)
        self._context = context

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """34 high; more with a sentence."""
        robot: RobotView | None = index.data(Qt.ItemDataRole.UserRole)
        if robot is None or robot.why is None:
            return QSize(200, 34)
        width = max(160, option.widget.width() - 66)
        lines = min(3, len(_lines(robot.why.sentence, width)))
        return QSize(200, 30 + 16 * lines + 6)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row."""
        robot: RobotView | None = index.data(Qt.ItemDataRole.UserRole)
        if robot is None:
            return
        theme, rect = self._context.theme, option.rect
        painter.save()
        painter.setClipRect(rect)
        self._ground(painter, option, rect)
        paint_state(painter, theme, robot.state, QRectF(rect.x() + 14, rect.y() + 10, 15, 15))
        painter.setFont(font(13, 650))
        painter.setPen(theme.colour("text-1"))
        name = painter.fontMetrics().elidedText(robot.name, Qt.TextElideMode.ElideRight, 110)
        painter.drawText(QRect(rect.x() + 40, rect.y() + 8, 112, 18), 0, name)
        self._words(painter, robot, rect)
        self._battery(painter, option, robot, rect)
        if robot.why is not None:
            self._sentence(painter, robot.why.sentence, rect)
        painter.setPen(theme.colour("line-soft"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect) -> None:
        theme = self._context.theme
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.colour("bg-selected"))
            painter.fillRect(QRect(rect.x(), rect.y(), 2, rect.height()), theme.colour("accent"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.colour("bg-hover"))

    def _words(self, painter: QPainter, robot: RobotView, rect: QRect) -> None:
        theme = self._context.theme
        painter.setFont(font(12, 500 if robot.state in TEXT_TOKENS else 400))
        x = rect.x() + 84
        if len(robot.name) > LONG_NAME:
            x = rect.x() + 160
        width = rect.right() - 76 - x
        word = robot.doing
        if robot.why is not None:
            word = WORDS[robot.state]
            if robot.state in (RobotState.WAITING, RobotState.SILENT):
                age = self._context.store.model.at_ms - robot.why.since_ms
                word = f"{word} {duration(age)}"
            painter.setPen(theme.colour(TEXT_TOKENS.get(robot.state, "text-1")))
            painter.drawText(QRect(x, rect.y() + 9, width, 18), 0, word)
            x += painter.fontMetrics().horizontalAdvance(word)
            word = f" · {robot.place}" if robot.place else ""
        painter.setPen(theme.colour("text-2"))
        painter.setFont(font(12))
        room = max(0, rect.right() - 76 - x)
        text = painter.fontMetrics().elidedText(word, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(x, rect.y() + 9, room, 18), 0, text)

    def _battery(
        self, painter: QPainter, option: QStyleOptionViewItem, robot: RobotView, rect: QRect
    ) -> None:
        theme = self._context.theme
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if hovered and robot.admitted and robot.state not in NEED_YOU:
            box = hold_box(rect)
            painter.setPen(theme.colour("line-strong"))
            painter.setBrush(theme.colour("bg-raised"))
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(theme.colour("text-1"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "Hold")
            return
        fraction = robot.battery_fraction
        place = QRectF(rect.right() - 72, rect.y() + 14, 20, 8)
        paint_battery(painter, theme, fraction, place)
        painter.setPen(theme.colour("text-2"))
        painter.setFont(font(12, tabular=True))
        text = "–" if fraction is None else f"{round(fraction * 100)} %"
        painter.drawText(
            QRect(rect.right() - 50, rect.y() + 9, 42, 18), Qt.AlignmentFlag.AlignRight, text
        )

    def _sentence(self, painter: QPainter, text: str, rect: QRect) -> None:
        painter.setFont(font(12))
        painter.setPen(self._context.theme.colour("text-2"))
        for number, line in enumerate(_lines(text, rect.width() - 66)[:3]):
            painter.drawText(rect.x() + 40, rect.y() + 42 + 16 * number, line)

    def editorEvent(
        self, event: QEvent, _model: object, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """A click on the painted Hold button."""
        robot: RobotView | None = index.data(Qt.ItemDataRole.UserRole)
        if (
            isinstance(event, QMouseEvent)
            and event.type() is QEvent.Type.MouseButtonRelease
            and robot is not None
            and robot.admitted
            and robot.state not in NEED_YOU
            and hold_box(option.rect).contains(event.position())
        ):
            self.hold_wanted.emit(robot.robot_id)
            return True
        return False


def hold_box(rect: QRect) -> QRectF:
    """Where the Hold button of a row is."""
    return QRectF(rect.right() - 58, rect.y() + 5, 50, 24)


def _lines(text: str, width: int) -> list[str]:
    layout = QTextLayout(text, font(12))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    layout.setTextOption(option)
    layout.beginLayout()
    found = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, 0))
        found.append(text[line.textStart() : line.textStart() + line.textLength()].strip())
    layout.endLayout()
    return found


class RobotList(QWidget):
    """Head, chips and list."""

    def __init__(self, context: Context) -> None:
        """Follows the store."""
        super().__init__()
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._context = context
        self._model = RobotListModel(context.store)
        self._view = QListView()
        self._view.setModel(self._model)
        self._view.setMouseTracking(True)
        self._view.setUniformItemSizes(False)
        self._view.setResizeMode(QListView.ResizeMode.Adjust)
        self._view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._view.setAccessibleName("Robots")
        delegate = RobotDelegate(context, self)
        delegate.hold_wanted.connect(self._hold)
        self._view.setItemDelegate(delegate)
        self._view.clicked.connect(self._clicked)
        self._chips: dict[str, QPushButton] = {}
        self._build()
        context.store.changed.connect(self._count)
        context.hub.robot_selected.connect(self._select)

    def _build(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 12, 0, 0)
        box.setSpacing(8)
        box.addLayout(self._head())
        row = QHBoxLayout()
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(6)
        for key, text in (
            ("all", "All"),
            ("need", "Need you"),
            ("waiting", "Waiting"),
            ("working", "Work"),
        ):
            chip = QPushButton(text)
            chip.setProperty("role", "chip")
            chip.setCheckable(True)
            chip.setChecked(key == "all")
            chip.clicked.connect(lambda _checked, k=key: self._filter(k))
            self._chips[key] = chip
            row.addWidget(chip)
        row.addStretch(1)
        box.addLayout(row)
        box.addWidget(self._view, 1)

    def _head(self) -> QHBoxLayout:
        """Title, and a search that opens beside it with `/`."""
        title = QLabel("Robots")
        title.setProperty("role", "strong")
        self._find = QLineEdit()
        self._find.setPlaceholderText("Name, place, identity")
        self._find.setAccessibleName("Find a robot")
        self._find.setClearButtonEnabled(True)
        self._find.textChanged.connect(self._sought)
        self._find.hide()
        opener = QPushButton()
        opener.setProperty("role", "flat")
        opener.setIcon(self._context.icons.icon("search"))
        opener.setAccessibleName("Find a robot")
        opener.setToolTip("Find a robot (/)")
        opener.clicked.connect(self.open_search)
        QShortcut(QKeySequence("/"), self, self.open_search)
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, 10, 0)
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self._find)
        head.addWidget(opener)
        return head

    def open_search(self) -> None:
        """Open the search; again closes it and shows all."""
        self._find.setVisible(not self._find.isVisible())
        if self._find.isVisible():
            self._find.setFocus()
        else:
            self._find.clear()

    def _sought(self, words: str) -> None:
        self._model.words = words
        self._model.refresh()

    def _filter(self, key: str) -> None:
        for name, chip in self._chips.items():
            chip.setChecked(name == key)
        self._model.only = key
        self._model.refresh()

    def _count(self, changes: Changes) -> None:
        if not (changes.everything or changes.robots):
            return
        robots = self._context.store.model.robots.values()
        need = sum(1 for r in robots if r.state in NEED_YOU)
        self._chips["all"].setText(f"All {len(robots)}")
        self._chips["need"].setText(f"Need {need}")
        waiting = sum(1 for r in robots if r.state is RobotState.WAITING)
        self._chips["waiting"].setText(f"Wait {waiting}")
        working = sum(1 for r in robots if r.state is RobotState.WORKING)
        self._chips["working"].setText(f"Work {working}")

    def _clicked(self, index: QModelIndex) -> None:
        robot: RobotView | None = index.data(Qt.ItemDataRole.UserRole)
        if robot is not None:
            self._context.hub.robot_selected.emit(robot.robot_id)

    def _select(self, robot_id: str) -> None:
        row = self._model.row_of(robot_id)
        if row >= 0:
            self._view.setCurrentIndex(self._model.index(row))

    def next_in_need(self, step: int) -> None:
        """Select the next or previous robot that needs a person."""
        wanted = [r for r in self._context.store.model.robots.values() if r.why is not None]
        wanted.sort(key=lambda r: (ORDER.index(r.state), r.name))
        if not wanted:
            return
        current: RobotView | None = self._view.currentIndex().data(Qt.ItemDataRole.UserRole)
        ids = [r.robot_id for r in wanted]
        at = ids.index(current.robot_id) if current and current.robot_id in ids else -step
        self._context.hub.robot_selected.emit(ids[(at + step) % len(ids)])

    def _hold(self, robot_id: str) -> None:
        self._context.commands.send(
            HoldRobot(new_id(), robot_id), lambda answer: self._context.toast(str_of(answer))
        )


def str_of(answer: object) -> str:
    """The words of an outcome or error."""
    return str(getattr(answer, "message", answer))
