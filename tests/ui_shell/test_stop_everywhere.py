"""The stop works in every field and never toggles; the theme is the one list of colours."""

import json
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from ui.stop_call import StopCall
from ui.theme.tokens import load_theme
from ui.window.stop import StopButton

ROOT = Path(__file__).parents[2]


class Calls:
    def __init__(self):
        self.stops = 0
        self.stop_call = StopCall(None, str)

    def stop_all(self):
        self.stops += 1


class OnlyWhatTheStopNeeds:
    def __init__(self):
        self.commands = Calls()
        self.theme = load_theme(ROOT / "assets", "dark")


@pytest.mark.parametrize("key", [Qt.Key.Key_F12, Qt.Key.Key_Pause])
def test_the_stop_keys_act_in_a_field_that_is_being_typed_in(qtbot, key):
    context = OnlyWhatTheStopNeeds()
    button = StopButton(context)
    field = QLineEdit()
    qtbot.addWidget(button)
    qtbot.addWidget(field)
    field.show()
    field.setFocus()

    QApplication.sendEvent(
        field, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
    )
    QApplication.instance().removeEventFilter(button)

    assert context.commands.stops == 1


def test_pressing_the_stop_again_sends_it_again(qtbot):
    context = OnlyWhatTheStopNeeds()
    button = StopButton(context)
    qtbot.addWidget(button)

    button.stop()
    button.stop()
    QApplication.instance().removeEventFilter(button)

    assert context.commands.stops == 2


def test_no_colour_stands_outside_the_theme_file():
    found = [
        f"{path.name}: {match}"
        for path in (ROOT / "ui").rglob("*.py")
        for match in re.findall(r"#[0-9A-Fa-f]{6}\b", path.read_text("utf-8"))
    ]

    assert found == []


def luminance(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("text-1", "bg-panel"),
        ("text-2", "bg-panel"),
        ("text-3", "bg-panel"),
        ("accent", "bg-panel"),
        ("p1", "bg-panel"),
        ("p2", "bg-panel"),
        ("p3", "bg-panel"),
        ("ok", "bg-panel"),
        ("accent-ink", "accent-fill"),
        ("p1-ink", "p1-fill"),
        ("p2-ink", "p2-fill"),
        ("p3-ink", "p3-fill"),
        ("text-1", "bg-selected"),
    ],
)
def test_text_can_be_read_on_its_ground(theme, text, ground):
    tokens = json.loads((ROOT / "assets/themes/theme.json").read_text("utf-8"))[theme]

    assert contrast(tokens[text], tokens[ground]) >= 4.5
