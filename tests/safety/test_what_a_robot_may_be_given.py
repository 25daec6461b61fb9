"""Nothing permissive for a robot of which not all is known and well; and what says so first."""

from dataclasses import replace
from itertools import combinations

import pytest

from fleetapp.fleet.order import ActionKind, Order, OrderAction, OrderPhase, Purpose
from fleetapp.fleet.robot import Hold, Robot
from fleetapp.safety.holds import could_move, holds_that_stay
from fleetapp.safety.permission import (
    emergency_stop_latched,
    obstacle_to_permission,
    out_of_dispatch,
)
from fleetapp.safety.silence import silence_limit_ms, silent_at_ms
from fleetapp.terms.modes import EmergencyStop, LoadState, OperatingMode
from fleetapp.terms.reasons import HoldReason, Out, WaitCause

HELD = Hold(HoldReason.BY_PERSON, 0, "olga", "to look")
WELL = Robot(
    "sim/r01",
    "sim",
    "r01",
    admitted=True,
    node=0,
    reported=True,
    localized=True,
    mode=OperatingMode.AUTOMATIC,
    load=LoadState.EMPTY,
    heard_ms=1_000,
)
OTHER_MODES = [mode for mode in OperatingMode if mode is not OperatingMode.AUTOMATIC]
OTHER_STOPS = [stop for stop in EmergencyStop if stop is not EmergencyStop.NONE]
# What bars it, in the order in which it is named: (change of the robot, of the fleet, answer).
BARS = [
    ({"admitted": False}, {}, "not_admitted"),
    ({"reported": False}, {}, "not_admitted"),
    ({}, {"stopped": True}, "stopped"),
    ({}, {"halted": True}, WaitCause.HALT.value),
    ({"holds": (HELD,)}, {}, "held"),
    ({"stray_id": "sim/r02"}, {}, WaitCause.STRAY_NEAR.value),
    ({"silent": True}, {}, "silent"),
    ({}, {"journal_ok": False}, WaitCause.JOURNAL.value),
    *(({"emergency_stop": stop}, {}, "emergency_stop") for stop in OTHER_STOPS),
    *(({"mode": mode}, {}, WaitCause.MODE.value) for mode in OTHER_MODES),
    ({"node": None}, {}, "unknown_place"),
    ({"remedy": "no way leads on"}, {}, "unknown_place"),
    ({"localized": False}, {}, "unknown_place"),
]
OUTS = [
    ({"admitted": False}, Out.NOT_ADMITTED),
    ({"holds": (HELD,)}, Out.HELD),
    ({"silent": True}, Out.SILENT),
    ({"reported": False}, Out.SILENT),
    *(({"emergency_stop": stop}, Out.EMERGENCY_STOP) for stop in OTHER_STOPS),
    *(({"mode": mode}, Out.NOT_AUTOMATIC) for mode in OTHER_MODES),
    ({"errors": (("motor", "FATAL", "hot"),)}, Out.FATAL_ERROR),
    ({"errors": (("lamp", "WARNING", ""), ("motor", "CRITICAL", ""))}, Out.FATAL_ERROR),
    ({"node": None}, Out.OFF_ROADMAP),
    ({"remedy": "no way leads on"}, Out.OFF_ROADMAP),
]


def obstacle(*bars):
    robot, fleet = {}, {"journal_ok": True, "stopped": False, "halted": False}
    for of_robot, of_fleet, _ in reversed(bars):
        robot |= of_robot
        fleet |= of_fleet
    return obstacle_to_permission(replace(WELL, **robot), **fleet)


def test_a_robot_of_which_all_is_known_and_well_may_be_given_something():
    assert obstacle() is None
    assert out_of_dispatch(WELL) is None


@pytest.mark.parametrize("bar", BARS, ids=str)
def test_each_thing_that_is_not_well_bars_by_itself(bar):
    assert obstacle(bar) == bar[2]


def test_of_two_things_the_graver_is_named_and_never_none():
    for graver, other in combinations(BARS, 2):
        if not set(graver[0]) & set(other[0]):
            assert obstacle(graver, other) == graver[2], (graver, other)


@pytest.mark.parametrize(("change", "out"), OUTS, ids=str)
def test_whoever_is_not_well_is_no_candidate_for_a_task(change, out):
    assert out_of_dispatch(replace(WELL, **change)) is out


def test_of_two_reasons_against_a_candidate_the_first_is_named():
    for (graver, out), (other, _) in combinations(OUTS, 2):
        if not set(graver) & set(other):
            assert out_of_dispatch(replace(WELL, **graver, **other)) is out


def test_a_warning_keeps_nobody_from_work():
    assert out_of_dispatch(replace(WELL, errors=(("lamp", "WARNING", "dim"),))) is None


def test_only_a_stop_that_a_person_must_reset_stays_when_a_hold_is_released():
    latched = {stop for stop in EmergencyStop if emergency_stop_latched(_stopped(stop))}

    assert latched == {EmergencyStop.MANUAL, EmergencyStop.REMOTE, EmergencyStop.UNKNOWN}
    for stop in EmergencyStop:
        staying = holds_that_stay(_stopped(stop))
        assert staying == ((HoldReason.EMERGENCY_STOP,) if stop in latched else ())


def _stopped(stop):
    return replace(WELL, emergency_stop=stop)


ACTION = OrderAction("a", ActionKind.PICK, 1, "A", None, None)
ENDED = replace(ACTION, ended=True)


def order(*, released_to, passed, actions=()):
    nodes, edges = (0, 1, 2), (0, 1)
    return Order(
        "o", "sim/r01", None, Purpose.TO_PICK, "A", nodes, edges, actions, 0, released_to, passed
    )


@pytest.mark.parametrize(
    ("driving", "has", "moves"),
    [
        (True, None, True),
        (False, None, False),
        (False, order(released_to=1, passed=0), True),
        (False, order(released_to=1, passed=1), False),
        (False, order(released_to=1, passed=1, actions=(ACTION,)), True),
        (False, order(released_to=1, passed=1, actions=(ENDED,)), False),
        (False, order(released_to=1, passed=1, actions=(ENDED, ACTION)), True),
        (True, order(released_to=1, passed=1), True),
    ],
)
def test_a_pause_goes_to_whoever_drives_or_has_floor_or_an_action_left(driving, has, moves):
    assert could_move(replace(WELL, driving=driving), has) is moves


def test_an_order_ends_where_its_route_ends():
    whole, begun = order(released_to=2, passed=0), order(released_to=1, passed=0)

    assert (whole.fully_released, begun.fully_released) == (True, False)
    assert (begun.at_node, begun.decision_node, begun.goal_node) == (0, 1, 2)
    assert begun.phase is OrderPhase.ACTIVE


@pytest.mark.parametrize(
    ("interval_ms", "limit_ms", "offline_ms"),
    [
        (500, 8_000, 8_000),  # three seconds, and five in which the core hears nothing new
        (1_000, 8_000, 8_000),
        (2_000, 11_000, 8_000),
        (4_999, 19_997, 10_999),
        (5_000, 15_000, 6_000),
        (9_999, 29_997, 10_999),
        (10_000, 15_000, 11_000),
        (30_000, 35_000, 31_000),
    ],
)
def test_silence_follows_from_how_often_a_robot_reports(interval_ms, limit_ms, offline_ms):
    assert silence_limit_ms(interval_ms) == limit_ms
    assert silent_at_ms(WELL, interval_ms) == 1_000 + limit_ms
    assert silent_at_ms(replace(WELL, online=False), interval_ms) == 1_000 + offline_ms
