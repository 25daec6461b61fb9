"""The arrows of each table, and which of them a row takes."""

from collections.abc import Iterator

from fleetapp.core import decisions as made
from fleetapp.core.state import State
from fleetapp.core.turn import Row
from fleetapp.simulation.endure.model import Model
from fleetapp.tasks.lifecycle import NEXT
from fleetapp.terms.modes import ReviewAnswer
from fleetapp.terms.reasons import HoldReason, WaitCause

ORDER_ARROWS = ("new -> active", "active -> cancelling", "active -> over", "cancelling -> over")
REVIEW_ARROWS = ("new -> open", *(f"open -> {a.value}" for a in ReviewAnswer), "open -> dropped")


def all_arrows() -> tuple[str, ...]:
    """Every arrow that there is, so that one that was never taken shows as 0."""
    tasks = (f"task: {a.value} -> {b.value}" for a, after in NEXT.items() for b in after)
    orders = (f"order: {arrow}" for arrow in ORDER_ARROWS)
    reviews = (f"review: {arrow}" for arrow in REVIEW_ARROWS)
    holds = (
        f"hold: {arrow}"
        for reason in HoldReason
        for arrow in (f"free -> {reason.value}", f"{reason.value} -> free")
    )
    waits = (f"wait: none -> {cause.value}" for cause in WaitCause)
    return (*tasks, *orders, *reviews, *holds, *waits)


def arrows_of(model: Model, cancelling: set[str], row: Row) -> Iterator[str]:
    """The arrows that a row takes; `cancelling` are the orders that are given up."""
    match row.message:
        case made.TaskAssigned(task_id=task_id):
            yield f"task: {model.tasks.get(task_id, 'queued')} -> assigned"
        case made.TaskMoved(task_id=task_id, state=state):
            yield f"task: {model.tasks.get(task_id, '?')} -> {state.value}"
        case made.OrderIssued():
            yield "order: new -> active"
        case made.CancelOrdered(order_id=order_id):
            if order_id not in cancelling:
                yield "order: active -> cancelling"
            cancelling.add(order_id)
        case made.OrderEnded(order_id=order_id):
            before = "cancelling" if order_id in cancelling else "active"
            cancelling.discard(order_id)
            yield f"order: {before} -> over"
        case made.ReviewOpened():
            yield "review: new -> open"
        case made.ReviewClosed(answer=answer):
            yield f"review: open -> {answer.value if answer is not None else 'dropped'}"
        case made.RobotHeld(reason=reason):
            yield f"hold: free -> {reason.value}"
        case made.HoldReleased(reasons=reasons):
            yield from (f"hold: {reason.value} -> free" for reason in reasons)
        case made.RobotWaits(cause=cause):
            yield f"wait: none -> {cause.value}"


def cancelling_in(state: State) -> set[str]:
    """The orders of a restored state that are given up."""
    return {o.order_id for o in state.orders.values() if o.phase.value == "cancelling"}
