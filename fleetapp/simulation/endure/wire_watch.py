"""Since which row a robot may have anything, told by the rows alone; held against the disk.

A message may be older than the row that let it leave: it waits while its robot is held,
the fleet stopped or all halted, and leaves once that ends. What ended it must be on disk
before, like the message's own row (`gate`): else a crash leaves a record in which
something moved that was forbidden (I4, rule 1).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from fleetapp.core.state import State
from fleetapp.core.turn import Row
from fleetapp.simulation.endure.model import Model


@dataclass(slots=True)
class WireWatch:
    """Each robot's newest row that ended what forbade it everything."""

    model: Model = field(default_factory=Model)
    freed: dict[str, tuple[int, str]] = field(default_factory=dict)  # row, and what it is

    def follow(self, rows: tuple[Row, ...]) -> None:
        """Note the rows of a tick."""
        for row in rows:
            before = {robot_id: self.model.obstacle(robot_id) for robot_id in self.model.robots}
            self.model.follow(row.message)
            for robot_id in self.model.robots:
                if before.get(robot_id, "new") and not self.model.obstacle(robot_id):
                    self.freed[robot_id] = (row.seq, type(row.message).__name__)

    def begin_with(self, state: State) -> None:
        """A start: all that is left of the rows is on disk."""
        self.model, self.freed = Model(), {}
        self.model.begin_with(state)

    def wrong_with(self, robot_id: str, durable_seq: int) -> Iterator[tuple[str, str, str]]:
        """Invariant, subject and story if nothing permissive may leave for a robot now."""
        obstacle = self.model.obstacle(robot_id)
        if obstacle:
            yield "one gate", robot_id, f"something left while {obstacle}, by the rows"
        seq, name = self.freed.get(robot_id, (0, ""))
        if seq > durable_seq:
            story = f"something left before {name} was on disk: row {seq}, durable {durable_seq}"
            yield "I4 row before message", f"{robot_id} after {name}", story
