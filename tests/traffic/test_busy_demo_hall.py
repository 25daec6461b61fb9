"""Fifty robots on the demo site: nobody stands for long, and work goes on."""

from drivers import picking
from hall_drawings import road_of, site_of

MINUTE_MS = 60_000


def test_fifty_robots_pick_for_ten_minutes_without_a_jam():
    picks = picking(site_of("demo"), road_of("demo"), 50, seed=1)

    picks.traffic.run(10 * MINUTE_MS)

    assert picks.traffic.longest_wait_ms() < 120_000
    done = [
        sum(1 for at in picks.done_ms if lo <= at < lo + 4 * MINUTE_MS)
        for lo in (2 * MINUTE_MS, 6 * MINUTE_MS)
    ]
    assert done[1] >= 0.8 * done[0] > 40


def test_a_round_of_grants_takes_a_fraction_of_a_tick():
    picks = picking(site_of("demo"), road_of("demo"), 50, seed=2)
    picks.traffic.check = False

    picks.traffic.run(3 * MINUTE_MS)

    assert picks.traffic.cpu_s / picks.traffic.rounds < 0.005
