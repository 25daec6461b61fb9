"""What the map paints: the floor in slices, ways in one colour, names that do not collide."""

from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QPixmap

from fleetapp.api.model import FleetModel
from fleetapp.api.site_drawing import layout_of
from fleetapp.layout import load_site
from fleetapp.terms.modes import RobotState
from ui.bench import robot_of
from ui.map.budget import Budget
from ui.map.floor import RESTING_S, Floor
from ui.map.floor_painter import FloorPainter
from ui.map.labels import Labels
from ui.map.routes import corners, way_of
from ui.map.scene import Scene
from ui.map.viewport import Viewport
from ui.theme.tokens import load_theme

ROOT = Path(__file__).parents[2]
SIZE = (700, 500)


@pytest.fixture(scope="module")
def layout():
    return layout_of(load_site(ROOT / "maps" / "small"))


@pytest.fixture(scope="module")
def theme():
    return load_theme(ROOT / "assets", "dark")


def whole(layout):
    return Viewport(0, 0, 10, *SIZE).fitted(layout.bounds, QRectF(0, 0, *SIZE))


def painted(floor, view, now):
    picture = QPixmap(*SIZE)
    painter = QPainter(picture)
    more = floor.paint(painter, view, now, Budget())
    painter.end()
    return picture.toImage(), more


def at_once(layout, theme, view):
    picture = QPixmap(*SIZE)
    picture.fill(theme.colour("map-outside"))
    for piece in FloorPainter(layout, theme).slices(view):
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        piece(painter)
        painter.end()
    return picture.toImage()


def unlike(one: QImage, other: QImage) -> float:
    """The share of pixels, each fourth looked at, that differ visibly."""
    spots = [(x, y) for x in range(0, SIZE[0], 4) for y in range(0, SIZE[1], 4)]
    different = sum(
        abs(one.pixelColor(x, y).lightness() - other.pixelColor(x, y).lightness()) > 12
        for x, y in spots
    )
    return different / len(spots)


def test_a_floor_put_together_from_slices_looks_as_if_painted_at_once(qtbot, layout, theme):
    view = whole(layout)
    floor = Floor(layout, theme, 1.0)

    _, more = painted(floor, view, 0.0)
    frames = 0
    while more and frames < 500:
        picture, more = painted(floor, view, 1.0)
        frames += 1

    assert not more
    assert unlike(picture, at_once(layout, theme, view)) < 0.04  # tiles lie on whole pixels


def test_a_frame_without_tiles_shows_the_whole_site_and_no_hole(qtbot, layout, theme, monkeypatch):
    monkeypatch.setattr("ui.map.budget.FRAME_S", 0.0)
    view = whole(layout)

    picture, more = painted(Floor(layout, theme, 1.0), view, 0.0)

    assert more
    assert unlike(picture, at_once(layout, theme, view)) < 0.15


def test_while_the_zoom_changes_half_octave_tiles_serve_many_zooms(qtbot, layout, theme):
    floor = Floor(layout, theme, 1.0)
    view = Viewport(10, 10, 16.0, *SIZE)
    now = 0.0
    for _ in range(300):
        now += RESTING_S
        if not painted(floor, view, now)[1]:
            break
    before = len(floor._tiles)

    for step in range(1, 8):
        now += 0.01
        painted(floor, Viewport(10, 10, 16.0 + step * 0.2, *SIZE), now)

    assert len(floor._tiles) == before


def test_a_way_bends_only_where_it_turns():
    assert corners([(0, 0), (1, 0), (2, 0), (2, 3), (2, 5)]) == [(0, 0), (2, 0), (2, 5)]
    assert corners([(0, 0), (1, 0)]) == [(0, 0), (1, 0)]
    assert corners([]) == []


def test_straight_pieces_are_rectangles_and_slanted_ones_are_lines():
    nodes = {"a": (0.0, 0.0), "b": (1.0, 0.0), "c": (4.0, 0.0), "d": (5.0, 2.0)}

    way = way_of(("a", "b", "c", "d"), nodes, 0.8, 0.1)

    assert way.strokes.bands == [QRectF(1.0, -0.4, 3.0, 0.8)]
    assert len(way.strokes.slanted) == 1
    assert way.box == (1.0, 0.0, 5.0, 2.0)


def test_a_way_of_nodes_that_the_layout_does_not_know_is_empty():
    assert way_of(("x", "y", "z"), {}, 0.8, 0.1).points == ()


def crowd(layout, view, count=60):
    model, places = FleetModel(), {}
    for number in range(count):
        robot = robot_of(number, layout, {}, None)
        model.robots[robot.robot_id] = robot
        spot = (view.x_m + number % 8 * 0.9, view.y_m + number // 8 * 0.6, 0.0)
        places[robot.robot_id] = spot
    return model, places


def planned(layout, theme, scene):
    labels = Labels(layout, theme, 1.0)
    order = sorted(scene.model.robots.values(), key=lambda r: r.robot_id != scene.selected)
    return labels, [label for label in labels._planned(scene, order) if label is not None]


def area(labels, label, scene):
    place = scene.places.get(label.robot_id) or (label.x_m, label.y_m)
    spot = scene.view.to_screen(place[0], place[1])
    width = labels._width(label.text[0], robot=label.text[2])
    return QRectF(spot.x() + label.dx_px, spot.y() + label.dy_px, width, 10)


def test_no_name_covers_another_and_the_selected_one_is_always_there(qtbot, layout, theme):
    view = Viewport(12, 8, 40.0, *SIZE)
    model, places = crowd(layout, view)
    scene = Scene(
        view,
        model,
        "bench/r37",
        "",
        show_routes=True,
        show_zones=True,
        small=False,
        places=places,
        now_s=0.0,
        budget=Budget(),
    )

    labels, plan = planned(layout, theme, scene)

    assert "bench/r37" in {label.robot_id for label in plan}
    assert len(plan) > 10
    areas = [area(labels, label, scene) for label in plan]
    assert not any(one.intersects(other) for one, other in combinations(areas, 2))


@pytest.mark.parametrize(
    ("zoom", "named"), [(6.0, {RobotState.HELD}), (12.0, {RobotState.HELD, RobotState.WAITING})]
)
def test_far_away_only_robots_that_need_somebody_are_named(qtbot, layout, theme, zoom, named):
    view = Viewport(12, 8, zoom, *SIZE)
    model, places = crowd(layout, view)
    scene = Scene(
        view,
        model,
        "",
        "",
        show_routes=True,
        show_zones=True,
        small=False,
        places=places,
        now_s=0.0,
        budget=Budget(),
    )

    _, plan = planned(layout, theme, scene)

    shown = {label.robot_id for label in plan if label.robot_id}
    assert {model.robots[name].state for name in shown} == named
