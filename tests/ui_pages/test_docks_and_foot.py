"""The list beside the map or over it, the inspector, the foot: as wished, else as there is room."""

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from shown_fleet import NOW

from ui.kept import Kept
from ui.views.first_run import FirstRun
from ui.window.foot import MINUTE_MS, Foot, places_of, times_on
from ui.window.main_window import MainWindow


@pytest.fixture
def window(qtbot, context):
    made = MainWindow(context, FirstRun(context, ""), "dark")
    qtbot.addWidget(made)
    made.resize(1600, 1000)
    made.show()
    made.show_page("Map")
    return made


def press(qtbot, window, key):
    qtbot.keyClick(window, key)


def test_the_list_folds_with_its_key_and_leaves_a_button(qtbot, window):
    wide = window.map_page.width()

    press(qtbot, window, Qt.Key.Key_BracketLeft)

    assert window.robots.isHidden()
    assert not window.map_page.list_button.isHidden()
    assert window.map_page.width() > wide
    window.map_page.list_button.click()
    assert not window.robots.isHidden()


def test_what_was_wished_is_there_again_in_the_next_window(qtbot, window, context):
    press(qtbot, window, Qt.Key.Key_BracketLeft)

    again = MainWindow(context, FirstRun(context, ""), "dark")
    qtbot.addWidget(again)
    again.resize(1600, 1000)
    again.show()

    assert again.robots.isHidden()


def test_in_a_narrow_window_the_list_opens_over_the_map_and_goes_when_a_robot_is_chosen(
    qtbot, window, context
):
    window.resize(1280, 720)
    assert window.robots.isHidden()
    wide = window.map_page.width()

    press(qtbot, window, Qt.Key.Key_BracketLeft)
    assert not window.robots.isHidden()
    assert window.map_page.width() == wide
    context.hub.robot_selected.emit(next(iter(context.store.model.robots)))

    assert window.robots.isHidden()


def test_the_edge_of_the_list_widens_it_within_limits(window):
    window._map_side._widen(60)
    assert window.robots.width() == 350

    window._map_side._widen(900)

    assert window.robots.width() == 420


def test_the_inspector_folds_and_comes_back_with_the_next_robot(qtbot, window, context):
    first, second = list(context.store.model.robots)[:2]
    context.hub.robot_selected.emit(first)
    assert window._side.isVisible()

    press(qtbot, window, Qt.Key.Key_BracketRight)
    assert not window._side.isVisible()
    context.hub.robot_selected.emit(second)

    assert window._side.isVisible()


def test_the_foot_is_folded_in_low_windows_until_somebody_opens_it(qtbot, window):
    assert window._foot.height() == 84
    window.resize(1280, 720)
    assert window._foot.height() == 28

    qtbot.mouseClick(window._foot, Qt.MouseButton.LeftButton)

    assert window._foot.height() == 84


def test_the_stop_and_the_alarms_stay_in_the_smallest_window(qtbot, window):
    stop = window.top.stop

    window.resize(1280, 720)

    qtbot.waitUntil(lambda: stop.mapTo(window, stop.rect().bottomRight()).x() <= window.width())
    assert stop.isVisible()
    assert (stop.width(), stop.height()) == (164, 44)


def test_kept_values_survive_in_their_file_and_nonsense_counts_as_nothing(tmp_path):
    path = str(tmp_path / "desktop.ini")
    Kept(QSettings(path, QSettings.Format.IniFormat)).keep("list width", "300")

    again = Kept(QSettings(path, QSettings.Format.IniFormat))

    assert again.number("list width", 290, 240, 420) == 300
    again.keep("list width", "-5e9")
    assert again.number("list width", 290, 240, 420) == 290


def test_a_sheet_takes_the_keyboard_so_that_no_letter_is_a_command(qtbot, window):
    window.activateWindow()
    window.show_sign_in()

    name, _password = window._sheet.findChildren(QLineEdit)
    qtbot.waitUntil(name.hasFocus)
    qtbot.keyClicks(QApplication.focusWidget(), "hannah")

    assert name.text() == "hannah"


def test_no_mark_of_an_alarm_lies_over_a_time_or_below_the_present():
    right, step, newest = 1224.0, 15.0, 1193.0
    raised = [NOW - minutes * MINUTE_MS for minutes in (0, 1, 13, 25, 48, 80)]

    marks = places_of(raised, right, step, NOW, newest)
    times = times_on(right, step, NOW, [x for x in marks if x is not None])

    assert marks[:2] == [newest, newest]
    assert marks[-1] is None
    assert times
    assert all(abs(x - mark) >= 27 for x, _text in times for mark in marks[:-1])


def test_the_alarm_that_matters_most_lies_on_top(qtbot, context, monkeypatch):
    painted = []
    monkeypatch.setattr(
        "ui.window.foot.paint_alarm",
        lambda _p, _t, priority, _place, **_how: painted.append(priority),
    )
    foot = Foot(context)
    qtbot.addWidget(foot)
    foot.resize(1280, 84)

    foot.grab()

    assert len(set(painted)) > 1
    assert painted == sorted(painted, reverse=True)
