"""A page with a head, a table and a foot line that names the keys."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from ..context import Context
from ..models.table import TableModel
from .cells import Form, RowPainter
from .panel import keys_line, line, panel, row


class Table(QTableView):
    """A table as all pages have it."""

    def __init__(self, context: Context, model: TableModel, name: str) -> None:
        """Rows of 34, whole rows are selected."""
        super().__init__()
        self.setModel(model)
        self._rows = RowPainter(context, model)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self.viewport().update)
        self._ground = context.theme.colour("bg-panel")
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(34)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        for number, width in enumerate(model.widths()):
            self.setColumnWidth(number, width)
        head.setSectionResizeMode(model.stretched, QHeaderView.ResizeMode.Stretch)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows in sight, each as one picture."""
        painter = QPainter(self.viewport())
        painter.setClipRegion(event.region())
        painter.fillRect(event.rect(), self._ground)
        model, head = self.model(), self.horizontalHeader()
        spans = tuple(
            (head.sectionPosition(place), head.sectionSize(place)) for place in range(head.count())
        )
        ratio = self.devicePixelRatioF()
        self._rows.begin()
        number = max(0, self.rowAt(event.rect().top()))
        while number < model.rowCount():
            top, height = self.rowViewportPosition(number), self.rowHeight(number)
            if top > event.rect().bottom():
                break
            chosen = self.selectionModel().isRowSelected(number)
            form = Form(spans, height, ratio)
            self._rows.paint(painter, number, (-head.offset(), top), form, chosen=chosen)
            number += 1
        painter.end()
        if self._rows.behind:
            self._again.start()


def page(
    title: QWidget,
    actions: tuple[QWidget, ...],
    body: QWidget,
    keys: tuple[tuple[str, str], ...],
    right: QWidget | None = None,
) -> QWidget:
    """Head, body, foot with its keys and one more thing at its right end."""
    made = panel("page")
    box = QVBoxLayout(made)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(0)
    head = row(title, None, *actions)
    head.setContentsMargins(16, 10, 16, 10)
    box.addLayout(head)
    box.addWidget(line())
    box.addWidget(body, 1)
    box.addWidget(line())
    foot = row(keys_line(*keys), None, *((right,) if right is not None else ()))
    foot.setContentsMargins(16, 9, 16, 9)
    box.addLayout(foot)
    return made
