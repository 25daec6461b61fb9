"""Halls in which naive rules shut robots in: two-way lanes, dead ends, rings."""

import random

import pytest
from drivers import Traffic
from hall_drawings import HALLS, drawn
from hypothesis import given, settings
from hypothesis import strategies as st

MINUTE_MS = 60_000
# In halls without a single round way three robots can, rarely, wait until a person helps.
ROOM_FOR_THREE = sorted(set(HALLS) - {"a corridor with a passing place", "a crossing"})


def play(name, robots, seed):
    road = drawn(name)
    chance = random.Random(seed)
    arrived = []

    def anywhere(driver):
        arrived.append(traffic.now_ms)
        return chance.randrange(road.node_count)

    starts = chance.sample(range(road.node_count), robots)
    traffic = Traffic(road, starts, anywhere, service_ms=3_000)
    return traffic, arrived


@settings(max_examples=40, deadline=None, derandomize=True)
@given(name=st.sampled_from(sorted(HALLS)), seed=st.integers(0, 10_000))
def test_two_robots_always_get_past_each_other(name, seed):
    traffic, arrived = play(name, 2, seed)

    traffic.run(8 * MINUTE_MS)

    assert traffic.longest_wait_ms() < MINUTE_MS
    assert sum(1 for at_ms in arrived if at_ms > 6 * MINUTE_MS) >= 4


@settings(max_examples=40, deadline=None, derandomize=True)
@given(name=st.sampled_from(ROOM_FOR_THREE), seed=st.integers(0, 10_000))
def test_three_robots_keep_going_where_there_is_room_to_pass(name, seed):
    traffic, arrived = play(name, 3, seed)

    traffic.run(8 * MINUTE_MS)

    assert traffic.longest_wait_ms() < 2 * MINUTE_MS
    assert any(at_ms > 6 * MINUTE_MS for at_ms in arrived)


@pytest.mark.parametrize("name", sorted(HALLS))
def test_floor_is_never_owned_twice_however_crowded_the_hall(name):
    traffic, _ = play(name, 4, seed=1)

    traffic.run(5 * MINUTE_MS)  # the drivers assert it at every grant

    owned = sorted(traffic.owners.items())
    clashes = [
        (a, b)
        for a, owner in owned
        for b, other in owned
        if owner != other and traffic.masks.reach[a] >> b & 1
    ]
    assert clashes == []


def test_the_same_hall_and_seed_give_the_same_run():
    runs = []
    for _ in range(2):
        traffic, arrived = play("a ladder", 3, seed=7)
        traffic.run(3 * MINUTE_MS)
        runs.append((arrived, traffic.owners, traffic.waits_ms))

    assert runs[0] == runs[1]
