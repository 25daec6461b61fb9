"""A state under change within one step.

Each table is copied at most once a step, when its first entry changes; values
stay frozen. Nobody outside the step ever sees a draft.
"""

from collections.abc import Iterator, Mapping, ValuesView
from dataclasses import replace
from typing import Any, Generic, TypeVar

from fleetapp.core.state import State
from fleetapp.fleet.robot import Robot

K = TypeVar("K")
V = TypeVar("V")


class Table(Generic[K, V]):
    """A mapping that is copied on its first change."""

    __slots__ = ("_base", "_own")

    def __init__(self, base: Mapping[K, V]) -> None:
        self._base: Mapping[K, V] = base
        self._own: dict[K, V] | None = None

    def __getitem__(self, key: K) -> V:
        return self._base[key]

    def __contains__(self, key: object) -> bool:
        return key in self._base

    def __iter__(self) -> Iterator[K]:
        return iter(self._base)

    def __len__(self) -> int:
        return len(self._base)

    def get(self, key: K) -> V | None:
        """The value, None if there is none."""
        return self._base.get(key)

    def values(self) -> ValuesView[V]:
        """The values, in order of insertion."""
        return self._base.values()

    def put(self, key: K, value: V) -> None:
        """Set an entry."""
        self._copied()[key] = value

    def drop(self, key: K) -> None:
        """Remove an entry if it is there."""
        if key in self._base:
            del self._copied()[key]

    @property
    def changed(self) -> bool:
        """Whether an entry was set or removed in this step."""
        return self._own is not None

    def mapping(self) -> Mapping[K, V]:
        """The table as it stands; do not keep it beyond the step."""
        return self._base

    def _copied(self) -> dict[K, V]:
        if self._own is None:
            self._own = dict(self._base)
            self._base = self._own
        return self._own


class Draft:
    """The tables and plain fields of a state while a step changes them."""

    def __init__(self, state: State) -> None:
        """Begin with everything as `state` has it."""
        self.floor = state.floor
        self.rules = state.rules
        self.robots = Table(state.robots)
        self.tasks = Table(state.tasks)
        self.orders = Table(state.orders)
        self.owners = Table(state.owners)
        self.plans = Table(state.plans)
        self.reviews = Table(state.reviews)
        self.alarms = Table(state.alarms)
        self.assigned = Table(state.assigned)
        self.commands = Table(state.commands)
        self.workers = Table(state.workers)
        self.now_ms = state.now_ms
        self.started_ms = state.started_ms
        self.ran_site_id = state.ran_site_id
        self.ran_floor = state.ran_floor
        self.stop = state.stop
        self.journal_ok = state.journal_ok
        self.dispatch_due = state.dispatch_due
        self.done_count = state.done_count
        self.failed_count = state.failed_count
        self.rejected_count = state.rejected_count
        self.numbers = state.numbers
        self.tasks_taken = state.tasks_taken
        self.seq = state.seq
        self.task_rows = Table(state.task_rows)
        self.robot_rows = Table(state.robot_rows)
        self.halts = Table(state.halts)
        self.unfolded = state.unfolded

    @property
    def halted(self) -> bool:
        """Whether nothing may be allowed until a supervisor decides."""
        return any(halt.whole for halt in self.halts.values())

    def change_robot(self, robot_id: str, **changes: Any) -> Robot:
        """Replace fields of a robot; the robot as it then is."""
        changed = replace(self.robots[robot_id], **changes)
        self.robots.put(robot_id, changed)
        return changed

    def change_task(self, task_id: str, **changes: Any) -> None:
        """Replace fields of a task."""
        self.tasks.put(task_id, replace(self.tasks[task_id], **changes))

    def change_order(self, order_id: str, **changes: Any) -> None:
        """Replace fields of an order."""
        self.orders.put(order_id, replace(self.orders[order_id], **changes))

    def freeze(self) -> State:
        """The state as it now is."""
        return State(
            floor=self.floor,
            rules=self.rules,
            now_ms=self.now_ms,
            started_ms=self.started_ms,
            ran_site_id=self.ran_site_id,
            ran_floor=self.ran_floor,
            robots=self.robots.mapping(),
            tasks=self.tasks.mapping(),
            orders=self.orders.mapping(),
            owners=self.owners.mapping(),
            plans=self.plans.mapping(),
            reviews=self.reviews.mapping(),
            alarms=self.alarms.mapping(),
            assigned=self.assigned.mapping(),
            commands=self.commands.mapping(),
            workers=self.workers.mapping(),
            stop=self.stop,
            journal_ok=self.journal_ok,
            dispatch_due=self.dispatch_due,
            done_count=self.done_count,
            failed_count=self.failed_count,
            rejected_count=self.rejected_count,
            numbers=self.numbers,
            tasks_taken=self.tasks_taken,
            seq=self.seq,
            task_rows=self.task_rows.mapping(),
            robot_rows=self.robot_rows.mapping(),
            halts=self.halts.mapping(),
            unfolded=self.unfolded,
        )
