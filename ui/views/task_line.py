"""The field at the top of the map: one typed line orders, asks or commands."""

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QFrame, QLabel, QLineEdit

from fleetapp.api.commands import StopAll

from ..commands import new_id
from ..context import Context
from ..models.task_line import Line, Names, completions, parse
from .panel import row
from .robot_list import str_of
from .sheets import ReleaseSheet


class Field(QLineEdit):
    """The line edit; Up brings the last line back."""

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self.last = ""
        self.setFrame(False)
        self.setStyleSheet("border: none; background: transparent;")
        self.setAccessibleName("New task or question")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up: the line before. Escape: leave."""
        if event.key() == Qt.Key.Key_Up and not self.text():
            self.setText(self.last)
            return
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.clearFocus()
            return
        super().keyPressEvent(event)


class TaskLine(QFrame):
    """Field, and at its right end what is still missing."""

    def __init__(self, context: Context) -> None:
        """Understands the names of the site."""
        super().__init__()
        self.setProperty("role", "floating")
        self._context = context
        self.field = Field()
        self.field.setPlaceholderText("New task: pick SKU from A07-14 to P3, or ask: why r17")
        self._hint = QLabel("N")
        self._hint.setProperty("role", "second")
        plus = QLabel()
        plus.setPixmap(context.icons.pixmap("plus", "accent"))
        box = row(plus, self.field, self._hint)
        box.setContentsMargins(12, 0, 12, 0)
        box.setStretch(1, 1)
        self.setLayout(box)
        self.setFixedHeight(40)
        self._words = QStringListModel()
        completer = QCompleter(self._words, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setMaxVisibleItems(8)
        self.field.setCompleter(completer)
        self.field.textEdited.connect(self._typed)
        self.field.returnPressed.connect(self.enter)

    def _names(self) -> Names:
        layout = self._context.layout
        stations = frozenset(s.station_id for s in layout.stations) if layout else frozenset()
        robots = {r.name.lower(): r.robot_id for r in self._context.store.model.robots.values()}
        return Names(stations, robots)

    def _typed(self, text: str) -> None:
        names = self._names()
        self._words.setStringList(completions(text, names) if len(text) > 1 else [])
        meant = parse(text, names, "preview")
        self._hint.setText((meant.missing or "Enter") if text else "N")

    def enter(self) -> None:
        """Only a whole, valid line is sent."""
        text = self.field.text().strip()
        meant = parse(text, self._names(), new_id())
        if meant.missing:
            self._hint.setText(meant.missing)
            return
        self.field.last = text
        self.field.clear()
        self._hint.setText("N")
        self._do(meant)

    def _do(self, meant: Line) -> None:
        if meant.show_robot:
            self._context.hub.robot_selected.emit(meant.show_robot)
        robot = self._context.store.model.robots.get(meant.release_robot)
        if robot is not None:
            self._context.open_sheet(ReleaseSheet(self._context, robot))
        if isinstance(meant.command, StopAll):
            self._context.commands.stop_all()
        elif meant.command is not None:
            self._context.commands.send(
                meant.command, lambda answer: self._context.toast(str_of(answer))
            )
