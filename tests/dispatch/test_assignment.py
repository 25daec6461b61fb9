"""Which robot gets which task, and what the decision tells of the others."""

import math
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from fleetapp.dispatch.assignment import Bid, Wanted, assign, candidates
from fleetapp.dispatch.places import Place, charged_enough, nearest_free, needs_charge
from fleetapp.dispatch.reach import HANDLING_MS, WAITING_PERCENT, longest_drive_ms
from fleetapp.terms.reasons import Out


def wanted(task_id, costs, rank_ms=1_000_000):
    return Wanted(task_id, rank_ms, costs)


def given_to(wishes):
    return {task.task_id: robot_id for task, robot_id in assign(wishes)}


def test_the_sum_of_drives_is_least_even_if_the_nearest_robot_is_passed_over():
    wishes = (wanted("t1", {"r1": 10, "r2": 11}), wanted("t2", {"r1": 12, "r2": 90}))

    assert given_to(wishes) == {"t1": "r2", "t2": "r1"}


def test_with_fewer_robots_than_tasks_the_urgent_task_is_served():
    wishes = (
        wanted("t1", {"r1": 10}, rank_ms=1_600_000),
        wanted("t2", {"r1": 50_000}, rank_ms=1_000_000),
    )

    assert given_to(wishes) == {"t2": "r1"}


def test_a_task_that_no_robot_can_take_is_given_to_none():
    assert given_to((wanted("t1", {}), wanted("t2", {"r1": 70}))) == {"t2": "r1"}
    assert assign((wanted("t1", {}),)) == ()


def test_a_robot_that_is_out_stands_behind_the_able_with_its_reason():
    weighed = candidates({"r2": 70}, {"r1": Out.HELD})

    assert weighed.shown == (Bid("r2", 70, None), Bid("r1", None, Out.HELD))
    assert weighed.out_counts == ()


def test_twenty_candidates_are_kept_in_full_and_the_rest_as_counts():
    able = {f"r{n:02d}": 100 + n for n in range(15)}
    unable = {f"s{n:02d}": Out.HAS_TASK if n % 2 else Out.HELD for n in range(15)}

    weighed = candidates(able, unable)

    assert len(weighed.shown) == 20
    assert weighed.shown[0].robot_id == "r00"
    assert sum(count for _, count in weighed.out_counts) == 10


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.integers(0, 10_000), min_size=4, max_size=4), min_size=1, max_size=6))
def test_no_robot_gets_two_tasks_and_none_is_left_over_needlessly(rows):
    wishes = tuple(
        wanted(f"t{n}", dict(zip(("r1", "r2", "r3", "r4"), row, strict=True)))
        for n, row in enumerate(rows)
    )

    answer = given_to(wishes)

    assert len(answer) == min(len(rows), 4)
    assert len(set(answer.values())) == len(answer)
    assert answer == given_to(wishes)


def test_the_nearest_place_that_nobody_claims_is_chosen():
    places = (Place("K1", 1, False), Place("K2", 2, False), Place("C1", 3, True))

    assert nearest_free(places, frozenset(), {1: 30, 2: 10, 3: 20}) == places[1]
    assert nearest_free(places, frozenset({2}), {1: 30, 2: 10, 3: 20}) == places[2]
    assert nearest_free(places, frozenset({1, 2, 3}), {1: 30, 2: 10, 3: 20}) is None


def test_places_at_the_same_distance_go_by_node_number():
    places = (Place("K9", 9, False), Place("K2", 2, False))

    assert nearest_free(places, frozenset(), {9: 10, 2: 10}) == places[1]


def test_a_robot_charges_below_its_limit_and_ends_above_its_target():
    assert needs_charge(charge_permille=190, low_permille=200, charging=False)
    assert not needs_charge(charge_permille=190, low_permille=200, charging=True)
    assert not needs_charge(charge_permille=None, low_permille=200, charging=False)
    assert charged_enough(charge_permille=800, enough_permille=800)
    assert not charged_enough(charge_permille=799, enough_permille=800)


def longest(charge, reserve=100, endurance_ms=10_800_000):
    return longest_drive_ms(
        charge_permille=charge, reserve_permille=reserve, endurance_ms=endurance_ms
    )


def test_a_drive_takes_waiting_and_handling_too_and_leaves_the_reserve_at_the_charger():
    # Five minutes of driving, five of waiting, one of handling: 62 permille of three hours.
    assert longest(161) < 300_000 <= longest(162)


def test_how_far_a_charge_reaches_that_is_not_known_is_not_known():
    assert longest(None) is None


@given(st.integers(0, 1_000), st.integers(0, 300), st.integers(1, 10**8))
def test_the_longest_drive_is_the_last_one_in_reach(charge, reserve, endurance_ms):
    def reaches(drive_ms):
        busy_ms = drive_ms + drive_ms * WAITING_PERCENT // 100 + HANDLING_MS
        return charge - reserve >= math.ceil(Fraction(busy_ms * 1000, endurance_ms))

    drive_ms = longest(charge, reserve, endurance_ms)

    assert drive_ms is not None
    assert drive_ms < 0 or reaches(drive_ms)
    assert not reaches(max(0, drive_ms + 1))
