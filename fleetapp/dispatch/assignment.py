"""Which robot takes which task: the least cost over all, with what was weighed.

Costs are whole milliseconds: driving to the package, plus a large step for each
level of priority and a small one for age, so that among equals the older task
goes first. Ties go to the earlier task and the smaller robot id.

Source: linear sum assignment (Jonker and Volgenant, via SciPy).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
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
    """A task with the cost of each robot that can take it; smaller `rank_ms` is more urgent."""

    task_id: str
    rank_ms: int
    costs_ms: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The best candidates for a task, and the rest as counts."""

    shown: tuple[Bid, ...]
    out_counts: tuple[tuple[Out, int], ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """A task given to a robot, with who else was weighed."""

    task_id: str
    robot_id: str
    cost_ms: int
    candidates: Candidates


def assign(wanted: Sequence[Wanted]) -> tuple[tuple[Wanted, str], ...]:
    """Match tasks and robots so that the sum of costs is least.

    As many tasks as possible are matched; urgent ones come before others where
    there are fewer robots than tasks.
    """
    robots = sorted({robot_id for task in wanted for robot_id in task.costs_ms})
    if not wanted or not robots:
        return ()
    costs = _matrix(wanted, robots)
    rows, columns = linear_sum_assignment(costs)
    return tuple(
        (wanted[row], robots[column])
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if costs[row, column] < IMPOSSIBLE
    )


def _matrix(wanted: Sequence[Wanted], robots: list[str]) -> NDArray[np.int64]:
    """Costs of shape (tasks, robots).

    With fewer robots than tasks the rank decides who is served: it is the same for
    all robots of a task.
    """
    column = {robot_id: number for number, robot_id in enumerate(robots)}
    costs = np.full((len(wanted), len(robots)), IMPOSSIBLE, dtype=np.int64)
    for row, task in enumerate(wanted):
        for robot_id, cost_ms in task.costs_ms.items():
            costs[row, column[robot_id]] = cost_ms + task.rank_ms
    return costs


def candidates(costs_ms: Mapping[str, int], outs: Mapping[str, Out]) -> Candidates:
    """The cheapest first, then those that are out, by id; twenty in full."""
    able = sorted((cost_ms, robot_id) for robot_id, cost_ms in costs_ms.items())
    unable = sorted(outs)
    shown = (
        *(Bid(robot_id, cost_ms, None) for cost_ms, robot_id in able[:CANDIDATES_SHOWN]),
        *(Bid(r, None, outs[r]) for r in unable[: max(0, CANDIDATES_SHOWN - len(able))]),
    )
    rest = Counter(outs[r] for r in unable[max(0, CANDIDATES_SHOWN - len(able)) :])
    return Candidates(shown, tuple(sorted(rest.items())))
