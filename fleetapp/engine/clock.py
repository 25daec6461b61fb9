"""The engine's time: wall time at its start, monotonic from then on."""

import time


class Clock:
    """Milliseconds that never go back while the engine runs."""

    def __init__(self) -> None:
        """Starts now."""
        self.started_ms = time.time_ns() // 1_000_000
        self._start_ns = time.monotonic_ns()

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return self.started_ms + (time.monotonic_ns() - self._start_ns) // 1_000_000
