"""Whether a report is newer than the last one.

By its header id, which counts up to 2**32 and begins anew when a robot restarts;
where that says "old", its timestamp may say that the robot restarted or does not
count at all. Timestamps are compared with others of the same robot only, so that a
wrong clock or a missing zone does no harm.
"""

from datetime import UTC, datetime

from fleetapp.vda5050 import wire

OLDER_WINDOW = 1_000  # what is further behind is a robot that began anew
JUST_BEGUN = 100
REORDERED_S = 60.0  # a report that is older by more was not held up on the way: the clock was set


class Freshness:
    """The newest header of one robot's reports."""

    def __init__(self) -> None:
        """Nothing heard yet."""
        self._header: int | None = None
        self._at: datetime | None = None

    def forget(self) -> None:
        """The robot may have started anew: its next report counts, whatever it says."""
        self._header = self._at = None

    def takes(self, message: wire.Header) -> bool:
        """Whether the message is newer; if so it is the newest now."""
        header, at = message.header_id, _moment(message.timestamp)
        if header is None:
            return True
        if self._is_behind(header) and not self._began_anew(header, at):
            return False
        self._header, self._at = header, at
        return True

    def _is_behind(self, header: int) -> bool:
        return self._header is not None and 0 <= (self._header - header) % 2**32 < OLDER_WINDOW

    def _began_anew(self, header: int, at: datetime | None) -> bool:
        newest = self._header or 0
        small = header < JUST_BEGUN and newest - header > 10
        if at is None or self._at is None:
            return small
        later_s = (at - self._at).total_seconds()
        return later_s > 0 or (small and later_s < -REORDERED_S)


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
