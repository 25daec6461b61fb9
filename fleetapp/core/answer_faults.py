"""What follows from deadlines, failing workers and unusable messages."""

from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.alarms import end_alarm, raise_alarm
from fleetapp.core.answer_plans import no_answer
from fleetapp.core.decisions import PlanRequested, RobotFellSilent
from fleetapp.core.draft import Draft
from fleetapp.core.guard import each
from fleetapp.core.holding import hold
from fleetapp.core.long_waits import is_missed
from fleetapp.core.state import State
from fleetapp.core.turn import Turn
from fleetapp.core.waits import steady_times
from fleetapp.fleet.robot import Robot
from fleetapp.safety.silence import silence_limit_ms, silent_at_ms
from fleetapp.terms.reasons import AlarmKind, HoldReason

WORKER_ALARMS: dict[str, AlarmKind] = {
    "broker": AlarmKind.BROKER_DOWN,
    "recogniser": AlarmKind.RECOGNISER_DOWN,
}
DEFAULT_INTERVAL_MS = 30_000
SILENCE, LOOK, PLAN = "judge_silence", "judge_look", "judge_plan"  # rules about robots


def on_rejected(turn: Turn, message: seen.PayloadRejected) -> None:
    """Unusable messages are an advice, one for each sender."""
    raise_alarm(
        turn,
        AlarmKind.PAYLOAD_REJECTED,
        f"{message.topic}: {message.reason}; {message.remedy}",
        robot_id=message.robot_id or None,
    )


def on_usable(turn: Turn, message: seen.MessagesUsable) -> None:
    """The advice has done its work."""
    end_alarm(turn, AlarmKind.PAYLOAD_REJECTED, message.robot_id)


def on_journal_down(turn: Turn, message: own.JournalUnavailable) -> None:
    """Nothing permissive until it can be written again."""
    raise_alarm(turn, AlarmKind.JOURNAL_UNAVAILABLE, message.why)


def on_journal_up(turn: Turn, _message: own.JournalRecovered) -> None:
    """The record is whole again."""
    end_alarm(turn, AlarmKind.JOURNAL_UNAVAILABLE)


def on_worker(turn: Turn, message: own.WorkerChanged) -> None:
    """A worker that is down is an alarm until it is back."""
    kind = WORKER_ALARMS.get(message.worker)
    if kind is None:
        return
    if message.ok:
        end_alarm(turn, kind)
        return
    raise_alarm(turn, kind, message.detail)


def on_deadline(turn: Turn, _message: own.DeadlineFell) -> None:
    """Judge everything whose time has come."""
    for robot_id in each(turn, SILENCE, turn.draft.robots.mapping()):
        _judge_silence(turn, turn.draft.robots[robot_id])
    for robot_id in each(turn, LOOK, turn.draft.robots.mapping()):
        _judge_look(turn, turn.draft.robots[robot_id])
    late = {p.robot_id: p for p in turn.draft.plans.values() if _is_late(turn.draft, p)}
    for robot_id in each(turn, PLAN, late):
        no_answer(turn, late[robot_id])


def _is_late(draft: Draft, problem: PlanRequested) -> bool:
    return draft.now_ms >= problem.at_ms + draft.rules.plan_timeout_ms


def interval_ms(state_types: object, robot: Robot) -> int:
    """How often the robot reports at least, by its type."""
    kind = state_types.get(robot.robot_type) if isinstance(state_types, dict) else None
    return round(kind.state_interval_s * 1000) if kind is not None else DEFAULT_INTERVAL_MS


def _judge_silence(turn: Turn, robot: Robot) -> None:
    if robot.silent or not robot.admitted:
        return
    interval = interval_ms(turn.draft.floor.types, robot)
    if turn.now_ms < silent_at_ms(robot, interval):
        return
    limit = silence_limit_ms(interval)
    turn.decide(RobotFellSilent(turn.now_ms, robot.robot_id, limit))
    raise_alarm(
        turn,
        AlarmKind.ROBOT_SILENT,
        f"No report for {(turn.now_ms - robot.heard_ms) // 1000} s; it drives to the end of its "
        "base and stops there by itself",
        robot_id=robot.robot_id,
    )


def _judge_look(turn: Turn, robot: Robot) -> None:
    look = robot.look
    if look is None or look.until_ms is None or turn.now_ms < look.until_ms or robot.held:
        return
    hold(
        turn,
        robot.robot_id,
        HoldReason.NO_RECOGNITION,
        note="No answer about the package came in time",
        evidence=look.frame_id or "no frame",
    )


def next_deadline(state: State) -> int | None:
    """When the core wants to be asked next if nothing else happens."""
    times: list[int] = []
    for robot in state.robots.values():
        if robot.admitted and not robot.silent and SILENCE not in robot.broken:
            times.append(silent_at_ms(robot, interval_ms(state.floor.types, robot)))
        look = robot.look
        if look is not None and look.until_ms is not None and not robot.held:
            times.append(look.until_ms)
        if robot.wait is not None and is_missed(robot, state.rules.battery_low_permille):
            times.extend(_wait_times(state, robot))
        times.extend(at for at in steady_times(robot) if at > state.now_ms)
    times.extend(
        p.at_ms + state.rules.plan_timeout_ms
        for p in state.plans.values()
        if PLAN not in state.robots[p.robot_id].broken
    )
    return min(times, default=None)


def _wait_times(state: State, robot: Robot) -> tuple[int, ...]:
    """When its wait becomes a long one, unless it is that already."""
    if robot.wait is None:
        return ()
    long_ms = robot.wait.since_ms + state.rules.long_wait_ms
    return (long_ms,) if long_ms > state.now_ms else ()
