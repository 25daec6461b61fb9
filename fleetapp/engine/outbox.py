"""Permissive effects wait here until their row is durable and the robot may have them.

Promises to people wait here too: what was said to be queued is on disk.

Rule 1 of DESIGN.md: what was allowed but not recorded could never be explained.
An effect whose robot was held, fell silent or left automatic mode meanwhile waits
until that is over; one whose order is over or given up is dropped.
"""

from collections import deque
from collections.abc import Iterable

from fleetapp.core.effects import Charge, Due, Reply, Resume, SendOrder
from fleetapp.core.state import State
from fleetapp.fleet.order import OrderPhase
from fleetapp.safety.permission import obstacle_to_permission


class Outbox:
    """Effects in the order of their rows."""

    def __init__(self) -> None:
        """Begin empty."""
        self._waiting: deque[Due] = deque()
        self._durable_seq = 0

    def add(self, due: Iterable[Due]) -> None:
        """Queue permissive effects."""
        self._waiting.extend(due)

    def durable(self, seq: int) -> None:
        """Rows up to `seq` are on disk."""
        self._durable_seq = max(self._durable_seq, seq)

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, state: State) -> tuple[Due, ...]:
        """The effects that may leave now."""
        if not self._waiting or self._waiting[0].seq > self._durable_seq:
            return ()
        leaving: list[Due] = []
        staying: deque[Due] = deque()
        for due in self._waiting:
            if not _alive(state, due):
                continue
            if due.seq <= self._durable_seq and _allowed(state, due):
                leaving.append(due)
            else:
                staying.append(due)
        self._waiting = staying
        return tuple(leaving)


def _robot_id(due: Due) -> str:
    effect = due.effect
    if isinstance(effect, SendOrder):
        return effect.order.robot_id
    if isinstance(effect, Resume | Charge):
        return effect.robot_id
    return ""


def _alive(state: State, due: Due) -> bool:
    effect = due.effect
    if isinstance(effect, SendOrder):
        order = state.orders.get(effect.order.order_id)
        return order is not None and order.phase is OrderPhase.ACTIVE
    if isinstance(effect, Resume):
        robot = state.robots.get(effect.robot_id)
        return robot is not None and not robot.pause_wanted
    return True


def _allowed(state: State, due: Due) -> bool:
    if isinstance(due.effect, Reply):
        return True  # a promise waits for its record alone
    robot = state.robots.get(_robot_id(due))
    if robot is None:
        return False
    if isinstance(due.effect, SendOrder):
        obstacle = obstacle_to_permission(
            robot,
            journal_ok=state.journal_ok,
            stopped=state.stop is not None,
            halted=state.halted,
        )
        return obstacle is None
    if robot.held or robot.stray_id or robot.silent:
        return False
    return state.stop is None and state.journal_ok and not state.halted
