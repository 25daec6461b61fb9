"""What was met: transitions, faults, commands. Added up over seeds."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counts:
    """Counters by name."""

    transitions: Counter[str] = field(default_factory=Counter)  # "table: from -> to"
    faults: Counter[str] = field(default_factory=Counter)
    effective: Counter[str] = field(default_factory=Counter)  # "fault: what the robot did"
    commands: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)  # rows by type
    idle_robots: int = 0  # that did not finish two tasks

    def note_fault(self, name: str, doing: Iterable[str]) -> None:
        """A fault begins while robots do this."""
        self.faults[name] += 1
        for what in doing:
            self.effective[f"{name}: {what}"] += 1

    def add(self, other: "Counts") -> None:
        """Take over what another seed met."""
        self.transitions.update(other.transitions)
        self.faults.update(other.faults)
        self.effective.update(other.effective)
        self.commands.update(other.commands)
        self.rules.update(other.rules)
        self.idle_robots += other.idle_robots
