"""What each fault does when it begins and when it ends.

Names and spans stand in `catalogue`; a test holds the two lists together.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from fleetapp.api import commands as asked
from fleetapp.core.observations_engine import WorkerChanged
from fleetapp.simulation.endure.script import Event
from fleetapp.simulation.endure.stage import Stage
from fleetapp.simulation.robots.faults import Fault as Shown
from fleetapp.simulation.robots.robot import Spec, VirtualRobot
from fleetapp.simulation.whole.network import Weather
from fleetapp.simulation.whole.system import BOSS, TICK_MS
from fleetapp.simulation.whole.workers import RECOGNITION_MS

Deed = Callable[[Stage, VirtualRobot, Event], None]
FAR_M = 3.0


@dataclass(frozen=True, slots=True)
class Fault:
    """How it begins and how it ends."""

    begin: Deed
    end: Deed


def _shown(kind: Shown) -> Fault:
    def begin(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
        robot.faults.show(kind)

    def end(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
        robot.faults.show(kind, on=False)

    return Fault(begin, end)


def _stop(word: str) -> Fault:
    def begin(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
        robot.faults.emergency_stop = word

    def end(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
        robot.faults.emergency_stop = "NONE"

    return Fault(begin, end)


def _manual(*, keeps_order: bool) -> Fault:
    def begin(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
        robot.faults.manual, robot.faults.keeps_order = True, keeps_order

    def end(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
        robot.faults.manual = robot.faults.keeps_order = False

    return Fault(begin, end)


def _refuses(error_type: str) -> Fault:
    def begin(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
        robot.faults.refuses = error_type

    def end(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
        robot.faults.refuses = ""

    return Fault(begin, end)


def _camera(label: str) -> Fault:
    def begin(stage: Stage, robot: VirtualRobot, _event: Event) -> None:
        stage.cameras.shows[robot.robot_id] = label

    def end(stage: Stage, robot: VirtualRobot, _event: Event) -> None:
        stage.cameras.shows.pop(robot.robot_id, None)

    return Fault(begin, end)


# --- the network ------------------------------------------------------------
def _weather(weather: Weather) -> Fault:
    def begin(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
        stage.system.network.weather = weather

    def end(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
        stage.system.network.weather = Weather()

    return Fault(begin, end)


def _broker_down(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
    stage.system.network.down = True
    stage.system.tell(WorkerChanged(0, "broker", ok=False, detail="no connection"))


def _broker_up(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
    stage.system.network.down = False
    stage.system.tell(WorkerChanged(0, "broker", ok=True, detail="connected"))
    for robot in stage.system.robots.values():
        if robot.robot_id not in stage.system.network.cut:
            robot.connected()


def _partition(stage: Stage, robot: VirtualRobot, event: Event) -> None:
    stage.system.network.cut.add(robot.robot_id)
    if int(event.args["choice"]) % 2:  # sometimes the broker notices
        will = robot.will()
        stage.system.network.send_later("fleet", will.topic, will.payload, stage.system.now_ms)


def _joined(stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    stage.system.network.cut.discard(robot.robot_id)
    robot.connected()


def _late_reports(stage: Stage, robot: VirtualRobot, event: Event) -> None:
    stage.system.network.slow[robot.robot_id] = 1_000 + int(event.args["choice"]) % 4_000


def _in_time(stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    stage.system.network.slow.pop(robot.robot_id, None)


def _flood(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    robot.spec = _reporting(robot, 100)


def _flood_over(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    robot.spec = _reporting(robot, 1_000)


def _reporting(robot: VirtualRobot, every_ms: int) -> Spec:
    return replace(robot.spec, state_every_ms=every_ms)


# --- the robot ----------------------------------------------------------------
def _frozen(stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    will = robot.will()
    robot.faults.show(Shown.FROZEN)
    stage.system.network.send("fleet", will.topic, will.payload, stage.system.now_ms)


def _thawed(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    robot.faults.show(Shown.FROZEN, on=False)
    robot.connected()


def _rebooted(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    robot.faults.show(Shown.FROZEN, on=False)
    robot.restart()


def _rebooted_elsewhere(stage: Stage, robot: VirtualRobot, event: Event) -> None:
    carry(stage, robot, int(event.args["choice"]))
    _rebooted(stage, robot, event)


def _leap(_stage: Stage, robot: VirtualRobot, event: Event) -> None:
    angle = int(event.args["choice"]) % 628 / 100
    robot.faults.offset_m = (FAR_M * math.cos(angle), FAR_M * math.sin(angle))


def _leapt_back(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    robot.faults.offset_m = (0.0, 0.0)


def _lifted(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    robot.faults.manual = True


def _set_down(stage: Stage, robot: VirtualRobot, event: Event) -> None:
    carry(stage, robot, int(event.args["choice"]))
    robot.faults.manual = False


def carry(stage: Stage, robot: VirtualRobot, choice: int, *, careful: bool = False) -> None:
    """Somebody puts it on a node, but not onto another robot; `careful`: on free floor."""
    road = stage.road(robot.robot_id)
    nodes = [node for node in range(road.node_count) if _has_room(stage, robot, node)]
    if careful:
        nodes = [node for node in nodes if _is_free(stage, robot, node)]
    if not nodes:
        return
    node = nodes[choice % len(nodes)]
    x_m, y_m = int(road.x_mm[node]) / 1000, int(road.y_mm[node]) / 1000
    robot.set_down(x_m, y_m, choice % 4 * math.pi / 2 - math.pi / 2, road.node_ids[node])
    stage.displaced[robot.robot_id] = stage.system.now_ms


def _has_room(stage: Stage, robot: VirtualRobot, node: int) -> bool:
    road = stage.road(robot.robot_id)
    x_m, y_m = int(road.x_mm[node]) / 1000, int(road.y_mm[node]) / 1000
    others = (r for r in stage.system.robots.values() if r is not robot)
    return all(math.hypot(o.body.x_m - x_m, o.body.y_m - y_m) > 1.3 for o in others)


def _is_free(stage: Stage, robot: VirtualRobot, node: int) -> bool:
    """As the map of the floor shows it to whoever puts a robot down there."""
    reach = stage.floor.masks.reach[node]
    owners = stage.system.state.owners.items()
    return not any(reach >> r & 1 for r, owner in owners if owner != robot.robot_id)


def _empty(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    robot.battery.charge_fraction = 0.03


def _new_battery(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    robot.battery.charge_fraction = 0.7


def _contradicts(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    robot.faults.contradicts = True


def _agrees(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    robot.faults.contradicts = False


def _removed(stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    command = asked.RemoveRobot(stage.system.command_id(), robot.robot_id, "to the workshop")
    stage.system.command(command, BOSS)


def _admitted(stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    system = stage.system
    kind, serial = system.types[robot.robot_id], robot.spec.serial
    system.command(asked.AdmitRobot(system.command_id(), robot.robot_id, kind, serial), BOSS)


# --- the engine and what it leans on -----------------------------------------
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


def _planner_dead(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
    stage.system.planner.dead = True


def _planner_back(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
    stage.system.planner.dead, stage.system.planner.delay_ms = False, 0


def _planner_slow(stage: Stage, _robot: VirtualRobot, event: Event) -> None:
    stage.system.planner.delay_ms = 500 + int(event.args["choice"]) % 12_000


# --- frames that come when they should not -----------------------------------
def _frame_again(stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    stage.system.network.doubles_frames.add(robot.robot_id)


def _frame_once(stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    stage.system.network.doubles_frames.discard(robot.robot_id)


def _old_frame(stage: Stage, robot: VirtualRobot, event: Event) -> None:
    frame = stage.frames.get(robot.robot_id)
    if frame is None:
        return
    topic = robot.topic("frame")
    for number in range(6):
        wait_ms = number * int(event.args["for_ms"]) // 6
        stage.system.network.send_later("fleet", topic, frame, stage.system.now_ms + wait_ms)


def _nothing(_stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
    """It ends by itself."""


FAULTS: Mapping[str, Fault] = {
    "broker_down": Fault(_broker_down, _broker_up),
    "bad_weather": _weather(Weather(lost=0.05, doubled=0.05, late=0.05)),
    "slow_network": _weather(Weather(delay_ms=(300, 5_000))),
    "late_reports": Fault(_late_reports, _in_time),
    "partition": Fault(_partition, _joined),
    "flood": Fault(_flood, _flood_over),
    "stuck": _shown(Shown.STUCK),
    "frozen": Fault(_frozen, _thawed),
    "field_violation": _shown(Shown.FIELD_VIOLATION),
    "emergency_stop": _stop("MANUAL"),
    "remote_stop": _stop("REMOTE"),
    "stop_that_ends": _stop("AUTOACK"),
    "fatal": _shown(Shown.FATAL),
    "warning": _shown(Shown.WARNING),
    "empty_battery": Fault(_empty, _new_battery),
    "lost_position": _shown(Shown.LOST_POSITION),
    "leap": Fault(_leap, _leapt_back),
    "set_down": Fault(_lifted, _set_down),
    "reboot_elsewhere": Fault(_frozen, _rebooted_elsewhere),
    "wrong_clock": _shown(Shown.WRONG_CLOCK),
    "contradicts": Fault(_contradicts, _agrees),
    "manual_keeps": _manual(keeps_order=True),
    "manual_loses": _manual(keeps_order=False),
    "refuses_order": _refuses("orderError"),
    "refuses_route": _refuses("noRouteError"),
    "refuses_silently": _shown(Shown.REFUSES_SILENTLY),
    "forgets_order": _shown(Shown.FORGETS_ORDER),
    "reboot": Fault(_frozen, _rebooted),
    "action_fails": _shown(Shown.ACTION_FAILS),
    "removed": Fault(_removed, _admitted),
    "ignores_base": _shown(Shown.IGNORES_BASE),
    "pause_ignored": _shown(Shown.PAUSE_IGNORED),
    "pause_undone": _shown(Shown.PAUSE_UNDONE),
    "cancel_undone": _shown(Shown.CANCEL_UNDONE),
    "cancel_kept": _shown(Shown.CANCEL_KEPT),
    "kill": Fault(_killed, _started),
    "journal_slow": _journal(slow_ms=2_500),
    "journal_locked": _journal(locked=True),
    "journal_full": _journal(full=True),
    "recogniser_dead": Fault(_recogniser_dead, _recogniser_back),
    "recogniser_slow": Fault(_recogniser_slow, _recogniser_quick),
    "planner_dead": Fault(_planner_dead, _planner_back),
    "planner_slow": Fault(_planner_slow, _planner_back),
    "other_label": _camera("X0000000"),
    "dark": _camera("!too_dark"),
    "no_package": _camera("!no_package"),
    "low_confidence": _camera("!low_confidence"),
    "unreadable": _camera("!error"),
    "frame_again": Fault(_frame_again, _frame_once),
    "old_frame": Fault(_old_frame, _nothing),
}
