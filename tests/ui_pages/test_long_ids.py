"""Ids from outside are up to 200 characters long: wrapped, or both of their ends shown."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from shown_fleet import fleet_snapshot

from ui.models.table import TableModel
from ui.theme.style import style_sheet
from ui.views.cells import Form, RowPainter
from ui.views.inspector import RobotInspector
from ui.views.panel import label
from ui.views.sheets import CancelSheet
from ui.views.task_columns import TaskColumns
from ui.views.task_panel import TaskPanel

LONG = "ORDER-2026-11-27-HALDEN-" + "0123456789" * 17 + "-00000"
ROW_PX = 34


@pytest.fixture
def task(context):
    one = next(task for task in fleet_snapshot().tasks if task.task_id == "T-20917")
    return replace(one, task_id=f"{LONG}1", after_task_id=f"{LONG}0")


def panel_of(context, task):
    made = TaskPanel(context)
    made.show_task(task)
    return made


def inspector_of(context, task):
    model = context.store.model
    robot = model.robots["halden/r17"]
    model.robots[robot.robot_id] = replace(robot, task_id=task.task_id, name=LONG)
    model.tasks[task.task_id] = task
    made = RobotInspector(context)
    made.show_robot(robot.robot_id)
    return made


@pytest.mark.parametrize(
    "shown", [panel_of, inspector_of, lambda c, t: CancelSheet(c, t, lambda _task_id: None)]
)
def test_a_long_id_is_wrapped_and_nothing_of_it_is_cut(qtbot, context, task, shown):
    window, part = QWidget(), shown(context, task)
    qtbot.addWidget(window)
    window.setStyleSheet(style_sheet(context.theme))
    window.resize(336, 800)
    part.setParent(window)
    part.setGeometry(0, 0, 336, 800)
    window.show()
    QApplication.processEvents()

    labels = [one for one in part.findChildren(QLabel) if one.isVisible() and one.text()]
    assert any(LONG in one.text() for one in labels)
    cut = [one.text() for one in labels if one.minimumSizeHint().width() > one.width()]
    low = [one.text() for one in labels if one.height() < one.heightForWidth(one.width())]
    assert cut == []
    assert low == []
    for one in labels:
        assert one.mapTo(part, one.rect().topRight()).x() < 336


def test_a_long_id_is_copied_as_it_is(qtbot):
    made = label(LONG, wrap=True)
    qtbot.addWidget(made)
    made.show()

    made.setSelection(0, 2 * len(LONG) - 1)
    QTest.keyClick(made, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QApplication.clipboard().text() == LONG
    assert made.text() == LONG


def test_two_orders_that_differ_at_their_ends_look_different_in_the_table(qtbot, context, task):
    columns = TaskColumns(context).all()
    model = TableModel(columns, lambda t: t.task_id, context.theme.colour)
    model.set_rows([task, replace(task, task_id=f"{LONG}2")])
    painter = RowPainter(context, model)
    spans, left = [], 0
    for column in columns:
        spans.append((left, column.width_px))
        left += column.width_px
    form = Form(tuple(spans), ROW_PX, 1.0)

    one, other = (painter._painted(model.row(n), form, chosen=False).toImage() for n in (0, 1))

    assert one != other


def test_the_button_that_cancels_names_the_task_only_where_its_name_fits(qtbot, context, task):
    sheet = CancelSheet(context, task, lambda _task_id: None)
    qtbot.addWidget(sheet)

    assert sheet.act.text() == "Cancel this task"
    assert sheet.act.sizeHint().width() < 336
