"""Another theme at run time: the same process, page, size and sign-in."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from fleetapp.api.views import PersonView
from fleetapp.terms.modes import Role
from ui.app import Desktop, options_of
from ui.window.main_window import MainWindow

ROOT = Path(__file__).parents[2]


@pytest.fixture
def desktop(qapp, tmp_path):
    options = options_of(
        ["--data", str(tmp_path), "--assets", str(ROOT / "assets"), "--theme", "dark"]
    )
    made = Desktop(options, qapp)
    made.begin()
    yield made
    made.window.leave()
    made.end()
    qapp.setStyleSheet("")


def test_the_window_keeps_page_size_and_person_in_other_colours(qtbot, desktop, tmp_path):
    desktop.window.resize(1500, 900)
    desktop.window.show_page("Alarms")
    desktop.context.person = PersonView("mara", Role.SUPERVISOR)
    desktop.context.typed_lines.append("pick 4711 from A01-01 to P1")
    before = desktop.window

    desktop.context.hub.theme_wanted.emit("light")

    assert desktop.window is not before
    assert desktop.context.theme.name == "light"
    assert (desktop.window.width(), desktop.window.height()) == (1500, 900)
    assert desktop.window.page == "Alarms"
    assert desktop.context.person.name == "mara"
    assert desktop.context.typed_lines == ["pick 4711 from A01-01 to P1"]
    assert not before.isVisible()
    settings = QSettings(str(tmp_path / "desktop.ini"), QSettings.Format.IniFormat)
    assert settings.value("theme") == "light"


def test_without_an_engine_the_first_start_is_shown_again(qtbot, desktop):
    desktop.context.hub.theme_wanted.emit("light")

    assert desktop.window.isVisible()
    assert desktop.window.page == ""


def test_a_window_that_cannot_be_made_anew_leaves_the_one_before_with_its_stop_and_its_data(
    qtbot, desktop, monkeypatch
):
    before, store = desktop.window, desktop.context.store
    with monkeypatch.context() as patched, qtbot.captureExceptions() as faults:

        def broken(*_arguments):
            raise KeyError("a token that no theme has")

        patched.setattr(MainWindow, "_build", broken)
        desktop.context.hub.theme_wanted.emit("light")

    assert len(faults) == 1
    assert desktop.window is before
    assert desktop.context.store is store
    assert before.isVisible()
    assert store._timer.isActive()
    before.top.stop.stop()
    assert before.top.stop.word == "Sending"


def test_a_window_that_fills_a_small_screen_fills_it_in_other_colours(qtbot, desktop):
    assert desktop.window.isMaximized()

    desktop.context.hub.theme_wanted.emit("light")

    assert desktop.window.isMaximized()
