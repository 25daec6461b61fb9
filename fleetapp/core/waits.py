"""Every robot that stands with something to do has its reason.

Traffic waits are named where floor is refused (`release`); here are the others:
a plan, an acknowledgement, a recognition, the journal, the broker.
"""

from fleetapp.core.decisions import RobotWaits, WaitEnded
from fleetapp.core.guard import each
from fleetapp.core.legs import leg_of, may_be_given
from fleetapp.core.release import TRAFFIC_CAUSES, goes_elsewhere, say_refused
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import ACTION_WORDS, Order, OrderAction, OrderPhase
from fleetapp.fleet.robot import Robot
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import WaitCause

NO_PROGRESS_MS = 5_000  # a report that tells nothing new comes up to 5 s later: 10 s in all
STEADY_MS = 1_000  # a cause is told anew when it has been another for so long
LONG_ACTION_MS = 20_000  # beyond what a pick or a drop takes

WORDS: dict[WaitCause, tuple[str, str]] = {
    WaitCause.PLAN: ("Waits for its route.", "when the planner has answered"),
    WaitCause.ACKNOWLEDGEMENT: (
        "Waits: its order is sent, its report does not show it yet.",
        "when the robot shows the order",
    ),
    WaitCause.RECOGNITION: (
        "Waits for the answer about the package.",
        "when the recogniser has answered, in ten seconds at most",
    ),
    WaitCause.JOURNAL: (
        "Waits: the journal cannot be written, so nothing new is allowed.",
        "when the journal can be written again",
    ),
    WaitCause.HALT: (
        "Waits: nothing is allowed until a supervisor has decided, see the alarms.",
        "when a supervisor lets the fleet go on",
    ),
    WaitCause.CANCEL: ("Waits: it gives its order up.", "when its report shows that it is done"),
    WaitCause.FIELD_VIOLATION: (
        "Waits: something is in its protective field.",
        "when the field is free",
    ),
    WaitCause.BROKER: ("Waits: there is no connection to the broker.", "when it is back"),
    WaitCause.NO_PROGRESS: (
        "Stands still with free floor ahead: something is wrong at the robot.",
        "when it drives on; look at the robot",
    ),
    WaitCause.NOT_FINISHED: (
        "Is at the end of its order, and its report still lists nodes as ahead.",
        "when it lists none; cancel the order at the robot, or restart it there",
    ),
    WaitCause.LOAD: (
        "Says that it set its item down, and its reports still show a load.",
        "when they agree; else it is held in some seconds, and a person looks",
    ),
    WaitCause.ACTION: (
        "Stands at its node: its {action} takes long.",
        "when its report shows the end of it; look at the robot",
    ),
    WaitCause.LOST_POSITION: (
        "Does not know where it is.",
        "when it is localised at the robot",
    ),
    WaitCause.STRAY_NEAR: (
        "Paused: {name} is near it, beyond the floor it was given.",
        "when {name} stands on a free node or is removed, or a supervisor releases this one",
    ),
    WaitCause.RESUME: (
        "Waits: it was told to go on, its report does not show it yet.",
        "when its report shows that it goes on",
    ),
    WaitCause.PAUSED_BY_ROBOT: ("Waits: it was paused at the robot.", "when somebody resumes it"),
}


def name_waits(turn: Turn) -> None:
    """Begin, change or end the waits that are not about traffic."""
    admitted = (r.robot_id for r in turn.draft.robots.values() if r.admitted)
    for robot_id in each(turn, "name_wait", admitted):
        _name(turn, turn.draft.robots[robot_id])


def _name(turn: Turn, robot: Robot) -> None:
    cause = _cause(turn, robot)
    wait = robot.wait
    if cause is None:
        _in_traffic(turn, robot)
        return
    blocker = robot.stray_id if cause is WaitCause.STRAY_NEAR else None
    if wait is not None and (wait.cause, wait.blocker_id) == (cause, blocker):
        return
    if _too_soon(turn, robot) or (
        wait is None and robot.waited is cause and _just_ended(turn, robot)
    ):
        return
    names = _names(turn, robot, blocker)
    sentence, ends = (text.format(**names) for text in WORDS[cause])
    evidence = robot.order_id or ""
    turn.decide(RobotWaits(turn.now_ms, robot.robot_id, cause, sentence, ends, evidence, blocker))


def _in_traffic(turn: Turn, robot: Robot) -> None:
    """Nothing but the floor may keep it: say for whom it waits, or that it waits no longer."""
    wait, refused = robot.wait, turn.refused.get(robot.robot_id)
    has_work = robot.task_id is not None or robot.order_id is not None
    if has_work and _too_soon(turn, robot):
        return
    if refused is not None:
        if wait is None or (wait.cause, wait.blocker_id) != (refused.cause, refused.blocker_id):
            say_refused(turn, refused)
    elif wait is not None and not _still_in_traffic(turn, robot):
        turn.decide(WaitEnded(robot.robot_id))


def _too_soon(turn: Turn, robot: Robot) -> bool:
    """Whether its wait is so young that another word for it would only flicker.

    Reports that contradict each other change the cause several times a second; whoever
    reads it, and the record, are told when it has been the same for a while. A robot that
    has moved since has ended its wait by that; one that only says so may contradict itself.
    """
    wait = robot.wait
    if wait is None or (robot.driving and robot.moved_ms > wait.since_ms):
        return False
    return turn.now_ms - wait.since_ms < STEADY_MS


def _moves(turn: Turn, robot: Robot) -> bool:
    """Whether its place changed a moment ago, whatever it says of itself."""
    return turn.now_ms - robot.moved_ms < STEADY_MS


def _just_ended(turn: Turn, robot: Robot) -> bool:
    """Whether what it waits for is what it waited for a moment ago."""
    return turn.now_ms - robot.waited_until_ms < STEADY_MS


def steady_times(robot: Robot) -> tuple[int, ...]:
    """When its cause is to be looked at again although nothing was reported."""
    if robot.wait is not None:
        return (robot.wait.since_ms + STEADY_MS,)
    times = []
    if robot.waited is not None and not robot.driving and robot.order_id is not None:
        times.append(robot.waited_until_ms + STEADY_MS)
    if robot.paused_by_others:
        times.append(robot.moved_ms + STEADY_MS)
    return tuple(times)


def _names(turn: Turn, robot: Robot, blocker: str | None) -> dict[str, str]:
    """What the sentences call the other robot and the action under way."""
    stray = turn.draft.robots.get(blocker) if blocker is not None else None
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    action = _action_here(order) if order is not None else None
    return {
        "name": (stray.name or stray.serial) if stray is not None else "",
        "action": ACTION_WORDS[action.kind] if action is not None else "",
    }


def _still_in_traffic(turn: Turn, robot: Robot) -> bool:
    """A traffic wait lasts while the robot stands at the end of a base that has more to come."""
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    if robot.wait is None or robot.wait.cause not in TRAFFIC_CAUSES or order is None:
        return False
    return not order.fully_released and order.passed == order.released_to and not robot.held


def _cause(turn: Turn, robot: Robot) -> WaitCause | None:
    if robot.held or robot.silent or turn.draft.stop is not None:
        return None
    order = turn.draft.orders.get(robot.order_id) if robot.order_id else None
    has_work = robot.task_id is not None or order is not None
    if robot.stray_id:
        return WaitCause.STRAY_NEAR
    if not has_work:
        return None
    broker = turn.draft.workers.get("broker")
    if broker is not None and not broker.ok:
        return WaitCause.BROKER
    if robot.field_violation:
        return WaitCause.FIELD_VIOLATION
    ours = robot.pause_wanted or robot.resume_wanted
    if robot.paused and not ours and not _moves(turn, robot):
        return WaitCause.PAUSED_BY_ROBOT
    if not turn.draft.journal_ok and not robot.driving:
        return WaitCause.JOURNAL
    if turn.draft.halted and not robot.driving:
        return WaitCause.HALT
    if robot.paused and robot.resume_wanted and may_be_given(turn, robot):
        return WaitCause.RESUME
    return _cause_of_work(turn, robot, order)


def _cause_of_work(turn: Turn, robot: Robot, order: Order | None) -> WaitCause | None:
    if order is None:
        return _cause_without_order(turn, robot)
    if order.phase is OrderPhase.CANCELLING:
        return WaitCause.CANCEL
    if not robot.localized:
        return WaitCause.LOST_POSITION
    waits_for_show = order.acknowledged_update < order.update_id and not robot.driving
    if waits_for_show and turn.now_ms > order.last_change_ms + 1_000:
        return WaitCause.ACKNOWLEDGEMENT
    if _makes_no_progress(robot, order):
        return WaitCause.NO_PROGRESS
    if _waits_for_another_route(turn, robot, order):
        return WaitCause.PLAN
    return _cause_at_end_of_base(robot, order)


def _waits_for_another_route(turn: Turn, robot: Robot, order: Order) -> bool:
    """Whether it has driven its base and gets no more of it: its load goes elsewhere."""
    at_end = order.passed == order.released_to and not robot.driving
    return at_end and robot.plan_id is not None and goes_elsewhere(turn, order)


def _makes_no_progress(robot: Robot, order: Order) -> bool:
    """Whether it has floor ahead and a report long after it moved says that it stands."""
    if robot.driving or order.passed >= order.released_to or order.acknowledged_update < 0:
        return False
    return _stood_ms(robot, order) > NO_PROGRESS_MS


def _stood_ms(robot: Robot, order: Order) -> int:
    """How long its newest report came after it last moved or was told something new."""
    return robot.heard_ms - max(order.moved_ms, robot.moved_ms, order.last_change_ms)


def _cause_at_end_of_base(robot: Robot, order: Order) -> WaitCause | None:
    """It has driven all that was released, and for long nothing more came of it."""
    at_end = order.passed == order.released_to and order.acknowledged_update == order.update_id
    if not at_end or robot.driving:
        return None
    if order.handed_over:
        return WaitCause.LOAD
    if _action_here(order) is not None:
        return WaitCause.ACTION if _stood_ms(robot, order) > LONG_ACTION_MS else None
    unfinished = order.fully_released and not robot.idle
    return (
        WaitCause.NOT_FINISHED if unfinished and _stood_ms(robot, order) > NO_PROGRESS_MS else None
    )


def _action_here(order: Order) -> OrderAction | None:
    """The action at the node where it stands that has not ended."""
    here = (a for a in order.actions if a.node_index == order.passed and not a.ended)
    return next(here, None)


def _cause_without_order(turn: Turn, robot: Robot) -> WaitCause | None:
    task = turn.draft.tasks.get(robot.task_id) if robot.task_id else None
    awaited = robot.look is not None and robot.look.until_ms is not None
    if task is not None and task.state is TaskState.LOOKING and awaited:
        return WaitCause.RECOGNITION
    wanted = task is not None and leg_of(robot, task) is not None and may_be_given(turn, robot)
    return WaitCause.PLAN if robot.plan_id is not None or wanted else None
