"""In which order a part of the window is read, and so walked through with Tab.

Qt takes the order in which widgets were made, which is that of the code: the buttons of a
sheet are made before its fields.
"""

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QLayout,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QScrollArea,
    QWidget,
)

FIELDS = (QLineEdit, QPlainTextEdit, QRadioButton, QComboBox)


def in_reading_order(part: QWidget) -> Iterator[QWidget]:
    """A part and all that is shown in it: as laid out, else from the top to the bottom."""
    yield part
    if isinstance(part, (*FIELDS, QAbstractItemView)):
        return
    if isinstance(part, QScrollArea):
        inner = part.widget()
        if inner is not None:
            yield from in_reading_order(inner)
        return
    laid_out = list(_widgets_of(part.layout()))
    free = [child for child in part.children() if isinstance(child, QWidget)]
    free = [child for child in free if child not in laid_out and not child.isWindow()]
    free.sort(key=lambda child: (child.y(), child.x()))
    for child in (*laid_out, *free):
        if not child.isHidden():
            yield from in_reading_order(child)


def _widgets_of(layout: QLayout | None) -> Iterator[QWidget]:
    for place in range(layout.count() if layout is not None else 0):
        item = layout.itemAt(place) if layout is not None else None
        if item is None:
            continue
        widget = item.widget()
        if widget is not None:
            yield widget
        else:
            yield from _widgets_of(item.layout())


def put_in_reading_order(window: QWidget) -> None:
    """Tab goes through what is shown as it is read; what has the focus now is on the way."""
    focused = window.focusWidget()
    stops = [
        part
        for part in in_reading_order(window)
        if part is focused or part.focusPolicy() != Qt.FocusPolicy.NoFocus
    ]
    for one, next_one in pairwise(stops):
        QWidget.setTabOrder(one, next_one)


def first_field(part: QWidget) -> QWidget:
    """What a part asks for first, the part itself if it asks for nothing."""
    fields = (child for child in in_reading_order(part) if isinstance(child, FIELDS))
    return next((field for field in fields if field.isEnabled()), part)
