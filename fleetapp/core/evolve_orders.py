"""How decisions about plans, orders and floor change the state."""

from collections.abc import Callable, Mapping
from typing import Any

from fleetapp.core import decisions as made
from fleetapp.core.draft import Draft
from fleetapp.fleet.fruitless import dropped
from fleetapp.fleet.look import Look
from fleetapp.fleet.order import ActionKind, Order, OrderPhase, Purpose


def _plan_requested(draft: Draft, decision: made.PlanRequested) -> None:
    draft.plans.put(decision.problem_id, decision)
    draft.numbers += 1
    draft.change_robot(decision.robot_id, plan_id=decision.problem_id, planned_ms=decision.at_ms)


def _plan_dropped(draft: Draft, decision: made.PlanDropped) -> None:
    problem = draft.plans.get(decision.problem_id)
    draft.plans.drop(decision.problem_id)
    robot = draft.robots.get(decision.robot_id)
    if robot is not None and robot.plan_id == decision.problem_id:
        fruitless = robot.fruitless
        if problem is not None:
            fruitless = dropped(
                fruitless, asked=problem.question, reason=decision.reason, at_ms=draft.now_ms
            )
        draft.change_robot(decision.robot_id, plan_id=None, fruitless=fruitless)
    draft.dispatch_due = True


def _issued(draft: Draft, decision: made.OrderIssued) -> None:
    robot = draft.robots[decision.robot_id]
    draft.plans.drop(decision.problem_id)
    draft.orders.put(
        decision.order_id,
        Order(
            decision.order_id,
            decision.robot_id,
            decision.task_id,
            decision.purpose,
            decision.goal_station,
            decision.nodes,
            decision.edges,
            decision.actions,
            issued_ms=decision.at_ms,
            last_change_ms=decision.at_ms,
            moved_ms=decision.at_ms,
        ),
    )
    draft.change_robot(
        robot.robot_id,
        order_id=decision.order_id,
        plan_id=None,
        fruitless=None,
        charge_asked=False,  # it drives off
        look=look_in(decision),
        doubted=(),
        state_since_ms=decision.at_ms,
    )
    _begin_look(draft, decision.task_id, decision.purpose)


def _begin_look(draft: Draft, task_id: str | None, purpose: Purpose) -> None:
    task = draft.tasks.get(task_id) if task_id else None
    if task is not None and purpose in (Purpose.TO_PICK, Purpose.LOOK):
        draft.change_task(task.task_id, looks=task.looks + 1, verification=None)


def _replaced(draft: Draft, decision: made.RouteReplaced) -> None:
    order = draft.orders[decision.order_id]
    draft.plans.drop(decision.problem_id)
    if order.purpose is not decision.purpose:
        _begin_look(draft, decision.task_id, decision.purpose)
    draft.change_order(
        decision.order_id,
        task_id=decision.task_id,
        purpose=decision.purpose,
        goal_station=decision.goal_station,
        nodes=decision.nodes,
        edges=decision.edges,
        actions=decision.actions,
        update_id=order.update_id + 1,
        stitched_at=order.released_to,
        last_change_ms=decision.at_ms,
        moved_ms=decision.at_ms,
    )
    draft.change_robot(decision.robot_id, plan_id=None, fruitless=None, look=look_in(decision))


def look_in(decision: made.OrderIssued | made.RouteReplaced | Order) -> Look | None:
    """The last look that an order carries; with an order without one the look before it ends."""
    looks = [action for action in decision.actions if action.kind is ActionKind.DETECT]
    if not looks or decision.task_id is None:
        return None
    return Look(decision.task_id, decision.nodes[looks[-1].node_index], looks[-1].action_id)


def _extended(draft: Draft, decision: made.BaseExtended) -> None:
    for resource in decision.resources:
        draft.owners.put(resource, decision.robot_id)
    order = draft.orders[decision.order_id]
    is_new = decision.update_id != order.update_id
    draft.change_order(
        decision.order_id,
        update_id=decision.update_id,
        stitched_at=order.released_to if is_new else order.stitched_at,
        released_to=decision.released_to,
        last_change_ms=decision.at_ms,
    )


def _taken(draft: Draft, decision: made.FloorTaken) -> None:
    for resource in decision.resources:
        draft.owners.put(resource, decision.robot_id)
    if decision.node is None:
        draft.change_robot(decision.robot_id, node=None)  # nothing is settled by that
        return
    draft.change_robot(decision.robot_id, node=decision.node, doubted=())
    draft.dispatch_due = True


def _doubted(draft: Draft, decision: made.FloorDoubted) -> None:
    draft.change_robot(decision.robot_id, doubted=decision.resources)


def _freed(draft: Draft, decision: made.FloorFreed) -> None:
    for resource in decision.resources:
        if draft.owners.get(resource) == decision.robot_id:
            draft.owners.drop(resource)
    robot = draft.robots.get(decision.robot_id)
    if robot is not None and robot.node in decision.resources:
        draft.change_robot(decision.robot_id, node=None)


def _ended(draft: Draft, decision: made.OrderEnded) -> None:
    draft.orders.drop(decision.order_id)
    robot = draft.robots[decision.robot_id]
    draft.dispatch_due = True
    draft.change_robot(
        robot.robot_id,
        order_id=None if robot.order_id == decision.order_id else robot.order_id,
        node=decision.at_node,
        state_since_ms=decision.at_ms,
    )
    if decision.at_node is None:
        return  # it stands between nodes: it keeps what it owned until it is placed
    keep = {decision.at_node}
    for resource in [r for r, owner in draft.owners.mapping().items() if owner == robot.robot_id]:
        if resource not in keep:
            draft.owners.drop(resource)


def _cancel(draft: Draft, decision: made.CancelOrdered) -> None:
    if decision.order_id in draft.orders:
        draft.change_order(
            decision.order_id, phase=OrderPhase.CANCELLING, cancel_reason=decision.reason
        )


ORDERS: Mapping[type, Callable[[Draft, Any], None]] = {
    made.PlanRequested: _plan_requested,
    made.PlanDropped: _plan_dropped,
    made.OrderIssued: _issued,
    made.RouteReplaced: _replaced,
    made.BaseExtended: _extended,
    made.FloorTaken: _taken,
    made.FloorDoubted: _doubted,
    made.FloorFreed: _freed,
    made.OrderEnded: _ended,
    made.CancelOrdered: _cancel,
}
