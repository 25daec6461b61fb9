"""A robot beyond its base: it is held, its order given up, and whoever could meet it is paused.

Where it will stop is not known yet, so the floor ahead of it is kept free as far
as it can drive until its pause is due. Robots that own floor there, or floor that
excludes it, are paused at once. They go on when it stands on a free node by its
own report or is removed, or a supervisor releases them.
"""

from fleetapp.core.decisions import (
    CancelOrdered,
    FloorDoubted,
    FloorTaken,
    RobotPaused,
    RobotResumed,
)
from fleetapp.core.floor import node_count
from fleetapp.core.guard import each
from fleetapp.core.holding import SYSTEM, hold
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import Order, OrderPhase
from fleetapp.fleet.robot import Robot
from fleetapp.safety.holds import could_move
from fleetapp.terms.reasons import HoldReason
from fleetapp.traffic.lookahead import wanted_index


def robot_strayed(turn: Turn, order: Order, node_id: str) -> None:
    """It is at a node of its order that was not released to it."""
    danger = _danger(turn, order, node_id)
    near = _endangered(turn, order.robot_id, danger)
    for robot in near:
        turn.decide(RobotPaused(turn.now_ms, robot.robot_id, order.robot_id))
    names = ", ".join(robot.name or robot.serial for robot in near)
    hold(
        turn,
        order.robot_id,
        HoldReason.LEFT_BASE,
        note=f"It is at {node_id}, beyond the floor released to it"
        + (f"; paused near it: {names}" if names else ""),
        evidence=order.order_id,
    )
    _keep_free(turn, order, danger)
    if order.phase is OrderPhase.ACTIVE:
        turn.decide(CancelOrdered(turn.now_ms, order.robot_id, order.order_id, "it left its base"))


def _danger(turn: Turn, order: Order, node_id: str) -> tuple[int, ...]:
    """Floor of its route from the end of its base to where it can drive until it is paused."""
    road = turn.draft.floor.roads[turn.draft.robots[order.robot_id].robot_type]
    beyond = range(order.released_to + 1, len(order.nodes))
    at = next((n for n in beyond if road.node_ids[order.nodes[n]] == node_id), order.released_to)
    last = wanted_index(
        road, order.nodes, order.edges, at, round_trip_ms=turn.draft.rules.pause_confirm_ms
    )
    offset = node_count(turn.draft.floor)
    edges = order.edges[order.released_to : last]
    return (*order.nodes[order.released_to + 1 : last + 1], *(offset + edge for edge in edges))


def _endangered(turn: Turn, stray_id: str, danger: tuple[int, ...]) -> list[Robot]:
    reach = turn.draft.floor.masks.reach_of(danger)
    owners = {
        owner for resource, owner in turn.draft.owners.mapping().items() if reach >> resource & 1
    }
    near = []
    for robot_id in sorted(owners - {stray_id}):
        robot = turn.draft.robots[robot_id]
        order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
        if robot.admitted and not robot.stray_id and could_move(robot, order):
            near.append(robot)
    return near


def _keep_free(turn: Turn, order: Order, danger: tuple[int, ...]) -> None:
    """Nobody else is sent where it may be; floor that others own or exclude stays theirs."""
    masks, stray_id = turn.draft.floor.masks, order.robot_id
    theirs = masks.plain(r for r, o in turn.draft.owners.mapping().items() if o != stray_id)
    free = tuple(r for r in danger if not masks.reach[r] & theirs)
    node = turn.draft.robots[stray_id].node
    if free and node is not None:
        turn.decide(FloorTaken(stray_id, node, free))
    turn.decide(FloorDoubted(stray_id, danger))


def let_go_on(turn: Turn) -> None:
    """End the pauses whose stray robot is found again or gone."""
    paused = (r.robot_id for r in turn.draft.robots.values() if r.stray_id)
    for robot_id in each(turn, "let_go_on", paused):
        robot = turn.draft.robots[robot_id]
        if not _is_settled(turn, robot.stray_id):
            continue
        others = _other_strays(turn, robot)
        if others:  # it may be near that one too
            turn.decide(RobotPaused(turn.now_ms, robot.robot_id, others[0]))
        else:
            go_on(turn, robot, by=SYSTEM, note="the robot near it is placed again or removed")


def _other_strays(turn: Turn, robot: Robot) -> list[str]:
    """Robots that are still somewhere off their floor."""
    return [
        other.robot_id
        for other in turn.draft.robots.values()
        if other.robot_id != robot.robot_id
        and any(hold.reason is HoldReason.LEFT_BASE for hold in other.holds)
        and not _is_settled(turn, other.robot_id)
    ]


def go_on(turn: Turn, robot: Robot, *, by: str, note: str) -> None:
    """End the pause of a robot; it drives on unless something else keeps it."""
    resume = not robot.held and turn.draft.stop is None and not robot.paused_by_others
    turn.decide(RobotResumed(turn.now_ms, robot.robot_id, robot.stray_id, by, note, resume=resume))


def _is_settled(turn: Turn, stray_id: str) -> bool:
    stray = turn.draft.robots.get(stray_id)
    if stray is None or not stray.admitted:
        return True
    placed = stray.node is not None and not stray.remedy and not stray.driving
    return placed and stray.order_id is None
