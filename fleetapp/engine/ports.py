"""What the loop needs from outside, named after the need.

The engine gives it a database, a broker and processes; the simulation in
virtual time gives it lists. The loop cannot tell them apart.
"""

from collections.abc import Sequence
from typing import Protocol

from fleetapp.core.decisions import PlanRequested
from fleetapp.core.observations import CommandGiven
from fleetapp.core.rows import Entry


class Journal(Protocol):
    """Where rows go. Never blocks, never raises."""

    def append(self, entries: Sequence[Entry]) -> None:
        """Queue rows in order; they become durable later."""
        ...


class Ring(Protocol):
    """Where commands in force stand until their rows are durable. Never blocks, never raises."""

    def keep(self, row_seq: int, given: CommandGiven) -> None:
        """Take the command of row `row_seq`; whether it is kept comes back as an item."""
        ...


class RobotLink(Protocol):
    """The way to the robots."""

    def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> bool:
        """Hand a message to the network at once; False if there is no connection."""
        ...


class Planner(Protocol):
    """Solves route problems; the answer comes back as an observation."""

    def solve(self, problem: PlanRequested) -> None:
        """Take a problem and return at once."""
        ...


class Recogniser(Protocol):
    """Looks at frames; the answer comes back as an observation."""

    def look(self, robot_id: str, frame_id: str, encoding: str, image: bytes) -> None:
        """Take a frame and return at once; only the newest of each robot counts."""
        ...
