"""Messages that are not used: counted each, told in at most one row a robot and minute.

The first of a robot is told at once, what follows within the minute is added up
and told with it. A whole minute without any ends the matter, and the alarm.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from fleetapp.core.observations import MessagesUsable, PayloadRejected

TOLD_EVERY_MS = 60_000
MOST_SENDERS = 5_000
MOST_REASONS = 8
REASONS_SHOWN = 3
OTHERS = "other reasons"


@dataclass(frozen=True, slots=True)
class Dropped:
    """Messages cut off before anybody read them; `topic` is that of one of them."""

    topic: str
    count: int
    reason: str
    remedy: str


@dataclass(slots=True)
class Tally:
    """How many messages of a robot were not used since the engine started."""

    unusable: int = 0
    dropped: int = 0


@dataclass(slots=True)
class _Minute:
    """What was told last of a sender, and what came since."""

    told: PayloadRejected
    reasons: Counter[str] = field(default_factory=Counter)


class Rejections:
    """What is to be told of messages that are not used, by robot; "" for no robot's."""

    def __init__(self) -> None:
        """Nothing was rejected yet."""
        self._minutes: dict[str, _Minute] = {}
        self._tallies: dict[str, Tally] = {}

    def note(
        self, rejected: PayloadRejected, now_ms: int, *, dropped: bool = False
    ) -> Iterator[PayloadRejected]:
        """Count it; the row if it is the first of its robot in a while."""
        key = self._key(rejected.robot_id)
        tally = self._tallies.setdefault(key, Tally())
        if dropped:
            tally.dropped += rejected.count
        else:
            tally.unusable += rejected.count
        minute = self._minutes.get(key)
        if minute is None:
            row = replace(rejected, robot_id=key)
            self._minutes[key] = _Minute(row)
            yield row
            return
        reason = rejected.reason
        if reason not in minute.reasons and len(minute.reasons) >= MOST_REASONS:
            reason = OTHERS
        minute.reasons[reason] += rejected.count
        yield from self._of_minute(key, minute, now_ms)

    def expect(self, robot_id: str, now_ms: int) -> None:
        """After a restart: an alarm is on, and ends if nothing more comes."""
        self._minutes[robot_id] = _Minute(PayloadRejected(robot_id, now_ms, "", "", ""))

    def on_time(self, now_ms: int) -> Iterator[PayloadRejected | MessagesUsable]:
        """Rows of minutes that are over, and whose messages are all usable again."""
        for key, minute in tuple(self._minutes.items()):
            if now_ms < minute.told.at_ms + TOLD_EVERY_MS:
                continue
            if minute.reasons:
                yield from self._of_minute(key, minute, now_ms)
                continue
            del self._minutes[key]
            yield MessagesUsable(key, now_ms)

    def next_deadline_ms(self) -> int | None:
        """When the next minute is over."""
        times = [minute.told.at_ms + TOLD_EVERY_MS for minute in self._minutes.values()]
        return min(times, default=None)

    def tallies(self) -> dict[str, Tally]:
        """What was counted, by robot."""
        return dict(self._tallies)

    def _key(self, robot_id: str) -> str:
        """Made-up senders share one entry once there are too many."""
        known = robot_id in self._tallies
        return robot_id if known or len(self._tallies) < MOST_SENDERS else ""

    def _of_minute(self, key: str, minute: _Minute, now_ms: int) -> Iterator[PayloadRejected]:
        if now_ms < minute.told.at_ms + TOLD_EVERY_MS:
            return
        told = minute.told
        row = PayloadRejected(
            key, now_ms, told.topic, _in_words(minute.reasons), told.remedy, minute.reasons.total()
        )
        self._minutes[key] = _Minute(row)
        yield row


def _in_words(reasons: Counter[str]) -> str:
    if len(reasons) == 1:
        return next(iter(reasons))
    most = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))[:REASONS_SHOWN]
    return "; ".join(f"{reason} ({count})" for reason, count in most)
