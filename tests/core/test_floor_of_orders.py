"""Which floor lies ahead of a robot and behind it, and what it covers where it stands."""

from dataclasses import replace

import pytest
from driving_fleet import base, driving

from fleetapp.core.floor import (
    ON_NODE_MM,
    any_road,
    floor_under,
    nearest_node,
    resources_ahead,
    resources_behind,
)

FLOOR = driving().floor
ROAD = any_road(FLOOR)


def order(nodes, edges, *, released_to, passed=0):
    return replace(base(), nodes=nodes, edges=edges, released_to=released_to, passed=passed)


def edges(*numbers):
    return {ROAD.node_count + number for number in numbers}


def test_ahead_is_the_released_base_from_a_node_on_and_behind_is_what_was_driven():
    way = order((1, 2, 3, 4, 5), (10, 11, 12, 13), released_to=3, passed=1)

    assert resources_ahead(FLOOR, way, 2) == {3, 4} | edges(12)
    assert set(resources_behind(FLOOR, way, 2)) == {2} | edges(11)
    assert resources_ahead(FLOOR, way, 3) == {4}
    assert set(resources_behind(FLOOR, way, 1)) == set()


def test_what_comes_again_later_in_the_base_is_not_behind():
    loop = order((1, 2, 3, 2, 1), (10, 11, 12, 13), released_to=3)

    assert set(resources_behind(FLOOR, loop, 2)) == {1} | edges(10, 11)
    assert set(resources_behind(FLOOR, replace(loop, released_to=4), 2)) == edges(10, 11)


@pytest.mark.parametrize(("off_mm", "found"), [(0, True), (300, True), (301, False)])
def test_the_nearest_node_is_one_within_the_tolerance(off_mm, found):
    x_mm, y_mm = int(ROAD.x_mm[0]), int(ROAD.y_mm[0])

    for dx, dy in ((off_mm, 0), (-off_mm, 0), (0, off_mm), (0, -off_mm)):
        assert nearest_node(FLOOR, x_mm + dx, y_mm + dy, 300) == (0 if found else None)


def test_of_two_nodes_within_the_tolerance_the_nearer_counts():
    start, end = int(ROAD.edge_start[0]), int(ROAD.edge_end[0])
    third = [int(2 * t[start] + t[end]) // 3 for t in (ROAD.x_mm, ROAD.y_mm)]

    assert nearest_node(FLOOR, *third, 10_000) == start


def test_a_robot_covers_its_node_on_it_the_edge_along_which_it_stands_and_nothing_beside():
    edge = 0
    node, end = int(ROAD.edge_start[edge]), int(ROAD.edge_end[edge])
    x_mm, y_mm = int(ROAD.x_mm[node]), int(ROAD.y_mm[node])
    half = (int(ROAD.x_mm[end]) - x_mm) // 2, (int(ROAD.y_mm[end]) - y_mm) // 2

    on_it = floor_under(ROAD, node, x_mm, y_mm)
    along = floor_under(ROAD, node, x_mm + half[0], y_mm + half[1])
    beside = floor_under(ROAD, node, x_mm + 5_000, y_mm + 7_777)

    assert on_it == (node,)
    assert along[0] == node
    assert ROAD.node_count + edge in along
    others = {ROAD.node_count + e for e in ROAD.out_edges[node] if int(ROAD.edge_end[e]) != end}
    assert not others & set(along)
    assert beside == ()


@pytest.mark.parametrize(("off_mm", "on_it"), [(ON_NODE_MM, True), (ON_NODE_MM + 1, False)])
def test_up_to_the_tolerance_a_robot_is_on_its_node_and_beyond_it_on_the_edge_too(off_mm, on_it):
    edge, node, end = straight()
    dx, dy = (int(t[end]) - int(t[node]) for t in (ROAD.x_mm, ROAD.y_mm))
    along = [(d > 0) - (d < 0) for d in (dx, dy)]
    place = int(ROAD.x_mm[node]) + along[0] * off_mm, int(ROAD.y_mm[node]) + along[1] * off_mm

    covered = floor_under(ROAD, node, *place)

    assert (covered == (node,)) is on_it
    assert (ROAD.node_count + edge in covered) is not on_it


def straight():
    """An edge along an axis, where it begins and where it ends."""
    ends = zip(map(int, ROAD.edge_start), map(int, ROAD.edge_end), strict=True)
    return next(
        (edge, start, end)
        for edge, (start, end) in enumerate(ends)
        if ROAD.x_mm[start] == ROAD.x_mm[end] or ROAD.y_mm[start] == ROAD.y_mm[end]
    )
