"""The floor that a robot covers: standing, turning, driving."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from fleetapp.geometry import (
    Pose,
    heading_along,
    polygon_footprint,
    rectangle,
    swept_area,
    swept_areas,
)

ANGLES = st.floats(-math.pi, math.pi)
PLACES = st.floats(-50, 50)
ROBOT = rectangle(length_m=0.9, width_m=0.7)


def test_a_turned_robot_covers_its_turned_outline():
    outline = ROBOT.outline_at(Pose(2.0, 1.0, math.pi / 2))

    assert outline.bounds == pytest.approx((1.65, 0.55, 2.35, 1.45))


@given(ANGLES)
def test_the_disc_of_a_turning_robot_holds_every_heading(heading):
    disc = Point(0, 0).buffer(ROBOT.radius_m + 1e-6, quad_segs=256)

    assert disc.buffer(1e-3).contains(ROBOT.outline_at(Pose(0, 0, heading)))


@given(PLACES, PLACES, ANGLES, st.floats(0.05, 20), st.floats(0, 1))
def test_a_swept_area_holds_every_place_on_the_way(x, y, heading, length, part):
    start = Pose(x, y, heading)
    end = start.ahead(length)

    area = swept_area(ROBOT, start=start, end_x_m=end.x_m, end_y_m=end.y_m)

    between = ROBOT.outline_at(start.ahead(part * length))
    assert area.buffer(1e-6).contains(between)
    assert area.area == pytest.approx(0.7 * (length + 0.9), rel=1e-6)


def test_many_pieces_at_once_are_those_one_by_one():
    starts, ends = np.array([[0.0, 0.0], [5.0, 5.0]]), np.array([[3.0, 0.0], [5.0, 1.0]])
    headings = np.array([0.0, math.pi / 2])

    areas = swept_areas(ROBOT, starts_m=starts, ends_m=ends, headings_rad=headings)

    one = swept_area(ROBOT, start=Pose(5, 5, math.pi / 2), end_x_m=5, end_y_m=1)
    assert shapely.equals(areas[1], one)
    empty = np.empty((0, 2))
    assert len(swept_areas(ROBOT, starts_m=empty, ends_m=empty, headings_rad=np.empty(0))) == 0


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"\(1, 2\).*do not fit"):
        swept_areas(
            ROBOT, starts_m=np.zeros((1, 2)), ends_m=np.zeros((2, 2)), headings_rad=np.zeros(2)
        )


@pytest.mark.parametrize(("length", "width"), [(0, 1), (1, -1), (math.inf, 1), (math.nan, 1)])
def test_a_footprint_without_area_is_refused(length, width):
    with pytest.raises(ValueError, match="has no area"):
        rectangle(length_m=length, width_m=width)


def test_a_hollow_outline_counts_as_its_hull_and_a_line_is_refused():
    hollow = polygon_footprint(((0, 0), (2, 0), (2, 2), (1, 0.5), (0, 2)))

    assert len(hollow.corners) == 4
    with pytest.raises(ValueError, match="span no area"):
        polygon_footprint(((0, 0), (1, 1), (2, 2)))


def test_a_heading_needs_two_points():
    assert heading_along(start_x_m=0, start_y_m=0, end_x_m=0, end_y_m=-2) == pytest.approx(
        -math.pi / 2
    )
    with pytest.raises(ValueError, match="two different points"):
        heading_along(start_x_m=1, start_y_m=1, end_x_m=1, end_y_m=1)
