"""A person's answer to a review: accepted, corrected or rejected, for this one item."""

from fleetapp.api import commands as asked
from fleetapp.api.commands import Person
from fleetapp.core.answer_overrides import release
from fleetapp.core.decisions import RecognitionJudged, ReviewClosed, TaskMoved
from fleetapp.core.replies import Reply, done, refused
from fleetapp.core.state import Review
from fleetapp.core.turn import Turn
from fleetapp.fleet.robot import Robot
from fleetapp.tasks.task import Task
from fleetapp.terms.modes import ReviewAnswer, TaskState, Verification
from fleetapp.terms.reasons import HoldReason, Refusal


def answer(turn: Turn, command: asked.AnswerReview, person: Person) -> Reply:
    """Take the answer if the question still stands."""
    review = turn.draft.reviews.get(command.review_id)
    if review is None:
        return refused(
            Refusal.UNKNOWN_REVIEW, f"There is no review {command.review_id!r}: it may be over."
        )
    task = turn.draft.tasks.get(review.asked.task_id)
    robot = turn.draft.robots.get(review.asked.robot_id)  # it may be gone since
    if review.closed is not None or task is None or robot is None or not _waits(task, robot):
        return refused(
            Refusal.STALE_REVIEW, "This question was answered or lost its task: nothing was done."
        )
    agrees = _agrees(command, task)
    turn.decide(
        ReviewClosed(
            turn.now_ms,
            command.review_id,
            command.answer,
            person.name,
            command.reason,
            command.corrected_code,
        )
    )
    _follow(turn, review, task, person, command, agrees=agrees)
    return done(f"{robot.name}: {command.answer.value} recorded.", task.task_id)


def _waits(task: Task, robot: Robot) -> bool:
    """Whether the task still waits for the answer, with the robot that asked."""
    return task.state is TaskState.IN_REVIEW and robot.task_id == task.task_id


def _agrees(command: asked.AnswerReview, task: Task) -> bool:
    """Accepting agrees; a correction agrees if it is what the task wants."""
    if command.answer is ReviewAnswer.ACCEPT:
        return True
    if command.answer is ReviewAnswer.REJECT:
        return False
    return command.corrected_code in (task.label_code, task.sku) and bool(command.corrected_code)


def _follow(
    turn: Turn,
    review: Review,
    task: Task,
    person: Person,
    command: asked.AnswerReview,
    *,
    agrees: bool,
) -> None:
    robot = turn.draft.robots[review.asked.robot_id]
    if agrees:
        turn.decide(_by_person(turn, review, person))
    else:
        turn.decide(
            TaskMoved(
                turn.now_ms,
                task.task_id,
                TaskState.FAILED,
                f"{command.answer.value} by {person.name}: {command.reason}; a person picks it",
                robot.robot_id,
            )
        )
    release(
        turn,
        turn.draft.robots[robot.robot_id],
        (HoldReason.NOT_SURE,),
        by=person.name,
        note=command.reason,
    )


def _by_person(turn: Turn, review: Review, person: Person) -> RecognitionJudged:
    return RecognitionJudged(
        turn.now_ms,
        review.asked.robot_id,
        review.asked.task_id,
        review.asked.frame_id,
        "",
        review.asked.bundle_digest,
        sure=True,
        abstain=None,
        verification=Verification.BY_PERSON,
        sentence=f"{person.name} answered for this item",
        threshold_permille=review.asked.threshold_permille,
        target=review.asked.target,
    )
