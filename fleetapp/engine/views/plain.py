"""Plain views in the place of those that broke: who it is, and that it cannot be shown.

Taken from plain fields alone. Nothing here looks well: a robot has the sign of one that is
not known, an alarm the highest priority, the fleet nobody that stands.
"""

from fleetapp.api.views import (
    NOT_STOPPED,
    AlarmView,
    FleetView,
    HaltView,
    HoldView,
    ProcessView,
    ReviewView,
    RobotView,
    StopView,
    TaskView,
    Why,
)
from fleetapp.core.state import Alarm, Halt, Review, State
from fleetapp.fleet.robot import Robot
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import RobotState

NOT_SHOWN = "This cannot be shown; the log has the details."
MOST_URGENT = 1


def plain_robot(robot: Robot) -> RobotView:
    """Its names, its holds, and the sign of a robot that nothing is known of."""
    return RobotView(
        robot_id=robot.robot_id,
        name=robot.name or robot.serial,
        robot_type=robot.robot_type,
        maker=robot.maker,
        serial=robot.serial,
        admitted=robot.admitted,
        state=RobotState.NOTICED,
        state_since_ms=robot.state_since_ms,
        doing=NOT_SHOWN,
        place="",
        x_m=None,
        y_m=None,
        heading_rad=None,
        battery_fraction=None,
        charging=False,
        load=robot.load,
        mode=robot.mode,
        task_id=robot.task_id,
        order_id=robot.order_id,
        why=Why(NOT_SHOWN, "not_shown", robot.state_since_ms, "the fault is mended", ""),
        holds=tuple(
            HoldView(h.reason, h.since_ms, h.by, h.note, confirmed=False) for h in robot.holds
        ),
        base=(),
        horizon=(),
        remedy="",
        last_report_ms=robot.heard_ms if robot.reported else None,
        protocol=robot.protocol,
        errors=(NOT_SHOWN,),
    )


def plain_task(task: Task) -> TaskView:
    """What was ordered and its state; nothing of how far it is."""
    return TaskView(
        task_id=task.task_id,
        state=task.state,
        sku=task.sku,
        label_code=task.label_code,
        count=task.count,
        from_station=task.from_station,
        to_station=task.to_station,
        priority=task.priority,
        due_ms=task.due_ms,
        after_task_id=task.after_task_id,
        created_ms=task.created_ms,
        created_by=task.created_by,
        assigned_ms=task.assigned_ms,
        ended_ms=task.ended_ms,
        robot_id=task.robot_id,
        step=0,
        sentence=NOT_SHOWN,
        load_is="not known",
        verification=None,
        candidates=(),
        candidates_out=(),
    )


def plain_alarm(alarm: Alarm) -> AlarmView:
    """Its kind and cause, with the highest priority."""
    raised = alarm.raised
    return AlarmView(
        alarm_id=raised.alarm_id,
        kind=raised.kind,
        priority=MOST_URGENT,
        title="An alarm that cannot be shown",
        cause=raised.cause,
        effect=NOT_SHOWN,
        todo=("Look at the robot, if one is named.", "Read the engine's log."),
        robot_ids=(raised.robot_id,) if raised.robot_id else (),
        raised_ms=raised.at_ms,
        gone_ms=alarm.gone_ms,
        acknowledged_by=alarm.acknowledged_by,
        count=alarm.count,
    )


def plain_review(review: Review) -> ReviewView:
    """Who asks where, and the answer if it was given; no packages, no figures."""
    asked, closed = review.asked, review.closed
    return ReviewView(
        review_id=asked.review_id,
        robot_id=asked.robot_id,
        task_id=asked.task_id,
        frame_id=asked.frame_id,
        station=asked.station_id,
        asked_ms=asked.at_ms,
        abstain=asked.abstain,
        doubt=NOT_SHOWN,
        meaning="",
        expected_sku=None,
        expected_code=None,
        frame_width_px=asked.width_px,
        frame_height_px=asked.height_px,
        crop_scale=1.0,
        packages=(),
        threshold=1.0,
        light=0.0,
        sharpness=0.0,
        bundle=asked.bundle,
        bundle_digest=asked.bundle_digest,
        answer=closed.answer if closed is not None else None,
        answered_by=closed.by if closed is not None else None,
        answered_ms=closed.at_ms if closed is not None else None,
        note=closed.note if closed is not None else "",
    )


def plain_fleet(state: State, *, now_ms: int, first_user_needed: bool) -> FleetView:
    """The site and the stop; no figures, and a process that says that they are missing."""
    return FleetView(
        site_id=state.floor.site.site_id,
        site_name=state.floor.site.name,
        layout_version=state.floor.site.layout_version,
        at_ms=now_ms,
        started_ms=state.started_ms,
        stop=plain_stop(state),
        processes=(ProcessView("figures", ok=False, detail=NOT_SHOWN),),
        robots_working=0,
        robots_admitted=0,
        tasks_open=0,
        tasks_done=0,
        tasks_failed=0,
        tasks_done_last_hour=0,
        done_per_minute=(),
        tasks_late=0,
        tasks_due_done=0,
        tasks_on_time=0,
        journal_seq=state.seq,
        journal_durable_seq=0,
        journal_lag_ms=0,
        rejected_payloads=0,
        first_user_needed=first_user_needed,
        halts=tuple(plain_halt(halt) for halt in state.halts.values()),
    )


def plain_halt(halt: Halt) -> HaltView:
    """That it is there, and what a supervisor needs to end it."""
    return HaltView(halt.halt_id, halt.reason, halt.whole, NOT_SHOWN, halt.since_ms)


def plain_stop(state: State) -> StopView:
    """Whether the fleet is stopped and by whom; nobody is said to stand."""
    if state.stop is None:
        return NOT_STOPPED
    admitted = tuple(sorted(r.robot_id for r in state.robots.values() if r.admitted))
    return StopView(
        active=True,
        since_ms=state.stop.since_ms,
        by=state.stop.by,
        sent_after_ms=None,
        standing=(),
        sent=(),
        no_answer=admitted,
        still_after_ms=(),
    )
