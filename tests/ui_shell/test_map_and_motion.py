"""The live map's parts: where things are, gliding, what a tile needs."""

import math

import pytest
from PySide6.QtCore import QPointF, QRectF

from fleetapp.api.views import PoseView
from ui.map.motion import GLIDE_S, Motion
from ui.map.viewport import LEAST_ZOOM, MOST_ZOOM, Viewport

VIEW = Viewport(20.0, 10.0, 12.0, 800, 600)


def test_a_place_on_the_screen_and_back_is_the_same_place():
    spot = VIEW.to_screen(23.5, 7.25)

    assert VIEW.to_site(spot.x(), spot.y()) == pytest.approx((23.5, 7.25))


def test_north_is_up():
    assert VIEW.to_screen(0, 5).y() < VIEW.to_screen(0, 4).y()


def test_zooming_keeps_the_place_under_the_pointer():
    at = QPointF(123, 456)
    before = VIEW.to_site(at.x(), at.y())

    after = VIEW.zoomed(1.7, at)

    assert after.to_site(at.x(), at.y()) == pytest.approx(before)


def test_zoom_has_limits():
    assert VIEW.zoomed(1e9, QPointF(0, 0)).zoom == MOST_ZOOM
    assert VIEW.zoomed(1e-9, QPointF(0, 0)).zoom == LEAST_ZOOM


def test_fitting_shows_all_of_the_site_in_the_free_part():
    free = QRectF(16, 60, 768, 480)
    bounds = (0.0, 0.0, 60.0, 40.0)

    view = VIEW.fitted(bounds, free)

    for x, y in ((0, 0), (60, 0), (0, 40), (60, 40)):
        assert free.adjusted(-1, -1, 1, 1).contains(view.to_screen(x, y))


def pose(x, y, heading=0.0):
    return PoseView("sim/r01", x, y, heading, 0)


def test_a_robot_glides_to_its_newest_place_and_never_beyond(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("ui.map.motion.time.monotonic", lambda: now[0])
    motion = Motion()
    motion.take(pose(0, 0))
    now[0] += 1
    motion.take(pose(1, 0))

    assert motion.where("sim/r01", now[0] + GLIDE_S / 2)[0] == pytest.approx(0.5)
    assert motion.where("sim/r01", now[0] + 10 * GLIDE_S)[0] == 1


def test_a_robot_turns_the_short_way(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("ui.map.motion.time.monotonic", lambda: now[0])
    motion = Motion()
    motion.take(pose(0, 0, math.radians(170)))
    now[0] += 1
    motion.take(pose(0, 0, math.radians(-170)))

    halfway = motion.where("sim/r01", now[0] + GLIDE_S / 2)[2]

    assert abs(math.remainder(halfway - math.pi, 2 * math.pi)) < 0.01


def test_a_robot_that_was_carried_away_is_not_shown_gliding_through_shelves(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("ui.map.motion.time.monotonic", lambda: now[0])
    motion = Motion()
    motion.take(pose(0, 0))
    now[0] += 1
    motion.take(pose(30, 0))

    assert motion.where("sim/r01", now[0])[0] == 30
