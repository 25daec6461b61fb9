"""Robots without a task: each gets a home, charges when low, parks when idle."""

from collections.abc import Sequence

from fleetapp.core.decisions import ChargingAsked, HomeGiven
from fleetapp.core.guard import each
from fleetapp.core.legs import may_be_given, request_plan
from fleetapp.core.matching import charge_is_the_obstacle
from fleetapp.core.set_aside import queued_tasks
from fleetapp.core.turn import Turn
from fleetapp.dispatch.places import Place, charged_enough, nearest_free, needs_charge
from fleetapp.fleet.order import Purpose
from fleetapp.fleet.robot import Robot
from fleetapp.layout.roadmap import UNREACHABLE_MS
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import StationKind

RESTING = (StationKind.PARKING, StationKind.CHARGER)
ON_THE_WAY = frozenset({Purpose.PARK, Purpose.CHARGE, Purpose.MOVE_ASIDE})


def send_idle(turn: Turn) -> None:
    """Give homes to those without, then send idle robots to charge or home."""
    for robot_id in each(turn, "give_home", sorted(turn.draft.robots.mapping())):
        robot = turn.draft.robots[robot_id]
        if robot.admitted and robot.node is not None and robot.home is None:
            _give_home(turn, robot)
    tasks = queued_tasks(turn.draft)
    for robot_id in each(turn, "send_idle", sorted(turn.draft.robots.mapping())):
        robot = turn.draft.robots[robot_id]
        if robot.task_id is None and robot.plan_id is None and may_be_given(turn, robot):
            _send(turn, robot, tasks)


def places_of(turn: Turn, robot: Robot) -> tuple[Place, ...]:
    """Chargers and parking places that robots of this type can use."""
    floor = turn.draft.floor
    road = floor.roads[robot.robot_type]
    return tuple(
        Place(station.station_id, node, station.kind is StationKind.CHARGER)
        for station in floor.site.stations
        if station.kind in RESTING
        for node in road.station_nodes.get(station.station_id, ())
    )


def _travel_ms(turn: Turn, robot: Robot, places: tuple[Place, ...]) -> dict[int, int]:
    road = turn.draft.floor.roads[robot.robot_type]
    if robot.node is None:
        return {}
    times = {place.node: road.travel.between(robot.node, place.node) for place in places}
    return {node: time for node, time in times.items() if time < UNREACHABLE_MS}


def _give_home(turn: Turn, robot: Robot) -> None:
    places = places_of(turn, robot)
    homes = frozenset(r.home for r in turn.draft.robots.values() if r.home is not None)
    parking = tuple(p for p in places if not p.charger)
    chosen = nearest_free(parking, homes, _travel_ms(turn, robot, parking)) or nearest_free(
        places, homes, _travel_ms(turn, robot, places)
    )
    if chosen is not None:
        turn.decide(HomeGiven(robot.robot_id, chosen.node))


def _send(turn: Turn, robot: Robot, tasks: Sequence[Task]) -> None:
    rules = turn.draft.rules
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    at_charger = _at(turn, robot) is StationKind.CHARGER and order is None
    if at_charger and robot.charge_asked:
        if robot.first_report and not robot.charging:
            # What it was told before the engine started may not have reached it.
            turn.decide(ChargingAsked(robot.robot_id, start=True))
        _stop_when_full(turn, robot)
        return
    low = needs_charge(
        charge_permille=robot.battery_permille,
        low_permille=rules.battery_low_permille + 100,
        charging=robot.charging,
    )
    low = low or (not robot.charging and charge_is_the_obstacle(turn, robot, tasks))
    if low and at_charger:
        turn.decide(ChargingAsked(robot.robot_id, start=True))
        return
    if low and rules.auto_charge and not (order and order.purpose is Purpose.CHARGE):
        _send_to_charge(turn, robot)
        return
    if rules.auto_park and not (order and order.purpose in ON_THE_WAY):
        _send_home(turn, robot)


def _at(turn: Turn, robot: Robot) -> StationKind | None:
    floor = turn.draft.floor
    name = floor.roads[robot.robot_type].station_at.get(
        robot.node if robot.node is not None else -1
    )
    return floor.stations[name].kind if name is not None else None


def _stop_when_full(turn: Turn, robot: Robot) -> None:
    enough = charged_enough(
        charge_permille=robot.battery_permille,
        enough_permille=turn.draft.rules.battery_enough_permille,
    )
    if enough:
        turn.decide(ChargingAsked(robot.robot_id, start=False))


def _send_to_charge(turn: Turn, robot: Robot) -> None:
    chargers = tuple(place for place in places_of(turn, robot) if place.charger)
    taken = _taken(turn, robot)
    chosen = nearest_free(chargers, taken, _travel_ms(turn, robot, chargers))
    if chosen is not None:
        request_plan(turn, robot, Purpose.CHARGE, chosen.station_id, task_id=None)


def _taken(turn: Turn, robot: Robot) -> frozenset[int]:
    """Places where others stand, to which they are under way, or that are their homes."""
    taken = {r.node for r in turn.draft.robots.values() if r.robot_id != robot.robot_id}
    taken |= {o.goal_node for o in turn.draft.orders.values() if o.robot_id != robot.robot_id}
    taken |= {r.home for r in turn.draft.robots.values() if r.robot_id != robot.robot_id}
    taken |= {p.goal for p in turn.draft.plans.values() if p.robot_id != robot.robot_id}
    return frozenset(node for node in taken if node is not None)


def _send_home(turn: Turn, robot: Robot) -> None:
    if robot.home is None or robot.node == robot.home or _at(turn, robot) in RESTING:
        return
    station = turn.draft.floor.roads[robot.robot_type].station_at[robot.home]
    request_plan(turn, robot, Purpose.PARK, station, task_id=None)
