"""The engine's time: wall time at its start, monotonic from then on.

It never goes back, not even over a restart: a machine whose wall clock was set back
meanwhile goes on from the last recorded time, so that deadlines fall due at their
pace. The journal's own column keeps the wall time as it was.
"""

import time


class Clock:
    """Milliseconds that never go back."""

    def __init__(self, *, after_ms: int = 0) -> None:
        """Starts now, or just after the last recorded time if that is later."""
        self.started_ms = max(time.time_ns() // 1_000_000, after_ms + 1)
        self._start_ns = time.monotonic_ns()

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return self.started_ms + (time.monotonic_ns() - self._start_ns) // 1_000_000
