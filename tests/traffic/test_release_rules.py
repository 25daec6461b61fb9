"""Which floor is given, what a refusal names, and how it is said."""

import itertools

import pytest
from hall_drawings import drawn, hall, road_of

from fleetapp.terms.reasons import WaitCause
from fleetapp.traffic.lookahead import braking_mm, wanted_index
from fleetapp.traffic.masks import Masks
from fleetapp.traffic.planners.shortest import find_route
from fleetapp.traffic.release import Candidate, Grant, Refused, extend_all
from fleetapp.traffic.sentences import traffic_sentence
from fleetapp.traffic.world import Ahead, World
from fleetapp.traffic.yielding import circle_of, in_the_way, patience_ms


class Scene:
    """Robots on a drawn hall, each with a way given by letters; it stands at the first."""

    def __init__(self, road, **ways):
        self.road, self.masks = road, Masks([road])
        self.ways = {robot: [road.index_of[n] for n in way] for robot, way in ways.items()}
        self.owners = {way[0]: robot for robot, way in self.ways.items()}

    def edges(self, nodes):
        ends = {
            (int(s), int(e)): n
            for n, (s, e) in enumerate(zip(self.road.edge_start, self.road.edge_end, strict=True))
        }
        return tuple(ends[pair] for pair in itertools.pairwise(nodes))

    def ask(self, *robots, upto=1, since=None):
        ahead = {r: Ahead(tuple(w), self.edges(w), 0) for r, w in self.ways.items() if len(w) > 1}
        world = World(self.masks, self.owners, ahead, self.road.mouth_of)
        return extend_all(
            world,
            [
                Candidate(
                    r,
                    ahead[r].nodes,
                    ahead[r].edges,
                    0,
                    min(upto, len(ahead[r].edges)),
                    (since or {}).get(r, 0),
                )
                for r in robots
            ],
        )


def test_free_floor_is_given_with_its_edges():
    scene = Scene(drawn("a ladder"), r1="abcd")

    (answer,) = scene.ask("r1", upto=2)

    assert isinstance(answer, Grant)
    assert answer.released_to == 2
    assert len(answer.resources) == 4


def test_a_refusal_names_the_robot_in_the_way_and_the_node():
    road = drawn("a one-way ring with a spur")
    scene = Scene(road, r1="abcd", r2="bcd")

    (answer,) = scene.ask("r1")

    assert answer == Refused("r1", WaitCause.TRAFFIC, "r2", road.index_of["b"])


def test_the_longest_waiting_robot_is_served_first():
    scene = Scene(hall("a-b-c", "  |  ", "  d  "), r1="abd", r2="cbd")

    first, second = scene.ask("r1", "r2", since={"r1": 2_000, "r2": 1_000})

    assert isinstance(first, Grant)
    assert first.robot_id == "r2"
    assert isinstance(second, Refused)
    assert second.blocker_id == "r2"


def test_the_last_hole_of_a_ring_is_not_filled():
    ring = hall("a-b  ", "| |  ", "d-c-x", one_way=("ab", "bc", "cd", "da"))
    scene = Scene(ring, r1="bcda", r2="dabc", r3="abcd", r4="xcd")

    (answer,) = scene.ask("r4")

    assert answer == Refused("r4", WaitCause.DEADLOCK_AVOIDANCE, "r2", ring.index_of["c"])


@pytest.mark.parametrize("way", ["abc", "abcd"])
def test_the_last_hole_but_one_of_a_ring_is_filled(way):
    ring = hall("a-b  ", "| |  ", "d-c-x", one_way=("ab", "bc", "cd", "da"))
    scene = Scene(ring, r2=way, r3="dabc", r4="xcd")  # nobody stands at b

    (answer,) = scene.ask("r4")

    assert isinstance(answer, Grant)


def test_nobody_enters_a_lane_towards_a_robot_that_it_could_not_pass():
    road = drawn("a corridor with a passing place")
    scene = Scene(road, r1="idefgh", r2="fedcba")

    (answer,) = scene.ask("r1")

    assert answer == Refused("r1", WaitCause.DEADLOCK_AVOIDANCE, "r2", road.index_of["d"])


def test_a_lane_is_entered_towards_a_robot_that_turns_off_before():
    road = drawn("a corridor with a passing place")
    scene = Scene(road, r1="abcdefgh", r2="gfedi")

    (answer,) = scene.ask("r1")

    assert isinstance(answer, Grant)


def test_the_mouth_of_a_spur_is_given_only_with_its_end():
    scene = Scene(hall("a-b-c", "  |  ", "  x  ", one_way=("ab", "bc")), r1="abx", r2="x")

    (answer,) = scene.ask("r1")

    assert isinstance(answer, Refused)
    assert answer.blocker_id == "r2"


def test_whoever_stands_at_the_end_of_a_spur_is_waited_for_before_its_mouth():
    road = drawn("two bays with a lane between")
    scene = Scene(road, r0="icdkg", r1="kdci", r4="cd")

    (answer,) = scene.ask("r1", upto=2)

    assert isinstance(answer, Refused)
    assert (answer.cause, answer.blocker_id) == (WaitCause.DEADLOCK_AVOIDANCE, "r0")


def test_a_robot_that_may_not_stop_in_a_mouth_is_told_what_bars_the_end():
    road = drawn("a corridor with a passing place")
    scene = Scene(road, r0="dcba", r1="cba")

    (answer,) = scene.ask("r1", upto=3)

    assert answer == Refused("r1", WaitCause.DEADLOCK_AVOIDANCE, "r0", road.index_of["a"])


def test_robots_that_wait_in_a_circle_yield_one_after_the_other():
    blockers = {"r1": "r2", "r2": "r3", "r3": "r1", "r9": "r1"}

    circle = circle_of(blockers, "r2")

    assert circle == ("r2", "r3", "r1")
    assert circle_of(blockers, "r9") == ()
    assert [patience_ms(circle, r) for r in ("r3", "r2", "r1")] == [3_000, 8_000, 13_000]


def test_a_robot_that_gives_way_stops_neither_on_the_others_way_nor_on_its_way_out():
    road = drawn("a corridor with a passing place")
    masks, index = Masks([road]), road.index_of
    way = [index[n] for n in "defg"]
    other = Ahead(tuple(way), Scene(road).edges(way), 0)

    penalties = in_the_way(
        masks, {index["a"]: "r7", index["c"]: "r1"}, "r1", circle=[other], followers=[]
    )

    assert {road.node_ids[n] for n in penalties} == set("adefg")


@pytest.mark.parametrize("speed_mmps", [500, 1_600])
def test_a_free_robot_never_has_to_brake(speed_mmps):
    road = road_of("demo")
    goal = next(n for s, n in sorted(road.station_nodes.items()) if s.startswith("P"))[0]
    route = find_route(road, 0, goal)

    reached = wanted_index(road, route.nodes, route.edges, 0, round_trip_ms=1_500)

    released_mm = sum(int(road.edge_length_mm[e]) for e in route.edges[:reached])
    speed = int(road.edge_speed_mmps[route.edges[0]])
    needed = speed * 1_500 // 1_000 + braking_mm(speed_mmps=speed, deceleration_mmps2=900)
    assert released_mm >= needed or reached == len(route.edges)
    assert reached <= 8


@pytest.mark.parametrize(
    ("cause", "state", "words"),
    [
        (WaitCause.TRAFFIC, "driving", "Waits for r04, which has the floor at A05."),
        (WaitCause.TRAFFIC, "silent", "Waits for r04, which is silent at A05."),
        (WaitCause.TRAFFIC, "standing", "Waits for r04, which stands at A05."),
        (
            WaitCause.DEADLOCK_AVOIDANCE,
            "waiting",
            "Waits before A05: going on now would shut r04 in.",
        ),
    ],
)
def test_each_wait_has_its_sentence_and_its_end(cause, state, words):
    said = traffic_sentence(cause, blocker_name="r04", blocker_state=state, place="A05")

    assert said.sentence == words
    assert said.ends.startswith("when ")
