"""Which robot takes which task: the least cost over all, with what was weighed.

Costs are whole milliseconds: driving to the package, plus a large step for each
level of priority and a small one for age, so that among equals the older task
goes first. Ties go to the earlier task and the smaller robot id.

Source: linear sum assignment (Jonker and Volgenant, via SciPy).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from fleetapp.terms.reasons import Out

CANDIDATES_SHOWN = 20
IMPOSSIBLE = 1 << 40


@dataclass(frozen=True, slots=True)
class Bid:
    """What it would cost a robot to take a task, or why it cannot."""

    robot_id: str
    cost_ms: int | None
    out: Out | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """An open task with the bids of all robots; smaller `rank_ms` is more urgent."""

    task_id: str
    rank_ms: int
    bids: tuple[Bid, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """A task given to a robot, with the best candidates and the rest as counts."""

    task_id: str
    robot_id: str
    cost_ms: int
    candidates: tuple[Bid, ...]
    out_counts: tuple[tuple[Out, int], ...]


def assign(wanted: Sequence[Wanted]) -> tuple[Assignment, ...]:
    """Match open tasks and free robots so that the sum of costs is least.

    As many tasks as possible are matched; urgent ones come before others where
    there are fewer robots than tasks.
    """
    robots = sorted({b.robot_id for task in wanted for b in task.bids if b.cost_ms is not None})
    if not wanted or not robots:
        return ()
    costs = _matrix(wanted, robots)
    rows, columns = linear_sum_assignment(costs)
    return tuple(
        _assignment(wanted[row], robots[column])
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if costs[row, column] < IMPOSSIBLE
    )


def _matrix(wanted: Sequence[Wanted], robots: list[str]) -> NDArray[np.int64]:
    """Costs of shape (tasks, robots).

    With fewer robots than tasks the rank decides who is served: it is subtracted
    from a constant that exceeds it, the same for all robots of a task.
    """
    column = {robot_id: number for number, robot_id in enumerate(robots)}
    costs = np.full((len(wanted), len(robots)), IMPOSSIBLE, dtype=np.int64)
    for row, task in enumerate(wanted):
        for bid in task.bids:
            if bid.cost_ms is not None:
                costs[row, column[bid.robot_id]] = bid.cost_ms + task.rank_ms
    return costs


def _assignment(task: Wanted, robot_id: str) -> Assignment:
    chosen = next(bid for bid in task.bids if bid.robot_id == robot_id)
    able = sorted(
        (b for b in task.bids if b.cost_ms is not None), key=lambda b: (b.cost_ms, b.robot_id)
    )
    unable = sorted((b for b in task.bids if b.cost_ms is None), key=lambda b: b.robot_id)
    shown = (*able, *unable)[:CANDIDATES_SHOWN]
    rest = Counter(b.out for b in (*able, *unable)[CANDIDATES_SHOWN:] if b.out is not None)
    return Assignment(
        task.task_id,
        robot_id,
        chosen.cost_ms or 0,
        shown,
        tuple(sorted(rest.items())),
    )
