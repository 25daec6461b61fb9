"""What follows from a robot's report: where it stands, whether it may be driven at all."""

from fleetapp.core import observations as seen
from fleetapp.core.alarms import alarm_id, end_alarm, raise_alarm
from fleetapp.core.decisions import FloorFreed, FloorTaken, RemedyShown, RobotSpokeAgain
from fleetapp.core.floor import any_road, floor_under, nearest_node, node_id
from fleetapp.core.holding import hold, tell_to_stand
from fleetapp.core.turn import Turn
from fleetapp.fleet.robot import Robot, fatal_error
from fleetapp.safety.permission import emergency_stop_latched
from fleetapp.terms.modes import EmergencyStop
from fleetapp.terms.reasons import AlarmKind, HoldReason
from fleetapp.terms.units import mm

WARNINGS_NAMED = 3
SIZE_TOLERANCE_MM = 20  # of a factsheet that rounds


def on_appeared(turn: Turn, message: seen.RobotAppeared) -> None:
    """A robot nobody admitted is noticed, and gets nothing; one added unheard says nothing yet."""
    robot = turn.draft.robots[message.robot_id]
    if not robot.admitted and message.protocol:
        raise_alarm(
            turn,
            AlarmKind.ROBOT_NOTICED,
            f"{robot.robot_id} speaks VDA 5050 {robot.protocol} here",
            robot_id=robot.robot_id,
        )


def on_reported(turn: Turn, message: seen.RobotReported) -> None:
    """Take the report as the newest word on place, health and load."""
    if message.robot_id not in turn.draft.robots:
        return
    _hear_again(turn, message.robot_id)
    _judge_health(turn, message.robot_id)
    place(turn, message.robot_id)


def on_heartbeat(turn: Turn, message: seen.Heartbeat) -> None:
    """A report that changed nothing still ends a silence."""
    if message.robot_id in turn.draft.robots:
        _hear_again(turn, message.robot_id)


def on_factsheet(turn: Turn, message: seen.FactsheetSeen) -> None:
    """A robot larger than its type would touch what the type does not."""
    robot = turn.draft.robots.get(message.robot_id)
    if robot is not None and robot.admitted and robot.reported:
        place(turn, robot.robot_id)


def _hear_again(turn: Turn, robot_id: str) -> None:
    if turn.draft.robots[robot_id].silent:
        turn.decide(RobotSpokeAgain(turn.now_ms, robot_id))
        end_alarm(turn, AlarmKind.ROBOT_SILENT, robot_id)


def _judge_health(turn: Turn, robot_id: str) -> None:
    robot = turn.draft.robots[robot_id]
    if not robot.admitted:
        return
    _judge_emergency_stop(turn, robot)
    _judge_errors(turn, robot)
    if robot.driving:
        tell_to_stand(turn, turn.draft.robots[robot_id])
    enough = turn.draft.rules.battery_min_for_task_permille
    if robot.charging or (robot.battery_permille or 0) >= enough:
        end_alarm(turn, AlarmKind.NOT_CHARGING, robot_id)
    if robot.first_report:
        hold_if_found_paused(turn, robot)


def hold_if_found_paused(turn: Turn, robot: Robot) -> None:
    """A pause that nobody recorded: a person must know why before it goes on.

    One of our own that is over by the record is none of these: the robot is told again.
    """
    if robot.paused and not (robot.pause_wanted or robot.resume_wanted):
        hold(
            turn,
            robot.robot_id,
            HoldReason.FOUND_PAUSED,
            note="It reports that it is paused, and no hold of ours says so",
        )


def on_charging_unconfirmed(turn: Turn, message: seen.ChargingUnconfirmed) -> None:
    """It says nothing of charging at its charger: somebody looks, before it stands empty."""
    robot = turn.draft.robots.get(message.robot_id)
    if robot is None or not robot.admitted or not message.start:
        return
    raise_alarm(
        turn,
        AlarmKind.NOT_CHARGING,
        "It was told to charge, and its reports do not show it",
        robot_id=robot.robot_id,
    )


def _judge_emergency_stop(turn: Turn, robot: Robot) -> None:
    if emergency_stop_latched(robot):
        hold(
            turn,
            robot.robot_id,
            HoldReason.EMERGENCY_STOP,
            note=f"Its safety controller reports an emergency stop ({robot.emergency_stop.value})",
        )
    if robot.emergency_stop is EmergencyStop.NONE:
        end_alarm(turn, AlarmKind.EMERGENCY_STOP, robot.robot_id)


def _judge_errors(turn: Turn, robot: Robot) -> None:
    fatal = fatal_error(robot)
    if fatal is not None:
        hold(turn, robot.robot_id, HoldReason.FATAL_ERROR, note=f"It reports {fatal}")
    else:
        end_alarm(turn, AlarmKind.ROBOT_FATAL, robot.robot_id)
    if robot.errors and fatal is None:
        _warn(turn, robot)
    if not robot.errors:
        end_alarm(turn, AlarmKind.ROBOT_WARNING, robot.robot_id)


def _warn(turn: Turn, robot: Robot) -> None:
    """One alarm for its warnings, raised anew when one comes that it does not name."""
    kinds = tuple(dict.fromkeys(kind for kind, _, _ in robot.errors))
    texts = {kind: text for kind, _, text in robot.errors}
    named = [f"{k}: {texts[k]}" if texts[k] else k for k in kinds[:WARNINGS_NAMED]]
    more = len(kinds) - len(named)
    known = turn.draft.alarms.get(alarm_id(AlarmKind.ROBOT_WARNING, robot.robot_id))
    if known is not None and any(k not in known.raised.cause for k in kinds[:WARNINGS_NAMED]):
        end_alarm(turn, AlarmKind.ROBOT_WARNING, robot.robot_id)
    cause = "; ".join((*named, f"{more} more") if more else named)
    raise_alarm(turn, AlarmKind.ROBOT_WARNING, cause, robot_id=robot.robot_id)


def place(turn: Turn, robot_id: str) -> None:
    """Find the node of a robot without an order, and let it own that floor.

    While it drives it gives nothing up: it may be anywhere until a report says that it stands.
    With an order its place follows from that; whether its map and size fit is judged all the
    same.
    """
    robot = turn.draft.robots[robot_id]
    if robot.order_id is not None:
        remedy = _unfit(turn, robot)
    else:
        remedy, node = _find_place(turn, robot)
        if node is not None:
            remedy = _stand_on(turn, robot, node)
    if remedy != robot.remedy:
        turn.decide(RemedyShown(robot_id, remedy))


def _unfit(turn: Turn, robot: Robot) -> str:
    """What a person must change before it may drive on this floor at all, "" if nothing."""
    site = turn.draft.floor.site
    if robot.map_id and robot.map_id != site.map_id:
        return (
            f"It is on map {robot.map_id!r}, this site is {site.map_id!r}: "
            "enable this site's map on the robot"
        )
    return _too_large(turn, robot)


def _find_place(turn: Turn, robot: Robot) -> tuple[str, int | None]:
    unfit = _unfit(turn, robot)
    if unfit:
        return unfit, None
    if robot.shown_order_id and not robot.idle:
        remedy = (
            f"It carries order {robot.shown_order_id!r} that is not ours: "
            "let it finish there, or cancel it at the robot"
        )
        return remedy, None
    if robot.x_mm is None or robot.y_mm is None or not robot.localized:
        return "It does not know where it is: localise it at the robot", None
    node = nearest_node(
        turn.draft.floor, robot.x_mm, robot.y_mm, turn.draft.rules.node_tolerance_mm
    )
    if node is None:
        return _not_on_a_node(turn, robot), None
    return "", node


def _too_large(turn: Turn, robot: Robot) -> str:
    kind = turn.draft.floor.types.get(robot.robot_type)
    if kind is None or robot.length_mm is None or robot.width_mm is None:
        return ""
    if robot.length_mm <= mm(kind.length_m) + SIZE_TOLERANCE_MM and (
        robot.width_mm <= mm(kind.width_m) + SIZE_TOLERANCE_MM
    ):
        return ""
    return (
        f"Its factsheet says {robot.length_mm / 1000:.2f} x {robot.width_mm / 1000:.2f} m, larger "
        f"than type {kind.type_id!r} ({kind.length_m:.2f} x {kind.width_m:.2f} m): "
        "add it again with a type that is as large"
    )


def _not_on_a_node(turn: Turn, robot: Robot) -> str:
    floor = turn.draft.floor
    nearest = nearest_node(floor, robot.x_mm or 0, robot.y_mm or 0, 1_000_000)
    where = f"the nearest is {node_id(floor, nearest)}" if nearest is not None else "none is near"
    return (
        f"It stands on no node ({(robot.x_mm or 0) / 1000:.2f}, {(robot.y_mm or 0) / 1000:.2f} m; "
        f"{where}): move it onto a node by hand"
    )


def _stand_on(turn: Turn, robot: Robot, node: int) -> str:
    """Own all that it covers at a node; the remedy if that cannot be."""
    floor, owners = turn.draft.floor, turn.draft.owners
    road = floor.roads.get(robot.robot_type) or any_road(floor)
    covered = floor_under(road, node, robot.x_mm or 0, robot.y_mm or 0)
    if not covered:
        return _not_on_a_node(turn, robot)
    owned = all(owners.get(resource) == robot.robot_id for resource in covered)
    settled = robot.driving or (robot.node == node and not robot.doubted)
    if owned and settled:
        return ""
    other = _owner_in_the_way(turn, robot, covered)
    if other is not None:
        return (
            f"It stands at {node_id(floor, node)}, which is reserved for "
            f"{other.name or other.serial}: move one of the two by hand"
        )
    if not robot.driving:
        _leave_floor(turn, robot)
    turn.decide(FloorTaken(robot.robot_id, None if robot.driving else node, covered))
    return ""


def _owner_in_the_way(turn: Turn, robot: Robot, covered: tuple[int, ...]) -> Robot | None:
    """Who owns floor that a robot there would touch."""
    reach = turn.draft.floor.masks.reach_of(covered)
    for resource, owner in turn.draft.owners.mapping().items():
        if owner != robot.robot_id and reach >> resource & 1:
            return turn.draft.robots[owner]
    return None


def _leave_floor(turn: Turn, robot: Robot) -> None:
    owned = tuple(
        resource
        for resource, owner in turn.draft.owners.mapping().items()
        if owner == robot.robot_id
    )
    if owned:
        turn.decide(FloorFreed(robot.robot_id, owned, "it was moved without an order"))
