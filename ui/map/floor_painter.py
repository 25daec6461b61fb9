"""Draws the floor that does not move: hall, shelves, zones, roadmap, stations.

Geometry is turned into Qt shapes in metres once; a drawing comes in slices that
take about a millisecond each, so that a tile can be built over several frames.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF, QTransform

from fleetapp.api.layout import EdgeDrawing, Layout, NodeDrawing
from fleetapp.terms.modes import StationKind, ZoneKind

from ..theme.style import font
from ..theme.tokens import Theme
from .viewport import Viewport

Box = tuple[float, float, float, float]
Slice = Callable[[QPainter], None]
SHAPES_A_SLICE = 120
LINES_A_SLICE = 500
STATIONS_A_SLICE = 120
SIGN_FROM = 9  # px a metre
SIGN_PX = 12  # what a sign may stand out of its zone
SHAPES: dict[str, tuple[str, str]] = {
    "floor": ("map-floor", "map-wall"),
    "wall": ("map-wall", "map-wall"),
    "shelf": ("map-shelf", "map-shelf-line"),
    "room": ("map-outside", "map-wall"),
    "conveyor": ("map-shelf", "map-station-line"),
    "door": ("map-floor", "map-wall"),
}
ORDER = {"floor": 0, "room": 1, "shelf": 2, "conveyor": 2, "wall": 3, "door": 4}
ZONES: dict[ZoneKind, tuple[str, Qt.BrushStyle]] = {
    ZoneKind.BLOCKED: ("closure", Qt.BrushStyle.BDiagPattern),
    ZoneKind.SPEED_LIMIT: ("map-chevron", Qt.BrushStyle.HorPattern),
    ZoneKind.PEOPLE_CROSSING: ("people", Qt.BrushStyle.Dense6Pattern),
}


class FloorPainter:
    """The drawing of one layout in one theme."""

    def __init__(self, layout: Layout, theme: Theme) -> None:
        """Turns the layout into Qt shapes."""
        self._layout = layout
        self._theme = theme
        self.show_zones = True
        nodes = {node.node_id: node for node in layout.nodes}
        self._lines = [_line(edge, nodes) for edge in layout.edges]
        self._line_boxes = _boxes([_line_box(line) for line in self._lines])
        self._one_way = frozenset(
            n for n, edge in enumerate(layout.edges) if edge.one_way and n % 3 == 0
        )
        self._points = np.array([(n.x_m, n.y_m) for n in layout.nodes]).reshape(-1, 2)
        self._shapes = sorted(layout.shapes, key=lambda shape: ORDER.get(shape.kind, 2))
        self._polygons = [QPolygonF([QPointF(*p) for p in s.polygon]) for s in self._shapes]
        self._shape_boxes = _boxes([_rect_box(p.boundingRect()) for p in self._polygons])
        self._station_boxes = _boxes(
            [
                (s.x_m - s.width_m, s.y_m - s.height_m, s.x_m + s.width_m, s.y_m + s.height_m)
                for s in layout.stations
            ]
        )

    def slices(self, view: Viewport) -> Iterator[Slice]:
        """Everything that `view` sees, bottom to top, in pieces of about a millisecond."""
        if not any(shape.kind in ("floor", "wall") for shape in self._shapes):
            yield partial(self._paint_ground, view=view)
        for few in _few(inside(self._shape_boxes, view), SHAPES_A_SLICE):
            yield partial(self._paint_shapes, view=view, numbers=few)
        if self.show_zones:
            yield partial(self._paint_zones, view=view)
        edges = inside(self._line_boxes, view)
        for few in _few(edges, LINES_A_SLICE):
            yield partial(self._paint_roads, view=view, numbers=few)
        if view.zoom >= 9:
            marked = [number for number in edges if number in self._one_way]
            for few in _few(marked, LINES_A_SLICE // 4):
                yield partial(self._paint_chevrons, view=view, numbers=few)
        if view.zoom > 24:
            yield partial(self._paint_nodes, view=view)
        for few in _few(inside(self._station_boxes, view), STATIONS_A_SLICE):
            yield partial(self._paint_stations, view=view, numbers=few)

    def _paint_ground(self, painter: QPainter, view: Viewport) -> None:
        low = view.to_screen(self._layout.bounds[0], self._layout.bounds[1])
        high = view.to_screen(self._layout.bounds[2], self._layout.bounds[3])
        painter.fillRect(QRectF(low, high).normalized(), self._theme.colour("map-floor"))

    def _paint_shapes(self, painter: QPainter, view: Viewport, numbers: Sequence[int]) -> None:
        painter.setTransform(in_metres(view))
        for number in numbers:
            fill, line = SHAPES.get(self._shapes[number].kind, ("map-shelf", "map-shelf-line"))
            painter.setBrush(self._theme.colour(fill))
            painter.setPen(cosmetic(self._theme.colour(line), 1))
            painter.drawPolygon(self._polygons[number])

    def _paint_zones(self, painter: QPainter, view: Viewport) -> None:
        seen = QRectF(0, 0, view.width_px, view.height_px)
        for zone in self._layout.zones:
            polygon = QPolygonF([view.to_screen(x, y) for x, y in zone.polygon])
            around = polygon.boundingRect().adjusted(-SIGN_PX, -SIGN_PX, SIGN_PX, SIGN_PX)
            if not seen.intersects(around):
                continue  # most tiles lie beside it
            token, pattern = ZONES[zone.kind]
            pen = QPen(self._theme.colour(token, 0.9), 1.2)
            if zone.kind is ZoneKind.SPEED_LIMIT:
                pen.setStyle(Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.setBrush(QBrush(self._theme.colour(token, 0.28), pattern))
            painter.drawPolygon(polygon)
            if zone.max_speed_mps and view.zoom >= SIGN_FROM:
                _speed_sign(painter, self._theme, polygon.boundingRect(), zone.max_speed_mps)

    def _paint_roads(self, painter: QPainter, view: Viewport, numbers: Sequence[int]) -> None:
        painter.setTransform(in_metres(view))
        width = 1.2 if view.zoom >= 9 else 1.0
        painter.setPen(cosmetic(self._theme.colour("map-lane"), width))
        painter.drawLines([self._lines[number] for number in numbers])

    def _paint_chevrons(self, painter: QPainter, view: Viewport, numbers: Sequence[int]) -> None:
        """One-way marks, about every fourth metre."""
        painter.setPen(QPen(self._theme.colour("map-chevron"), 1.2))
        marks: list[QLineF] = []
        for number in numbers:
            line = self._lines[number]
            start = view.to_screen(line.x1(), line.y1())
            end = view.to_screen(line.x2(), line.y2())
            length = math.hypot(end.x() - start.x(), end.y() - start.y())
            if length >= 6:
                marks += _chevron(start, end, length)
        painter.drawLines(marks)

    def _paint_nodes(self, painter: QPainter, view: Viewport) -> None:
        pen = QPen(self._theme.colour("map-chevron"), 3)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        left, top = view.to_site(0, 0)
        right, bottom = view.to_site(view.width_px, view.height_px)
        points = self._points
        seen = points[
            (points[:, 0] >= left - 1)
            & (points[:, 0] <= right + 1)
            & (points[:, 1] >= bottom - 1)
            & (points[:, 1] <= top + 1)
        ]
        painter.drawPoints([view.to_screen(x, y) for x, y in seen.tolist()])

    def _paint_stations(self, painter: QPainter, view: Viewport, numbers: Sequence[int]) -> None:
        theme = self._theme
        for number in numbers:
            station = self._layout.stations[number]
            if station.kind is StationKind.PICK and view.zoom < 12:
                continue
            centre = view.to_screen(station.x_m, station.y_m)
            half_w = station.width_m * view.zoom / 2
            half_h = station.height_m * view.zoom / 2
            box = QRectF(centre.x() - half_w, centre.y() - half_h, 2 * half_w, 2 * half_h)
            faint = station.kind is StationKind.PICK
            painter.setPen(QPen(theme.colour("map-shelf-line" if faint else "map-station-line"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush if faint else theme.colour("map-station"))
            painter.drawRoundedRect(box, 2, 2)
            if station.kind is StationKind.CHARGER and view.zoom >= SIGN_FROM:
                _bolt(painter, theme.colour("map-label"), box.center(), view.zoom / 24)


def _speed_sign(painter: QPainter, theme: Theme, zone: QRectF, speed_mps: float) -> None:
    """A round sign with the speed, in the left end of its zone."""
    radius = min(10.0, max(7.0, zone.height() / 2))
    centre = QPointF(zone.left() + radius + 4, zone.center().y())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("map-label"), 1.2))
    painter.setBrush(theme.colour("map-floor"))
    painter.drawEllipse(centre, radius, radius)
    painter.setFont(font(9, 600))
    box = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{speed_mps:g}")


def _bolt(painter: QPainter, colour: QColor, centre: QPointF, scale: float) -> None:
    """The sign of a charger."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(centre)
    painter.scale(min(1.2, scale), min(1.2, scale))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    points = ((1.5, -7), (-4, 1.5), (-0.5, 1.5), (-1.5, 7), (4, -1.5), (0.5, -1.5))
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    painter.restore()


def in_metres(view: Viewport) -> QTransform:
    """Site metres to pixels, for shapes that are kept in metres."""
    return QTransform(
        view.zoom,
        0,
        0,
        -view.zoom,
        view.width_px / 2 - view.x_m * view.zoom,
        view.height_px / 2 + view.y_m * view.zoom,
    )


def inside(boxes: NDArray[np.float64], view: Viewport) -> list[int]:
    """Numbers of the boxes that touch what is seen."""
    left, top = view.to_site(0, 0)
    right, bottom = view.to_site(view.width_px, view.height_px)
    touching = (
        (boxes[:, 0] <= right + 1)
        & (boxes[:, 2] >= left - 1)
        & (boxes[:, 1] <= top + 1)
        & (boxes[:, 3] >= bottom - 1)
    )
    found: list[int] = np.flatnonzero(touching).tolist()
    return found


def _line(edge: EdgeDrawing, nodes: dict[str, NodeDrawing]) -> QLineF:
    start, end = nodes[edge.start_node_id], nodes[edge.end_node_id]
    return QLineF(start.x_m, start.y_m, end.x_m, end.y_m)


def cosmetic(colour: QColor, width_px: float) -> QPen:
    """A pen as wide in pixels under any transform."""
    pen = QPen(colour, width_px)
    pen.setCosmetic(True)
    return pen


def _line_box(line: QLineF) -> Box:
    return (
        min(line.x1(), line.x2()),
        min(line.y1(), line.y2()),
        max(line.x1(), line.x2()),
        max(line.y1(), line.y2()),
    )


def _rect_box(rect: QRectF) -> Box:
    return (rect.left(), rect.top(), rect.right(), rect.bottom())


def _boxes(boxes: list[Box]) -> NDArray[np.float64]:
    """Shape (n, 4): smallest x and y, largest x and y, metres."""
    return np.array(boxes, dtype=np.float64).reshape(-1, 4)


def _few(numbers: list[int], count: int) -> Iterator[list[int]]:
    return (numbers[at : at + count] for at in range(0, len(numbers), count))


def _chevron(start: QPointF, end: QPointF, length: float) -> tuple[QLineF, QLineF]:
    ux, uy = (end.x() - start.x()) / length, (end.y() - start.y()) / length
    tip = QPointF((start.x() + end.x()) / 2 + ux * 2, (start.y() + end.y()) / 2 + uy * 2)
    one, other = (
        QPointF(tip.x() - ux * 3.5 - uy * 3 * side, tip.y() - uy * 3.5 + ux * 3 * side)
        for side in (-1, 1)
    )
    return QLineF(tip, one), QLineF(tip, other)
