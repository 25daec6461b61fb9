"""How figures are written: times, durations, shares; a number stays with its unit."""

import re
from datetime import datetime

from fleetapp.terms.units import permille, whole_percent

NO_BREAK = "\u00a0"
UNIT = re.compile(r"(?<=\d) (?=(?:%|ms|s|min|h|m|m/s|kg)(?![\w/]))")


def clock(at_ms: int) -> str:
    """Local time of day."""
    return datetime.fromtimestamp(at_ms / 1000).astimezone().strftime("%H:%M:%S")


def duration(span_ms: float) -> str:
    """Such as "6 s", "1 min 13 s", "2 h 10 min"."""
    seconds = max(0, int(span_ms // 1000))
    if seconds < 60:
        return f"{seconds}{NO_BREAK}s"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return glued(f"{minutes} min {rest} s" if minutes < 10 else f"{minutes} min")
    hours, minutes = divmod(minutes, 60)
    return glued(f"{hours} h {minutes} min")


def whole_duration(span_ms: float) -> str:
    """The same with its largest unit only: "6 s", "13 min", "2 h"."""
    return duration(span_ms).split(" ")[0]


def percent(share: float) -> str:
    """A share of 1 as whole per cent, rounded down: "64 %"."""
    return f"{whole_percent(permille(share))}{NO_BREAK}%"


def glued(text: str) -> str:
    """The same words, with no line break between a number and its unit."""
    return UNIT.sub(NO_BREAK, text)


def short(text: str, most: int) -> str:
    """The beginning of a text, with dots where something of it is left out."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def robots_of(count: int) -> str:
    """Such as "1 robot", "24 robots"."""
    return f"{count} robot" if count == 1 else f"{count} robots"
