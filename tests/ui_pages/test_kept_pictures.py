"""Rows are painted once for each look; a frame without time shows them as they were."""

from dataclasses import replace

import pytest
from prompt_engine import tell
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from shown_fleet import NOW, fleet_view

from fleetapp.api.views import Delta
from ui.views.pictures import RowPictures
from ui.views.robot_delegate import RobotDelegate
from ui.views.robot_list import RobotList

# The offscreen screen has no window manager, which Qt tells as a warning.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def pictures(qtbot, monkeypatch):
    monkeypatch.setattr("ui.views.pictures.BUDGET_S", 60.0)
    made = RowPictures(kept=2)
    made.begin()
    return made


def out_of_time(pictures, monkeypatch):
    monkeypatch.setattr("ui.views.pictures.BUDGET_S", -1.0)
    pictures.begin()


def refuse():
    raise AssertionError("painted again")


def test_what_looks_the_same_is_not_painted_again(pictures):
    first = pictures.picture("r1", "waits", 300, QPixmap)

    assert pictures.picture("r2", "waits", 300, refuse) is first


def test_another_width_is_another_picture(pictures):
    first = pictures.picture("r1", "waits", 300, lambda: QPixmap(300, 34))

    assert pictures.picture("r1", "waits", 200, lambda: QPixmap(200, 34)) is not first


def test_without_time_a_row_stays_as_it_was_and_the_frame_says_so(pictures, monkeypatch):
    before = pictures.picture("r1", "waits", 300, QPixmap)
    out_of_time(pictures, monkeypatch)

    assert pictures.picture("r1", "drives", 300, refuse) is before
    assert pictures.behind


def test_without_time_a_new_row_is_empty_not_another_one(pictures, monkeypatch):
    pictures.picture("r1", "waits", 300, QPixmap)
    out_of_time(pictures, monkeypatch)

    assert pictures.picture("r2", "drives", 300, refuse) is None


def test_the_pictures_shown_longest_ago_are_given_up(pictures):
    for look in ("one", "two", "three"):
        pictures.picture("r1", look, 300, QPixmap)

    with pytest.raises(AssertionError, match="painted again"):
        pictures.picture("r1", "one", 300, refuse)


@pytest.fixture
def painted(count_painted):
    """Names of the robots whose rows were painted."""
    return count_painted(RobotDelegate, lambda look: look.name)


@pytest.fixture
def robots(qtbot, context):
    made = RobotList(context)
    qtbot.addWidget(made)
    made.setFixedSize(300, 900)
    made.show()
    tell(context, Delta(2, NOW, fleet=fleet_view(at_ms=NOW)))
    qtbot.waitUntil(lambda: made._model.rowCount() > 0)
    made.grab()
    return made


def test_the_list_paints_only_the_robot_that_looks_different(qtbot, painted, robots, context):
    painted.clear()
    robot = context.store.model.robots["halden/r05"]

    tell(context, Delta(3, NOW, robots=(replace(robot, battery_fraction=0.11),)))
    qtbot.waitUntil(lambda: bool(painted))
    robots.grab()

    assert painted == ["r05"]


def test_the_list_catches_up_after_a_frame_without_time(
    qtbot, painted, robots, context, monkeypatch
):
    painted.clear()
    monkeypatch.setattr("ui.views.pictures.BUDGET_S", -1.0)
    robot = context.store.model.robots["halden/r05"]
    tell(context, Delta(3, NOW, robots=(replace(robot, battery_fraction=0.11),)))
    robots._take()
    robots.grab()
    assert painted == []

    monkeypatch.setattr("ui.views.pictures.BUDGET_S", 60.0)

    qtbot.waitUntil(lambda: painted == ["r05"], timeout=2000)


def test_a_robot_chosen_before_the_list_knows_it_is_marked_when_it_does(qtbot, context):
    made = RobotList(context)
    qtbot.addWidget(made)
    context.hub.robot_selected.emit("halden/r17")
    made.show()

    qtbot.waitUntil(lambda: _current(made) == "r17")


def _current(robots):
    robot = robots._view.currentIndex().data(Qt.ItemDataRole.UserRole)
    return robot.name if robot is not None else ""
