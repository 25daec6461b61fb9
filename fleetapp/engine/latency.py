"""How long a robot's report takes to a client: network callback to socket.

The loop marks the delta that tells of a report with the time at which the oldest
of its reports came in; when a client's socket has taken that delta, or a later one
into which it was merged, the time is over. Where several clients listen, the
first that is served counts.
"""

import time
from collections import deque

MOST_MARKS = 1_000
MOST_SAMPLES = 20_000


class Latency:
    """Marks of deltas on their way, and how long those took that arrived."""

    def __init__(self) -> None:
        """Nothing measured."""
        self._marks: deque[tuple[int, int]] = deque(maxlen=MOST_MARKS)
        self._samples_ms: deque[float] = deque(maxlen=MOST_SAMPLES)

    def told(self, delta_seq: int, oldest_ns: int) -> None:
        """A delta with reports since `oldest_ns` (monotonic) is on its way; the loop's thread."""
        self._marks.append((delta_seq, oldest_ns))

    def sent(self, delta_seq: int) -> None:
        """A socket has taken all deltas up to this one; the server's thread."""
        now_ns = time.monotonic_ns()
        while self._marks and self._marks[0][0] <= delta_seq:
            _, oldest_ns = self._marks.popleft()
            self._samples_ms.append((now_ns - oldest_ns) / 1e6)

    def figures(self) -> dict[str, float]:
        """Median and 99th percentile in milliseconds, empty before the first sample."""
        ordered = sorted(self._samples_ms.copy())
        if not ordered:
            return {}
        return {
            "p50": round(ordered[len(ordered) // 2], 2),
            "p99": round(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)], 2),
        }
