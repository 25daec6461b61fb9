"""The switches over the map: routes, zones, follow; how near it is looked at."""

from pathlib import Path

import pytest
from prompt_engine import tell
from PySide6.QtWidgets import QLabel, QPushButton
from shown_fleet import NOW, robot

from fleetapp.api.site_drawing import layout_of
from fleetapp.api.views import Delta
from fleetapp.layout import load_site
from fleetapp.terms.modes import RobotState
from ui.window.map_bars import LEGEND, NARROW_PX
from ui.window.map_page import MapPage

ROOT = Path(__file__).parents[2]


@pytest.fixture
def page(qtbot, context):
    made = MapPage(context)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.map.set_layout(layout_of(load_site(ROOT / "maps" / "small")))
    made.show()
    return made


def switch(page, name):
    return next(b for b in page.findChildren(QPushButton) if b.accessibleName() == name)


def shown_zoom(page):
    return next(label.text() for label in page.findChildren(QLabel) if label.text().endswith(" %"))


def test_a_switch_takes_the_routes_off_the_map_and_back(page, context):
    context.store.model.robots.update()
    assert page.map.show_routes

    switch(page, "Routes on the map").click()

    assert not page.map.show_routes


def test_zones_can_be_taken_off_the_floor(page):
    page.map.zoom_by(3.0)
    before = page.map.grab().toImage()

    switch(page, "Zones on the map").click()
    for _ in range(60):
        after = page.map.grab().toImage()

    assert after != before


def test_nobody_can_be_followed_until_a_robot_is_selected(page, context):
    follow = switch(page, "Follow on the map")
    assert not follow.isEnabled()
    robot_id = next(iter(context.store.model.robots))

    context.hub.robot_selected.emit(robot_id)
    page.map.select(robot_id)
    follow.click()
    assert page.map._followed == robot_id
    page.map.pan_by(40, 0)

    assert not follow.isChecked()
    assert page.map._followed == ""


def test_the_zoom_is_told_in_parts_of_the_whole_site(page):
    page.map.fit()
    assert shown_zoom(page) == "100 %"

    page.map.zoom_by(2.0)

    assert shown_zoom(page) == "200 %"


@pytest.mark.parametrize("width", [560, 880, 1081, 1400])
@pytest.mark.parametrize("zoom", [1.0, 2.2, 7.0])
def test_the_legend_keeps_clear_of_the_zoom_whatever_occurs(page, context, width, zoom):
    context.store.model.robots.clear()
    robots = tuple(robot(f"r{n:02d}", state) for n, state in enumerate(LEGEND))
    tell(context, Delta(2, NOW, robots=robots))

    page.resize(width, 700)
    page.map.zoom_by(zoom)
    page._legend.grab()

    legend, zoom_bar = page._legend.geometry(), page._zoom.geometry()
    assert not legend.intersects(zoom_bar)
    assert page.rect().contains(legend)


def test_a_longer_count_of_those_in_need_moves_what_stands_beside_it(page, context):
    page.resize(880, 700)
    page.show_list_button(True)
    page.show_banner("Connection lost: what is shown is old.", "p2")

    needy = tuple(robot(f"r{n:03d}", RobotState.STOPPED) for n in range(100, 1200))
    tell(context, Delta(2, NOW, robots=needy))

    opener = page.list_button
    assert opener.width() >= opener.sizeHint().width()
    assert opener.geometry().right() < page.task_line.x()
    assert opener.geometry().right() < page._banner.x()
    assert page._banner.geometry().right() < page._layers.x()
    assert opener.accessibleName() == "Show the list of robots, 1103 need you"


def test_on_a_narrow_map_the_switches_are_icons_that_keep_their_names(page):
    page.resize(NARROW_PX - 100, 700)

    assert switch(page, "Routes on the map").text() == ""
    assert not switch(page, "Routes on the map").icon().isNull()
