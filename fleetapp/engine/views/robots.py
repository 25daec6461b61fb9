"""One robot as lists, map and inspector show it."""

from fleetapp.api.views import HoldView, RobotView, StoryLine
from fleetapp.core.floor import place_name
from fleetapp.core.state import State
from fleetapp.engine.views.reasons import why_of
from fleetapp.fleet.order import Order, Purpose
from fleetapp.fleet.robot import Robot
from fleetapp.safety.permission import emergency_stop_latched
from fleetapp.terms.modes import EmergencyStop, OperatingMode, RobotState, StationKind, TaskState
from fleetapp.terms.units import metres, radians


def robot_view(state: State, robot: Robot, story: tuple[StoryLine, ...]) -> RobotView:
    """Everything a client shows of a robot."""
    order = state.orders.get(robot.order_id) if robot.order_id else None
    why = why_of(state, robot)
    base, horizon = _route(state, order)
    return RobotView(
        robot_id=robot.robot_id,
        name=robot.name or robot.serial,
        robot_type=robot.robot_type,
        maker=robot.maker,
        serial=robot.serial,
        admitted=robot.admitted,
        state=state_of(state, robot),
        state_since_ms=why.since_ms if why is not None else robot.state_since_ms,
        doing=doing(state, robot, order),
        place=_place(state, robot),
        x_m=metres(robot.x_mm) if robot.x_mm is not None else None,
        y_m=metres(robot.y_mm) if robot.y_mm is not None else None,
        heading_rad=radians(robot.heading_mrad) if robot.heading_mrad is not None else None,
        battery_fraction=(
            robot.battery_permille / 1000 if robot.battery_permille is not None else None
        ),
        charging=robot.charging,
        load=robot.load,
        mode=robot.mode,
        task_id=robot.task_id,
        order_id=robot.order_id,
        why=why,
        holds=_holds(robot),
        base=base,
        horizon=horizon,
        remedy=robot.remedy,
        last_report_ms=robot.heard_ms if robot.reported else None,
        protocol=robot.protocol,
        quirks=robot.quirks,
        errors=tuple(f"{level.lower()}: {kind} {text}" for kind, level, text in robot.errors),
        software=robot.software,
        story=story,
    )


def state_of(state: State, robot: Robot) -> RobotState:
    """The one word for what it does; trouble before work."""
    if not robot.admitted:
        return RobotState.NOTICED
    if emergency_stop_latched(robot):
        return RobotState.EMERGENCY_STOP
    if state.stop is not None:
        return RobotState.STOPPED
    if robot.holds:
        return RobotState.HELD
    if robot.silent:
        return RobotState.SILENT
    if robot.mode is not OperatingMode.AUTOMATIC and robot.reported:
        return RobotState.SERVICE
    if _waits(robot):
        return RobotState.WAITING
    if robot.task_id is not None or robot.order_id is not None:
        return RobotState.WORKING
    return RobotState.CHARGING if robot.charging else RobotState.IDLE


def _waits(robot: Robot) -> bool:
    stopped = robot.emergency_stop is not EmergencyStop.NONE
    return robot.wait is not None or bool(robot.remedy) or stopped or not robot.reported


DOING: dict[Purpose, str] = {
    Purpose.TO_PICK: "Picking → {goal}",
    Purpose.LOOK: "Looking at {goal}",
    Purpose.CARRY: "Carrying → {goal}",
    Purpose.TO_RETURN: "Bringing back → {goal}",
    Purpose.CHARGE: "To charge → {goal}",
    Purpose.PARK: "To park → {goal}",
    Purpose.MOVE_ASIDE: "Making room → {goal}",
}


def doing(state: State, robot: Robot, order: Order | None) -> str:
    """What it does in two or three words."""
    if order is not None:
        return DOING[order.purpose].format(goal=order.goal_station)
    task = state.tasks.get(robot.task_id) if robot.task_id else None
    if task is not None:
        words = {
            TaskState.LOOKING: f"Looking at {task.from_station}",
            TaskState.IN_REVIEW: f"Asks at {task.from_station}",
        }
        return words.get(task.state, f"Takes {task.task_id}")
    if robot.charging:
        return "Charging"
    return "Parked" if _parked(state, robot) else "Free"


def _parked(state: State, robot: Robot) -> bool:
    name = place_name(state.floor, robot.node)
    station = state.floor.stations.get(name)
    return station is not None and station.kind in (StationKind.PARKING, StationKind.CHARGER)


def _place(state: State, robot: Robot) -> str:
    return place_name(state.floor, robot.node) if robot.node is not None else ""


def _route(state: State, order: Order | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if order is None:
        return (), ()
    names = next(iter(state.floor.roads.values())).node_ids
    base = tuple(names[n] for n in order.nodes[order.passed : order.released_to + 1])
    horizon = tuple(names[n] for n in order.nodes[order.released_to + 1 :])
    return base, horizon


def _holds(robot: Robot) -> tuple[HoldView, ...]:
    still = not robot.driving
    return tuple(HoldView(h.reason, h.since_ms, h.by, h.note, still) for h in robot.holds)
