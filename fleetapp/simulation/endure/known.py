"""Known breaks: what is still to be mended, by invariant and pattern, with its capability.

A known break is counted and told, it only does not make the run fail. The list is data
(`known_breaks.json`); an entry goes when its capability comes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

FILE = Path(__file__).with_name("known_breaks.json")


@dataclass(frozen=True, slots=True)
class Known:
    """A break that is expected for now."""

    invariant: str
    pattern: str  # found in the story
    capability: str  # what will end it


def known_breaks(path: Path = FILE) -> tuple[Known, ...]:
    """The list.

    Raises:
        msgspec.ValidationError: if the file does not hold such a list.
    """
    return msgspec.json.decode(path.read_bytes(), type=tuple[Known, ...])


def capability_of(invariant: str, story: str, known: Sequence[Known]) -> str:
    """What will end a break, "" if nobody expects it."""
    for entry in known:
        if entry.invariant == invariant and re.search(entry.pattern, story):
            return entry.capability
    return ""
