"""Faults of the engine and of what it leans on: journal, recogniser, planner."""

from collections.abc import Mapping

from fleetapp.core.observations_engine import RecordDoubted, WorkerChanged
from fleetapp.simulation.endure.fault import Fault, nothing
from fleetapp.simulation.endure.script import Event
from fleetapp.simulation.endure.stage import Stage
from fleetapp.simulation.robots.robot import VirtualRobot
from fleetapp.simulation.whole.system import TICK_MS
from fleetapp.simulation.whole.workers import RECOGNITION_MS


def _killed(stage: Stage, _robot: VirtualRobot, event: Event) -> None:
    system = stage.system
    if system.engine_dead:
        return
    ends = system.journal.undurable_ends(system.durable_seq)
    system.crash_engine(ends[int(event.args["choice"]) % len(ends)])


def _started(stage: Stage, _robot: VirtualRobot, event: Event) -> None:
    system = stage.system
    if system.engine_dead:
        last_seq = len(system.entries)
        system.start_engine(stage.image(last_seq, int(event.args["choice"]) // 7))


def _killed_and_paused(stage: Stage, robot: VirtualRobot, event: Event) -> None:
    """While nobody decides, somebody pauses a robot at its panel."""
    _killed(stage, robot, event)
    robot.pause_by_hand(paused=True)


def _doubted(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
    """The proof of the journal finds a row that is not what was written."""
    seq = max(1, stage.system.durable_seq)
    text = f"row {seq} is not what was written"
    stage.system.tell(RecordDoubted(0, "proof", seq, seq - 1, text))


def _journal(*, slow_ms: int = TICK_MS, locked: bool = False, full: bool = False) -> Fault:
    def begin(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
        journal = stage.system.journal
        journal.commit_ms, journal.locked, journal.full = slow_ms, locked, full

    def end(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
        journal = stage.system.journal
        journal.commit_ms, journal.locked, journal.full = TICK_MS, False, False

    return Fault(begin, end)


def _recogniser_dead(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
    stage.system.recogniser.dead = True
    stage.system.tell(WorkerChanged(0, "recogniser", ok=False, detail="it ended"))


def _recogniser_back(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
    stage.system.tell(WorkerChanged(0, "recogniser", ok=True, detail="virtual"))
    stage.system.recogniser.wake(stage.system.now_ms)


def _recogniser_slow(stage: Stage, _robot: VirtualRobot, event: Event) -> None:
    stage.system.recogniser.delay_ms = 2_000 + int(event.args["choice"]) % 12_000


def _recogniser_quick(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
    stage.system.recogniser.delay_ms = RECOGNITION_MS


def _all_dead(stage: Stage, robot: VirtualRobot, event: Event) -> None:
    """Looks wait for a recogniser that is gone when the engine goes too, and starts at once."""
    _killed(stage, robot, event)
    _started(stage, robot, event)
    stage.system.recogniser.wake(stage.system.now_ms)


def _planner_dead(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
    stage.system.planner.dead = True


def _planner_back(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
    stage.system.planner.dead, stage.system.planner.delay_ms = False, 0


def _planner_slow(stage: Stage, _robot: VirtualRobot, event: Event) -> None:
    stage.system.planner.delay_ms = 500 + int(event.args["choice"]) % 12_000


ENGINE_FAULTS: Mapping[str, Fault] = {
    "kill": Fault(_killed, _started),
    "found_paused": Fault(_killed_and_paused, _started),
    "record_doubted": Fault(_doubted, nothing),
    "journal_slow": _journal(slow_ms=2_500),
    "journal_locked": _journal(locked=True),
    "journal_full": _journal(full=True),
    "recogniser_dead": Fault(_recogniser_dead, _recogniser_back),
    "dies_with_recogniser": Fault(_recogniser_dead, _all_dead),
    "recogniser_slow": Fault(_recogniser_slow, _recogniser_quick),
    "planner_dead": Fault(_planner_dead, _planner_back),
    "planner_slow": Fault(_planner_slow, _planner_back),
}
