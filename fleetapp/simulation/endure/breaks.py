"""A break: an invariant that did not hold, about whom, when, and the story."""

from dataclasses import dataclass

from fleetapp.simulation.whole.system import START_MS


@dataclass(frozen=True, slots=True)
class Break:
    """One invariant broken once; what is the same about the same subject is told once a seed."""

    invariant: str
    subject: str
    at_ms: int  # since the seed began
    story: str


class Breaks:
    """Those of one seed, each subject of an invariant once: once as known, once as not."""

    def __init__(self) -> None:
        """None yet."""
        self.found: dict[tuple[str, str, str], Break] = {}

    def note(self, invariant: str, subject: str, now_ms: int, story: str, capability: str) -> None:
        """Tell of one; `capability` is what will end it, "" if nobody expects it."""
        key = (invariant, subject, capability)
        if key not in self.found:
            self.found[key] = Break(invariant, subject, now_ms - START_MS, story)
