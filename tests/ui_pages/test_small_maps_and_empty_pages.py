"""Other pages show where the thing in question is; what is empty says so and closes."""

from pathlib import Path

import pytest
from prompt_engine import tell
from PySide6.QtCore import QPointF, Qt
from shown_fleet import fleet_snapshot, shown_reviews

from fleetapp.api.site_drawing import layout_of
from fleetapp.layout import load_site
from ui.views.alarms import AlarmsPage
from ui.views.reviews import ReviewsPage
from ui.views.small_map import SmallMap

ROOT = Path(__file__).parents[2]
# The offscreen screen has no window manager, which Qt tells as a warning.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def small_site(context):
    context.layout = layout_of(load_site(ROOT / "maps" / "small"))
    return context


def shown(qtbot, page):
    qtbot.addWidget(page)
    page.resize(1500, 900)
    page.show()
    return page


def test_a_review_marks_its_robot_on_the_small_map(qtbot, small_site):
    page = shown(qtbot, ReviewsPage(small_site))

    assert page._where._map.selected == shown_reviews()[0].robot_id


def test_a_click_on_the_small_map_opens_the_map_at_the_marked_robot(qtbot, small_site):
    pages, robots = [], []
    small_site.hub.page_wanted.connect(pages.append)
    small_site.hub.robot_selected.connect(robots.append)
    small = shown(qtbot, SmallMap(small_site))
    small.show_robot("halden/r23")

    corner = QPointF(2, 2).toPoint()
    qtbot.mouseClick(small._map, Qt.MouseButton.LeftButton, pos=corner)

    assert pages == ["Map"]
    assert robots == ["halden/r23"]


def test_without_reviews_the_page_says_when_one_will_come_and_has_no_side(qtbot, small_site):
    tell(small_site, fleet_snapshot(reviews=()))
    page = shown(qtbot, ReviewsPage(small_site))

    assert page._empty.isVisible()
    assert not page._asks.isVisible()
    assert not page.side_panel.isVisible()


def test_without_alarms_the_side_is_closed_and_opens_with_the_first(qtbot, small_site):
    tell(small_site, fleet_snapshot(alarms=()))
    page = shown(qtbot, AlarmsPage(small_site))
    assert page._empty.isVisible()
    assert not page.side_panel.isVisible()

    tell(small_site, fleet_snapshot())

    qtbot.waitUntil(page.side_panel.isVisible)
    assert not page._empty.isVisible()


def test_a_sheet_covers_the_side_and_gives_it_back(qtbot, small_site):
    page = shown(qtbot, AlarmsPage(small_site))

    page.side_panel.cover(covered=True)
    covered = page.side_panel.isVisible()
    page.side_panel.cover(covered=False)

    assert not covered
    assert page.side_panel.isVisible()
