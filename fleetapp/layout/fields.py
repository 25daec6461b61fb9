"""Reads typed fields out of parsed JSON and TOML, noting what is wrong.

A wrong field becomes a finding that names the value and the remedy, and the
reader goes on, so that one run lists everything.
"""

import math
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from fleetapp.layout.elements import Point
from fleetapp.layout.finding import Findings

# Larger coordinates and sizes are mistakes of unit (millimetres for metres).
LARGEST_M = 100_000.0
LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Fields:
    """One object of a file, with its name for messages."""

    raw: dict[str, Any]
    file: str
    object_id: str
    findings: Findings

    def error(self, message: str, remedy: str) -> None:
        """Note an error of this object."""
        self.findings.error(
            file=self.file, object_id=self.object_id, message=message, remedy=remedy
        )

    def warning(self, message: str, remedy: str) -> None:
        """Note a warning of this object."""
        self.findings.warning(
            file=self.file, object_id=self.object_id, message=message, remedy=remedy
        )

    def only(self, *known: str) -> None:
        """Note keys that nobody reads: a misspelt rule would be a rule that nobody keeps.

        Keys that begin with "_" are remarks.
        """
        for key in self.raw:
            if key in known or key.startswith("_"):
                continue
            near = get_close_matches(key, known, n=1)
            meant = f"write {near[0]}, if that is meant" if near else f"use {', '.join(known)}"
            self.error(f"key {_shown(key)} is not known", f"{meant}, or take it out")

    def text(self, key: str, default: str | None = None) -> str | None:
        """A string that is not empty; None and an error without one."""
        value = self.raw.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and (value.strip() or default is not None):
            return self._printable(key, value)
        self.error(f"{key} is {_shown(value)}", f'give {key} as text, as in {key} = "..."')
        return None

    def _printable(self, key: str, value: str) -> str | None:
        """Text that can go to any screen, log and message; None and an error if it cannot."""
        if value.isprintable() and len(value) <= LONGEST_TEXT:
            return value
        self.error(
            f"{key} is {_shown(value)}",
            f"use at most {LONGEST_TEXT} characters and none that control a terminal",
        )
        return None

    def number(
        self,
        key: str,
        *,
        default: float | None = None,
        low: float = -LARGEST_M,
        high: float = LARGEST_M,
        exclusive: bool = False,
    ) -> float | None:
        """A finite number within bounds; None and an error without one."""
        value = self.raw.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
            self.error(f"{key} is {_shown(value)}", f"give {key} as a number")
            return None
        if not low <= value <= high or (exclusive and value == low):
            bound = "above" if exclusive else "from"
            self.error(f"{key} is {value}", f"give a number {bound} {low:g} up to {high:g}")
            return None
        return float(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.raw.get(key, default)
        if isinstance(value, bool):
            return value
        self.error(f"{key} is {_shown(value)}", f"give {key} as true or false")
        return default

    def choice(self, key: str, allowed: tuple[str, ...], *, default: str) -> str:
        """One of the allowed words; the default and an error for any other."""
        value = self.text(key, default) or default
        if value in allowed:
            return value
        self.error(f"{key} is {_shown(value)}", f"use one of: {', '.join(allowed)}")
        return default

    def children(self, key: str, *, required: bool = True) -> tuple[dict[str, Any], ...]:
        """A list of objects; anything else in it is an error."""
        value = self.raw.get(key)
        if value is None and not required:
            return ()
        if not isinstance(value, list):
            self.error(f"{key} is {_shown(value)}", f"give {key} as a list of objects")
            return ()
        for item in value:
            if not isinstance(item, dict):
                self.error(f"{key} holds {_shown(item)}", "keep only objects in this list")
        return tuple(item for item in value if isinstance(item, dict))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings."""
        value = self.raw.get(key)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(item for item in value if self._printable(key, item) is not None)
        self.error(f"{key} is {_shown(value)}", f"give {key} as a list of text")
        return ()

    def child(self, key: str) -> "Fields":
        """A nested object; a missing or wrong one is an error and reads as empty."""
        value = self.raw.get(key)
        if isinstance(value, dict):
            return Fields(value, self.file, self.object_id, self.findings)
        self.error(f"{key} is {_shown(value)}", f"give {key} as an object")
        return Fields({}, self.file, self.object_id, Findings())

    def parameters(self, key: str) -> tuple[tuple[str, str], ...]:
        """A table of text to text, sorted by key, empty if it is missing."""
        value = self.raw.get(key, {})
        if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
            return tuple(sorted((str(name), item) for name, item in value.items()))
        self.error(f"{key} is {_shown(value)}", f"give {key} as a table of text values")
        return ()

    def polygon(self, key: str, *, required: bool = True) -> tuple[Point, ...]:
        """A list of [x, y]; fewer than three points or other things are an error."""
        value = self.raw.get(key)
        if value is None and not required:
            return ()
        points = [_point(item) for item in value] if isinstance(value, list) else []
        whole = tuple(point for point in points if point is not None)
        if len(whole) < 3 or len(whole) != len(points):
            self.error(
                f"{key} is {_shown(value)}", f"give {key} as at least three [x, y] in metres"
            )
            return ()
        return whole


def named(noun: str, value: Any) -> str:
    """How an object is called in messages, whatever its id holds."""
    if isinstance(value, str) and value.isprintable() and len(value) <= 60:
        return f"{noun} {value}"
    return f"{noun} {_shown(value)}"


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer that no float can hold
        return False


def _point(item: Any) -> Point | None:
    if not isinstance(item, list) or len(item) != 2:
        return None
    for value in item:
        if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
            return None
        if abs(value) > LARGEST_M:
            return None
    return (float(item[0]), float(item[1]))


def _shown(value: Any) -> str:
    """A value in a message: short and printable, whatever a hostile file holds."""
    match value:
        case None:
            return "missing"
        case dict():
            return "an object"
        case list():
            return f"a list of {len(value)}"
        case str():
            return ascii(value if len(value) <= 60 else value[:57] + "...")
        case int() if abs(value) > 10**15:
            return "a very large number"
        case _:
            return str(value)
