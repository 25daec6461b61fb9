"""One task in words, as a row of a file or a command line holds it: checked, and made a command.

The desktop and the command line check with this one function, so that both take the
same rows and say the same of those that they do not take. What only the engine can
know (whether a robot reaches a station) is its answer to the command.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fleetapp.api.commands import SubmitTask
from fleetapp.api.layout import Layout
from fleetapp.api.views import Snapshot
from fleetapp.client.spelling import nearest, same
from fleetapp.terms.modes import SOURCE_KINDS, TARGET_KINDS, Priority

COLUMNS = ("from", "to", "sku", "label_code", "count", "priority", "due", "after", "task_id")
MOST_COUNT = 999
LATELY_MS = 12 * 3_600_000  # a time of day that is longer ago means tomorrow's
LONGEST_SHOWN = 64  # of a value that is wrong
TIME_OF_DAY = len("14:30")


@dataclass(frozen=True, slots=True)
class Known:
    """What a row may name, and when it is read; where nothing is known nothing is checked."""

    sources: frozenset[str]  # stations to pick at
    targets: frozenset[str]  # stations to bring to
    now_ms: int


def known_of(layout: Layout, snapshot: Snapshot) -> Known:
    """What a site and its fleet know now."""
    stations = layout.stations
    return Known(
        frozenset(s.station_id for s in stations if s.kind in SOURCE_KINDS),
        frozenset(s.station_id for s in stations if s.kind in TARGET_KINDS),
        snapshot.at_ms,
    )


def task_of(fields: dict[str, str], known: Known, command_id: str) -> SubmitTask:
    """The command for a row of text fields named as in `COLUMNS`.

    Raises:
        ValueError: naming field, value and remedy.
    """
    count = fields.get("count") or "1"
    if not (count.isdecimal() and count.isascii() and 1 <= int(count[:6]) <= MOST_COUNT):
        raise ValueError(
            f"count {_shown(count)!r} is no whole number from 1 to {MOST_COUNT}: correct it"
        )
    if not (fields.get("sku") or fields.get("label_code")):
        raise ValueError("sku or label_code must say what to pick: give one")
    priority = (fields.get("priority") or "normal").lower()
    if priority not in [level.value for level in Priority]:
        raise ValueError(f"priority {_shown(priority)!r} is not known: write low, normal or high")
    return SubmitTask(
        command_id,
        _station(fields.get("from", ""), known.sources, "from", "pick at"),
        _station(fields.get("to", ""), known.targets, "to", "bring to"),
        sku=fields.get("sku") or None,
        label_code=fields.get("label_code") or None,
        count=int(count),
        priority=Priority(priority),
        due_ms=_due_ms(fields.get("due", ""), known.now_ms),
        after_task_id=fields.get("after") or None,
        task_id=fields.get("task_id") or None,
    )


def _shown(value: str) -> str:
    return value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}…"


def _station(wanted: str, among: frozenset[str], column: str, deed: str) -> str:
    """The station that is meant, however it is written."""
    if not wanted:
        raise ValueError(f"column {column} is empty: name a station to {deed}")
    if not among:
        return wanted
    found = same(wanted, among)
    if found is None:
        guess = nearest(wanted[:LONGEST_SHOWN], among)
        hint = f". Nearest: {guess}" if guess else ": see the map for the names"
        raise ValueError(f"no station {_shown(wanted)} to {deed}{hint}")
    return found


def _due_ms(said: str, now_ms: int) -> int | None:
    """A time of day here, or a date with time (UTC unless it names its zone)."""
    if not said:
        return None
    try:
        at_ms = (
            next_ms(said, now_ms) if len(said) <= TIME_OF_DAY else _ms(datetime.fromisoformat(said))
        )
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"due {_shown(said)!r}: write it as 14:30 (the time here) or 2026-11-22T14:30 (UTC)"
        ) from error
    if at_ms <= now_ms:
        raise ValueError(f"due {said} has passed: correct it, or leave it empty")
    return at_ms


def next_ms(said: str, now_ms: int) -> int:
    """That time of day, local time: today's unless that is long ago.

    Raises:
        ValueError: if it is no time of day.
    """
    digits = said.replace(":", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) in {3, 4}):
        raise ValueError(f"{said!r} is no time of day: write it as 14:30")
    now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone()
    moment = now.replace(hour=int(digits[:-2]), minute=int(digits[-2:]), second=0, microsecond=0)
    if _ms(now) - _ms(moment) >= LATELY_MS:
        moment += timedelta(days=1)
    return _ms(moment)


def _ms(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000)
