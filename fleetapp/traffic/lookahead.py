"""How far ahead a base must reach so that a free robot never brakes.

Floor beyond the braking distance and what is driven during one round trip
(report, decision, record, order) is kept for nobody's use but the others', so
the base is as short as that allows and a node longer.

Source: v * t + v**2 / (2 * a), constant deceleration; DESIGN.md, rule 4.
"""

from collections.abc import Sequence

from fleetapp.layout.roadmap import RoadMap

SPARE_NODES = 1


def braking_mm(*, speed_mmps: int, deceleration_mmps2: int) -> int:
    """Braking distance in whole millimetres, rounded up."""
    return -(-speed_mmps * speed_mmps // (2 * deceleration_mmps2))


def wanted_index(
    road: RoadMap,
    nodes: Sequence[int],
    edges: Sequence[int],
    passed: int,
    *,
    round_trip_ms: int,
) -> int:
    """Number of the node up to which the base should reach now.

    Args:
        road: tables of the robot's type.
        nodes: the whole route.
        edges: edges of the route.
        passed: number of the last node passed.
        round_trip_ms: from a change on the floor to the robot's knowing more base.
    """
    if passed >= len(edges):
        return len(nodes) - 1
    deceleration = max(1, round(road.robot_type.deceleration_mps2 * 1000))
    distance, index = 0, passed
    while index < len(edges):
        speed = int(road.edge_speed_mmps[edges[index]])
        needed = speed * round_trip_ms // 1000 + braking_mm(
            speed_mmps=speed, deceleration_mmps2=deceleration
        )
        if distance >= needed:
            break
        distance += int(road.edge_length_mm[edges[index]])
        index += 1
    return min(index + SPARE_NODES, len(nodes) - 1)
