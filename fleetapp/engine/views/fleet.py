"""What is true of the whole fleet: counts, the stop, the health of the processes."""

from collections import deque
from dataclasses import dataclass

from fleetapp.api.views import FleetView, ProcessView, StopView
from fleetapp.core.state import State
from fleetapp.engine.views.robots import state_of
from fleetapp.fleet.robot import Robot
from fleetapp.tasks.task import is_open
from fleetapp.terms.modes import RobotState

MINUTE_MS = 60_000
MINUTES_SHOWN = 60
WORKING = frozenset({RobotState.WORKING, RobotState.WAITING})


@dataclass(frozen=True, slots=True)
class JournalHealth:
    """How far the record is behind."""

    durable_seq: int
    lag_ms: int
    ok: bool
    detail: str


class DoneCounter:
    """Tasks done in each of the last sixty minutes."""

    def __init__(self) -> None:
        """Begin with empty minutes."""
        self._minutes: deque[tuple[int, int]] = deque()
        self._seen = 0

    def note(self, now_ms: int, done_count: int) -> None:
        """Take over how many are done by now."""
        new = done_count - self._seen
        self._seen = done_count
        if new <= 0:
            return
        minute = now_ms // MINUTE_MS
        if self._minutes and self._minutes[-1][0] == minute:
            self._minutes[-1] = (minute, self._minutes[-1][1] + new)
        else:
            self._minutes.append((minute, new))
        while self._minutes[0][0] <= minute - MINUTES_SHOWN:
            self._minutes.popleft()

    def restart(self, done_count: int) -> None:
        """After a restart: what was done before is not counted again."""
        self._seen = done_count

    def per_minute(self, now_ms: int) -> tuple[int, ...]:
        """Counts of the last sixty minutes, oldest first, the present one last."""
        present = now_ms // MINUTE_MS
        counts = dict(self._minutes)
        return tuple(counts.get(present - back, 0) for back in range(MINUTES_SHOWN - 1, -1, -1))


def fleet_view(
    state: State,
    *,
    done: DoneCounter,
    journal: JournalHealth,
    stop_sent_after_ms: int | None,
    first_user_needed: bool,
) -> FleetView:
    """The figures of the top bar and the foot."""
    admitted = [robot for robot in state.robots.values() if robot.admitted]
    per_minute = done.per_minute(state.now_ms)
    open_tasks = [task for task in state.tasks.values() if is_open(task)]
    return FleetView(
        site_id=state.floor.site.site_id,
        site_name=state.floor.site.name,
        layout_version=state.floor.site.layout_version,
        at_ms=state.now_ms,
        started_ms=state.started_ms,
        stop=stop_view(state, admitted, stop_sent_after_ms),
        processes=_processes(state, journal),
        robots_working=sum(1 for robot in admitted if state_of(state, robot) in WORKING),
        robots_admitted=len(admitted),
        tasks_open=len(open_tasks),
        tasks_done=state.done_count,
        tasks_failed=state.failed_count,
        tasks_done_last_hour=sum(per_minute),
        done_per_minute=per_minute,
        tasks_late=sum(
            1 for task in open_tasks if task.due_ms is not None and task.due_ms < state.now_ms
        ),
        journal_seq=state.seq,
        journal_durable_seq=journal.durable_seq,
        journal_lag_ms=journal.lag_ms,
        rejected_payloads=state.rejected_count,
        first_user_needed=first_user_needed,
    )


def stop_view(state: State, admitted: list[Robot], sent_after_ms: int | None) -> StopView:
    """The fleet stop, by the robots' own reports."""
    stop = state.stop
    if stop is None:
        return StopView(
            active=False,
            since_ms=None,
            by="",
            sent_after_ms=None,
            standing=(),
            sent=(),
            no_answer=(),
        )
    standing, sent, silent = [], [], []
    for robot in sorted(admitted, key=lambda r: r.robot_id):
        if robot.pause_confirmed and not robot.silent:
            standing.append(robot.robot_id)
        elif robot.silent or robot.pause_failed or not robot.reported:
            silent.append(robot.robot_id)
        else:
            sent.append(robot.robot_id)
    return StopView(
        active=True,
        since_ms=stop.since_ms,
        by=stop.by,
        sent_after_ms=sent_after_ms,
        standing=tuple(standing),
        sent=tuple(sent),
        no_answer=tuple(silent),
    )


def _processes(state: State, journal: JournalHealth) -> tuple[ProcessView, ...]:
    workers = tuple(
        ProcessView(name, worker.ok, worker.detail) for name, worker in state.workers.items()
    )
    return (*workers, ProcessView("journal", journal.ok and state.journal_ok, journal.detail))
