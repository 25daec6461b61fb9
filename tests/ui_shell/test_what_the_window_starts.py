"""Engines and demos started from the window: why one did not start, and its PIN."""

from pathlib import Path

import pytest

from ui.app import Desktop, options_of
from ui.launch import LOG, Launcher
from ui.views.door_sheets import SignInSheet
from ui.views.panel import label

ROOT = Path(__file__).parents[2]


def test_the_last_words_of_a_start_that_failed_are_told_once(qtbot, tmp_path):
    (tmp_path / LOG).write_text("of an earlier start\n")
    launcher = Launcher(tmp_path)
    told = []

    launcher.start(["site", "check", str(tmp_path / "nowhere")], {})
    qtbot.waitUntil(lambda: told.append(launcher.failure()) or bool(told[-1]), timeout=20_000)

    assert "nowhere" in told[-1]
    assert launcher.failure() == ""


def test_where_nothing_was_started_nothing_has_failed(tmp_path):
    assert Launcher(tmp_path).failure() == ""


@pytest.fixture
def desktop(qapp, qtbot, tmp_path):
    options = options_of(
        ["--data", str(tmp_path), "--assets", str(ROOT / "assets"), "--theme", "dark"]
    )
    made = Desktop(options, qapp)
    made.begin()
    yield made
    made.window.leave()
    made.end()
    qapp.setStyleSheet("")


def test_the_demo_that_the_window_starts_is_attended_and_its_pin_is_shown(
    qtbot, desktop, monkeypatch
):
    started = []
    monkeypatch.setattr(desktop._launcher, "start", lambda *words: started.append(words))

    desktop.window.first_run.demo_wanted.emit()
    sheet = SignInSheet(desktop.context)
    qtbot.addWidget(sheet)

    ((arguments, secret),) = started
    (pin,) = secret.values()
    assert arguments[:3] == ["demo", "--headless", "--attended"]
    assert len(pin) == 6
    words = [made.text() for made in sheet.findChildren(type(label("")))]
    assert f'In this demo: name "demo", PIN {pin}' in words


def test_without_a_demo_no_pin_is_shown(qtbot, desktop):
    sheet = SignInSheet(desktop.context)
    qtbot.addWidget(sheet)

    words = [made.text() for made in sheet.findChildren(type(label("")))]
    assert not [text for text in words if "PIN " in text]
