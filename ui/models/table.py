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
    sentence: bool = False  # begins with what matters; else both ends of a long value are shown
    stretches: bool = False  # takes what room is left; without one the last does
    ages: bool = False  # shows how long ago: painted anew as time goes on
    paint: Callable[[Any, Any, Any], None] | None = None  # painter, room, row; `text` says it too

    def look(self, row: Any) -> tuple[str, str, bool]:
        """All that a cell shows: its words, their colour token, whether they are bold."""
        token = self.token(row) if self.token is not None else ""
        return self.text(row), token, self.bold is not None and self.bold(row)


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
        self.ageing = tuple(n for n, column in enumerate(self._columns) if column.ages)

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show these rows; only what changed is painted anew."""
        before = [self._name(row) for row in self._rows]
        after = [self._name(row) for row in rows]
        if before != after:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        before_rows, self._rows = self._rows, list(rows)
        for number, (old, new) in enumerate(zip(before_rows, self._rows, strict=True)):
            if old is not new and old != new:
                self._tell_cells(number, old, new)

    def _tell_cells(self, number: int, old: Any, new: Any) -> None:
        """Only the cells of a row that look different are painted anew."""
        for place, column in enumerate(self._columns):
            if isinstance(new, Group) or column.look(old) != column.look(new):
                cell = self.index(number, place)
                self.dataChanged.emit(cell, cell)

    def row(self, number: int) -> Any:
        """A value, None if there is no such row."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def looks(self, number: int) -> tuple[object, ...]:
        """All that a row shows but ages: equal for two rows that look alike."""
        row = self._rows[number]
        if isinstance(row, Group):
            return (row,)
        return tuple(column.look(row) for column in self._columns if not column.ages)

    def key_of(self, number: int) -> str:
        """What names a row, whatever its place."""
        return self._name(self._rows[number])

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
        """Ages moved on: paint anew the columns that show them."""
        for place in self.ageing if self._rows else ():
            last = self.index(len(self._rows) - 1, place)
            self.dataChanged.emit(self.index(0, place), last)

    def paint_all(self) -> None:
        """Something beside the rows changed how they look."""
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
        """Wished widths."""
        return tuple(column.width_px for column in self._columns)

    @property
    def stretched(self) -> int:
        """The column that takes what room is left."""
        wanted = (number for number, column in enumerate(self._columns) if column.stretches)
        return next(wanted, len(self._columns) - 1)
