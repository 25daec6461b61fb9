"""Whether the roadmap fits the floor: nodes too near, robots that touch something.

Walls and racks are those of `shapes.json`; nothing here compares them with what
a scanner saw. That stays with the people who commission the hall.
"""

import shapely
from shapely.geometry import Polygon

from fleetapp.layout.elements import RobotType, Shape, ShapeKind, Site
from fleetapp.layout.exclusion import Grid, covered_by
from fleetapp.layout.finding import Findings
from fleetapp.layout.lif import LIF_FILE

# Robots at two nodes nearer than this are at the same place for localisation.
VERY_NEAR_M = 0.3
# What robots must not touch; floor and doors they drive over.
SOLID = (ShapeKind.WALL, ShapeKind.SHELF, ShapeKind.ROOM, ShapeKind.CONVEYOR)


def check_floor(site: Site, grid: Grid, findings: Findings) -> None:
    """Note near nodes and edges on which a robot would touch something solid."""
    _check_near_nodes(site, grid, findings)
    solid = tuple(shape for shape in site.shapes if shape.kind in SOLID)
    if not solid or not site.edges:
        return
    touched: dict[tuple[int, int], list[str]] = {}
    for kind in site.robot_types:
        for pair in _touches(site, grid, kind, solid):
            touched.setdefault(pair, []).append(kind.type_id)
    for (edge, shape), type_ids in sorted(touched.items()):
        findings.warning(
            file=LIF_FILE,
            object_id=f"edge {site.edges[edge].edge_id}",
            message=f"robots of type {', '.join(type_ids)} touch {_called(solid[shape])}",
            remedy="move the edge, or correct shapes.json",
        )


def _check_near_nodes(site: Site, grid: Grid, findings: Findings) -> None:
    points = shapely.points(grid.node_xy_m)
    pairs = shapely.STRtree(points).query(points, predicate="dwithin", distance=VERY_NEAR_M).T
    for first, second in sorted(map(tuple, pairs.tolist())):
        if first >= second:
            continue
        apart_m = float(shapely.distance(points[first], points[second]))
        findings.warning(
            file=LIF_FILE,
            object_id=f"node {site.nodes[first].node_id}",
            message=f"it lies {apart_m:.2f} m from node {site.nodes[second].node_id}",
            remedy=f"robots cannot tell nodes apart below {VERY_NEAR_M} m: merge them or move one",
        )


def _touches(
    site: Site, grid: Grid, kind: RobotType, solid: tuple[Shape, ...]
) -> list[tuple[int, int]]:
    """Edges and solid shapes that a robot of a type brings together."""
    swept = covered_by(site, grid, kind).edges
    tree = shapely.STRtree([Polygon(shape.polygon) for shape in solid])
    hits = tree.query(swept, predicate="overlaps").T.tolist()
    hits += tree.query(swept, predicate="within").T.tolist()
    hits += tree.query(swept, predicate="contains").T.tolist()
    return [
        (edge, shape) for edge, shape in hits if site.edges[edge].rule_for(kind.type_id) is not None
    ]


def _called(shape: Shape) -> str:
    return f"the {shape.kind} {shape.label}".rstrip()
