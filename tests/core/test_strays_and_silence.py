"""What a robot off its floor and one that keeps silent change for the fleet that drives."""

from dataclasses import replace

import pytest
from driving_fleet import LATER, OTHER, D, base, driving, given, order_id

from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core.answer_faults import SILENCE, next_deadline
from fleetapp.core.floor import node_count
from fleetapp.core.release import say_refused
from fleetapp.core.step import step
from fleetapp.core.strays import let_go_on
from fleetapp.core.turn import Turn
from fleetapp.fleet.robot import Hold, Wait
from fleetapp.terms.reasons import HoldReason, WaitCause
from fleetapp.traffic.lookahead import wanted_index
from fleetapp.traffic.release import Refused
from fleetapp.traffic.sentences import ENDS_BY_STATE

HELD = (Hold(HoldReason.BY_PERSON, 0, "olga", "look"),)
WAITS = Wait(WaitCause.TRAFFIC, 0, "says", "ends", "shows", D)


@pytest.mark.parametrize("beyond", [1, 2])
def test_the_floor_in_doubt_ends_where_a_stray_stands_by_the_time_it_is_paused(beyond):
    state, order = driving(), replace(base(), released_to=3)
    soon = replace(state.rules, pause_confirm_ms=500)
    state = replace(state, rules=soon, orders={**state.orders, order_id(): order})
    road = state.floor.roads[state.robots[D].robot_type]
    at = order.released_to + beyond
    left = seen.LeftBase(D, state.now_ms + 1, order_id(), road.node_ids[order.nodes[at]])

    _, rows = step(state, [left])

    (doubted,) = [r.message for r in rows if isinstance(r.message, made.FloorDoubted)]
    braked = wanted_index(
        road, order.nodes, order.edges, at, round_trip_ms=state.rules.pause_confirm_ms
    )
    nodes = [order.nodes[n] for n in range(order.released_to + 1, braked + 1)]
    edges = [order.edges[n] + node_count(state.floor) for n in range(order.released_to, braked)]
    assert sorted(doubted.resources) == sorted((*nodes, *edges))
    assert at < braked < len(order.nodes) - 1  # else it would prove nothing


@pytest.mark.parametrize(
    ("changes", "ends"),
    [
        ({"silent": True, "holds": HELD}, "silent"),
        ({"holds": HELD}, "held"),
        ({"order_id": None}, "standing"),
        ({"wait": WAITS}, "waiting"),
        ({}, "driving"),
    ],
)
def test_who_waits_is_told_what_the_one_in_its_way_does(changes, ends):
    state = driving()
    robots = {**state.robots, OTHER: replace(state.robots[OTHER], **changes)}
    turn = Turn(replace(state, robots=robots))

    say_refused(turn, Refused(D, WaitCause.TRAFFIC, OTHER, base().nodes[-1]))

    (wait,) = [row.message for row in turn.rows]
    place = wait.evidence.removeprefix("floor at ")
    assert wait.ends == ENDS_BY_STATE[ends].format(name="r02", place=place)


def test_a_robot_whose_silence_is_known_or_that_is_not_ours_wakes_nobody():
    others = {r: replace(robot, heard_ms=LATER) for r, robot in driving().robots.items()}

    def wakes(**changes):
        state = given(heard_ms=0, **changes)
        state = replace(state, robots={**others, D: state.robots[D]})
        return next_deadline(state) < state.now_ms

    assert wakes()
    assert not wakes(silent=True)
    assert not wakes(admitted=False)
    assert not wakes(broken=(SILENCE,))


@pytest.mark.parametrize(
    ("changes", "settled"),
    [
        ({}, True),
        ({"admitted": False, "node": None}, True),  # removed
        ({"node": None}, False),
        ({"remedy": "reserved for r02"}, False),
        ({"driving": True}, False),
        ({"order_id": "o1"}, False),
    ],
)
def test_a_stray_is_found_when_it_stands_on_a_node_that_is_its_own_or_is_removed(changes, settled):
    placed = {"node": 1, "remedy": "", "driving": False, "order_id": None}
    state = given(**{**placed, **changes})
    other = replace(state.robots[OTHER], stray_id=D, pause_wanted=True)
    turn = Turn(replace(state, robots={**state.robots, OTHER: other}))

    let_go_on(turn)

    resumed = [r.message.robot_id for r in turn.rows if isinstance(r.message, made.RobotResumed)]
    assert resumed == ([OTHER] if settled else [])
