"""Words broken into lines, for rows that are painted."""

from functools import lru_cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QTextLayout, QTextOption

from ..theme.style import font

SIZE_PX = 12


@lru_cache(maxsize=2048)
def wrapped(text: str, width_px: int, most: int) -> tuple[str, ...]:
    """The first `most` lines of a text of 12 px, wrapped at its words."""
    layout = QTextLayout(text, font(SIZE_PX))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    layout.setTextOption(option)
    layout.beginLayout()
    found: list[str] = []
    while len(found) < most and (line := layout.createLine()).isValid():
        line.setLineWidth(width_px)
        line.setPosition(QPointF(0, 0))
        found.append(text[line.textStart() : line.textStart() + line.textLength()].strip())
    layout.endLayout()
    return tuple(found)
