"""A page with a head, a table and a foot line that names the keys."""

from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from ..models.table import TableModel
from .panel import label, line, panel, row


class Table(QTableView):
    """A table as all pages have it."""

    def __init__(self, model: TableModel, name: str) -> None:
        """Rows of 34, whole rows are selected."""
        super().__init__()
        self.setModel(model)
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
        head.setSectionResizeMode(len(model.widths()) - 1, QHeaderView.ResizeMode.Stretch)


def page(title: QWidget, actions: tuple[QWidget, ...], body: QWidget, keys: str) -> QWidget:
    """Head, body, foot."""
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
    foot = row(label(keys, "second"), None)
    foot.setContentsMargins(16, 10, 16, 10)
    box.addLayout(foot)
    return made
