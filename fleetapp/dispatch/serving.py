"""Whose turn it is: cheap ways over all, and nobody is passed over for long.

Whoever always serves the nearest task starves a far one. So of the tasks that can be
done now, those that waited longer than their patience are served first, strictly as
they came. Of the rest a task takes part only if at most so many numbers lie between it
and the oldest task of the same or a higher priority that can be done. Nothing is
remembered: who waited how long follows from arrival numbers and times. What cannot be
done now is passed over and counts towards nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from fleetapp.dispatch.assignment import Assignment, Candidates, Wanted, assign
from fleetapp.terms.modes import Priority

# Whose oldest task limits whom: the same and every higher priority.
SAME_OR_HIGHER: Mapping[Priority, tuple[Priority, ...]] = {
    Priority.HIGH: (Priority.HIGH,),
    Priority.NORMAL: (Priority.NORMAL, Priority.HIGH),
    Priority.LOW: (Priority.LOW, Priority.NORMAL, Priority.HIGH),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task in the queue; `number` says who came first, smaller `rank_ms` is more urgent."""

    task_id: str
    number: int
    priority: Priority
    waited_ms: int
    rank_ms: int


@dataclass(frozen=True, slots=True)
class Patience:
    """How far tasks may be overtaken by younger ones of the same or a lower priority."""

    overtaken_most: int
    longest_ms: Mapping[Priority, int]  # after it by none

    def is_over(self, task: Waiting) -> bool:
        """Whether the task waited longer than its priority has to."""
        return task.waited_ms > self.longest_ms[task.priority]


class Offers(Protocol):
    """What the robots that are free now could take."""

    @property
    def any_free(self) -> bool:
        """Whether a robot is left that could take a task."""
        ...

    def costs_ms(self, task_id: str) -> Mapping[str, int]:
        """What the task costs each free robot that can do it; empty if none can."""
        ...

    def weighed(self, task_id: str) -> Candidates:
        """The full list of candidates, for the record."""
        ...

    def take(self, robot_id: str) -> None:
        """The robot is no longer free."""
        ...


def serve(queue: Sequence[Waiting], offers: Offers, patience: Patience) -> list[Assignment]:
    """Give tasks to free robots until nothing more can be given."""
    waiting = sorted(queue, key=lambda task: (task.number, task.task_id))
    given = list(_overdue(waiting, offers, patience))
    left = [task for task in waiting if not patience.is_over(task)]
    while offers.any_free:
        matched = assign(_eligible(left, offers, patience.overtaken_most))
        if not matched:
            return given
        given.extend(_taken(matched, offers))
        gone = {wanted.task_id for wanted, _ in matched}
        left = [task for task in left if task.task_id not in gone]
    return given


def _overdue(
    waiting: Sequence[Waiting], offers: Offers, patience: Patience
) -> Iterator[Assignment]:
    """Those that waited too long, as they came: each with its cheapest robot."""
    for task in waiting:
        if not offers.any_free:
            return
        costs = offers.costs_ms(task.task_id) if patience.is_over(task) else {}
        if costs:
            robot_id = min(costs, key=lambda r: (costs[r], r))
            yield from _taken(((Wanted(task.task_id, task.rank_ms, costs), robot_id),), offers)


def _eligible(left: Sequence[Waiting], offers: Offers, overtaken_most: int) -> list[Wanted]:
    """The tasks that take part: in order of number, so that the oldest are known first."""
    oldest: dict[Priority, int] = {}
    chosen: list[Wanted] = []
    for task in left:
        limits = [oldest[p] for p in SAME_OR_HIGHER[task.priority] if p in oldest]
        if limits and task.number > min(limits) + overtaken_most:
            continue
        costs = offers.costs_ms(task.task_id)
        if costs:
            oldest.setdefault(task.priority, task.number)
            chosen.append(Wanted(task.task_id, task.rank_ms, costs))
    return chosen


def _taken(matched: Sequence[tuple[Wanted, str]], offers: Offers) -> list[Assignment]:
    """The record of a round is made before its robots count as taken."""
    given = [
        Assignment(
            wanted.task_id, robot_id, wanted.costs_ms[robot_id], offers.weighed(wanted.task_id)
        )
        for wanted, robot_id in matched
    ]
    for assignment in given:
        offers.take(assignment.robot_id)
    return given
