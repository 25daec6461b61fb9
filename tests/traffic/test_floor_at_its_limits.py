"""How far ahead, whose turn it is to give way, and floor as bits: to the millimetre and bit."""

import itertools

import pytest
from hall_drawings import HALLS, drawn, hall

from fleetapp.traffic.lookahead import braking_mm, wanted_index
from fleetapp.traffic.masks import Masks
from fleetapp.traffic.planners.shortest import find_route
from fleetapp.traffic.release import Candidate, extend_all
from fleetapp.traffic.world import Ahead, World, two_way_part
from fleetapp.traffic.yielding import circle_of, followers_of, in_the_way, patience_ms

LANE = hall("a-b-c-d-e-f-g-h")
PITCH_MM = 1_600


@pytest.mark.parametrize(
    ("speed_mmps", "deceleration_mmps2", "mm"),
    [(0, 500, 0), (1, 1_000, 1), (1_000, 500, 1_000), (1_000, 300, 1_667), (1_500, 900, 1_250)],
)
def test_braking_is_rounded_up_to_whole_millimetres(speed_mmps, deceleration_mmps2, mm):
    assert braking_mm(speed_mmps=speed_mmps, deceleration_mmps2=deceleration_mmps2) == mm


def way(text, road=LANE):
    nodes = tuple(road.index_of[name] for name in text)
    ends = {
        (int(start), int(end)): edge
        for edge, (start, end) in enumerate(zip(road.edge_start, road.edge_end, strict=True))
    }
    return nodes, tuple(ends[pair] for pair in itertools.pairwise(nodes))


def ahead(text, road=LANE, to=0):
    return Ahead(*way(text, road), to)


def round_trip_ms_for(mm):
    """The round trip at which exactly that many millimetres must lie ahead."""
    speed = int(LANE.edge_speed_mmps[0])
    deceleration = round(LANE.robot_type.deceleration_mps2 * 1000)
    rest = mm - braking_mm(speed_mmps=speed, deceleration_mmps2=deceleration)
    return -(-rest * 1000 // speed)


@pytest.mark.parametrize("passed", [0, 1, 2])
@pytest.mark.parametrize(("mm", "ahead_by"), [(2 * PITCH_MM, 3), (2 * PITCH_MM + 1, 4)])
def test_a_base_reaches_one_node_beyond_what_braking_and_a_round_trip_need(passed, mm, ahead_by):
    nodes, edges = way("abcdefgh")

    reached = wanted_index(LANE, nodes, edges, passed, round_trip_ms=round_trip_ms_for(mm))

    assert reached == passed + ahead_by


@pytest.mark.parametrize(("passed", "reached"), [(4, 7), (5, 7), (6, 7), (7, 7)])
def test_a_base_never_reaches_beyond_the_route(passed, reached):
    nodes, edges = way("abcdefgh")

    assert wanted_index(LANE, nodes, edges, passed, round_trip_ms=1_500) == reached


def test_a_circle_is_found_from_each_of_its_robots_and_from_nobody_else():
    blockers = {"r1": "r2", "r2": "r1", "r3": "r1", "r4": "r9"}

    assert circle_of(blockers, "r1") == ("r1", "r2")
    assert circle_of(blockers, "r2") == ("r2", "r1")
    assert [circle_of(blockers, robot) for robot in ("r3", "r4", "r9")] == [(), (), ()]
    assert circle_of({"r1": "r1"}, "r1") == ()


def test_followers_are_all_that_wait_behind_a_circle_however_far():
    blockers = {"r1": "r2", "r2": "r1", "r3": "r1", "r4": "r3", "r5": "r4", "r6": "r9"}

    assert followers_of(blockers, ("r1", "r2")) == ("r3", "r4", "r5")
    assert followers_of({"r1": "r2", "r2": "r1"}, ("r1", "r2")) == ()


def test_the_greatest_id_gives_way_after_three_seconds_and_the_others_five_apart():
    circle = ("r2", "r10", "r1")

    assert [patience_ms(circle, robot) for robot in ("r2", "r10", "r1")] == [3_000, 8_000, 13_000]


def test_who_gives_way_stops_least_where_the_circle_drives_and_little_where_followers_do():
    road = drawn("a ladder")
    masks, index = Masks([road]), road.index_of
    owners = {index["h"]: "r9", index["a"]: "r1", masks.edge(0): "r9"}

    penalties = in_the_way(
        masks,
        owners,
        "r1",
        circle=[ahead("bcd", road)],
        followers=[ahead("bfg", road), ahead("gc", road)],
    )

    named = {road.node_ids[node]: ms for node, ms in penalties.items()}
    assert named == {"c": 30_000, "d": 30_000, "h": 30_000, "f": 10_000, "g": 10_000}
    assert list(penalties) == sorted(penalties)


@pytest.mark.parametrize("name", list(HALLS))
def test_floor_keeps_itself_and_whom_it_keeps_out_keeps_it_out_too(name):
    road = drawn(name)
    masks = Masks([road])
    count = road.node_count + len(road.edge_ids)

    assert len(masks.reach) == count
    for resource in range(count):
        assert masks.reach[resource] >> resource & 1
        assert masks.reach[resource] >> count == 0
        for other in range(count):
            assert masks.reach[resource] >> other & 1 == masks.reach[other] >> resource & 1


def test_bits_of_a_way_are_its_nodes_and_edges_and_reach_is_all_that_they_keep():
    masks = Masks([LANE])
    nodes, edges = way("abc")

    bits = masks.way(nodes, edges)

    resources = [*nodes, *(masks.edge(edge) for edge in edges)]
    assert bits == sum(1 << resource for resource in resources) == masks.plain(resources)
    assert masks.reach_of(resources[:2]) == masks.reach[resources[0]] | masks.reach[resources[1]]
    assert masks.way((), ()) == masks.plain(()) == masks.reach_of(()) == 0


def test_the_way_out_of_a_dead_end_leads_to_where_it_branches_off():
    road = drawn("deep dead ends")
    outward = Masks([road]).outward
    named = {road.node_ids[a]: road.node_ids[b] for a, b in outward.items()}

    assert named == {"i": "h", "h": "g", "d": "c"}


@pytest.mark.parametrize("lane", [LANE, hall("a-b")])
def test_a_lone_lane_has_no_way_out_and_robots_drive_on_it(lane):
    masks = Masks([lane])
    first, last = lane.node_ids[0], lane.node_ids[-1]
    route = find_route(lane, lane.index_of[first], lane.index_of[last])
    ways = {"r1": Ahead(route.nodes, route.edges, 0)}
    world = World(masks, {route.nodes[0]: "r1"}, ways, lane.mouth_of)

    (answer,) = extend_all(world, [Candidate("r1", route.nodes, route.edges, 0, 1, 0)])

    assert masks.outward == {}
    assert two_way_part(masks, ways["r1"]) == route.nodes[1:]
    assert (answer.robot_id, answer.released_to) == ("r1", 1)


def test_a_two_way_part_ends_at_a_one_way_edge_and_goes_on_out_of_a_dead_end():
    road = drawn("a one-way ring with a spur")
    masks = Masks([road])

    def part(text, to=0):
        return "".join(road.node_ids[n] for n in two_way_part(masks, ahead(text, road, to)))

    assert part("bcx") == ""  # the ring is one-way
    assert part("bcx", to=1) == "xc"  # in, and out again
    assert part("bcx", to=2) == "c"


def test_floor_that_is_given_is_taken_at_once_and_its_owner_is_not_in_its_own_way():
    masks = Masks([LANE])
    nodes, edges = way("abc")
    world = World(masks, {nodes[0]: "r1"}, {"r1": ahead("abc")}, {})
    assert world.owner_of_reach(nodes[1], "r2") is None

    world.give("r1", (masks.edge(edges[0]), nodes[1]), ahead("abc", to=1))

    assert world.owner_of_reach(nodes[1], "r2") == "r1"
    assert world.owner_of_reach(nodes[0], "r2") == "r1"
    assert world.owner_of_reach(nodes[1], "r1") is None
    assert world.owners[nodes[1]] == world.owners[masks.edge(edges[0])] == "r1"
