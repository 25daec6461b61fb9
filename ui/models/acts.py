"""A command of the palette: its name, its key, and why it is not possible now."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Act:
    """One command; `refused` gives "" while it is possible."""

    icon: str
    name: str
    key: str
    run: Callable[[], object]
    refused: Callable[[], str] = lambda: ""


def fitting(acts: Iterable[Act], words: str) -> tuple[Act, ...]:
    """Those whose name or key holds every word; what is possible comes first."""
    wanted = words.lower().split()
    found = [act for act in acts if all(w in f"{act.name} {act.key}".lower() for w in wanted)]
    return tuple(sorted(found, key=lambda act: bool(act.refused())))
