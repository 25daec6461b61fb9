"""A key acts once, where the person is: in the field, on the focused button, in the sheet."""

import pytest
from prompt_engine import tell
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QRadioButton
from shown_fleet import fleet_snapshot

from fleetapp.api.commands import AcknowledgeAlarm, CancelTask
from ui.views.first_run import FirstRun
from ui.views.sheets import CancelSheet, ReleaseAllSheet
from ui.window.main_window import MainWindow

KEY = Qt.Key


@pytest.fixture
def window(qtbot, context):
    made = MainWindow(context, FirstRun(context, ""), "dark")
    qtbot.addWidget(made)
    made.resize(1600, 1000)
    made.show()
    made.show_page("Tasks")
    tell(context, fleet_snapshot())
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.leave()


def press(key):
    """A key, where the focus is."""
    QTest.keyClick(QApplication.focusWidget(), key)


@pytest.fixture
def sheet(window, context):
    """The sheet that cancels the chosen task."""
    context.hub.task_selected.emit("T-20917")
    window.tasks.cancel()
    assert isinstance(window._sheet, CancelSheet)
    return window._sheet


@pytest.mark.parametrize("enter", [KEY.Key_Return, KEY.Key_Enter])
def test_enter_in_the_sheet_cancels_the_task(window, sheet, connection, enter):
    press(enter)

    assert [command.task_id for command in connection.sent] == ["T-20917"]
    assert window._sheet is None


def test_enter_cancels_also_after_words_of_the_sheet_were_touched(sheet, connection):
    sheet.findChildren(QLabel)[-1].setFocus()

    press(KEY.Key_Return)

    assert [type(command) for command in connection.sent] == [CancelTask]


@pytest.mark.parametrize("key", [KEY.Key_Return, KEY.Key_Enter, KEY.Key_Space])
def test_a_key_on_keep_it_keeps_the_task(window, sheet, connection, key):
    sheet.cancel.setFocus(Qt.FocusReason.TabFocusReason)

    press(key)

    assert connection.sent == []
    assert window._sheet is None


@pytest.mark.parametrize("place", ["task line", "filter", "table", "rail"])
def test_enter_beside_the_sheet_cancels_nothing(window, sheet, connection, place):
    places = {
        "task line": window.tasks.task_line.field,
        "filter": window.tasks.filter.words,
        "table": window.tasks._table,
        "rail": window.rail.buttons["Tasks"],
    }
    places[place].setFocus()
    if place in {"task line", "filter"}:
        QTest.keyClicks(QApplication.focusWidget(), "why r17")

    press(KEY.Key_Return)

    assert connection.sent == []


def test_enter_on_another_page_cancels_nothing(window, sheet, connection):
    window.show_page("Robots")
    window.rail.buttons["Robots"].setFocus()

    press(KEY.Key_Return)

    assert connection.sent == []
    assert window.page == "Robots"


def test_enter_on_a_button_of_the_rail_opens_its_page(window):
    window.rail.buttons["Alarms"].setFocus()

    press(KEY.Key_Return)

    assert window.page == "Alarms"


def test_letters_in_a_sheet_are_no_commands_for_what_lies_behind_it(window, context, connection):
    window.show_page("Map")
    window.select("halden/r01")
    context.open_sheet(ReleaseAllSheet(context))
    choice = window._sheet.findChildren(QRadioButton)[0]
    choice.setFocus()

    for key in (KEY.Key_H, KEY.Key_N, KEY.Key_M, KEY.Key_J, KEY.Key_BracketRight):
        press(key)

    assert connection.sent == []
    assert choice.hasFocus()
    assert window.chosen_robot == "halden/r01"


@pytest.mark.parametrize(
    ("page", "keys"),
    [
        ("Alarms", (KEY.Key_Space, KEY.Key_Return)),
        ("Reviews", (KEY.Key_A, KEY.Key_1)),
        ("Tasks", (KEY.Key_Delete, KEY.Key_Slash)),
    ],
)
def test_keys_in_a_sheet_do_nothing_on_the_page_behind_it(window, context, connection, page, keys):
    window.show_page(page)
    context.open_sheet(ReleaseAllSheet(context))
    sheet = window._sheet
    choice = sheet.findChildren(QRadioButton)[0]
    choice.setFocus()

    for key in keys:
        press(key)

    assert connection.sent == []
    assert window._sheet is sheet
    assert choice.hasFocus()


def test_space_chooses_the_focused_choice_of_a_sheet_over_the_alarms(window, context):
    window.show_page("Alarms")
    context.open_sheet(ReleaseAllSheet(context))
    choice = window._sheet.findChildren(QRadioButton)[0]
    choice.setFocus()

    press(KEY.Key_Space)

    assert choice.isChecked()


def test_escape_leaves_a_sheet_whatever_has_the_focus(window, context):
    context.open_sheet(ReleaseAllSheet(context))
    window._sheet.findChildren(QRadioButton)[0].setFocus()

    press(KEY.Key_Escape)

    assert window._sheet is None


@pytest.mark.parametrize("key", [KEY.Key_Return, KEY.Key_Space])
def test_a_focused_button_does_its_own_act_and_not_that_of_the_page(window, connection, key):
    window.show_page("Alarms")
    page = window._pages.currentWidget()
    page._panel._seen.setFocus()

    press(key)

    assert [type(command) for command in connection.sent] == [AcknowledgeAlarm]


def test_enter_on_a_button_of_the_first_start_does_not_try_the_demo(qtbot, window):
    window.show_first_run()
    asked = []
    window.first_run.demo_wanted.connect(lambda: asked.append("demo"))
    buttons = window.first_run.findChildren(QPushButton)
    opening = next(b for b in buttons if b.text().startswith("Open a site folder"))
    opening.clicked.disconnect()
    opening.clicked.connect(lambda: asked.append("folder"))
    opening.setFocus()

    press(KEY.Key_Return)

    assert asked == ["folder"]
