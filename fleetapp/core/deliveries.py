"""A load that is said to be carried or handed over, against what reports show of it.

A robot that says that it picked and shows nothing on board, or that it set down and shows
a load, is believed in neither: after a while that its load sensor may need, a person looks.
So nothing is called delivered against the reports. A robot that never says what it carries
contradicts nothing.
"""

from fleetapp.core.answer_orders import end_order, finish
from fleetapp.core.decisions import CancelOrdered
from fleetapp.core.guard import each
from fleetapp.core.holding import hold
from fleetapp.core.loads import load_contradicts, task_of
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import Order, OrderPhase
from fleetapp.fleet.robot import Robot
from fleetapp.terms.modes import LoadState
from fleetapp.terms.reasons import HoldReason


def judge_loads(turn: Turn) -> None:
    """End what reports agree with by now; hold whom they still contradict."""
    doubted = (
        order.robot_id
        for order in turn.draft.orders.values()
        if order.finished_ms is not None or order.unladen_ms is not None
    )
    for robot_id in each(turn, "judge_load", doubted):
        robot = turn.draft.robots[robot_id]
        order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
        if order is not None and order.phase is OrderPhase.ACTIVE and robot.reported:
            _judge(turn, robot, order)


def _judge(turn: Turn, robot: Robot, order: Order) -> None:
    if order.finished_ms is None:
        _judge_on_the_way(turn, robot, order)
    elif not load_contradicts(robot, order):
        finish(turn, order)
    elif robot.load is not LoadState.LOADED:
        _doubt_delivery(turn, order, CARRIED_NOTHING)
    elif _still_says_so(turn, robot, order.finished_ms):
        _doubt_delivery(turn, order, STILL_LOADED)


CARRIED_NOTHING = (
    "It says that it set its item down, and its reports showed nothing on board on the way: "
    "look where the item is"
)
STILL_LOADED = (
    "It says that it set its item down, and its reports still show a load: look what it "
    "carries; released with a load it sets it down again"
)
NOTHING_ON_BOARD = (
    "It carries an item by what it said, and its reports show nothing on board: look where the "
    "item is"
)


def _still_says_so(turn: Turn, robot: Robot, since_ms: int) -> bool:
    """Whether a report long after says the same: time alone proves nothing."""
    return robot.heard_ms - since_ms >= turn.draft.rules.load_agrees_ms


def _judge_on_the_way(turn: Turn, robot: Robot, order: Order) -> None:
    """Without the item there is nothing to hand over: the order is given up."""
    since_ms = order.unladen_ms
    at_drop = order.passed == len(order.nodes) - 1  # there it may be setting it down
    if since_ms is None or at_drop or not _still_says_so(turn, robot, since_ms):
        return
    if task_of(turn.draft, order) is None:
        return
    _hold(turn, order, NOTHING_ON_BOARD)
    turn.decide(CancelOrdered(turn.now_ms, order.robot_id, order.order_id, "nothing is on board"))


def _doubt_delivery(turn: Turn, order: Order, note: str) -> None:
    """The order is over, its task is not: what becomes of it follows from the load, released."""
    end_order(turn, order, "finished; its load is in doubt", order.goal_node)
    if task_of(turn.draft, order) is not None:
        _hold(turn, order, note)


def _hold(turn: Turn, order: Order, note: str) -> None:
    hold(turn, order.robot_id, HoldReason.LOAD_UNKNOWN, note=note, evidence=order.order_id)
