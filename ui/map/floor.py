"""The floor that does not move: hall, shelves, zones, roadmap, stations.

Painted into square tiles of 512 px at steps of half an octave of zoom; a frame
builds at most one or two and shows the nearest it has meanwhile.
"""

import math
import time
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen, QPixmap, QPolygonF

from fleetapp.api.layout import EdgeDrawing, Layout
from fleetapp.terms.modes import StationKind, ZoneKind

from ..theme.tokens import Theme
from .viewport import Viewport

Box = tuple[float, float, float, float]
TILE_PX = 512
KEPT = 240
BUDGET_S = 0.006


class Floor:
    """Tiles of one layout in one theme."""

    def __init__(self, layout: Layout, theme: Theme, ratio: float) -> None:
        """Nothing is painted yet."""
        self._layout = layout
        self._theme = theme
        self._ratio = ratio
        self._tiles: OrderedDict[tuple[int, int, int], QPixmap] = OrderedDict()
        self._nodes = {node.node_id: node for node in layout.nodes}
        self._edge_boxes = _boxes([self._edge_ends(edge) for edge in layout.edges])
        self._station_boxes = _boxes(
            [
                (s.x_m - s.width_m, s.y_m - s.height_m, s.x_m + s.width_m, s.y_m + s.height_m)
                for s in layout.stations
            ]
        )
        self._chevrons = frozenset(
            n for n, edge in enumerate(layout.edges) if edge.one_way and n % 3 == 0
        )

    def paint(self, painter: QPainter, view: Viewport) -> bool:
        """Paint what is seen; whether tiles are still missing."""
        step = round(math.log2(view.zoom) * 2)
        zoom = 2 ** (step / 2)
        size_m = TILE_PX / zoom
        left, top = view.to_site(0, 0)
        right, bottom = view.to_site(view.width_px, view.height_px)
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, abs(zoom - view.zoom) > 1e-6
        )
        until = time.perf_counter() + BUDGET_S
        missing = False
        for column in range(math.floor(left / size_m), math.floor(right / size_m) + 1):
            for row in range(math.floor(bottom / size_m), math.floor(top / size_m) + 1):
                tile = self._tile((step, column, row), zoom, until)
                if tile is None:
                    missing = True
                    continue
                corner = view.to_screen(column * size_m, (row + 1) * size_m)
                side = size_m * view.zoom
                painter.drawPixmap(
                    QRectF(corner.x(), corner.y(), side + 0.5, side + 0.5),
                    tile,
                    QRectF(tile.rect()),
                )
        return missing

    def _tile(self, key: tuple[int, int, int], zoom: float, until: float) -> QPixmap | None:
        tile = self._tiles.get(key)
        if tile is not None:
            self._tiles.move_to_end(key)
            return tile
        if time.perf_counter() > until:
            return None
        tile = self._built(key, zoom)
        self._tiles[key] = tile
        while len(self._tiles) > KEPT:
            self._tiles.popitem(last=False)
        return tile

    def _built(self, key: tuple[int, int, int], zoom: float) -> QPixmap:
        side = round(TILE_PX * self._ratio)
        pixmap = QPixmap(side, side)
        pixmap.setDevicePixelRatio(self._ratio)
        pixmap.fill(self._theme.colour("map-outside"))
        size_m = TILE_PX / zoom
        middle = ((key[1] + 0.5) * size_m, (key[2] + 0.5) * size_m)
        view = Viewport(middle[0], middle[1], zoom, TILE_PX, TILE_PX)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_plain(painter, view)
        painter.end()
        return pixmap

    def paint_plain(self, painter: QPainter, view: Viewport) -> None:
        """Paint everything at once, without tiles (small maps)."""
        self._paint_shapes(painter, view)
        self._paint_zones(painter, view)
        self._paint_roads(painter, view)
        self._paint_stations(painter, view)

    def _edge_ends(self, edge: EdgeDrawing) -> Box:
        one, other = self._nodes[edge.start_node_id], self._nodes[edge.end_node_id]
        return (
            min(one.x_m, other.x_m),
            min(one.y_m, other.y_m),
            max(one.x_m, other.x_m),
            max(one.y_m, other.y_m),
        )

    def _sees(self, view: Viewport, low: QPointF, high: QPointF) -> bool:
        return QRectF(-40, -40, view.width_px + 80, view.height_px + 80).intersects(
            QRectF(low, high).normalized().adjusted(-1, -1, 1, 1)
        )

    def _polygon(self, view: Viewport, points: tuple[tuple[float, float], ...]) -> QPolygonF:
        return QPolygonF([view.to_screen(x, y) for x, y in points])

    def _paint_shapes(self, painter: QPainter, view: Viewport) -> None:
        theme = self._theme
        walls = [s for s in self._layout.shapes if s.kind in ("floor", "wall")]
        if not walls:
            low = view.to_screen(self._layout.bounds[0], self._layout.bounds[1])
            high = view.to_screen(self._layout.bounds[2], self._layout.bounds[3])
            painter.fillRect(QRectF(low, high).normalized(), theme.colour("map-floor"))
        order = {"floor": 0, "room": 1, "shelf": 2, "conveyor": 2, "wall": 3, "door": 4}
        for shape in sorted(self._layout.shapes, key=lambda s: order.get(s.kind, 2)):
            polygon = self._polygon(view, shape.polygon)
            if not self._sees(
                view, polygon.boundingRect().topLeft(), polygon.boundingRect().bottomRight()
            ):
                continue
            fill, line = SHAPES.get(shape.kind, ("map-shelf", "map-shelf-line"))
            painter.setBrush(theme.colour(fill))
            painter.setPen(QPen(theme.colour(line), 1))
            painter.drawPolygon(polygon)

    def _paint_zones(self, painter: QPainter, view: Viewport) -> None:
        for zone in self._layout.zones:
            polygon = self._polygon(view, zone.polygon)
            token, pattern = ZONES[zone.kind]
            pen = QPen(self._theme.colour(token, 0.9), 1.2)
            if zone.kind is ZoneKind.SPEED_LIMIT:
                pen.setStyle(Qt.PenStyle.DotLine)
            brush = self._theme.colour(token, 0.28)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolygon(polygon)
            painter.save()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(brush, pattern))
            painter.drawPolygon(polygon)
            painter.restore()

    def _paint_roads(self, painter: QPainter, view: Viewport) -> None:
        width = 1.2 if view.zoom >= 9 else 1.0
        painter.setPen(QPen(self._theme.colour("map-lane"), width))
        edges = _inside(self._edge_boxes, view)
        painter.drawLines(
            [QLineF(*self._ends(view, self._layout.edges[number])) for number in edges]
        )
        if view.zoom >= 9:
            self._paint_chevrons(painter, view, edges)
        if view.zoom > 24:
            self._paint_nodes(painter, view)

    def _ends(self, view: Viewport, edge: EdgeDrawing) -> tuple[QPointF, QPointF]:
        start, end = self._nodes[edge.start_node_id], self._nodes[edge.end_node_id]
        return view.to_screen(start.x_m, start.y_m), view.to_screen(end.x_m, end.y_m)

    def _paint_chevrons(self, painter: QPainter, view: Viewport, edges: list[int]) -> None:
        """One-way marks, about every fourth metre."""
        painter.setPen(QPen(self._theme.colour("map-chevron"), 1.2))
        lines = []
        for number in edges:
            if number not in self._chevrons:
                continue
            start, end = self._ends(view, self._layout.edges[number])
            length = math.hypot(end.x() - start.x(), end.y() - start.y())
            if length < 6:
                continue
            ux, uy = (end.x() - start.x()) / length, (end.y() - start.y()) / length
            tip = QPointF((start.x() + end.x()) / 2 + ux * 2, (start.y() + end.y()) / 2 + uy * 2)
            for side in (-1, 1):
                back = QPointF(
                    tip.x() - ux * 3.5 - uy * 3 * side, tip.y() - uy * 3.5 + ux * 3 * side
                )
                lines.append(QLineF(tip, back))
        painter.drawLines(lines)

    def _paint_nodes(self, painter: QPainter, view: Viewport) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("map-chevron"))
        for node in self._layout.nodes:
            painter.drawEllipse(view.to_screen(node.x_m, node.y_m), 1.5, 1.5)

    def _paint_stations(self, painter: QPainter, view: Viewport) -> None:
        theme = self._theme
        for number in _inside(self._station_boxes, view):
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


SHAPES: dict[str, tuple[str, str]] = {
    "floor": ("map-floor", "map-wall"),
    "wall": ("map-wall", "map-wall"),
    "shelf": ("map-shelf", "map-shelf-line"),
    "room": ("map-outside", "map-wall"),
    "conveyor": ("map-shelf", "map-station-line"),
    "door": ("map-floor", "map-wall"),
}
ZONES: dict[ZoneKind, tuple[str, Qt.BrushStyle]] = {
    ZoneKind.BLOCKED: ("closure", Qt.BrushStyle.BDiagPattern),
    ZoneKind.SPEED_LIMIT: ("map-chevron", Qt.BrushStyle.HorPattern),
    ZoneKind.PEOPLE_CROSSING: ("people", Qt.BrushStyle.Dense6Pattern),
}


def _boxes(boxes: list[Box]) -> NDArray[np.float64]:
    """Shape (n, 4): smallest x and y, largest x and y, metres."""
    return np.array(boxes, dtype=np.float64).reshape(-1, 4)


def _inside(boxes: NDArray[np.float64], view: Viewport) -> list[int]:
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
