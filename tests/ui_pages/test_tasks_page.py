"""The page of tasks: filters, keys, and an import that orders nothing before it is confirmed."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from shown_fleet import NOW, task

from fleetapp.api.commands import CancelTask, Outcome, RequeueTask, SubmitTask
from fleetapp.terms.modes import TaskState
from ui.models.line_words import Names
from ui.models.task_import import check_rows, submit_checked
from ui.views.import_sheet import ImportSheet, RefusedSheet
from ui.views.sheets import CancelSheet
from ui.views.task_columns import widths_in
from ui.views.tasks import TasksPage

# The screen without a display knows no size hints.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
NAMES = Names(frozenset({"A01-11", "A02-12"}), frozenset({"P3", "P8"}), {}, now_ms=NOW)
HEAD = "from,to,sku,count,priority,due,task_id"


def checked(*rows, head=HEAD):
    return check_rows("picks.csv", [f"{row}\n" for row in (head, *rows)], NAMES, lambda: "id")


@pytest.fixture
def sheets(context):
    opened = []
    context.open_sheet = opened.append
    context.close_sheet = opened.clear
    return opened


@pytest.fixture
def tasks(qtbot, context, sheets):
    made = TasksPage(context)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def shown_ids(page):
    rows = (page._model.row(n) for n in range(page._model.rowCount()))
    return [row.task_id for row in rows if hasattr(row, "task_id")]


@pytest.mark.parametrize(
    ("row", "remedy"),
    [
        ("A01-11,P9,S1,1,,,", "no station P9 to bring to. Nearest: P"),
        ("A01-19,P3,S1,1,,,", "no station A01-19 to pick at. Nearest: A01-11"),
        ("A01-11,,S1,1,,,", "column to is empty"),
        ("A01-11,P3,,1,,,", "sku or label_code"),
        ("A01-11,P3,S1,none,,,", "'none' is no whole number"),
        ("A01-11,P3,S1,1,soon,,", "write low, normal or high"),
        ("A01-11,P3,S1,1,,2020-01-01T10:00,", "has passed"),
        ("A01-11,P3,S1,1,,noon,", "write it as 14:30"),
        ("A01-11,P3,S1,1,,,,extra", "more fields than columns"),
    ],
)
def test_each_bad_row_is_named_with_its_line_and_remedy(row, remedy):
    found = checked("A02-12,P3,S1,1,high,,", row)

    assert len(found.good) == 1
    assert found.bad[0].line == 3
    assert remedy in found.bad[0].remedy


def test_a_file_with_semicolons_deadlines_and_priorities_is_read():
    found = checked(
        "a01-11;p3;S1;2;high;2031-01-01T10:00Z;W-1",
        "A01-11;P3;S1;2;;;W-1",
        head=HEAD.replace(",", ";"),
    )

    task = found.good[0][1]
    assert (task.from_station, task.to_station, task.count) == ("A01-11", "P3", 2)
    assert task.due_ms == 1_925_028_000_000
    assert "twice" in found.bad[0].remedy


def test_a_file_without_the_columns_is_refused_as_a_whole():
    found = checked("A01-11,P3", head="start,end")

    assert found.good == ()
    assert "from and to are needed" in found.bad[0].remedy


def test_rows_that_the_engine_refuses_are_reported_with_their_lines():
    def submit(command):
        return Outcome(command.command_id, command.sku != "S2", "", "S2 is not stored here")

    report = submit_checked(checked("A01-11,P3,S1,1,,,", "A01-11,P3,S2,1,,,"), submit)

    assert report.taken == 1
    assert [(bad.line, bad.remedy) for bad in report.bad] == [(3, "S2 is not stored here")]


def test_an_import_orders_only_the_good_rows_and_only_when_confirmed(
    tasks, sheets, connection, tmp_path
):
    path = tmp_path / "picks.csv"
    path.write_text(f"{HEAD}\nA01-11,P3,S1,1,high,,\nA01-11,P3,S1,0,,,\n", "utf-8")

    tasks.open_import()
    sheet = sheets[0]
    sheet.path.setText(str(path))
    QTest.keyClick(sheet.path, Qt.Key.Key_Return)

    assert connection.sent == []
    assert sheet.counts.text() == "1 of 2 rows can be taken, 1 not"
    sheet.act.click()
    assert [type(command) for command in connection.sent] == [SubmitTask]
    assert tasks._import_words.text() == "1 of 2 rows taken, 1 refused"
    tasks._refused.click()
    assert isinstance(sheets[0], RefusedSheet)


def test_a_file_that_cannot_be_read_is_said_and_nothing_is_sent(
    tasks, sheets, connection, tmp_path
):
    tasks.open_import()

    sheets[0].check(tmp_path / "none.csv")

    assert "cannot be read" in sheets[0].said.text()
    assert not sheets[0].act.isEnabled()
    assert connection.sent == []


def test_the_file_dialog_does_not_hold_up_the_window(qtbot, context):
    sheet = ImportSheet(context, lambda _checked: None)
    qtbot.addWidget(sheet)
    sheet.show()

    sheet.choose_file()

    dialog = sheet.findChild(QFileDialog)
    assert not dialog.isModal()
    dialog.close()


def test_del_shows_what_cancelling_does_and_enter_does_it(tasks, sheets, connection):
    tasks.show_task("T-20917")
    tasks._table.setFocus()

    QTest.keyClick(tasks._table, Qt.Key.Key_Delete)

    assert isinstance(sheets[0], CancelSheet)
    assert connection.sent == []
    sheets[0].do_it()
    assert isinstance(connection.sent[0], CancelTask)
    assert connection.sent[0].task_id == "T-20917"


def test_a_task_behind_a_failed_one_is_sent_on_without_it_by_a_button_that_says_so(
    tasks, connection
):
    alone = task(20941, TaskState.QUEUED, robot_id=None, after_task_id="T-20804", may_go_alone=True)
    others = task(20942, TaskState.QUEUED, robot_id=None, after_task_id="T-20801")

    tasks._panel.show_task(others)
    hidden = tasks._panel.requeue.isHidden()
    tasks._panel.show_task(alone)
    tasks._chosen = alone.task_id
    tasks._panel.requeue.click()

    assert hidden
    assert tasks._panel.requeue.text() == "Send on without T-20804"
    assert isinstance(connection.sent[0], RequeueTask)
    assert connection.sent[0].task_id == "T-20941"


def test_the_slash_seeks_among_the_tasks(tasks):
    tasks._table.setFocus()

    QTest.keyClick(tasks._table, Qt.Key.Key_Slash)
    QTest.keyClicks(tasks.filter.words, "r17")

    assert tasks.filter.words.hasFocus()
    assert shown_ids(tasks) == ["T-20917"]


def test_filters_narrow_the_table_and_clear_shows_all_again(tasks):
    whole = shown_ids(tasks)
    wanted = tasks._context.store.model.tasks["T-20917"]

    tasks.filter.choose("from", wanted.from_station)
    tasks.filter.choose("robot", "r17")
    assert shown_ids(tasks) == ["T-20917"]

    tasks.filter.clear()
    assert shown_ids(tasks) == whole


def test_a_priority_chip_shows_only_that_priority(tasks):
    chip = tasks.filter._chips["high"]

    chip.click()

    assert shown_ids(tasks) == ["T-20904"]
    assert chip.text() == "High 1"


def test_an_ended_task_that_is_asked_for_is_shown_in_its_view(tasks):
    tasks.show_task("T-20802")

    assert "T-20802" in shown_ids(tasks)
    assert tasks._chosen == "T-20802"


def test_nothing_in_the_desktop_opens_a_window_that_blocks_the_others():
    folder = Path(__file__).parents[2] / "ui"
    blocking = ("QMessageBox", "getOpenFileName", "getSaveFileName", "getExistingDirectory")

    found = [
        path.name
        for path in folder.rglob("*.py")
        if any(word in path.read_text("utf-8") for word in blocking)
    ]

    assert found == []


def test_where_room_is_short_columns_go_and_the_time_left_stays(tasks):
    columns = tasks._columns.all()

    wide, narrow = widths_in(columns, 900), widths_in(columns, 590)

    shown = [column.head for column, width in zip(columns, narrow, strict=True) if width]
    assert wide == tuple(column.width_px for column in columns)
    assert sum(narrow) <= 590
    assert shown == ["", "State", "Task", "What", "From", "To", "Robot", "Time left"]
