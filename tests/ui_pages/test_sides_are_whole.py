"""The side of a task and of a robot: as wide as the window shows it, with nothing cut."""

import pytest
from PySide6.QtWidgets import QApplication
from shown_fleet import NOW, robot, task
from whole import squeezed

from fleetapp.api.views import Candidate, HoldView
from fleetapp.terms.modes import RobotState, TaskState
from fleetapp.terms.reasons import HoldReason
from ui.theme.style import style_sheet
from ui.views.inspector import RobotInspector
from ui.views.side import SIDE_PX
from ui.views.task_panel import TaskPanel

LONG = "WMS-2026-11-22-000417-A"
ALONE = task(
    20941, TaskState.QUEUED, robot_id=None, step=0, candidates=(), after_task_id="T-20804",
    may_go_alone=True,
    sentence="Comes after T-20804, which was cancelled. Send this one on without it, or cancel it.",
)  # fmt: skip
TASKS = {
    "behind a cancelled one": ALONE,
    "behind one with a long id": task(
        20941, TaskState.QUEUED, task_id=LONG, robot_id=None, after_task_id=LONG, may_go_alone=True
    ),
    "failed": task(20806, TaskState.FAILED, robot_id=None, ended_ms=NOW),
    "carried": task(
        20917,
        TaskState.CARRYING,
        candidates=(
            Candidate("halden/r17", 41_000, None),
            Candidate("halden/HR-C12-0731-B", 1_800_000, None),
            Candidate("halden/r06", None, "out_of_reach"),
        ),
    ),
}


def on_the_screen(qtbot, context, part):
    qtbot.addWidget(part)
    part.setStyleSheet(style_sheet(context.theme))
    part.resize(SIDE_PX, 900)
    part.show()
    QApplication.processEvents()
    return part


# The screen without a display knows no size hints.
@pytest.mark.qt_log_ignore("propagateSizeHints")
@pytest.mark.parametrize("name", TASKS)
def test_the_side_of_a_task_is_not_cut(qtbot, context, name):
    panel = TaskPanel(context)
    panel.show_task(TASKS[name])

    on_the_screen(qtbot, context, panel)

    assert panel.widget().width() == panel.viewport().width()
    assert squeezed(panel.widget()) == []


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_side_of_a_robot_is_not_cut(qtbot, context):
    held = HoldView(HoldReason.BY_PERSON, NOW, "mara", "wheel noise", True)
    shown = robot(
        "r31", RobotState.EMERGENCY_STOP, name="HR-C12-0731-B", holds=(held,), state_since_ms=1_000
    )
    context.store.model.robots[shown.robot_id] = shown
    side = RobotInspector(context)
    side.show_robot(shown.robot_id)

    on_the_screen(qtbot, context, side)

    assert side.widget().width() == side.viewport().width()
    assert squeezed(side.widget()) == []
