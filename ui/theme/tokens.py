"""Every colour, from `assets/themes/theme.json`; no other place names one."""

import json
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QColor


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one theme by token, as text and as Qt colours."""

    name: str
    hexes: dict[str, str]
    colours: dict[str, QColor]

    def colour(self, token: str, alpha: float = 1.0) -> QColor:
        """The colour of a token; an opaque one is shared.

        Raises:
            KeyError: if there is no such token.
        """
        if alpha >= 1.0:
            return self.colours[token]
        colour = QColor(self.colours[token])
        colour.setAlphaF(alpha)
        return colour


def load_theme(assets: Path, name: str) -> Theme:
    """The theme "dark" or "light"."""
    content = json.loads((assets / "themes" / "theme.json").read_text("utf-8"))
    hexes: dict[str, str] = content[name]
    return Theme(name, hexes, {token: QColor(value) for token, value in hexes.items()})
