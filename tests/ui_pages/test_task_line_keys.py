"""The task line as it is used: keys pressed in the window, and what the engine was told."""

from pathlib import Path

import pytest
from prompt_engine import tell
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from shown_fleet import NOW, fleet_snapshot

from fleetapp.api.commands import CancelTask, HoldRobot, StopAll, SubmitTask
from fleetapp.api.site_drawing import layout_of
from fleetapp.layout import load_site
from fleetapp.terms.modes import Priority
from ui.views.completion import EDGE_PX, NAME_X, WIDE_PX
from ui.views.first_run import FirstRun
from ui.views.sheets import CancelSheet, ReleaseSheet
from ui.window.main_window import MainWindow

ROOT = Path(__file__).parents[2]
KEY = Qt.Key


@pytest.fixture(scope="module")
def site():
    return layout_of(load_site(ROOT / "maps" / "demo"))


@pytest.fixture
def window(qtbot, context, site):
    made = MainWindow(context, FirstRun(context, ""), "dark")
    qtbot.addWidget(made)
    made.resize(1600, 1000)
    made.set_layout(site)
    made.show()
    made.show_page("Map")
    tell(context, fleet_snapshot())
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.leave()


@pytest.fixture
def line(window):
    QTest.keyClick(window, KEY.Key_N)
    assert window.map_page.task_line.field.hasFocus()
    return window.map_page.task_line


def names_in(line):
    return [row.name for row in line.panel.rows]


def test_a_typed_task_is_sent_by_enter(line, connection):
    QTest.keyClicks(line.field, "pick 2 4006381-33 from A09-24 to P3 priority high")
    QTest.keyClick(line.field, KEY.Key_Return)

    command = connection.sent[0]
    assert isinstance(command, SubmitTask)
    assert (command.from_station, command.to_station, command.count) == ("A09-24", "P3", 2)
    assert command.priority is Priority.HIGH
    assert line.field.text() == ""


def test_a_deadline_is_typed_after_by(line, connection, context):
    QTest.keyClicks(line.field, "pick S1 from A09-24 to P3 by ")
    QTest.keyClick(line.field, KEY.Key_Tab)
    QTest.keyClick(line.field, KEY.Key_Return)

    assert 10 * 60_000 <= connection.sent[0].due_ms - NOW <= 15 * 60_000


def test_an_incomplete_line_is_not_sent_and_the_right_end_says_what_is_missing(line, connection):
    QTest.keyClicks(line.field, "pick S1 from Z9 to P3")
    QTest.keyClick(line.field, KEY.Key_Return)

    assert connection.sent == []
    assert line._end.text().startswith("No station Z9")


def test_rows_come_from_the_second_letter_with_their_names_under_the_letters(line, window):
    QTest.keyClicks(line.field, "p")
    assert line.panel.isHidden()

    QTest.keyClicks(line.field, "ick 1 4006381-33 from A09-24 to P")

    letter = line.field.mapTo(window, QPoint(round(line.field.x_of(33)), 0)).x()
    assert line.field.text()[33:] == "P"
    assert line.panel.x() + EDGE_PX + NAME_X == letter
    assert line.panel.width() - 2 * EDGE_PX == WIDE_PX
    assert line.panel.rows[0].why.startswith("nearest free station")
    assert len(line.panel.rows) <= 8


def test_tab_takes_the_row_and_arrows_choose_another(line):
    QTest.keyClicks(line.field, "pick S1 from A09-24 to P")
    second = names_in(line)[1]

    QTest.keyClick(line.field, KEY.Key_Down)
    QTest.keyClick(line.field, KEY.Key_Tab)

    assert line.field.text() == f"pick S1 from A09-24 to {second} "
    assert line.field.hasFocus()


def test_enter_takes_the_first_station_and_adds_the_task(line, connection):
    QTest.keyClicks(line.field, "pick S1 from A09-24 to P")
    first = names_in(line)[0]

    QTest.keyClick(line.field, KEY.Key_Return)

    assert connection.sent[0].to_station == first


def test_enter_never_guesses_which_robot_to_hold(line, connection):
    QTest.keyClicks(line.field, "hold r0")
    QTest.keyClick(line.field, KEY.Key_Return)

    assert connection.sent == []
    assert line.field.text() == "hold r09 "
    QTest.keyClick(line.field, KEY.Key_Return)
    assert isinstance(connection.sent[0], HoldRobot)
    assert connection.sent[0].robot_id == "halden/r09"


def test_stop_all_is_sent_on_the_way_of_the_stop(line, context, monkeypatch):
    stops = []
    monkeypatch.setattr(context.commands, "stop_all", lambda: stops.append(StopAll("s")))

    QTest.keyClicks(line.field, "stop all")
    QTest.keyClick(line.field, KEY.Key_Return)

    assert len(stops) == 1


def test_releasing_opens_the_sheet_that_a_supervisor_signs(line, window, connection):
    QTest.keyClicks(line.field, "release r31")
    QTest.keyClick(line.field, KEY.Key_Return)

    assert isinstance(window._sheet, ReleaseSheet)
    assert connection.sent == []


def test_cancelling_shows_what_follows_before_it_is_sent(line, window, connection):
    QTest.keyClicks(line.field, "cancel T-20917")
    QTest.keyClick(line.field, KEY.Key_Return)

    assert isinstance(window._sheet, CancelSheet)
    assert connection.sent == []
    window._sheet.do_it()
    assert isinstance(connection.sent[0], CancelTask)


def test_why_shows_the_robot_or_the_task(line, window):
    QTest.keyClicks(line.field, "why is r17 waiting")
    QTest.keyClick(line.field, KEY.Key_Return)
    assert window.chosen_robot == "halden/r17"

    QTest.keyClicks(line.field, "why T-20941")
    QTest.keyClick(line.field, KEY.Key_Return)
    assert window._pages.currentWidget() is window.tasks
    assert window.tasks._chosen == "T-20941"


def test_find_seeks_other_words_among_the_tasks(line, window):
    QTest.keyClicks(line.field, "find p3 4006381")
    QTest.keyClick(line.field, KEY.Key_Return)

    assert window._pages.currentWidget() is window.tasks
    assert window.tasks.filter.words.text() == "p3 4006381"


def test_the_up_arrow_brings_earlier_lines_back_on_every_page(line, window):
    for text in ("why r17", "why r01"):
        QTest.keyClicks(line.field, text)
        QTest.keyClick(line.field, KEY.Key_Return)

    QTest.keyClick(line.field, KEY.Key_Up)
    assert line.field.text() == "why r01"
    QTest.keyClick(line.field, KEY.Key_Up)
    assert line.field.text() == "why r17"
    QTest.keyClick(line.field, KEY.Key_Down)
    QTest.keyClick(line.field, KEY.Key_Down)
    assert line.field.text() == ""


def test_escape_closes_the_rows_then_the_line_then_the_field(line, window, context):
    context.hub.robot_selected.emit("halden/r17")
    QTest.keyClicks(line.field, "hold r")

    QTest.keyClick(line.field, KEY.Key_Escape)
    assert line.panel.isHidden()
    assert line.field.text() == "hold r"
    QTest.keyClick(line.field, KEY.Key_Escape)
    assert line.field.text() == ""
    QTest.keyClick(line.field, KEY.Key_Escape)
    assert not line.field.hasFocus()
    assert window.chosen_robot == "halden/r17"


def test_a_refused_line_comes_back_with_the_reason(line, connection):
    connection.refuse = "Aisle A09 is closed: choose another."

    QTest.keyClicks(line.field, "pick S1 from A09-24 to P3")
    QTest.keyClick(line.field, KEY.Key_Return)

    assert line.field.text() == "pick S1 from A09-24 to P3"
    assert line._end.text() == "Aisle A09 is closed: choose another."


def test_the_palette_lists_commands_with_keys_and_greys_those_not_allowed(window):
    QTest.keyClick(window, KEY.Key_K, Qt.KeyboardModifier.ControlModifier)

    rows = {row.name: row for row in window.map_page.task_line.panel.rows}
    assert rows["Stop all robots"].key == "F12"
    assert rows["Tasks page"].key == "Alt+2"
    assert rows["Hold the chosen robot"].refused == "choose a robot first"
    assert rows["Release all robots …"].refused == "the fleet is not stopped"


def test_the_palette_does_what_is_typed_and_refuses_what_is_greyed(window, connection, context):
    line = window.map_page.task_line
    line.open_palette()
    QTest.keyClicks(line.field, "hold the ch")
    QTest.keyClick(line.field, KEY.Key_Return)
    assert connection.sent == []
    assert line._end.text() == "choose a robot first"

    context.hub.robot_selected.emit("halden/r17")
    line.open_palette()
    QTest.keyClicks(line.field, "hold the ch")
    QTest.keyClick(line.field, KEY.Key_Return)
    assert connection.sent[0].robot_id == "halden/r17"


def test_a_task_is_ordered_with_the_mouse_in_four_presses(window, connection):
    line = window.map_page.task_line
    presses = 1
    QTest.mouseClick(line.field, Qt.MouseButton.LeftButton)
    for _ in range(2):  # the item with its place, then the station
        QTest.mouseClick(line.panel, Qt.MouseButton.LeftButton, pos=QPoint(80, EDGE_PX + 10))
        presses += 1
    assert connection.sent == []
    QTest.mouseClick(line._end, Qt.MouseButton.LeftButton)
    presses += 1

    assert presses <= 4
    assert isinstance(connection.sent[0], SubmitTask)


def test_n_on_the_tasks_page_uses_the_line_of_that_page(window):
    window.show_page("Tasks")

    QTest.keyClick(window, KEY.Key_N)

    assert window.tasks.task_line.field.hasFocus()


def test_after_a_task_the_next_one_may_be_typed_and_after_a_question_letters_are_keys(
    line, window, connection
):
    QTest.keyClicks(line.field, "pick S1 from A09-24 to P3")
    QTest.keyClick(line.field, KEY.Key_Return)
    assert line.field.hasFocus()

    QTest.keyClicks(line.field, "why r17")
    QTest.keyClick(line.field, KEY.Key_Return)
    QTest.keyClick(window, KEY.Key_H)
    assert connection.sent[-1].robot_id == "halden/r17"
