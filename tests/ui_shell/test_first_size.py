"""The window opens on its screen, whatever the screen's size: the stop must not lie beside it."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QMainWindow

from ui.window.first_size import WISHED, open_on


@pytest.fixture
def window(qtbot):
    made = QMainWindow()
    made.setMinimumSize(1280, 720)
    qtbot.addWidget(made)
    return made


def test_a_large_screen_gets_the_window_as_wished(window):
    open_on(window, QSize(1920, 1080))

    assert window.size() == WISHED
    assert not window.isMaximized()


@pytest.mark.parametrize("screen", [QSize(1280, 720), QSize(1366, 768), QSize(1600, 1000)])
def test_a_smaller_screen_is_filled_and_nothing_lies_beside_it(window, screen):
    open_on(window, screen)

    assert window.width() <= screen.width()
    assert window.height() <= screen.height()
    assert window.isMaximized()
