"""How decisions change the state. A decision says all that is needed here."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fleetapp.core import decisions as made
from fleetapp.core.draft import Draft
from fleetapp.core.evolve_guard import GUARD
from fleetapp.core.evolve_orders import ORDERS, look_in
from fleetapp.core.evolve_people import PEOPLE
from fleetapp.core.state import ENDED_TASKS_KEPT
from fleetapp.fleet.look import Look, look_after_hold
from fleetapp.fleet.robot import Hold, Wait, let_go, told_to_go_on, told_to_stand
from fleetapp.tasks.lifecycle import check
from fleetapp.tasks.task import Task, is_open
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import HoldReason


def _task_accepted(draft: Draft, decision: made.TaskAccepted) -> None:
    draft.tasks_taken += 1
    task = replace(decision.task, number=draft.tasks_taken)
    draft.tasks.put(task.task_id, task)
    draft.dispatch_due = True


def _task_assigned(draft: Draft, decision: made.TaskAssigned) -> None:
    task = draft.tasks[decision.task_id]
    check(task.state, TaskState.ASSIGNED)
    draft.change_task(
        task.task_id,
        state=TaskState.ASSIGNED,
        state_since_ms=decision.at_ms,
        robot_id=decision.robot_id,
        assigned_ms=decision.at_ms,
        note="",
        after_state=_known_of_before(task),
    )
    robot = draft.robots[decision.robot_id]
    order = draft.orders.get(robot.order_id) if robot.order_id else None
    still_its = order is not None and order.task_id == task.task_id  # it had the task before
    draft.change_robot(
        decision.robot_id,
        task_id=task.task_id,
        look=look_in(order) if order is not None and still_its else None,
        state_since_ms=decision.at_ms,
    )
    draft.assigned.put(task.task_id, decision)


def _known_of_before(task: Task) -> TaskState | None:
    """The task before one that was given away is done, and may be forgotten now.

    Unless a person sent this one on without it: then it may have ended otherwise.
    """
    return TaskState.DONE if task.after_task_id and not task.freed else task.after_state


def _task_moved(draft: Draft, decision: made.TaskMoved) -> None:
    task = draft.tasks[decision.task_id]
    check(task.state, decision.state)
    ended = decision.state in (TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED)
    changed = replace(
        task,
        state=decision.state,
        state_since_ms=decision.at_ms,
        note=decision.reason,
        verification=decision.verification or task.verification,
        ended_ms=decision.at_ms if ended else None,
    )
    if decision.state is TaskState.PICKING:
        changed = replace(changed, pick_published=True)
    if decision.state is TaskState.QUEUED:
        changed = replace(
            changed,
            robot_id=None,
            assigned_ms=None,
            pick_published=False,
            verification=decision.verification,  # what was seen was for the robot that leaves it
        )
        draft.assigned.drop(task.task_id)
    draft.tasks.put(task.task_id, changed)
    if ended or decision.state is TaskState.QUEUED:
        _leave_robot(draft, task.robot_id, task.task_id)
    if decision.state is TaskState.DONE:
        draft.done_count += 1
    if decision.state is TaskState.FAILED:
        draft.failed_count += 1
    if ended:
        _forget_old_tasks(draft)


def _task_freed(draft: Draft, decision: made.TaskFreed) -> None:
    draft.change_task(decision.task_id, freed=True)
    draft.dispatch_due = True


def _leave_robot(draft: Draft, robot_id: str | None, task_id: str) -> None:
    draft.dispatch_due = True
    robot = draft.robots.get(robot_id) if robot_id else None
    if robot is not None and robot.task_id == task_id:
        draft.change_robot(robot.robot_id, task_id=None, look=None, state_since_ms=draft.now_ms)


def _forget_old_tasks(draft: Draft) -> None:
    """Those that ended first; one that a queued task waits for is still needed.

    Failed ones wait for a person: others that end do not push them out.
    """
    ended = [task for task in draft.tasks.values() if not is_open(task)]
    if len(ended) <= ENDED_TASKS_KEPT:
        return
    ended.sort(key=lambda task: (task.ended_ms or 0, task.number))
    queued = (task for task in draft.tasks.values() if task.state is TaskState.QUEUED)
    needed = {task.after_task_id for task in queued if not task.freed}
    failed = [task for task in ended if task.state is TaskState.FAILED]
    settled = [task for task in ended if task.state is not TaskState.FAILED]
    old = (*failed[: max(0, len(failed) - ENDED_TASKS_KEPT)],)
    old += (*settled[: max(0, len(settled) - ENDED_TASKS_KEPT)],)
    for task in old:
        if task.task_id not in needed:
            draft.tasks.drop(task.task_id)
            draft.assigned.drop(task.task_id)
            draft.task_rows.drop(task.task_id)


def _waits(draft: Draft, decision: made.RobotWaits) -> None:
    before = draft.robots[decision.robot_id].wait
    same = before is not None and before.cause is decision.cause
    since = before.since_ms if before is not None and same else decision.at_ms
    draft.change_robot(
        decision.robot_id,
        wait=Wait(
            decision.cause,
            since,
            decision.sentence,
            decision.ends,
            decision.evidence,
            decision.blocker_id,
        ),
    )


def _wait_ended(draft: Draft, decision: made.WaitEnded) -> None:
    wait = draft.robots[decision.robot_id].wait
    draft.change_robot(
        decision.robot_id,
        wait=None,
        waited=wait.cause if wait is not None else None,
        waited_until_ms=draft.now_ms,
        state_since_ms=draft.now_ms,
    )


def _held(draft: Draft, decision: made.RobotHeld) -> None:
    robot = draft.robots[decision.robot_id]
    hold = Hold(
        decision.reason,
        decision.at_ms,
        decision.by,
        decision.note,
        decision.evidence,
        decision.review_id,
    )
    if decision.pause:
        draft.robots.put(robot.robot_id, told_to_stand(robot))
    again = any(known.reason is hold.reason for known in robot.holds)
    draft.change_robot(
        robot.robot_id,
        holds=robot.holds if again else (*robot.holds, hold),
        look=look_after_hold(robot.look),
        state_since_ms=decision.at_ms,
    )
    draft.dispatch_due = True  # nobody stands in line for it


def _look(draft: Draft, decision: made.LookExpected) -> None:
    look = _look_of(draft, decision.robot_id, decision.task_id)
    draft.change_robot(decision.robot_id, look=replace(look, until_ms=decision.until_ms, sure=None))


def _judged(draft: Draft, decision: made.RecognitionJudged) -> None:
    robot = draft.robots[decision.robot_id]
    if robot.task_id == decision.task_id:
        look = _look_of(draft, decision.robot_id, decision.task_id)
        draft.change_robot(robot.robot_id, look=replace(look, until_ms=None, sure=decision.sure))
    task = draft.tasks.get(decision.task_id)
    if task is not None:  # a doubt takes back what an earlier look said
        verification = decision.verification if decision.sure else None
        draft.change_task(decision.task_id, verification=verification)


def _look_of(draft: Draft, robot_id: str, task_id: str) -> Look:
    """The robot's look for this task; a new one, where it stands, if it has none."""
    robot = draft.robots[robot_id]
    if robot.look is not None and robot.look.task_id == task_id:
        return robot.look
    return Look(task_id, robot.node)


def _hold_released(draft: Draft, decision: made.HoldReleased) -> None:
    robot = draft.robots[decision.robot_id]
    holds = tuple(h for h in robot.holds if h.reason not in decision.reasons)
    mended = HoldReason.RULE_BROKEN in decision.reasons
    if decision.resume:
        draft.robots.put(robot.robot_id, told_to_go_on(robot))
    elif not holds and draft.stop is None and not robot.stray_id:
        draft.robots.put(robot.robot_id, let_go(robot))
    draft.change_robot(
        robot.robot_id,
        holds=holds,
        broken=() if mended else robot.broken,
        # A session that failed was made anew: it knows of no charge that it asked for.
        charge_asked=robot.charge_asked and (robot.charging or not mended),
        fruitless=None,  # a person looked: what failed is tried again at once
        state_since_ms=decision.at_ms,
    )
    draft.dispatch_due = True


def _paused(draft: Draft, decision: made.RobotPaused) -> None:
    draft.robots.put(decision.robot_id, told_to_stand(draft.robots[decision.robot_id]))
    draft.change_robot(decision.robot_id, stray_id=decision.stray_id, state_since_ms=decision.at_ms)


def _resumed(draft: Draft, decision: made.RobotResumed) -> None:
    if decision.resume:
        draft.robots.put(decision.robot_id, told_to_go_on(draft.robots[decision.robot_id]))
    elif draft.stop is None and not draft.robots[decision.robot_id].held:
        draft.robots.put(decision.robot_id, let_go(draft.robots[decision.robot_id]))
    draft.change_robot(decision.robot_id, stray_id="", state_since_ms=decision.at_ms)
    draft.dispatch_due = True


def _silent(draft: Draft, decision: made.RobotFellSilent) -> None:
    draft.change_robot(
        decision.robot_id,
        silent=True,
        silent_since_ms=decision.at_ms,
        state_since_ms=decision.at_ms,
    )
    draft.dispatch_due = True  # nobody stands in line for it


def _spoke(draft: Draft, decision: made.RobotSpokeAgain) -> None:
    draft.change_robot(decision.robot_id, silent=False, state_since_ms=decision.at_ms)
    draft.dispatch_due = True


def _remedy(draft: Draft, decision: made.RemedyShown) -> None:
    draft.change_robot(decision.robot_id, remedy=decision.remedy)
    draft.dispatch_due = True  # one that can be driven again takes the tasks that wait


def _charging(draft: Draft, decision: made.ChargingAsked) -> None:
    draft.change_robot(decision.robot_id, charge_asked=decision.start)


EVOLVE: Mapping[type, Callable[[Draft, Any], None]] = {
    made.TaskAccepted: _task_accepted,
    made.TaskAssigned: _task_assigned,
    made.TaskMoved: _task_moved,
    made.TaskFreed: _task_freed,
    made.RobotWaits: _waits,
    made.WaitEnded: _wait_ended,
    made.RobotHeld: _held,
    made.RobotPaused: _paused,
    made.RobotResumed: _resumed,
    made.LookExpected: _look,
    made.RecognitionJudged: _judged,
    made.HoldReleased: _hold_released,
    made.RobotFellSilent: _silent,
    made.RobotSpokeAgain: _spoke,
    made.RemedyShown: _remedy,
    made.ChargingAsked: _charging,
    **ORDERS,
    **PEOPLE,
    **GUARD,
}


def evolve_decision(draft: Draft, decision: made.Decision) -> None:
    """Take a decision over into the state."""
    EVOLVE[type(decision)](draft, decision)
