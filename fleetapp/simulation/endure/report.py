"""What many seeds showed, added up: for people, and as JSON."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fleetapp.simulation.endure.arrows import all_arrows
from fleetapp.simulation.endure.breaks import Break
from fleetapp.simulation.endure.catalogue import MOMENTS, SPANS_MS
from fleetapp.simulation.endure.counts import Counts
from fleetapp.simulation.endure.known import Known, capability_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """One seed as it comes back from a worker."""

    seed: int
    virtual_ms: int
    cpu_s: float
    steps: int
    rows: int
    counts: Counts
    breaks: tuple[Break, ...]
    script: bytes = b""  # of a seed that broke
    wire: tuple[tuple[str, bytes], ...] = ()


@dataclass(slots=True)
class Report:
    """All seeds so far."""

    known: tuple[Known, ...]
    seeds: int = 0
    steps: int = 0
    rows: int = 0
    virtual_ms: int = 0
    cpu_s: float = 0.0
    counts: Counts = field(default_factory=Counts)
    breaks: list[tuple[int, Break, str, bytes]] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Take over a seed."""
        self.seeds += 1
        self.steps += outcome.steps
        self.rows += outcome.rows
        self.virtual_ms += outcome.virtual_ms
        self.cpu_s += outcome.cpu_s
        self.counts.add(outcome.counts)
        for found in outcome.breaks:
            capability = capability_of(found.invariant, found.story, self.known)
            self.breaks.append((outcome.seed, found, capability, outcome.script))

    @property
    def unexpected(self) -> list[tuple[int, Break]]:
        """Breaks that no list expects."""
        return [(seed, found) for seed, found, capability, _ in self.breaks if not capability]

    def as_json(self) -> dict[str, Any]:
        """The whole report."""
        return {
            "seeds": self.seeds,
            "steps": self.steps,
            "rows": self.rows,
            "virtual_s": self.virtual_ms // 1000,
            "cpu_s": round(self.cpu_s, 1),
            "faults": {name: self.counts.faults[name] for name in SPANS_MS},
            "faults_effective": {
                name: {moment: self.counts.effective[f"{name}: {moment}"] for moment in MOMENTS}
                for name in SPANS_MS
            },
            "transitions": {name: self.counts.transitions[name] for name in self._arrows()},
            "commands": dict(sorted(self.counts.commands.items())),
            "rules": dict(sorted(self.counts.rules.items())),
            "idle_robots": self.counts.idle_robots,
            "known_breaks": dict(Counter(c for _, _, c, _ in self.breaks if c)),
            "breaks": [
                {
                    "seed": seed,
                    "invariant": found.invariant,
                    "subject": found.subject,
                    "at_s": found.at_ms / 1000,
                    "story": found.story,
                    "capability": capability,
                    "script": script.decode() if not capability else "",
                }
                for seed, found, capability, script in self.breaks
            ],
        }

    def _arrows(self) -> Sequence[str]:
        """Those that there are, and any that was taken beside them."""
        known = all_arrows()
        others = sorted(set(self.counts.transitions) - set(known))
        return (*known, *others)

    def lines(self) -> list[str]:
        """A few lines for people."""
        times = self.virtual_ms / 1000 / max(self.cpu_s, 1e-9)
        head = f"{self.seeds} seeds, {self.steps} steps, {self.virtual_ms // 1000} virtual s in "
        found = [head + f"{self.cpu_s:.0f} s of computing ({times:.0f} times real time)"]
        for capability, count in Counter(c for _, _, c, _ in self.breaks if c).items():
            found.append(f"known: {count} x {capability}")
        never = [name for name in self._arrows() if not self.counts.transitions[name]]
        found.append(f"arrows never taken: {', '.join(never) or 'none'}")
        for seed, broken in self.unexpected:
            found.append(f"BREAK seed {seed} at {broken.at_ms / 1000:.2f} s: {broken.invariant}")
            found.append(f"  {broken.subject}: {broken.story}")
        found.append(f"{len(self.unexpected)} unexpected breaks")
        return found
