"""A label that breaks also words without a gap, such as ids; they are copied as they are."""

import re

from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QMenu

BREAK = "\u200b"  # a place for a line break that is not seen
LONG_WORD = re.compile(r"\S{25,}")


class Words(QLabel):
    """Plain words. Qt breaks lines between words only and cuts a word that is too long."""

    def __init__(self, text: str, *, wrap: bool) -> None:
        """With `wrap` no word of it is cut."""
        super().__init__()
        self._plain = ""
        self.setWordWrap(wrap)
        self.setText(text)

    def text(self) -> str:
        """As it was given."""
        return self._plain

    def setText(self, text: str) -> None:
        """Other words."""
        self._plain = text
        shown = LONG_WORD.sub(lambda word: BREAK.join(word[0]), text) if self.wordWrap() else text
        self.setAccessibleName(text if shown != text else "")
        super().setText(shown)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy what is selected, without the places for line breaks."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt's own would copy the places for line breaks along."""
        menu = QMenu(self)
        copy = menu.addAction("Copy", self._copy)
        copy.setEnabled(self.hasSelectedText())
        menu.addAction("Select all", lambda: self.setSelection(0, len(super(Words, self).text())))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.selectedText().replace(BREAK, ""))
