"""The engine's time never goes back."""

import time

from fleetapp.engine.clock import Clock

HOUR_MS = 3_600_000


def test_a_wall_clock_set_back_between_two_starts_does_not_slow_the_engine():
    last_ms = time.time_ns() // 1_000_000 + HOUR_MS

    clock = Clock(after_ms=last_ms)

    assert last_ms < clock.now_ms() < last_ms + HOUR_MS


def test_after_a_pause_the_engine_has_the_wall_clocks_time():
    last_ms = time.time_ns() // 1_000_000 - HOUR_MS

    clock = Clock(after_ms=last_ms)

    assert clock.now_ms() > last_ms + HOUR_MS - 1
