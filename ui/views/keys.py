"""Whose a key is: the focused button's, the open sheet's, else the page's and the window's.

Keys of pages and of the window are shortcuts, which Qt would take before whatever has the
focus is asked. Fields keep their letters by themselves; buttons and sheets by this rule.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
PRESSES = ENTER | {Qt.Key.Key_Space}
COMMANDS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


def stays(event: QKeyEvent, focus: QWidget | None, sheet: QWidget | None) -> bool:
    """Whether a key goes to what has the focus, and to no page or window behind that.

    Esc and keys with Ctrl or Alt are for the whole window, wherever the focus is.
    """
    if event.key() == Qt.Key.Key_Escape or event.modifiers() & COMMANDS:
        return False
    if isinstance(focus, QAbstractButton) and event.key() in PRESSES:
        return True
    if sheet is None:
        return False
    return focus is None or focus is sheet or sheet.isAncestorOf(focus)


def is_enter_of(event: QKeyEvent, part: QWidget) -> bool:
    """Whether Enter was pressed in a part itself, and not in a button or field of it."""
    focus = part.window().focusWidget()
    return event.key() in ENTER and (focus is part or isinstance(focus, QLabel))
