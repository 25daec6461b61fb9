"""A row of the robots' list is as high as its sentence, beside a scroll bar too."""

from dataclasses import replace

import pytest
from prompt_engine import tell
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStyleOptionViewItem
from shown_fleet import fleet_snapshot

from fleetapp.api.views import Why
from ui.views.robot_list import RobotList
from ui.views.wrapping import wrapped

# The offscreen screen has no window manager, which Qt tells as a warning.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def sentences_of_every_length(base):
    for number, robot in enumerate(base.robots):
        words = " ".join(["i"] * (18 + number))
        why = Why(f"Waits for {words}.", "traffic", base.at_ms, "when it passed", "", None, None)
        yield replace(robot, why=why)


def test_no_sentence_is_cut_by_the_height_of_its_row(qtbot, context):
    robots = RobotList(context)
    qtbot.addWidget(robots)
    robots.setFixedSize(290, 400)
    robots.show()
    base = fleet_snapshot()
    tell(context, replace(base, robots=tuple(sentences_of_every_length(base))))
    view = robots._view
    qtbot.waitUntil(view.verticalScrollBar().isVisible)

    option = QStyleOptionViewItem()
    view.initViewItemOption(option)
    for number in range(robots._model.rowCount()):
        index = robots._model.index(number)
        robot = index.data(Qt.ItemDataRole.UserRole)
        needed = len(wrapped(robot.why.sentence, view.visualRect(index).width() - 66, 3))
        assert view.visualRect(index).height() >= 30 + 16 * needed
