"""A limit to what one robot may send, so that it cannot drown the others.

A token bucket a robot. `visualization` is dropped first, when the bucket is half
empty; everything else only when it is empty. A robot within the standard sends
about ten messages a second and never meets the limit.

Source: VDA 5050 2.1 states that state comes at least every 30 s and on events; the
rates were measured on four robots (at most 9 states an order of two legs).
"""

from dataclasses import dataclass

PER_SECOND = 100
BURST = 400
MOST_SENDERS = 5_000
TOLD_EVERY_NS = 60_000_000_000
COUNTED_EVERY_NS = 1_000_000_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_ns: int
    dropped: int = 0
    told_ns: int | None = None
    uncounted: int = 0
    counted_ns: int | None = None

    def drop(self) -> None:
        """One more message did not come in."""
        self.dropped += 1
        self.uncounted += 1


class FloodGate:
    """Which messages come in. Senders are told apart by topic without its last part."""

    def __init__(self, *, per_second: int = PER_SECOND, burst: int = BURST) -> None:
        """Every sender begins with a full bucket."""
        self._per_ns = per_second / 1e9
        self._burst = burst
        self._buckets: dict[str, _Bucket] = {}
        self._too_many = _Bucket(0.0, 0)  # senders beyond the most that are told apart
        self.dropped = 0

    def admits(self, topic: str, now_ns: int) -> bool:
        """Whether a message on this topic comes in now."""
        sender, _, kind = topic.rpartition("/")
        bucket = self._buckets.get(sender)
        if bucket is None:
            if len(self._buckets) >= MOST_SENDERS and not self._forgot_an_idle_one(now_ns):
                self.dropped += 1
                self._too_many.drop()
                return False
            bucket = self._buckets[sender] = _Bucket(float(self._burst), now_ns)
        self._buckets[sender] = self._buckets.pop(sender, bucket)  # the newest is last
        filled = bucket.tokens + max(0, now_ns - bucket.filled_ns) * self._per_ns
        bucket.tokens, bucket.filled_ns = min(float(self._burst), filled), now_ns
        needed = self._burst / 2 if kind == "visualization" else 1.0
        if bucket.tokens < needed:
            bucket.drop()
            self.dropped += 1
            return False
        bucket.tokens -= 1.0
        return True

    def _forgot_an_idle_one(self, now_ns: int) -> bool:
        """Whether the sender that was quiet longest had a full bucket, and its place is free."""
        sender, bucket = next(iter(self._buckets.items()))
        if bucket.tokens + (now_ns - bucket.filled_ns) * self._per_ns < self._burst:
            return False
        del self._buckets[sender]
        return True

    def newly_dropped(self, topic: str, now_ns: int) -> int:
        """How many messages of this topic's sender were dropped since this was last asked.

        0 while that is less than a second ago, so that it may be asked with every message.
        """
        bucket = self._buckets.get(topic.rpartition("/")[0], self._too_many)
        if not bucket.uncounted:
            return 0
        if bucket.counted_ns is not None and now_ns - bucket.counted_ns < COUNTED_EVERY_NS:
            return 0
        count, bucket.uncounted, bucket.counted_ns = bucket.uncounted, 0, now_ns
        return count

    def complaint(self, topic: str, now_ns: int) -> str:
        """What to say of the sender of a dropped message, once a minute; else empty."""
        sender = topic.rpartition("/")[0]
        bucket = self._buckets.get(sender)
        if bucket is None:
            return ""
        if bucket.told_ns is not None and now_ns - bucket.told_ns < TOLD_EVERY_NS:
            return ""
        bucket.told_ns = now_ns
        return (
            f"{sender} sends more than {self._per_ns * 1e9:.0f} messages a second: "
            f"{bucket.dropped} dropped so far; look what is wrong with it"
        )
