"""What is true of the whole fleet: counts, the stop, the health of the processes."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from fleetapp.api.views import NOT_STOPPED, FleetView, HaltView, ProcessView, StopView
from fleetapp.core.state import Halt, State
from fleetapp.engine.views.guarded import ViewGuard
from fleetapp.engine.views.plain import plain_halt, plain_stop
from fleetapp.engine.views.resting_rules import without
from fleetapp.engine.views.robots import state_of
from fleetapp.fleet.robot import Robot
from fleetapp.tasks.task import Task, is_open
from fleetapp.terms.modes import RobotState, TaskState

MINUTE_MS = 60_000
MINUTES_SHOWN = 60
HOUR_MS = 60 * MINUTE_MS
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


class StandstillTimes:
    """How long each robot took from the stop to its own report that it stands."""

    def __init__(self) -> None:
        """No stop yet."""
        self._since_ms: int | None = None
        self._after_ms: dict[str, int] = {}

    def note(self, state: State) -> None:
        """Take over who reports by now that it stands; a new stop begins anew."""
        stop = state.stop
        if stop is None or stop.since_ms != self._since_ms:
            self._since_ms = stop.since_ms if stop is not None else None
            self._after_ms = {}
        if stop is None:
            return
        after_ms = state.now_ms - stop.since_ms
        standing = [r.robot_id for r in state.robots.values() if r.admitted and r.stands_paused]
        # Whoever took it back meanwhile stood only after that: the first time was not the last.
        self._after_ms = {name: self._after_ms.get(name, after_ms) for name in standing}

    def of(self, robot_ids: list[str]) -> tuple[tuple[str, int], ...]:
        """Robot id and milliseconds of those named that reported it."""
        return tuple((name, self._after_ms[name]) for name in robot_ids if name in self._after_ms)


def fleet_view(
    state: State,
    *,
    done: DoneCounter,
    standstill: StandstillTimes,
    journal: JournalHealth,
    stop_sent_after_ms: int | None,
    first_user_needed: bool,
    guard: ViewGuard,
) -> FleetView:
    """The figures of the top bar and the foot."""
    admitted = [robot for robot in state.robots.values() if robot.admitted]
    per_minute = done.per_minute(state.now_ms)
    open_tasks = [task for task in state.tasks.values() if is_open(task)]
    due_done, on_time = _punctuality(state.tasks.values(), state.now_ms)
    return FleetView(
        site_id=state.floor.site.site_id,
        site_name=state.floor.site.name,
        layout_version=state.floor.site.layout_version,
        at_ms=state.now_ms,
        started_ms=state.started_ms,
        stop=guard.made(
            "the stop",
            lambda: stop_view(state, admitted, standstill, stop_sent_after_ms),
            lambda: plain_stop(state),
        ),
        processes=_processes(state, journal),
        robots_working=sum(1 for robot in admitted if _works(state, robot, guard)),
        robots_admitted=len(admitted),
        tasks_open=len(open_tasks),
        tasks_done=state.done_count,
        tasks_failed=state.failed_count,
        tasks_done_last_hour=sum(per_minute),
        done_per_minute=per_minute,
        tasks_late=sum(_is_late(task, state.now_ms) for task in open_tasks),
        tasks_due_done=due_done,
        tasks_on_time=on_time,
        journal_seq=state.seq,
        journal_durable_seq=journal.durable_seq,
        journal_lag_ms=journal.lag_ms,
        rejected_payloads=state.rejected_count,
        first_user_needed=first_user_needed,
        halts=_halts(state, guard),
    )


def _halts(state: State, guard: ViewGuard) -> tuple[HaltView, ...]:
    return tuple(
        guard.made("a halt", partial(_halt_view, halt), partial(plain_halt, halt))
        for halt in state.halts.values()
    )


def _halt_view(halt: Halt) -> HaltView:
    what = "Nothing is allowed to any robot" if halt.whole else without(halt.rule)
    text = f"{what} until a supervisor decides: {halt.note}."
    return HaltView(halt.halt_id, halt.reason, halt.whole, text, halt.since_ms)


def _is_late(task: Task, now_ms: int) -> bool:
    return task.due_ms is not None and task.due_ms < now_ms


def _works(state: State, robot: Robot, guard: ViewGuard) -> bool:
    """Of a robot that cannot be shown nobody says that it works."""
    return guard.made("a robot", lambda: state_of(state, robot) in WORKING, lambda: False)


def _punctuality(tasks: Iterable[Task], now_ms: int) -> tuple[int, int]:
    """Tasks with a due time that were done in the last hour; how many of them by then."""
    ended = [
        task
        for task in tasks
        if task.state is TaskState.DONE
        and task.due_ms is not None
        and task.ended_ms is not None
        and now_ms - task.ended_ms < HOUR_MS
    ]
    return len(ended), sum(1 for task in ended if (task.ended_ms or 0) <= (task.due_ms or 0))


def stop_view(
    state: State,
    admitted: list[Robot],
    standstill: StandstillTimes,
    sent_after_ms: int | None,
) -> StopView:
    """The fleet stop, by the robots' own reports."""
    stop = state.stop
    if stop is None:
        return NOT_STOPPED
    standing, sent, silent = [], [], []
    for robot in sorted(admitted, key=lambda r: r.robot_id):
        if robot.stands_paused and not robot.silent:
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
        still_after_ms=standstill.of(standing),
    )


def _processes(state: State, journal: JournalHealth) -> tuple[ProcessView, ...]:
    workers = tuple(
        ProcessView(name, worker.ok, worker.detail) for name, worker in state.workers.items()
    )
    return (*workers, ProcessView("journal", journal.ok and state.journal_ok, journal.detail))
