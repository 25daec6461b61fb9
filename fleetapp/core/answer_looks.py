"""What follows from a camera frame and from the recogniser's answer.

Sure: the pick may be ordered. Not sure: hold at once, and ask a person
(DESIGN.md section 5, frame to hold to override).
"""

from fleetapp.core import observations as seen
from fleetapp.core.decisions import LookExpected, RecognitionJudged, ReviewOpened, TaskMoved
from fleetapp.core.holding import hold
from fleetapp.core.turn import Turn
from fleetapp.perception.gate import Box, GateResult, Thresholds, judge
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import Abstain, HoldReason
from fleetapp.terms.units import whole_percent

LONGEST_ERROR = 300
LOOKING_STATES = frozenset({TaskState.ASSIGNED, TaskState.DRIVING_TO_PICK, TaskState.LOOKING})


def on_frame(turn: Turn, message: seen.FrameReceived) -> None:
    """The robot looks; the answer is awaited from the first frame of the look on.

    Only frames of the look that was ordered last count: one that comes late, or
    that nobody asked for, may show the package of another place. Further frames of
    the same look put no deadline off. A frame may overtake the report that shows its
    order: it proves the order as well.
    """
    robot = turn.draft.robots.get(message.robot_id)
    task = _looked_for(turn, message.robot_id)
    look = robot.look if robot is not None else None
    if robot is None or task is None or look is None or look.task_id != task.task_id:
        return
    if not message.action_id or message.action_id != look.action_id:
        return
    begin_looking(turn, task, message.robot_id)
    if robot.held or look.until_ms is not None or look.sure is not None:
        return
    expect_look(turn, message.robot_id, task.task_id)


def begin_looking(turn: Turn, task: Task, robot_id: str) -> None:
    """The robot is at the package, whatever was heard of its way there."""
    if task.state is TaskState.ASSIGNED:
        text = "it shows the order by looking"
        turn.decide(TaskMoved(turn.now_ms, task.task_id, TaskState.DRIVING_TO_PICK, text, robot_id))
    if task.state in (TaskState.ASSIGNED, TaskState.DRIVING_TO_PICK):
        text = "the robot looks at the package"
        turn.decide(TaskMoved(turn.now_ms, task.task_id, TaskState.LOOKING, text, robot_id))


def expect_look(turn: Turn, robot_id: str, task_id: str) -> None:
    """A missing answer is a wait for a while, then a hold."""
    until = turn.now_ms + turn.draft.rules.recognition_timeout_ms
    turn.decide(LookExpected(robot_id, task_id, until))


def on_recognised(turn: Turn, message: seen.PackageRecognised) -> None:
    """Judge the answer to the newest frame, once; older answers count for nothing."""
    robot = turn.draft.robots.get(message.robot_id)
    task = _looked_for(turn, message.robot_id)
    look = robot.look if robot is not None else None
    if task is None or look is None or look.task_id != task.task_id or look.sure is not None:
        return
    if look.frame_id != message.frame_id:
        return
    if not message.error and message.frame_sha256 != look.frame_sha256:
        return  # the answer to an older frame of the same name
    begin_looking(turn, task, message.robot_id)
    if message.error:
        _not_judged(turn, message)
        return
    result = judge(
        boxes=tuple(_box(box) for box in message.boxes),
        frame_abstain=message.abstain,
        width_px=message.width_px,
        height_px=message.height_px,
        sku=task.sku,
        label_code=task.label_code,
        thresholds=Thresholds(turn.draft.rules.confidence_permille),
    )
    turn.decide(_judgement(turn, message, task, result))
    if not result.sure:
        _ask(turn, message, task, result)


def _not_judged(turn: Turn, message: seen.PackageRecognised) -> None:
    """There will be no better answer to this frame: after a release the robot looks again."""
    hold(
        turn,
        message.robot_id,
        HoldReason.NO_RECOGNITION,
        note=f"Its camera frame could not be judged: {message.error[:LONGEST_ERROR]}",
        evidence=message.frame_id,
    )


def _looked_for(turn: Turn, robot_id: str) -> Task | None:
    robot = turn.draft.robots.get(robot_id)
    if robot is None or robot.task_id is None:
        return None
    task = turn.draft.tasks.get(robot.task_id)
    return task if task is not None and task.state in LOOKING_STATES else None


def _box(box: seen.SeenBox) -> Box:
    return Box(box.x_px, box.y_px, box.width_px, box.height_px, box.confidence_permille, box.codes)


def _judgement(
    turn: Turn, message: seen.PackageRecognised, task: Task, result: GateResult
) -> RecognitionJudged:
    return RecognitionJudged(
        turn.now_ms,
        message.robot_id,
        task.task_id,
        message.frame_id,
        message.frame_sha256,
        message.bundle_digest,
        result.sure,
        result.abstain,
        result.verification,
        result.sentence,
        turn.draft.rules.confidence_permille,
        result.target,
    )


def _ask(turn: Turn, message: seen.PackageRecognised, task: Task, result: GateResult) -> None:
    review_id = f"rv-{task.task_id}-{turn.draft.seq}"  # robots may use a frame's id again
    turn.decide(_review(turn, message, task, result, review_id))
    hold(
        turn,
        message.robot_id,
        HoldReason.NOT_SURE,
        note=result.sentence,
        evidence=message.frame_id,
        review_id=review_id,
    )
    turn.decide(
        TaskMoved(turn.now_ms, task.task_id, TaskState.IN_REVIEW, result.sentence, message.robot_id)
    )


def _review(
    turn: Turn,
    message: seen.PackageRecognised,
    task: Task,
    result: GateResult,
    review_id: str,
) -> ReviewOpened:
    return ReviewOpened(
        turn.now_ms,
        review_id,
        message.robot_id,
        task.task_id,
        message.frame_id,
        task.from_station,
        result.abstain or Abstain.LOW_CONFIDENCE,
        result.sentence,
        meaning_of(message, result),
        message.boxes,
        result.target,
        message.width_px,
        message.height_px,
        message.light_permille,
        message.sharpness_permille,
        turn.draft.rules.confidence_permille,
        message.bundle,
        message.bundle_digest,
    )


def meaning_of(message: seen.PackageRecognised, result: GateResult) -> str:
    """What the confidence of the target means, in numbers a person can picture."""
    if result.target is None:
        return ""
    wrong = 100 - whole_percent(message.boxes[result.target].confidence_permille)
    return f"Of 100 such answers about {wrong} were wrong."
