"""The quickest way of one robot: A* over edges, with turns and penalties.

States are edges, since the cost of a node depends on how it is entered. The
heuristic is the prepared driving time to the goal, which never overestimates
(it leaves out turns and penalties), so the first way found is the quickest.
"""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass

from fleetapp.layout.roadmap import FORBIDDEN_MS, UNREACHABLE_MS, RoadMap

MOST_EXPANSIONS = 20_000


@dataclass(frozen=True, slots=True)
class Route:
    """A way over the road map; `edges` has one entry less than `nodes`."""

    nodes: tuple[int, ...]
    edges: tuple[int, ...]
    travel_ms: int
    expansions: int


@dataclass(slots=True)
class _Search:
    road: RoadMap
    goal: int
    to_goal_ms: list[int]
    penalties: Mapping[int, int]
    best: dict[int, int]
    came_from: dict[int, int]
    queue: list[tuple[int, int, int]]


def find_route(
    road: RoadMap,
    start: int,
    goal: int,
    *,
    heading_mrad: int | None = None,
    penalties: Mapping[int, int] | None = None,
    avoid: frozenset[int] = frozenset(),
    most_expansions: int = MOST_EXPANSIONS,
) -> Route | None:
    """The quickest way from node to node.

    Args:
        road: tables of the robot's type.
        start: node number where the robot stands or its base ends.
        goal: node number.
        heading_mrad: its heading at the start; None counts no first turn.
        penalties: extra milliseconds for entering a node.
        avoid: nodes that must not be entered.
        most_expansions: budget, so that a search is the same on any machine.

    Returns:
        The route, or None if there is none within the budget.
    """
    if start == goal:
        return Route((start,), (), 0, 0)
    to_goal = road.travel.to_node(goal).tolist()
    if to_goal[start] >= UNREACHABLE_MS:
        return None
    search = _Search(road, goal, to_goal, penalties or {}, {}, {}, [])
    for edge in road.out_edges[start]:
        turn = road.start_turn_ms(heading_mrad, edge) if heading_mrad is not None else 0
        if turn != FORBIDDEN_MS:
            _offer(search, edge, -1, turn, avoid)
    return _run(search, start, avoid, most_expansions)


def _run(search: _Search, start: int, avoid: frozenset[int], most_expansions: int) -> Route | None:
    road = search.road
    for expansions in range(1, most_expansions + 1):
        if not search.queue:
            return None
        _, cost, edge = heapq.heappop(search.queue)
        if cost > search.best[edge]:
            continue
        node = int(road.edge_end[edge])
        if node == search.goal:
            return _traced(search, start, edge, cost, expansions)
        for follower, turn in zip(road.out_edges[node], road.turns_ms[edge], strict=True):
            if turn != FORBIDDEN_MS:
                _offer(search, follower, edge, cost + turn, avoid)
    return None


def _offer(search: _Search, edge: int, before: int, cost_ms: int, avoid: frozenset[int]) -> None:
    end = int(search.road.edge_end[edge])
    if end in avoid or search.to_goal_ms[end] >= UNREACHABLE_MS:
        return
    total = cost_ms + int(search.road.edge_travel_ms[edge]) + search.penalties.get(end, 0)
    if total >= search.best.get(edge, UNREACHABLE_MS):
        return
    search.best[edge] = total
    search.came_from[edge] = before
    heapq.heappush(search.queue, (total + search.to_goal_ms[end], total, edge))


def _traced(search: _Search, start: int, last: int, cost_ms: int, expansions: int) -> Route:
    edges = [last]
    while search.came_from[edges[-1]] >= 0:
        edges.append(search.came_from[edges[-1]])
    edges.reverse()
    nodes = (start, *(int(search.road.edge_end[edge]) for edge in edges))
    return Route(nodes, tuple(edges), cost_ms, expansions)
