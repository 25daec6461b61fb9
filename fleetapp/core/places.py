"""Robots without a task: each gets a home, charges when low, parks when idle."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fleetapp.core.alarms import raise_alarm
from fleetapp.core.charge_for import overdue
from fleetapp.core.decisions import ChargingAsked, HomeGiven
from fleetapp.core.guard import each
from fleetapp.core.legs import may_be_given, request_plan
from fleetapp.core.matching import charge_is_the_obstacle
from fleetapp.core.offers import FreeRobots
from fleetapp.core.set_aside import queued_tasks
from fleetapp.core.turn import Turn
from fleetapp.dispatch.places import Place, charged_enough, nearest_free, needs_charge
from fleetapp.fleet.order import Purpose
from fleetapp.fleet.robot import Robot
from fleetapp.layout.roadmap import UNREACHABLE_MS
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import StationKind
from fleetapp.terms.reasons import AlarmKind

RESTING = (StationKind.PARKING, StationKind.CHARGER)
ON_THE_WAY = frozenset({Purpose.PARK, Purpose.CHARGE, Purpose.MOVE_ASIDE})


def send_idle(turn: Turn) -> None:
    """Give homes to those without, then send idle robots to charge or home."""
    for robot_id in each(turn, "give_home", sorted(turn.draft.robots.mapping())):
        robot = turn.draft.robots[robot_id]
        if robot.admitted and robot.node is not None and robot.home is None:
            _give_home(turn, robot)
    queued = queued_tasks(turn.draft)
    tasks = _one_of_each_kind(queued)
    crowd = _Crowd(reserved=_charge_for_tasks(turn, queued))
    for robot_id in each(turn, "send_idle", sorted(turn.draft.robots.mapping())):
        robot = turn.draft.robots[robot_id]
        if robot.task_id is None and robot.plan_id is None and may_be_given(turn, robot):
            _send(turn, robot, tasks, crowd)
    _make_room(turn, crowd)


def _charge_for_tasks(turn: Turn, queued: Sequence[Task]) -> frozenset[str]:
    """Robots that charge for tasks that waited long; mostly there are none."""
    if not overdue(turn.draft, queued):
        return frozenset()
    return frozenset(FreeRobots(turn.draft, queued).charges.robots)


def _one_of_each_kind(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """Whether a charge is enough depends on the stations and the wish alone."""
    kinds = {(t.from_station, t.to_station, t.wished_robot_id): t for t in tasks}
    return tuple(kinds.values())


@dataclass(slots=True)
class _Crowd:
    """Who is at the chargers without need of one, and who needs one and finds none."""

    seeking: list[Robot] = field(default_factory=list)
    full: list[str] = field(default_factory=list)
    reserved: frozenset[str] = frozenset()  # who charges for a task that waited long


def _make_room(turn: Turn, crowd: _Crowd) -> None:
    """One leaves its charger for each that finds none, unless a charger gets free anyway."""
    seeking = crowd.seeking
    for node in _becoming_free(turn) if seeking else ():
        served = _who_can_use(turn, seeking, node)
        if served is not None:
            seeking.remove(served)
    for robot_id in each(turn, "make_room", crowd.full):
        robot = turn.draft.robots[robot_id]
        served = _who_can_use(turn, seeking, robot.node)
        if served is not None and _leave_charger(turn, robot):
            seeking.remove(served)


def _becoming_free(turn: Turn) -> tuple[int, ...]:
    """Nodes whose robots are to drive elsewhere, and may."""
    leaving = {
        robot.node
        for robot in turn.draft.robots.values()
        if _goal(turn, robot) not in (None, robot.node) and may_be_given(turn, robot)
    }
    return tuple(sorted(node for node in leaving if node is not None))


def _goal(turn: Turn, robot: Robot) -> int | None:
    plan = turn.draft.plans.get(robot.plan_id) if robot.plan_id else None
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    if plan is not None:
        return plan.goal
    return order.goal_node if order is not None else None


def _who_can_use(turn: Turn, seeking: Sequence[Robot], node: int | None) -> Robot | None:
    for robot in seeking:
        chargers = tuple(p for p in places_of(turn, robot) if p.charger and p.node == node)
        if _travel_ms(turn, robot, chargers):
            return robot
    return None


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


def _send(turn: Turn, robot: Robot, tasks: Sequence[Task], crowd: _Crowd) -> None:
    rules = turn.draft.rules
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    at_charger = _at(turn, robot) is StationKind.CHARGER and order is None
    reserved = robot.robot_id in crowd.reserved
    told = robot.charging or (robot.charge_asked and not robot.first_report)
    if reserved and at_charger and told:
        return  # it charges until it can do that task, and gets it then
    if at_charger and robot.charge_asked:
        _stop_when_full(turn, robot)
        return
    low = needs_charge(
        charge_permille=robot.battery_permille,
        low_permille=rules.battery_low_permille + 100,
        charging=robot.charging,
    )
    low = low or reserved
    low = low or (not robot.charging and charge_is_the_obstacle(turn, robot, tasks))
    if low and at_charger:
        turn.decide(ChargingAsked(robot.robot_id, start=True))
        return
    if low and rules.auto_charge and not (order and order.purpose is Purpose.CHARGE):
        if not _send_to_charge(turn, robot):
            crowd.seeking.append(robot)
        return
    if order is not None and order.purpose in ON_THE_WAY:
        return
    if at_charger and not robot.charging and rules.auto_charge:
        crowd.full.append(robot.robot_id)
    elif rules.auto_park:
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


def _send_to_charge(turn: Turn, robot: Robot) -> bool:
    """To the nearest free charger, if any; who finds none and is nearly empty is an alarm."""
    chargers = tuple(place for place in places_of(turn, robot) if place.charger)
    chosen = nearest_free(chargers, _taken(turn, robot), _travel_ms(turn, robot, chargers))
    if chosen is not None:
        request_plan(turn, robot, Purpose.CHARGE, chosen.station_id, task_id=None)
    elif (robot.battery_permille or 0) < turn.draft.rules.battery_low_permille:
        text = "It must charge, and no charger that it can reach is free"
        raise_alarm(turn, AlarmKind.NOT_CHARGING, text, robot_id=robot.robot_id)
    return chosen is not None


def _leave_charger(turn: Turn, robot: Robot) -> bool:
    """To the nearest free parking place, if any: somebody else must charge."""
    parking = tuple(place for place in places_of(turn, robot) if not place.charger)
    chosen = nearest_free(parking, _taken(turn, robot), _travel_ms(turn, robot, parking))
    if chosen is not None:
        request_plan(turn, robot, Purpose.PARK, chosen.station_id, task_id=None)
    return chosen is not None


def _taken(turn: Turn, robot: Robot) -> frozenset[int]:
    """Places where others stand or to which they are under way.

    A home that is kept for somebody who is elsewhere bars nobody who must charge or make room.
    """
    taken = {r.node for r in turn.draft.robots.values() if r.robot_id != robot.robot_id}
    taken |= {o.goal_node for o in turn.draft.orders.values() if o.robot_id != robot.robot_id}
    taken |= {p.goal for p in turn.draft.plans.values() if p.robot_id != robot.robot_id}
    return frozenset(node for node in taken if node is not None)


def _send_home(turn: Turn, robot: Robot) -> None:
    if robot.home is None or robot.node == robot.home or _at(turn, robot) in RESTING:
        return
    homes = tuple(place for place in places_of(turn, robot) if place.node == robot.home)
    if not _travel_ms(turn, robot, homes):
        return  # it does not get there: it stays where it is
    station = homes[0].station_id
    request_plan(turn, robot, Purpose.PARK, station, task_id=None)
