"""Nothing leads back to the first start: no key leaves it, and the stop works there."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from fleetapp.api.commands import StopAll
from fleetapp.api.site_drawing import layout_of
from fleetapp.layout import load_site
from ui.views.first_run import FirstRun
from ui.window.main_window import MainWindow

KEY, ALT, CTRL = Qt.Key, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(qtbot, context):
    made = MainWindow(context, FirstRun(context, ""), "dark")
    qtbot.addWidget(made)
    made.show()
    made.show_page("Map")
    made.show_first_run()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    context.commands.finish()
    made.leave()


@pytest.mark.parametrize(
    ("key", "with_key"),
    [
        (KEY.Key_F12, NONE), (KEY.Key_Pause, NONE), (KEY.Key_M, NONE), (KEY.Key_N, NONE),
        (KEY.Key_J, NONE), (KEY.Key_Escape, NONE), (KEY.Key_K, CTRL),
        *((KEY(KEY.Key_1 + number), ALT) for number in range(6)),
    ],
)  # fmt: skip
def test_no_key_leaves_the_first_start(window, key, with_key):
    QTest.keyClick(QApplication.focusWidget(), key, with_key)

    assert window.first_run.isVisible()
    assert window.page == ""
    assert window.rail.isHidden()
    assert not window._side.isVisible()


def test_the_stop_is_sent_from_the_first_start(qtbot, window, connection):
    QTest.keyClick(QApplication.focusWidget(), KEY.Key_F12)

    qtbot.waitUntil(lambda: [type(command) for command in connection.sent] == [StopAll])


def test_a_site_that_runs_ends_the_first_start(window):
    window.set_layout(layout_of(load_site(Path(__file__).parents[2] / "maps" / "demo")))

    assert window.page == "Map"
