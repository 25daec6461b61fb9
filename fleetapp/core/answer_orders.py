"""What follows from what a robot does with its order."""

from fleetapp.core import observations as seen
from fleetapp.core.answer_looks import expect_look
from fleetapp.core.answer_reports import place
from fleetapp.core.decisions import (
    CancelOrdered,
    ChargingAsked,
    OrderEnded,
    RecognitionJudged,
    TaskMoved,
)
from fleetapp.core.floor import ON_NODE_MM, nearest_node
from fleetapp.core.holding import hold
from fleetapp.core.legs import may_be_given
from fleetapp.core.loads import after_cancel, after_loss, load_contradicts, task_of
from fleetapp.core.strays import robot_strayed
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import ACTION_WORDS, ActionKind, Order, OrderAction, OrderPhase, Purpose
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import TaskState, Verification
from fleetapp.terms.reasons import HoldReason


def on_acknowledged(turn: Turn, message: seen.OrderAcknowledged) -> None:
    """The robot works on its order: the task follows."""
    order = turn.draft.orders.get(message.order_id)
    task = task_of(turn.draft, order) if order is not None else None
    if order is None or task is None:
        return
    if order.purpose is Purpose.TO_PICK and task.state is TaskState.ASSIGNED:
        _move(turn, order, TaskState.DRIVING_TO_PICK, "the robot shows the order")


def on_passed(turn: Turn, message: seen.NodePassed) -> None:
    """Arriving at the last node of a carry is the beginning of the drop."""
    order = turn.draft.orders.get(message.order_id)
    task = task_of(turn.draft, order) if order is not None else None
    if order is None or task is None or order.purpose is not Purpose.CARRY:
        return
    if message.index == len(order.nodes) - 1 and task.state is TaskState.CARRYING:
        _move(turn, order, TaskState.DROPPING, "the robot is at the station")


def on_action_ended(turn: Turn, message: seen.ActionEnded) -> None:
    """A pick that succeeded is a load; an action that failed is for a person."""
    order = turn.draft.orders.get(message.order_id)
    if order is None:
        return
    action = next((a for a in order.actions if a.action_id == message.action_id), None)
    if action is None:
        return
    if not message.ok:
        _action_failed(turn, order, action, message)
        return
    task = task_of(turn.draft, order)
    if action.kind is ActionKind.PICK and task is not None and task.state is TaskState.PICKING:
        _move(turn, order, TaskState.CARRYING, "the pick is finished")


def _action_failed(
    turn: Turn, order: Order, action: OrderAction, message: seen.ActionEnded
) -> None:
    """A person must look; of an order that is given up it is what was asked for."""
    if order.phase is OrderPhase.CANCELLING:
        return
    hold(
        turn,
        order.robot_id,
        HoldReason.ACTION_FAILED,
        note=f"Its {ACTION_WORDS[action.kind]} failed: {message.result or 'it gives no reason'}",
        evidence=message.action_id,
    )
    # Without the item there is nothing to carry, and with half of it nothing may drive on. An
    # action that failed before its node is of an order that the robot gave up: it would do that
    # action although it counts as ended.
    if action.kind is ActionKind.PICK or action.node_index > order.passed:
        why = f"its {ACTION_WORDS[action.kind]} failed"
        turn.decide(CancelOrdered(turn.now_ms, order.robot_id, order.order_id, why))


def on_finished(turn: Turn, message: seen.OrderFinished) -> None:
    """The order is done, unless reports contradict that: `deliveries` waits for them to agree."""
    order = turn.draft.orders.get(message.order_id)
    if order is None or order.finished_ms is None or order.phase is OrderPhase.CANCELLING:
        return
    if order.acknowledged_update != order.update_id:
        return  # it finished the route from before this update
    if not load_contradicts(turn.draft.robots[order.robot_id], order):
        finish(turn, order)


def finish(turn: Turn, order: Order) -> None:
    """End the order; what comes next follows from its purpose."""
    failed = [action for action in order.actions if action.ended and not action.ok]
    end_order(turn, order, "failed" if failed else "finished", order.goal_node)
    if failed:
        return
    _after(turn, order)


def _after(turn: Turn, order: Order) -> None:
    task = task_of(turn.draft, order)
    if order.purpose is Purpose.CHARGE:
        # To one that may be given nothing it is said when it may (`places.send_idle`).
        if may_be_given(turn, turn.draft.robots[order.robot_id]):
            turn.decide(ChargingAsked(order.robot_id, start=True))
        return
    if task is None:
        return
    if order.purpose in (Purpose.TO_PICK, Purpose.LOOK):
        _look_if_not_seen(turn, order)
    if order.purpose is Purpose.CARRY:
        _delivered(turn, order, task)
    if order.purpose is Purpose.TO_RETURN:
        _move(turn, order, TaskState.CANCELLED, "cancelled; the load is at the return station")


def _delivered(turn: Turn, order: Order, task: Task) -> None:
    if task.state is TaskState.RETURNING:
        # It drove on and set the item down all the same: the item is where it was wanted first.
        text = f"cancelled too late: the item is at {order.goal_station}"
        _move(turn, order, TaskState.CANCELLED, text)
        return
    if task.state is TaskState.CARRYING:
        _move(turn, order, TaskState.DROPPING, "the robot is at the station")
    _move(turn, order, TaskState.DONE, "delivered")


def _look_if_not_seen(turn: Turn, order: Order) -> None:
    """The robot is at the package: wait for its frame, or record that it has no camera."""
    task = turn.draft.tasks[order.task_id or ""]
    camera = turn.draft.floor.types[turn.draft.robots[order.robot_id].robot_type].camera
    if task.state is TaskState.DRIVING_TO_PICK:
        _move(turn, order, TaskState.LOOKING, "the robot is at the package")
    look = turn.draft.robots[order.robot_id].look
    awaits = look is not None and look.sure is None and look.until_ms is None
    # The frame of an order from before a restart went by unseen: it looks again at once.
    if camera and awaits and order.issued_ms >= turn.draft.started_ms:
        expect_look(turn, order.robot_id, task.task_id)
    if not camera and task.state in (TaskState.DRIVING_TO_PICK, TaskState.LOOKING):
        turn.decide(_without_camera(turn, order))


def _without_camera(turn: Turn, order: Order) -> RecognitionJudged:
    return RecognitionJudged(
        turn.now_ms,
        order.robot_id,
        order.task_id or "",
        "",
        "",
        "",
        sure=True,
        abstain=None,
        verification=Verification.NOT_VERIFIED,
        sentence="The robot has no camera: the package is not verified",
        threshold_permille=0,
        target=None,
    )


def on_unacknowledged(turn: Turn, message: seen.OrderUnacknowledged) -> None:
    """The same update was sent again and again: now a person must look."""
    if message.order_id in turn.draft.orders:
        hold(
            turn,
            message.robot_id,
            HoldReason.ORDER_UNACKNOWLEDGED,
            note=f"It does not show its order after {message.attempts} attempts",
            evidence=message.order_id,
        )


def on_refused(turn: Turn, message: seen.OrderRefused) -> None:
    """A refused new order is over; after a refused update the order is given up first."""
    order = turn.draft.orders.get(message.order_id)
    if order is None:
        return
    hold(
        turn,
        message.robot_id,
        HoldReason.ORDER_REFUSED,
        note=f"It refuses its order: {message.error}",
        evidence=f"{message.order_id} update {message.order_update_id}",
    )
    if order.acknowledged_update < 0:
        end_order(turn, order, f"refused: {message.error}", _standing(turn, order))
        place(turn, order.robot_id)
        return
    turn.decide(CancelOrdered(turn.now_ms, order.robot_id, order.order_id, "update refused"))


def on_gone(turn: Turn, message: seen.OrderGone) -> None:
    """The robot no longer has our order: it restarted, or somebody took it over."""
    order = turn.draft.orders.get(message.order_id)
    if order is None:
        return
    end_order(turn, order, f"gone: it shows {message.shows or 'no order'}", _standing(turn, order))
    place(turn, order.robot_id)
    after_loss(turn, order)


def on_cancelled(turn: Turn, message: seen.CancelConfirmed) -> None:
    """Standing still with nothing left to drive: the order is over."""
    order = turn.draft.orders.get(message.order_id)
    if order is not None:
        end_order(turn, order, f"cancelled: {order.cancel_reason}", _standing(turn, order))
        place(turn, order.robot_id)
        after_cancel(turn, order)


def on_cancel_unconfirmed(turn: Turn, message: seen.CancelUnconfirmed) -> None:
    """A cancel without effect is for a person, unless the order is over meanwhile."""
    if message.order_id not in turn.draft.orders:
        return
    hold(
        turn,
        message.robot_id,
        HoldReason.ORDER_UNACKNOWLEDGED,
        note="It was told to give its order up, and its reports do not show it",
        evidence=message.order_id,
    )


def on_left_base(turn: Turn, message: seen.LeftBase) -> None:
    """It is where it was not allowed to go: hold it, and whoever could meet it."""
    order = turn.draft.orders.get(message.order_id)
    if order is not None:
        robot_strayed(turn, order, message.node_id)


def end_order(turn: Turn, order: Order, how: str, at_node: int | None) -> None:
    """Close an order; the robot keeps the floor it stands on."""
    turn.decide(OrderEnded(turn.now_ms, order.order_id, order.robot_id, how, at_node))


def _standing(turn: Turn, order: Order) -> int | None:
    """The node of its base on which it stands by its own report, None if between nodes.

    A robot that drives on, does not know where it is, stopped short of a node or a little
    beyond it keeps its whole base until its place is known.
    """
    robot = turn.draft.robots[order.robot_id]
    on_this_map = robot.map_id in ("", turn.draft.floor.site.map_id)
    if robot.driving or not (robot.localized and on_this_map):
        return None
    if robot.x_mm is None or robot.y_mm is None:
        return None
    near = nearest_node(turn.draft.floor, robot.x_mm, robot.y_mm, ON_NODE_MM)
    base = order.nodes[order.passed : order.released_to + 1]
    return near if near in base else None


def _move(turn: Turn, order: Order, state: TaskState, reason: str) -> None:
    if order.task_id is None:
        return
    turn.decide(TaskMoved(turn.now_ms, order.task_id, state, reason, order.robot_id))
