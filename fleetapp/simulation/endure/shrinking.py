"""Cutting a failing script down: events are left out while the same invariant still breaks.

Halves first, then quarters, and so on down to single events. A run ends as soon as its
invariant has broken, and what comes after the break is dropped first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import msgspec

from fleetapp.simulation.endure.breaks import Break
from fleetapp.simulation.endure.known import Known, capability_of, known_breaks
from fleetapp.simulation.endure.script import Event, Script, decode
from fleetapp.simulation.endure.shift import Shift

MOST_RUNS = 150


@dataclass(frozen=True, slots=True)
class Short:
    """What is left, and what it breaks."""

    script: Script
    invariant: str
    story: str
    had: int

    @property
    def events(self) -> int:
        """How many events are left."""
        return len(self.script.events) + len(self.script.late)

    def as_json(self) -> bytes:
        """As a stored script: what happens, and which invariant it broke."""
        stored = {"invariant": self.invariant, "story": self.story, "script": self.script}
        return msgspec.json.format(msgspec.json.encode(stored), indent=1)


@dataclass(frozen=True, slots=True)
class Stored:
    """A short script in a file."""

    invariant: str
    story: str
    script: Script


def stored(content: bytes) -> Stored:
    """A stored script.

    Raises:
        msgspec.ValidationError: naming what does not fit.
    """
    return msgspec.json.decode(content, type=Stored)


def cut_down(script: Script, found: Break, *, tell: Callable[[str], None]) -> Short:
    """The shortest script found that still breaks this invariant, in no way that is known."""
    had = len(script.events) + len(script.late)
    known = known_breaks()
    story = found.story
    runs = 0

    def breaks(candidate: Script) -> bool:
        nonlocal runs, story
        runs += 1
        shift = Shift(candidate, until=found.invariant)
        again = next((b for b in shift.play().breaks if is_again(b, found, known)), None)
        if again is not None:
            story = again.story
        return again is not None

    script = _without_tail(script, found, breaks)
    size = max(1, len(_all(script)) // 2)
    while runs < MOST_RUNS:
        smaller = _one_round(script, size, breaks, lambda: runs < MOST_RUNS)
        tell(f"{len(_all(smaller))} events after {runs} runs")
        if len(_all(smaller)) == len(_all(script)) and size == 1:
            break
        script, size = smaller, max(1, size // 2)
    return Short(script, found.invariant, story, had)


def is_again(one: Break, found: Break, known: Sequence[Known]) -> bool:
    """Whether it is the break that is looked for: of exceptions the same one at the same place."""
    if one.invariant != found.invariant or capability_of(one.invariant, one.story, known):
        return False
    return one.invariant != "no exception" or one.subject == found.subject


def _all(script: Script) -> Sequence[Event]:
    return (*script.events, *script.late)


def _with(script: Script, events: Sequence[Event]) -> Script:
    late = set(map(id, script.late))
    return replace(
        script,
        events=tuple(e for e in events if id(e) not in late),
        late=tuple(e for e in events if id(e) in late),
    )


def _without_tail(script: Script, found: Break, breaks: Callable[[Script], bool]) -> Script:
    """What comes after the break had no part in it; nor, often, had the two tasks of each."""
    early = tuple(e for e in script.events if e.at_ms <= found.at_ms)
    for candidate in (
        replace(script, events=early, late=(), needs_two=False, shortest_ms=0),
        replace(script, needs_two=False, shortest_ms=0),
    ):
        if breaks(candidate):
            return candidate
    return script


def _one_round(
    script: Script, size: int, breaks: Callable[[Script], bool], may_go_on: Callable[[], bool]
) -> Script:
    begin = 0
    while begin < len(_all(script)) and may_go_on():
        events = _all(script)
        candidate = _with(script, (*events[:begin], *events[begin + size :]))
        if breaks(candidate):
            script = candidate
        else:
            begin += size
    return script


__all__ = ["Short", "Stored", "cut_down", "decode", "stored"]
