"""A way round another robot, or aside and on again when there is no way round.

Two robots that want each other's floor cannot both go on. Where the roadmap has
another way, one takes it; where it has none, one drives to the nearest node that
is clear of the other's way, and from there to its goal as before. Until when it
waits there is not decided here: base release keeps it there while the other comes.
"""

import heapq
from collections.abc import Mapping

from fleetapp.layout.roadmap import UNREACHABLE_MS, RoadMap
from fleetapp.traffic.planners.shortest import MOST_EXPANSIONS, Route, find_route


def find_way_round(
    road: RoadMap,
    start: int,
    goal: int,
    *,
    avoid: frozenset[int] = frozenset(),
    penalties: Mapping[int, int] | None = None,
    most_expansions: int = MOST_EXPANSIONS,
) -> Route | None:
    """The quicker of a way round and a step aside.

    Args:
        road: tables of the robot's type.
        start: node number where the robot's base ends.
        goal: node number.
        avoid: nodes that must not be entered: where the other one stands.
        penalties: extra milliseconds for nodes that are in others' ways. None or
            empty if nobody waits for this robot: then it does not step aside.
        most_expansions: budget of each search.

    A place to step aside to has no penalty; if there is none, not the highest one.
    """
    round_about = find_route(
        road, start, goal, penalties=penalties, avoid=avoid, most_expansions=most_expansions
    )
    if not penalties:
        return round_about
    refuge = _nearest_refuge(road, start, avoid, penalties, most_expansions)
    if refuge is None:
        most = max(penalties.values())
        worst = {node: extra for node, extra in penalties.items() if extra == most}
        refuge = _nearest_refuge(road, start, avoid, worst, most_expansions)
    aside = None if refuge is None else _by_way_of(road, (start, refuge, goal), avoid)
    if round_about is None or aside is None:
        return round_about or aside
    return min(round_about, aside, key=lambda route: route.travel_ms)


def _by_way_of(road: RoadMap, stops: tuple[int, int, int], avoid: frozenset[int]) -> Route | None:
    """To the second stop round what is avoided, then to the third as if that were gone."""
    start, refuge, goal = stops
    there = find_route(road, start, refuge, avoid=avoid)
    back = find_route(road, refuge, goal)
    if there is None or back is None:
        return None
    return Route(
        there.nodes + back.nodes[1:],
        there.edges + back.edges,
        there.travel_ms + back.travel_ms,
        there.expansions + back.expansions,
    )


def _nearest_refuge(
    road: RoadMap,
    start: int,
    avoid: frozenset[int],
    penalties: Mapping[int, int],
    most_expansions: int,
) -> int | None:
    """The node soonest reached whose floor is in nobody's way."""
    best: dict[int, int] = {start: 0}
    queue: list[tuple[int, int]] = [(0, start)]
    for _ in range(most_expansions):
        if not queue:
            return None
        cost, node = heapq.heappop(queue)
        if cost > best[node]:
            continue
        if node != start and _is_clear(road, node, penalties):
            return node
        for edge in road.out_edges[node]:
            end = int(road.edge_end[edge])
            total = cost + int(road.edge_travel_ms[edge])
            if end not in avoid and total < best.get(end, UNREACHABLE_MS):
                best[end] = total
                heapq.heappush(queue, (total, end))
    return None


def _is_clear(road: RoadMap, node: int, penalties: Mapping[int, int]) -> bool:
    return node not in penalties and not any(
        other in penalties for other in road.exclusive_nodes[node]
    )
