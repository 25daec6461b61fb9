"""Extending bases: who could use more floor, how much, and what is decided of it."""

from fleetapp.core.decisions import BaseExtended, RobotWaits, WaitEnded
from fleetapp.core.floor import any_road, place_name
from fleetapp.core.guard import each
from fleetapp.core.legs import goal_node, may_be_given, request_plan
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import Order, OrderPhase, Purpose
from fleetapp.fleet.robot import Robot
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import WaitCause
from fleetapp.traffic.lookahead import wanted_index
from fleetapp.traffic.release import Candidate, Grant, Refused, extend_all
from fleetapp.traffic.sentences import traffic_sentence
from fleetapp.traffic.world import Ahead, World
from fleetapp.traffic.yielding import (
    FOLLOWERS_COUNT_AFTER_MS,
    circle_of,
    followers_of,
    in_the_way,
    patience_ms,
)


def release_bases(turn: Turn) -> None:
    """Give floor to every robot that may go on and needs more to keep driving."""
    with_order = (r.robot_id for r in turn.draft.robots.values() if r.order_id is not None)
    candidates = [
        candidate
        for robot_id in each(turn, "wanted_base", with_order)
        for candidate in _candidate(turn, turn.draft.robots[robot_id])
    ]
    if not candidates:
        return
    answers = {answer.robot_id: answer for answer in extend_all(_world(turn), candidates)}
    for robot_id in each(turn, "release_base", answers):
        answer = answers[robot_id]
        if isinstance(answer, Grant):
            _granted(turn, answer)
        else:
            _refused(turn, answer)


def _candidate(turn: Turn, robot: Robot) -> tuple[Candidate, ...]:
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    if order is None or order.fully_released or order.phase is not OrderPhase.ACTIVE:
        return ()
    if not _answered(turn, order) or not may_be_given(turn, robot):
        return ()
    if goes_elsewhere(turn, order):
        return ()
    want_to = min(_wanted(turn, order), _first_unfinished_action(order))
    if want_to <= order.released_to:
        return ()
    since = robot.wait.since_ms if robot.wait is not None else turn.now_ms
    return (Candidate(robot.robot_id, order.nodes, order.edges, order.released_to, want_to, since),)


def goes_elsewhere(turn: Turn, order: Order) -> bool:
    """Its load goes back instead: no floor towards the hand-over until it has that route."""
    task = turn.draft.tasks.get(order.task_id) if order.task_id else None
    returning = task is not None and task.state is TaskState.RETURNING
    return returning and order.purpose is not Purpose.TO_RETURN


def _answered(turn: Turn, order: Order) -> bool:
    """A new order may still grow in the tick it is issued; an old one when acknowledged."""
    if order.acknowledged_update < 0:
        return order.issued_ms == turn.now_ms
    if order.last_change_ms == turn.now_ms:
        return True  # its update of this very tick is not sent yet
    return order.acknowledged_update >= order.update_id


def _wanted(turn: Turn, order: Order) -> int:
    robot = turn.draft.robots[order.robot_id]
    road = turn.draft.floor.roads[robot.robot_type]
    return wanted_index(
        road,
        order.nodes,
        order.edges,
        order.passed,
        round_trip_ms=turn.draft.rules.round_trip_ms,
    )


def _first_unfinished_action(order: Order) -> int:
    """A robot is not released beyond a node where it still has to do something."""
    waiting = [action.node_index for action in order.actions if not action.ended]
    return min(waiting, default=len(order.nodes) - 1)


def _world(turn: Turn) -> World:
    floor = turn.draft.floor
    owners = turn.draft.owners.mapping()
    doubted = {
        resource: robot.robot_id
        for robot in turn.draft.robots.values()
        if robot.doubted and not _drives_for_us(turn, robot)
        for resource in robot.doubted
    }
    if doubted:
        owners = {**doubted, **owners}
    return World(floor.masks, owners, _ahead(turn), any_road(floor).mouth_of)


def _drives_for_us(turn: Turn, robot: Robot) -> bool:
    """Whether it has an order again: it was placed, and is to own what it drives on."""
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    return order is not None and order.phase is OrderPhase.ACTIVE


def _ahead(turn: Turn) -> dict[str, Ahead]:
    """The routes of all robots that will drive what is released to them."""
    return {
        order.robot_id: Ahead(order.nodes, order.edges, order.released_to)
        for order in turn.draft.orders.values()
        if order.phase is OrderPhase.ACTIVE
    }


def _granted(turn: Turn, grant: Grant) -> None:
    robot = turn.draft.robots[grant.robot_id]
    order = turn.draft.orders[robot.order_id or ""]
    unsent = order.last_change_ms == turn.now_ms
    update_id = order.update_id if unsent else order.update_id + 1
    turn.decide(
        BaseExtended(
            turn.now_ms,
            order.order_id,
            grant.robot_id,
            update_id,
            grant.released_to,
            grant.resources,
        )
    )
    if robot.wait is not None and robot.wait.cause in TRAFFIC_CAUSES:
        turn.decide(WaitEnded(grant.robot_id))


TRAFFIC_CAUSES = frozenset({WaitCause.TRAFFIC, WaitCause.DEADLOCK_AVOIDANCE})


def _refused(turn: Turn, refused: Refused) -> None:
    """A robot that has base left notes nothing; one at its end waits (`waits` says so)."""
    robot = turn.draft.robots[refused.robot_id]
    order = turn.draft.orders[robot.order_id or ""]
    if order.passed < order.released_to:
        return
    wait = robot.wait
    turn.refused[robot.robot_id] = refused
    if wait is None or (wait.cause, wait.blocker_id) != (refused.cause, refused.blocker_id):
        return
    tried_ms = max(wait.since_ms, order.last_change_ms, robot.planned_ms)
    circle = circle_of(_blockers(turn), robot.robot_id)
    patience = patience_ms(circle, robot.robot_id) if circle else turn.draft.rules.reroute_after_ms
    if turn.now_ms - tried_ms >= patience:
        _go_round(turn, robot, refused, circle)


def _blockers(turn: Turn) -> dict[str, str]:
    """For each robot that waits in traffic, for whom."""
    return {
        robot.robot_id: robot.wait.blocker_id
        for robot in turn.draft.robots.values()
        if robot.wait is not None and robot.wait.blocker_id is not None
    }


def say_refused(turn: Turn, refused: Refused) -> None:
    """The robot waits for the one whose floor it needs."""
    draft = turn.draft
    blocker = draft.robots[refused.blocker_id]
    words = traffic_sentence(
        refused.cause,
        blocker_name=blocker.name or blocker.serial,
        blocker_state=_state_word(blocker),
        place=place_name(draft.floor, refused.node),
    )
    turn.decide(
        RobotWaits(
            turn.now_ms,
            refused.robot_id,
            refused.cause,
            words.sentence,
            words.ends,
            f"floor at {place_name(draft.floor, refused.node)}",
            refused.blocker_id,
        )
    )


def _state_word(robot: Robot) -> str:
    if robot.silent:
        return "silent"
    if robot.held:
        return "held"
    if robot.order_id is None:
        return "standing"
    return "waiting" if robot.wait is not None else "driving"


def _go_round(turn: Turn, robot: Robot, refused: Refused, circle: tuple[str, ...]) -> None:
    """Look for a way round the blocker's floor; in a circle of waiting robots give way."""
    order = turn.draft.orders[robot.order_id or ""]
    owners = turn.draft.owners.mapping()
    masks = turn.draft.floor.masks
    blocked = tuple(
        resource
        for resource, owner in sorted(owners.items())
        if owner == refused.blocker_id and resource < masks.node_count
    )
    at_goal = goal_node(turn, robot, order.goal_station) in blocked
    if robot.plan_id is not None or (at_goal and not circle):
        return
    request_plan(
        turn,
        robot,
        order.purpose,
        order.goal_station,
        task_id=order.task_id,
        avoid=blocked,
        penalties=_penalties(turn, robot, circle) if circle else {},
    )


def _penalties(turn: Turn, robot: Robot, circle: tuple[str, ...]) -> dict[int, int]:
    ahead = _ahead(turn)
    waited_ms = turn.now_ms - robot.wait.since_ms if robot.wait is not None else 0
    late = waited_ms >= FOLLOWERS_COUNT_AFTER_MS
    followers = followers_of(_blockers(turn), circle) if late else ()
    return in_the_way(
        turn.draft.floor.masks,
        turn.draft.owners.mapping(),
        robot.robot_id,
        circle=[ahead[other] for other in circle[1:] if other in ahead],
        followers=[ahead[other] for other in followers if other in ahead],
    )
