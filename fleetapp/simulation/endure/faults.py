"""What each fault of robots and their network does when it begins and when it ends.

Names and spans stand in `catalogue`; a test holds the two lists together.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

from fleetapp.api import commands as asked
from fleetapp.core.observations_engine import WorkerChanged
from fleetapp.simulation.endure.engine_faults import ENGINE_FAULTS
from fleetapp.simulation.endure.fault import Fault, nothing
from fleetapp.simulation.endure.script import Event
from fleetapp.simulation.endure.stage import Stage
from fleetapp.simulation.robots.faults import Fault as Shown
from fleetapp.simulation.robots.robot import Spec, VirtualRobot
from fleetapp.simulation.whole.network import Weather
from fleetapp.simulation.whole.system import BOSS

FAR_M = 3.0


def _shown(kind: Shown) -> Fault:
    def begin(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
        robot.faults.show(kind)

    def end(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
        robot.faults.show(kind, on=False)

    return Fault(begin, end)


def _asked_to_stand(kind: Shown) -> Fault:
    """Somebody wants it to stand, or all, just when it does not listen; or nobody does."""

    def begin(stage: Stage, robot: VirtualRobot, event: Event) -> None:
        robot.faults.show(kind)
        new, why = stage.system.command_id(), "stand still"
        if int(event.args["choice"]) % 3 == 0:
            stage.give(asked.StopAll(new, why), BOSS)
        elif int(event.args["choice"]) % 3 == 1:
            stage.give(asked.HoldRobot(new, robot.robot_id, why), BOSS)

    return Fault(begin, _shown(kind).end)


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


def _garbled(stage: Stage, robot: VirtualRobot, event: Event) -> None:
    """Messages that nobody can use come in its name."""
    for number in range(3):
        wait_ms = number * int(event.args["for_ms"]) // 3
        at_ms = stage.system.now_ms + wait_ms
        stage.system.network.send_later("fleet", robot.topic("state"), b'{"headerId":', at_ms)


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


def _takes_nothing(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    """No order, and no word about it."""
    robot.faults.show(Shown.REFUSES_SILENTLY)
    robot.faults.refuses = "orderError"


def _takes_all(_stage: Stage, robot: VirtualRobot, _event: Event) -> None:
    robot.faults.show(Shown.REFUSES_SILENTLY, on=False)
    robot.faults.refuses = ""


def _all_empty(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
    """More must charge at once than there are chargers."""
    for robot in stage.system.robots.values():
        robot.battery.charge_fraction = min(robot.battery.charge_fraction, 0.15)


def _all_new(stage: Stage, _robot: VirtualRobot, _event: Event) -> None:
    for robot in stage.system.robots.values():
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


FAULTS: Mapping[str, Fault] = {
    "broker_down": Fault(_broker_down, _broker_up),
    "bad_weather": _weather(Weather(lost=0.05, doubled=0.05, late=0.05)),
    "slow_network": _weather(Weather(delay_ms=(300, 5_000))),
    "late_reports": Fault(_late_reports, _in_time),
    "partition": Fault(_partition, _joined),
    "garbled": Fault(_garbled, nothing),
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
    "all_empty": Fault(_all_empty, _all_new),
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
    "refuses_silently": Fault(_takes_nothing, _takes_all),
    "forgets_order": _shown(Shown.FORGETS_ORDER),
    "reboot": Fault(_frozen, _rebooted),
    "action_fails": _shown(Shown.ACTION_FAILS),
    "removed": Fault(_removed, _admitted),
    "ignores_base": _shown(Shown.IGNORES_BASE),
    "pause_ignored": _asked_to_stand(Shown.PAUSE_IGNORED),
    "pause_undone": _asked_to_stand(Shown.PAUSE_UNDONE),
    "cancel_undone": _shown(Shown.CANCEL_UNDONE),
    "cancel_kept": _shown(Shown.CANCEL_KEPT),
    "keeps_nodes": _shown(Shown.KEEPS_NODE_STATES),
    "other_label": _camera("X0000000"),
    "dark": _camera("!too_dark"),
    "no_package": _camera("!no_package"),
    "low_confidence": _camera("!low_confidence"),
    "unreadable": _camera("!error"),
    "frame_again": Fault(_frame_again, _frame_once),
    "old_frame": Fault(_old_frame, nothing),
    **ENGINE_FAULTS,
}
