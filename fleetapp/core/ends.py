"""What ends with its subject: a question whose task no longer waits for its answer."""

from fleetapp.core.decisions import ReviewClosed
from fleetapp.core.guard import each
from fleetapp.core.holding import SYSTEM
from fleetapp.core.state import Review
from fleetapp.core.turn import Turn
from fleetapp.terms.modes import TaskState


def end_questions(turn: Turn) -> None:
    """Close every open review that nobody's task waits for any more."""
    open_reviews = [r for r in turn.draft.reviews.values() if r.closed is None]
    stale = {r.asked.robot_id: r for r in open_reviews if _is_stale(turn, r)}
    for robot_id in each(turn, "end_question", stale):
        asked = stale[robot_id].asked
        note = "its task no longer waits for the answer"
        turn.decide(ReviewClosed(turn.now_ms, asked.review_id, None, SYSTEM, note, None))


def _is_stale(turn: Turn, review: Review) -> bool:
    task = turn.draft.tasks.get(review.asked.task_id)
    return (
        task is None
        or task.state is not TaskState.IN_REVIEW
        or task.robot_id != review.asked.robot_id
    )
