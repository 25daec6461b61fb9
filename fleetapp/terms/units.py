"""Conversions at the edge: floats outside, integers inside the core.

The core counts millimetres, milliradians, milliseconds and permille, so that
the same journal gives the same decisions on any machine.
"""

import math


def mm(length_m: float) -> int:
    """Millimetres of a length in metres, rounded to nearest."""
    return round(length_m * 1000)


def metres(length_mm: int) -> float:
    """Metres of a length in millimetres."""
    return length_mm / 1000


def mrad(angle_rad: float) -> int:
    """Milliradians of an angle in radians, wrapped to (-pi, pi] first."""
    return round(wrap_rad(angle_rad) * 1000)


def radians(angle_mrad: int) -> float:
    """Radians of an angle in milliradians."""
    return angle_mrad / 1000


def permille(fraction: float) -> int:
    """Permille of a fraction, clamped to 0..1000."""
    return round(min(1.0, max(0.0, fraction)) * 1000)


def whole_percent(share_permille: int) -> int:
    """Whole per cent, rounded down: nothing is shown surer or fuller than it is."""
    return share_permille // 10


def wrap_rad(angle_rad: float) -> float:
    """The same angle in (-pi, pi]."""
    wrapped = math.remainder(angle_rad, 2 * math.pi)
    return math.pi if wrapped == -math.pi else wrapped


def duration(span_ms: int) -> str:
    """As people say it: "6 s", "1 min 13 s", "2 h 10 min"."""
    if span_ms < 1_000:
        return "less than 1 s"
    seconds = (span_ms + 500) // 1_000
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
