"""Routes: the quickest way, round what is avoided, aside where there is no way round."""

import pytest
from hall_drawings import drawn, hall, road_of

from fleetapp.traffic.planners.detour import find_way_round
from fleetapp.traffic.planners.shortest import find_route


def names(road, route):
    return "".join(road.node_ids[node] for node in route.nodes)


def test_a_route_is_connected_and_takes_driving_and_turning_time():
    road = drawn("a ladder")
    start, goal = road.index_of["a"], road.index_of["h"]

    route = find_route(road, start, goal)

    ends = [(int(road.edge_start[e]), int(road.edge_end[e])) for e in route.edges]
    assert ends == list(zip(route.nodes, route.nodes[1:], strict=False))
    turns = [road.turn_ms(a, b) for a, b in zip(route.edges, route.edges[1:], strict=False)]
    assert route.travel_ms == sum(int(road.edge_travel_ms[e]) for e in route.edges) + sum(turns)


def test_of_equally_long_ways_the_one_with_fewer_turns_is_taken():
    road = hall("a-b-c", "| | |", "d-e-f", "| | |", "g-h-i")

    route = find_route(road, road.index_of["a"], road.index_of["i"])

    assert (
        sum(road.turn_ms(a, b) > 0 for a, b in zip(route.edges, route.edges[1:], strict=False)) == 1
    )


def test_penalties_send_a_robot_round_and_avoided_nodes_are_never_entered():
    road = hall("a-b-c", "|   |", "d-e-f")
    a, c, b, e = (road.index_of[n] for n in "acbe")

    assert names(road, find_route(road, a, c)) == "abc"
    assert names(road, find_route(road, a, c, penalties={b: 60_000})) == "adefc"
    assert names(road, find_route(road, a, c, avoid=frozenset({b}))) == "adefc"
    assert find_route(road, a, c, avoid=frozenset({b, e})) is None


def test_a_search_beyond_its_budget_finds_nothing():
    road = drawn("a ladder")

    assert find_route(road, road.index_of["a"], road.index_of["h"], most_expansions=1) is None


def test_a_robot_steps_aside_and_goes_on_where_there_is_no_way_round():
    road = drawn("a corridor with a passing place")
    index = road.index_of
    others_way = dict.fromkeys((index[n] for n in "gfedcba"), 30_000)

    route = find_way_round(
        road, index["e"], index["h"], avoid=frozenset({index["f"]}), penalties=others_way
    )

    assert names(road, route) == "edidefgh"


def test_nobody_steps_aside_for_a_robot_that_does_not_wait_for_it():
    road = drawn("a corridor with a passing place")
    index = road.index_of

    assert find_way_round(road, index["e"], index["h"], avoid=frozenset({index["f"]})) is None


@pytest.mark.parametrize("goal_station", ["A01-01", "P8"])
def test_the_demo_site_is_crossed_from_its_parking(goal_station):
    road = road_of("demo")
    parking, goal = road.station_nodes["K01"][0], road.station_nodes[goal_station][0]

    route = find_route(road, parking, goal)

    assert (route.nodes[0], route.nodes[-1]) == (parking, goal)
