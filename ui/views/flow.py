"""Buttons beside each other while there is room, else below each other: never cut."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

GAP_PX = 8


class Flow(QLayout):
    """As wide as it is told to be; as high as its rows then need.

    A layout of Qt's own asks for the width of all its buttons in one row and so makes what
    it stands in wider than the window shows.
    """

    def __init__(self, *parts: QWidget, first_fills: bool = False) -> None:
        """With `first_fills` the first button of a row takes what is left of it."""
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._first_fills = first_fills
        for part in parts:
            self.addWidget(part)

    def addItem(self, item: QLayoutItem) -> None:
        """Qt hands a widget over."""
        self._items.append(item)

    def count(self) -> int:
        """How many there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """One of them."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take one out."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """It takes no height that it does not need."""
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        """Fewer in a row, more rows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Of all rows."""
        rows = self._rows(width)
        return sum(_height(row, width) for row in rows) + GAP_PX * max(0, len(rows) - 1)

    def sizeHint(self) -> QSize:
        """All in one row."""
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        wide = sum(size.width() for size in shown) + GAP_PX * max(0, len(shown) - 1)
        return QSize(wide, max((size.height() for size in shown), default=0))

    def minimumSize(self) -> QSize:
        """Never wider than there is room."""
        return QSize(0, self.sizeHint().height())

    def setGeometry(self, box: QRect) -> None:
        """Place the rows."""
        super().setGeometry(box)
        top = box.top()
        for row in self._rows(box.width()):
            high = _height(row, box.width())
            self._place(row, QRect(box.left(), top, box.width(), high))
            top += high + GAP_PX

    def _place(self, row: list[QLayoutItem], box: QRect) -> None:
        used = sum(item.sizeHint().width() for item in row) + GAP_PX * (len(row) - 1)
        left = box.left()
        for item in row:
            wide = item.sizeHint().width()
            if item is row[0] and (self._first_fills or used > box.width()):
                wide += box.width() - used
            item.setGeometry(QRect(left, box.top(), wide, box.height()))
            left += wide + GAP_PX

    def _rows(self, width: int) -> list[list[QLayoutItem]]:
        rows: list[list[QLayoutItem]] = []
        left = 0
        for item in self._items:
            if item.isEmpty():
                continue
            wanted = item.sizeHint().width()
            if not rows or wanted > left:
                rows.append([])
                left = width
            rows[-1].append(item)
            left -= wanted + GAP_PX
        return rows


def _height(row: list[QLayoutItem], width: int) -> int:
    """Words that are wrapped, alone in their row, ask for the height of all their lines."""
    first = row[0]
    if len(row) == 1 and first.hasHeightForWidth():
        return first.heightForWidth(min(width, first.sizeHint().width()))
    return max(item.sizeHint().height() for item in row)
