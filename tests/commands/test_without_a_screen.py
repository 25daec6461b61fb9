"""Where there is no screen, a window is refused with the remedy, and a picture needs none."""

import pytest

from fleetapp.cli.desktop import has_screen, window_environment
from fleetapp.cli.main import main

NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.fixture
def no_screen(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")


@pytest.mark.parametrize("name", NAMES)
def test_each_of_three_names_says_where_a_window_is_shown(no_screen, monkeypatch, name):
    assert not has_screen()

    monkeypatch.setenv(name, ":0")

    assert has_screen()


@pytest.mark.parametrize(
    ("words", "remedy"),
    [(["demo"], "or give --headless"), (["desktop"], "or run `fleetapp engine` without a window")],
)
def test_a_window_that_cannot_be_shown_is_an_error_with_the_remedy(
    no_screen, capsys, tmp_path, words, remedy
):
    status = main([*words, "--data", str(tmp_path / "new")])

    assert status == 2
    assert remedy in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_pictures_and_figures_need_no_screen(no_screen, monkeypatch):
    assert window_environment(unseen=True)["QT_QPA_PLATFORM"] == "offscreen"
    assert "QT_QPA_PLATFORM" not in window_environment()

    monkeypatch.setenv("DISPLAY", ":99")

    assert "QT_QPA_PLATFORM" not in window_environment(unseen=True)
