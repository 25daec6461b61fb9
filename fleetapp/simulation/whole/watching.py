"""Who looks on while the whole system runs: told of everything, changes nothing."""

from typing import Protocol

from fleetapp.core.state import State
from fleetapp.core.turn import Row


class Watcher(Protocol):
    """Told in the order in which things happen."""

    def taken_in(self, robot_id: str, kind: str, payload: bytes) -> None:
        """The engine takes in a message of a robot with its next tick."""

    def published(self, robot_id: str, kind: str, payload: bytes) -> None:
        """The engine hands a message for a robot to the network."""

    def decided(self, state: State, rows: tuple[Row, ...]) -> None:
        """A tick made rows; `state` is after them."""

    def ticked(self) -> None:
        """A tick is over, its messages are sent."""

    def moved(self) -> None:
        """Robots lived a moment."""

    def started(self, state: State) -> None:
        """The engine was started again from what was durable."""


class Nobody:
    """Looks at nothing."""

    def taken_in(self, robot_id: str, kind: str, payload: bytes) -> None:
        """Not looked at."""

    def published(self, robot_id: str, kind: str, payload: bytes) -> None:
        """Not looked at."""

    def decided(self, state: State, rows: tuple[Row, ...]) -> None:
        """Not looked at."""

    def ticked(self) -> None:
        """Not looked at."""

    def moved(self) -> None:
        """Not looked at."""

    def started(self, state: State) -> None:
        """Not looked at."""
