import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from robot_shift import LIMITS, STEP_MS, Shift

from fleetapp.simulation.robots.motion import BEND_RAD, Body, Leg, Limits, braking_m, drive


def speeds(shift, until, most_s=60):
    """Speed after each step until the condition holds."""
    found = []
    while not until() and len(found) < most_s * 1000 // STEP_MS:
        shift.run(STEP_MS)
        found.append(shift.robot.body.speed_mps)
    return found


def test_it_drives_to_the_end_of_its_base_and_stops_exactly_there():
    shift = Shift()

    shift.order(last=5, base=3)
    shift.run(20_000)

    assert shift.is_at(3)
    assert shift.state["driving"] is False
    assert shift.state["lastNodeId"] == "n3"
    assert [n["nodeId"] for n in shift.state["nodeStates"]] == ["n4", "n5"]


def test_it_speeds_up_and_brakes_no_harder_than_it_can():
    shift = Shift()
    shift.order(last=5)

    found = speeds(shift, lambda: shift.is_at(5))

    step_s = STEP_MS / 1000
    pairs = list(zip([0.0, *found], found, strict=False))
    assert max(found) == pytest.approx(LIMITS.speed_mps)
    assert max(b - a for a, b in pairs) <= LIMITS.acceleration_mps2 * step_s + 1e-9
    last_creep = 0.05  # into the node, where it stops
    assert max(a - b for a, b in pairs) <= LIMITS.deceleration_mps2 * step_s + last_creep


def test_it_never_brakes_if_its_base_is_extended_in_time():
    shift = Shift()
    shift.order(last=8, base=2)
    update = 0
    slowest = math.inf
    while not shift.is_at(8) and update < 7:
        shift.run(STEP_MS)
        left = shift.points[2 + update][0] - shift.x
        if left < braking_m(LIMITS.speed_mps, LIMITS) + 0.5:
            update += 1
            shift.order(update=update, first=1 + update, last=8, base=min(8, 2 + update))
        if shift.x > 3.0 and 2 + update < 8:
            slowest = min(slowest, shift.robot.body.speed_mps)

    assert slowest == pytest.approx(LIMITS.speed_mps)
    assert shift.error_types() == []


def test_it_asks_for_more_base_before_it_would_brake():
    shift = Shift()
    shift.order(last=8, base=4)

    assert shift.run_until(lambda: shift.state["newBaseRequest"])

    assert shift.robot.body.speed_mps == pytest.approx(LIMITS.speed_mps)


def test_a_slower_edge_is_entered_at_its_speed():
    limits = Limits(2.0, 1.0, 1.0, 1.0)
    body = Body(0.0, 0.0, 0.0)
    legs = [Leg(6.0, 0.0, 2.0), Leg(8.0, 0.0, 0.5)]
    entered_at = None
    for _ in range(400):
        reached = drive(body, tuple(legs), limits, 0.05)
        legs = legs[reached:]
        if reached and len(legs) == 1:
            entered_at = body.speed_mps
        if not legs:
            break

    assert entered_at == pytest.approx(0.5, abs=0.06)
    assert (body.x_m, body.speed_mps) == (8.0, 0.0)


def test_it_turns_on_the_spot_where_the_way_bends():
    shift = Shift(points=[(0.0, 0.0), (3.0, 0.0), (3.0, 3.0)])
    shift.order(last=2)
    turned = []
    for _ in range(20 * 20):
        shift.run(STEP_MS)
        body = shift.robot.body
        if body.turning_radps:
            turned.append((round(body.x_m, 6), round(body.y_m, 6), body.speed_mps))

    assert turned
    assert set(turned) == {(3.0, 0.0, 0.0)}
    assert shift.is_at(2)
    assert shift.robot.body.heading_rad == pytest.approx(math.pi / 2)


@st.composite
def ways(draw):
    points = [(0.0, 0.0)]
    for _ in range(draw(st.integers(1, 6))):
        angle = draw(st.sampled_from([0.0, 0.2, math.pi / 2, -math.pi / 2, math.pi, 1.0]))
        length = draw(st.floats(0.05, 6.0))
        x, y = points[-1]
        points.append((x + length * math.cos(angle), y + length * math.sin(angle)))
    return points


@settings(max_examples=60, deadline=None)
@given(
    points=ways(),
    base=st.integers(0, 6),
    speed=st.floats(0.1, 3.0),
    pauses=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 40)), max_size=3),
)
def test_whatever_happens_it_never_passes_the_end_of_its_base(points, base, speed, pauses):
    last = len(points) - 1
    base = min(base, last)
    shift = Shift(points=points, speed_mps=speed)
    shift.order(last=last, base=base)
    allowed = sum(math.dist(points[n], points[n + 1]) for n in range(base))
    was = shift.robot.body.speed_mps
    for step in range(400):
        for number, (at, long) in enumerate(pauses):
            if step == at:
                shift.instant("startPause", f"p{number}")
            if step == at + long:
                shift.instant("stopPause", f"q{number}")
        shift.run(STEP_MS)
        now = shift.robot.body.speed_mps
        assert shift.robot.driven_m <= allowed + 1e-6
        assert now <= min(speed, LIMITS.speed_mps) + LIMITS.deceleration_mps2 * 0.05 + 1e-9
        assert was - now <= LIMITS.deceleration_mps2 * 0.05 * 3 + 0.06
        was = now

    shift.run(400_000)
    assert shift.state["lastNodeId"] == f"n{base}"
    assert shift.robot.driven_m <= allowed + 1e-6


def test_a_pause_while_driving_stops_within_its_braking_distance_and_goes_on():
    shift = Shift()
    shift.order(last=6)
    assert shift.run_until(lambda: shift.robot.body.speed_mps > 1.59)
    before = shift.x

    shift.instant("startPause")
    shift.run(5_000)

    assert shift.state["paused"] is True
    assert shift.state["driving"] is False
    assert shift.x - before == pytest.approx(braking_m(1.6, LIMITS), abs=0.15)

    shift.instant("stopPause", "i2")
    shift.run(20_000)
    assert shift.is_at(6)
    assert shift.robot.driven_m == pytest.approx(12.0, abs=0.01)


def test_nodes_passed_while_it_brakes_count_as_passed():
    shift = Shift(points=[(0.5 * n, 0.0) for n in range(12)])
    shift.order(last=11)
    assert shift.run_until(lambda: shift.robot.body.speed_mps > 1.5)

    shift.instant("startPause")
    shift.run(5_000)

    assert shift.state["lastNodeId"] == f"n{int(shift.x / 0.5)}"


def test_a_bend_of_a_few_degrees_is_driven_through():
    gentle = BEND_RAD / 2
    shift = Shift(points=[(0.0, 0.0), (4.0, 0.0), (4 + 4 * math.cos(gentle), 4 * math.sin(gentle))])
    shift.order(last=2)
    assert shift.run_until(lambda: shift.state["lastNodeId"] == "n1")

    assert shift.robot.body.speed_mps > 1.0
