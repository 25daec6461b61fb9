"""A page that has nothing to show: a drawing, one sentence, one button."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ..context import Context
from .panel import button, label, row

ICON_PX = 56
WORDS_PX = 360


class Empty(QWidget):
    """In the middle of the room it is given."""

    def __init__(
        self, context: Context, icon: str, sentence: str, act: str, do: Callable[[], object]
    ) -> None:
        """`act` is the button's text, `do` what it does."""
        super().__init__()
        sign = label("")
        sign.setPixmap(context.icons.pixmap(icon, "line-strong", ICON_PX))
        words = label(sentence, "second", wrap=True)
        for part in (sign, words):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words.setFixedWidth(WORDS_PX)
        pressed = button(act)
        pressed.clicked.connect(do)
        box = QVBoxLayout(self)
        box.setSpacing(16)
        box.addStretch(2)
        box.addWidget(sign)
        box.addLayout(row(None, words, None))
        box.addLayout(row(None, pressed, None))
        box.addStretch(3)
