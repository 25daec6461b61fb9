"""The planner's link: problems in, proposals out, on a thread of its own.

The search itself is `fleetapp.traffic.planners`; its budget is expansions, so
that the same problem has the same answer anywhere.
"""

import logging
import queue
import threading
from collections.abc import Callable

from fleetapp.core.decisions import PlanRequested
from fleetapp.core.observations import Input, PlanProposed
from fleetapp.core.state import Floor
from fleetapp.traffic.planners.detour import find_way_round

log = logging.getLogger(__name__)


def solve(floor: Floor, problem: PlanRequested) -> PlanProposed:
    """The answer to a problem; no nodes if there is no way."""
    route = find_way_round(
        floor.roads[problem.robot_type],
        problem.start,
        problem.goal,
        avoid=frozenset(problem.avoid),
        penalties=dict(problem.penalties),
    )
    if route is None:
        return PlanProposed(problem.problem_id, problem.robot_id, 0, (), (), 0, 0)
    return PlanProposed(
        problem.problem_id,
        problem.robot_id,
        0,
        route.nodes,
        route.edges,
        route.travel_ms,
        route.expansions,
    )


class PlannerLink:
    """Implements `engine.ports.Planner` with a thread."""

    def __init__(self, floor: Floor, on_message: Callable[[Input], None]) -> None:
        """`on_message` takes proposals, from the planner's thread."""
        self._floor = floor
        self._on_message = on_message
        self._problems: queue.SimpleQueue[PlanRequested | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="planner", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer what is queued, then end."""
        self._problems.put(None)
        self._thread.join(timeout=5)

    def solve(self, problem: PlanRequested) -> None:
        """Queue a problem."""
        self._problems.put(problem)

    def _run(self) -> None:
        while (problem := self._problems.get()) is not None:
            try:
                self._on_message(solve(self._floor, problem))
            except Exception:
                # No answer is a wait and then a hold; the next problem may be solvable.
                log.exception("the planner failed on %s", problem.problem_id)
