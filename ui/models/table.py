"""A table over frozen values: columns are functions, rows keep their places."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Column:
    """A head, how a value is shown, its width; numbers stand at the right."""

    head: str
    text: Callable[[Any], str]
    width_px: int = 90
    right: bool = False
    token: Callable[[Any], str] | None = None
    bold: Callable[[Any], bool] | None = None
    mono: bool = False
    paint: Callable[[Any, Any, Any], None] | None = None  # painter, room, row


@dataclass(frozen=True, slots=True)
class Group:
    """A line that names the rows below it."""

    title: str
    count: int


class TableModel(QAbstractTableModel):
    """Rows of any frozen values with a key."""

    def __init__(
        self, columns: Sequence[Column], key: Callable[[Any], str], colour: Callable[[str], Any]
    ) -> None:
        """`colour` gives the colour of a token."""
        super().__init__()
        self._columns = tuple(columns)
        self._key = key
        self._colour = colour
        self._rows: list[Any] = []

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show these rows; only what changed is painted anew."""
        before = [self._name(row) for row in self._rows]
        after = [self._name(row) for row in rows]
        if before != after:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        changed = [n for n, row in enumerate(rows) if row != self._rows[n]]
        self._rows = list(rows)
        if changed:
            last = len(self._columns) - 1
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], last))

    def row(self, number: int) -> Any:
        """A value, None if there is no such row."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def number_of(self, key: str) -> int:
        """The row with this key, -1 if there is none."""
        return next((n for n, row in enumerate(self._rows) if self._name(row) == key), -1)

    def _name(self, row: Any) -> str:
        return f"group {row.title}" if isinstance(row, Group) else self._key(row)

    def column(self, number: int) -> Column:
        """How a column shows its values."""
        return self._columns[number]

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Group lines cannot be chosen."""
        if isinstance(self.row(index.row()), Group):
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def tick(self) -> None:
        """Ages moved on: paint anew what is shown."""
        if self._rows:
            last = self.index(len(self._rows) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, _parent: Index | None = None) -> int:
        """Number of rows."""
        return len(self._rows)

    def columnCount(self, _parent: Index | None = None) -> int:
        """Number of columns."""
        return len(self._columns)

    def data(self, index: Index, role: int = 0) -> Any:
        """Text, alignment, colour."""
        column, row = self._columns[index.column()], self._rows[index.row()]
        if isinstance(row, Group):
            text = f"{row.title} {row.count}" if index.column() == 0 else ""
            return text if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and column.token is not None:
            return self._colour(column.token(row))
        if role == Qt.ItemDataRole.UserRole:
            return row
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Column heads."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].head
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = (
                Qt.AlignmentFlag.AlignRight
                if self._columns[section].right
                else (Qt.AlignmentFlag.AlignLeft)
            )
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def widths(self) -> tuple[int, ...]:
        """Wished widths; the last column takes what is left."""
        return tuple(column.width_px for column in self._columns)
