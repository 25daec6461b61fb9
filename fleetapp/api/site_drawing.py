"""A site as clients draw it, from its files: with an engine or before there is one."""

from fleetapp.api.layout import (
    AisleDrawing,
    EdgeDrawing,
    Layout,
    NodeDrawing,
    RobotTypeDrawing,
    ShapeDrawing,
    StationDrawing,
    ZoneDrawing,
)
from fleetapp.layout.site import Site


def layout_of(site: Site) -> Layout:
    """Everything of a site that a map shows."""
    pairs = {(edge.start_node_id, edge.end_node_id) for edge in site.edges}
    return Layout(
        site_id=site.site_id,
        name=site.name,
        digest=site.digest,
        version=site.layout_version,
        bounds=site.bounds,
        nodes=tuple(NodeDrawing(n.node_id, n.x_m, n.y_m) for n in site.nodes),
        edges=tuple(
            EdgeDrawing(
                e.edge_id,
                e.start_node_id,
                e.end_node_id,
                (e.end_node_id, e.start_node_id) not in pairs,
                e.max_speed_mps,
            )
            for e in site.edges
        ),
        stations=tuple(
            StationDrawing(
                s.station_id, s.kind, s.name, s.x_m, s.y_m, s.width_m, s.height_m, s.node_ids
            )
            for s in site.stations
        ),
        zones=tuple(
            ZoneDrawing(z.zone_id, z.kind, z.name, z.polygon, z.max_speed_mps, z.reason)
            for z in site.zones
        ),
        shapes=tuple(ShapeDrawing(s.kind.value, s.label, s.polygon) for s in site.shapes),
        aisles=tuple(AisleDrawing(a.name, a.x_m, a.y_m) for a in site.aisles),
        robot_types=tuple(
            RobotTypeDrawing(t.type_id, t.length_m, t.width_m, t.camera) for t in site.robot_types
        ),
    )
