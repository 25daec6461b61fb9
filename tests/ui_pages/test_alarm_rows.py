"""Alarms are painted rows with buttons; only what changed is painted anew."""

from dataclasses import replace

import pytest
from prompt_engine import tell
from PySide6.QtCore import QPoint, Qt
from shown_fleet import NOW

from fleetapp.api.commands import AcknowledgeAlarm
from fleetapp.api.views import Delta
from ui.models.alarm_list import AlarmLine
from ui.views.alarm_rows import AlarmDelegate
from ui.views.alarms import AlarmsPage

# The offscreen screen has no window manager, which Qt tells as a warning.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def painted(count_painted):
    """Alarms whose rows were painted."""
    return count_painted(AlarmDelegate, lambda shown: shown.alarm.alarm_id)


@pytest.fixture
def page(qtbot, painted, context):
    made = AlarmsPage(context)
    qtbot.addWidget(made)
    made.resize(1300, 800)
    made.show()
    made.grab()
    painted.clear()
    return made


def button_of(page, alarm_id, act):
    """The middle of a row's button in the list."""
    view = page._rows
    index = page._model.index(page._model.row_of(alarm_id))
    shown, rect = index.data(Qt.ItemDataRole.UserRole), view.visualRect(index)
    boxes = {a.act: a.box for a in view._rows.acts(shown, rect.size())}
    return boxes[act].center() + rect.topLeft()


def click(qtbot, page, at):
    qtbot.mouseClick(page._rows.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_a_click_on_acknowledge_acknowledges_that_alarm(qtbot, page, connection):
    click(qtbot, page, button_of(page, "a2", "acknowledge"))

    qtbot.waitUntil(lambda: bool(connection.sent))
    assert isinstance(connection.sent[0], AcknowledgeAlarm)
    assert connection.sent[0].alarm_id == "a2"


def test_a_click_on_the_first_button_does_what_it_says(qtbot, page, context):
    pages = []
    context.hub.page_wanted.connect(pages.append)

    click(qtbot, page, button_of(page, "a2", "cure"))

    assert pages == ["Reviews"]


def test_a_click_beside_the_buttons_chooses_the_row_and_shows_what_to_do(qtbot, page, connection):
    index = page._model.index(page._model.row_of("a2"))

    click(qtbot, page, page._rows.visualRect(index).topLeft() + QPoint(200, 20))

    assert page._model.chosen == "a2"
    assert page._panel._title.text() == index.data(Qt.ItemDataRole.UserRole).alarm.title
    assert not connection.sent


def test_only_the_alarm_that_changed_is_painted(qtbot, page, painted, context):
    alarm = context.store.model.alarms["a2"]

    tell(context, Delta(9, NOW, alarms=(replace(alarm, count=7),)))

    qtbot.waitUntil(lambda: bool(painted))
    page.grab()
    assert set(painted) == {"a2"}


def test_as_time_goes_on_no_row_is_painted_but_its_age(page, painted, context):
    before = page._rows.grab().toImage()
    fleet = replace(context.store.model.fleet, at_ms=NOW + 61_000)

    tell(context, Delta(9, NOW + 61_000, fleet=fleet))
    after = page._rows.grab().toImage()

    assert painted == []
    assert after != before


def test_the_parts_of_the_side_are_made_once(page):
    steps = list(page._panel._steps)

    page.choose("a2")
    page.choose("a1")

    assert page._panel._steps[: len(steps)] == steps
    assert page._panel._title.text() == page._context.store.model.alarms["a1"].title


def test_a_long_cause_makes_its_row_higher(page, context):
    alarm = context.store.model.alarms["a1"]
    rows = page._rows._rows
    long = replace(alarm, cause="It stands in the aisle and does not answer. " * 12)

    high = rows.height_of(AlarmLine(long, "Show r09"), 700)

    assert high > rows.height_of(AlarmLine(alarm, "Show r09"), 700)
