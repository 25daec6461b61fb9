"""When a robot counts as silent.

Three missed reports of its interval, or 5 s beyond an interval of 10 s and
more, so that a robot that reports every 30 s (VDA 5050 2.1, the latest allowed)
is not called silent at each hiccup. Of reports that say nothing new one in 5 s
is told, so that much more is allowed where they come more often. Silence is judged
from fresh reports only, never from the broker's word on the connection: that word
only makes us look sooner.
"""

from fleetapp.fleet.robot import Robot

DOUBT_MS = 3_000
HEARTBEAT_MS = 5_000  # a report that changed nothing is told to the core at most this often


def silence_limit_ms(interval_ms: int) -> int:
    """How long without a report is silence, for robots that report every `interval_ms`."""
    if interval_ms >= 10_000:
        return interval_ms + 5_000
    return max(3_000, 3 * interval_ms) + _untold_ms(interval_ms)


def _untold_ms(interval_ms: int) -> int:
    """How long reports may come in of which the core hears nothing."""
    return HEARTBEAT_MS if interval_ms < HEARTBEAT_MS else 0


def silent_at_ms(robot: Robot, interval_ms: int) -> int:
    """When this robot will count as silent if it says nothing more."""
    limit = silence_limit_ms(interval_ms)
    if not robot.online:
        doubt = max(DOUBT_MS, interval_ms + 1_000) + _untold_ms(interval_ms)
        limit = min(limit, doubt)
    return robot.heard_ms + limit
