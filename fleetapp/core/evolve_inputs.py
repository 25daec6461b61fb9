"""How observations change the state; nothing is decided here.

Only facts: what a robot reported, which node it passed, which process is down.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.draft import Draft
from fleetapp.core.floor import resources_ahead, resources_behind
from fleetapp.core.state import Worker
from fleetapp.fleet.look import Look, look_elsewhere
from fleetapp.fleet.order import OrderPhase
from fleetapp.fleet.robot import Robot
from fleetapp.terms.modes import LoadState


def _appeared(draft: Draft, message: seen.RobotAppeared) -> None:
    known = draft.robots.get(message.robot_id)
    if known is None:
        known = Robot(message.robot_id, message.maker, message.serial, state_since_ms=message.at_ms)
    draft.robots.put(
        message.robot_id,
        replace(known, protocol=message.protocol or known.protocol, heard_ms=message.at_ms),
    )


def _reported(draft: Draft, message: seen.RobotReported) -> None:
    robot = draft.robots.get(message.robot_id)
    if robot is None:
        return
    moved = (robot.x_mm, robot.y_mm, robot.last_node_id) != (
        message.x_mm,
        message.y_mm,
        message.last_node_id,
    )
    changed = replace(
        robot,
        reported=True,
        first_report=not robot.reported,
        x_mm=message.x_mm,
        y_mm=message.y_mm,
        heading_mrad=message.heading_mrad,
        map_id=message.map_id,
        localized=message.localized,
        last_node_id=message.last_node_id,
        shown_order_id=message.order_id,
        battery_permille=message.battery_permille,
        charging=message.charging,
        driving=message.driving,
        paused=message.paused,
        foreign_pause=robot.foreign_pause and message.paused,
        charge_asked=_still_asked(robot, message),
        idle=message.idle,
        mode=message.mode,
        emergency_stop=message.emergency_stop,
        field_violation=message.field_violation,
        load=message.load,
        errors=tuple((e.error_type, e.level, e.text) for e in message.errors),
        heard_ms=message.at_ms,
        moved_ms=message.at_ms if moved else robot.moved_ms,
    )
    draft.robots.put(message.robot_id, changed)
    _compare_load(draft, changed)
    if _matters_to_dispatch(robot, changed):
        draft.dispatch_due = True


def _still_asked(robot: Robot, message: seen.RobotReported) -> bool:
    """Whether what it was told about charging stands; else it is asked anew if still needed.

    A charge may end by itself. What it was told before this start may never have left, or
    not have reached it: only a first report that shows it proves it.
    """
    to_be_shown = robot.charging or not robot.reported
    return robot.charge_asked and (message.charging or not to_be_shown)


def _matters_to_dispatch(before: Robot, after: Robot) -> bool:
    return (
        after.first_report
        or before.mode != after.mode
        or before.load != after.load
        or before.idle != after.idle
        or before.emergency_stop != after.emergency_stop
        or before.errors != after.errors
        or before.charging != after.charging
        or before.paused != after.paused
        or before.localized != after.localized
        or before.field_violation != after.field_violation
        or (before.battery_permille or 0) // 50 != (after.battery_permille or 0) // 50
    )


def _compare_load(draft: Draft, robot: Robot) -> None:
    """Note since when its reports show nothing on board on the way to the drop."""
    order = draft.orders.get(robot.order_id) if robot.order_id else None
    if order is None or not order.carries:
        return
    if robot.load is not LoadState.EMPTY:
        if order.unladen_ms is not None:
            draft.change_order(order.order_id, unladen_ms=None)
        return
    on_its_way = order.passed < len(order.nodes) - 1 and order.phase is OrderPhase.ACTIVE
    if on_its_way and order.unladen_ms is None:
        draft.change_order(order.order_id, unladen_ms=robot.heard_ms)


def _heartbeat(draft: Draft, message: seen.Heartbeat) -> None:
    if message.robot_id in draft.robots:
        _compare_load(draft, draft.change_robot(message.robot_id, heard_ms=message.at_ms))


def _link(draft: Draft, message: seen.LinkChanged) -> None:
    if message.robot_id in draft.robots:
        draft.change_robot(message.robot_id, online=message.online)


def _node_passed(draft: Draft, message: seen.NodePassed) -> None:
    order = draft.orders.get(message.order_id)
    if order is None or message.index > order.released_to or message.index < order.passed:
        return
    behind = resources_behind(draft.floor, order, message.index)
    if order.passed == 0:  # what it covered beside its first node is free as well
        ahead = resources_ahead(draft.floor, order, message.index)
        mine = (r for r, owner in draft.owners.mapping().items() if owner == order.robot_id)
        behind = tuple(resource for resource in mine if resource not in ahead)
    for resource in behind:
        if draft.owners.get(resource) == order.robot_id:
            draft.owners.drop(resource)
    # The report that first shows it at its last node may show its drop as well: no doubt.
    arrives = message.index == len(order.nodes) - 1 and order.unladen_ms == message.at_ms
    draft.change_order(
        order.order_id,
        passed=message.index,
        moved_ms=message.at_ms,
        unladen_ms=None if arrives else order.unladen_ms,
    )
    draft.change_robot(order.robot_id, node=order.nodes[message.index], moved_ms=message.at_ms)


def _acknowledged(draft: Draft, message: seen.OrderAcknowledged) -> None:
    order = draft.orders.get(message.order_id)
    if order is not None and message.order_update_id > order.acknowledged_update:
        draft.change_order(order.order_id, acknowledged_update=message.order_update_id)


def _action_ended(draft: Draft, message: seen.ActionEnded) -> None:
    order = draft.orders.get(message.order_id)
    if order is None:
        return
    actions = tuple(
        replace(action, ended=True, ok=message.ok)
        if action.action_id == message.action_id
        else action
        for action in order.actions
    )
    draft.change_order(order.order_id, actions=actions)


def _finished(draft: Draft, message: seen.OrderFinished) -> None:
    """It says so of the whole order as it stands; the route from before an update is no end."""
    order = draft.orders.get(message.order_id)
    if order is None or not order.fully_released or order.phase is not OrderPhase.ACTIVE:
        return
    if order.acknowledged_update == order.update_id and order.finished_ms is None:
        draft.change_order(order.order_id, finished_ms=message.at_ms)


def _pause_confirmed(draft: Draft, message: seen.PauseConfirmed) -> None:
    robot = draft.robots.get(message.robot_id)
    if robot is None or robot.pause_wanted != message.paused:
        return
    draft.change_robot(
        message.robot_id,
        pause_confirmed=message.paused,
        pause_failed=False,
        resume_wanted=robot.resume_wanted and message.paused,
    )


def _pause_unconfirmed(draft: Draft, message: seen.PauseUnconfirmed) -> None:
    robot = draft.robots.get(message.robot_id)
    if robot is None or not (robot.pause_wanted and message.paused):
        return
    draft.change_robot(
        message.robot_id, pause_confirmed=False, pause_stands=False, pause_failed=True
    )


def _pause_contradicted(draft: Draft, message: seen.PauseContradicted) -> None:
    if message.robot_id in draft.robots:
        draft.change_robot(message.robot_id, pause_confirmed=False, pause_stands=False)


def _standstill(draft: Draft, message: seen.StandstillSeen) -> None:
    robot = draft.robots.get(message.robot_id)
    if robot is not None and robot.pause_wanted:
        draft.change_robot(message.robot_id, pause_stands=True, pause_failed=False)


def _charging_unconfirmed(draft: Draft, message: seen.ChargingUnconfirmed) -> None:
    """It is told anew if its charge still asks for it."""
    if message.robot_id in draft.robots:
        draft.change_robot(message.robot_id, charge_asked=False)
        draft.dispatch_due = True


def _quirk(draft: Draft, message: seen.QuirkSeen) -> None:
    robot = draft.robots.get(message.robot_id)
    if robot is not None and message.quirk not in robot.quirks:
        draft.change_robot(message.robot_id, quirks=(*robot.quirks, message.quirk))


def _factsheet(draft: Draft, message: seen.FactsheetSeen) -> None:
    if message.robot_id in draft.robots:
        draft.change_robot(
            message.robot_id,
            software=message.software or message.series,
            length_mm=message.length_mm,
            width_mm=message.width_mm,
        )


def _rejected(draft: Draft, message: seen.PayloadRejected) -> None:
    draft.rejected_count += message.count


def _frame(draft: Draft, message: seen.FrameReceived) -> None:
    """The newest frame of a look counts until there is a verdict on it."""
    robot = draft.robots.get(message.robot_id)
    look = robot.look if robot is not None else None
    if look is None or not message.action_id or message.action_id != look.action_id:
        return
    if look.sure is None:
        changed = replace(look, frame_id=message.frame_id, frame_sha256=message.sha256)
        draft.change_robot(message.robot_id, look=changed)


def _journal_down(draft: Draft, _message: own.JournalUnavailable) -> None:
    draft.journal_ok = False


def _journal_up(draft: Draft, _message: own.JournalRecovered) -> None:
    draft.journal_ok = True
    draft.dispatch_due = True


def _worker(draft: Draft, message: own.WorkerChanged) -> None:
    draft.workers.put(message.worker, Worker(message.ok, message.detail))


def _engine_started(draft: Draft, message: own.EngineStarted) -> None:
    draft.started_ms = message.at_ms
    draft.journal_ok = True  # this start writes a journal of its own, and says if it cannot
    draft.dispatch_due = True
    if draft.ran_floor and message.floor_digest != draft.ran_floor:
        _forget_places(draft)
    draft.ran_site_id, draft.ran_floor = message.site_id, message.floor_digest
    for robot in tuple(draft.robots.values()):
        # After a restart nothing is known until the robot reports again.
        draft.robots.put(
            robot.robot_id,
            replace(
                robot,
                reported=False,
                heard_ms=message.at_ms,
                online=True,
                silent=False,
                look=_after_start(robot.look),
                pause_confirmed=False,
                pause_stands=False,
                fruitless=None,
            ),
        )
    for worker in tuple(draft.workers):
        draft.workers.drop(worker)  # not well until it says so
    for problem_id in tuple(draft.plans):
        draft.plans.drop(problem_id)
    for robot in tuple(draft.robots.values()):
        if robot.plan_id is not None:
            draft.change_robot(robot.robot_id, plan_id=None)


def _after_start(look: Look | None) -> Look | None:
    """A frame that was not answered is gone with the recogniser; a verdict stands."""
    if look is None or look.until_ms is None:
        return look
    return replace(look, frame_id=None, frame_sha256="", until_ms=None)


def _forget_places(draft: Draft) -> None:
    """The layout changed: numbers of nodes mean other places. Reports say who stands where."""
    for resource in tuple(draft.owners):
        draft.owners.drop(resource)
    for robot in tuple(draft.robots.values()):
        look = robot.look
        draft.robots.put(
            robot.robot_id,
            replace(
                robot,
                node=None,
                home=None,
                doubted=(),
                look=None if look is None else look_elsewhere(look),
            ),
        )


def _nothing(_draft: Draft, _message: object) -> None:
    return


EVOLVE: Mapping[type, Callable[[Draft, Any], None]] = {
    seen.RobotAppeared: _appeared,
    seen.RobotReported: _reported,
    seen.Heartbeat: _heartbeat,
    seen.LinkChanged: _link,
    seen.NodePassed: _node_passed,
    seen.OrderAcknowledged: _acknowledged,
    seen.OrderUnacknowledged: _nothing,
    seen.OrderRefused: _nothing,
    seen.ActionEnded: _action_ended,
    seen.OrderFinished: _finished,
    seen.OrderGone: _nothing,
    seen.CancelConfirmed: _nothing,
    seen.CancelUnconfirmed: _nothing,
    seen.PauseConfirmed: _pause_confirmed,
    seen.PauseUnconfirmed: _pause_unconfirmed,
    seen.PauseContradicted: _pause_contradicted,
    seen.StandstillSeen: _standstill,
    seen.ChargingUnconfirmed: _charging_unconfirmed,
    seen.LeftBase: _nothing,
    seen.QuirkSeen: _quirk,
    seen.FactsheetSeen: _factsheet,
    seen.PayloadRejected: _rejected,
    seen.MessagesUsable: _nothing,
    seen.FrameReceived: _frame,
    seen.PackageRecognised: _nothing,
    seen.PlanProposed: _nothing,
    own.DeadlineFell: _nothing,
    own.JournalUnavailable: _journal_down,
    own.JournalRecovered: _journal_up,
    own.WorkerChanged: _worker,
    own.EngineStarted: _engine_started,
    own.RecordDoubted: _nothing,
    own.PartBroke: _nothing,
    seen.AccessRecorded: _nothing,
    seen.CommandGiven: _nothing,
}


def evolve_input(draft: Draft, message: seen.Input) -> None:
    """Take a fact over into the state."""
    draft.now_ms = max(draft.now_ms, message.at_ms)
    EVOLVE[type(message)](draft, message)
