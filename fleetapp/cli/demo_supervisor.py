"""The simulated supervisor of a headless demo.

Answers a review after a while, by what the frame showed: without the package, or
with another label, the pick is rejected. A robot held because no answer about its
frame came is released, so that it looks again. Everything else is left to people.
"""

import uuid
from collections.abc import Callable

from fleetapp.api.commands import AnswerReview, Command, Outcome, ReleaseHold
from fleetapp.api.views import HoldView, Snapshot
from fleetapp.terms.modes import ReviewAnswer
from fleetapp.terms.reasons import Abstain, HoldReason

ANSWER_AFTER_MS = 6_000
REJECTED = frozenset({Abstain.CODE_MISMATCH, Abstain.NO_PACKAGE})


def answer_what_waits(snapshot: Snapshot, submit: Callable[[Command], Outcome]) -> int:
    """Answer and release what has waited long enough; how much was accepted."""
    commands: tuple[Command, ...] = (*_answers(snapshot), *_releases(snapshot))
    return sum(submit(command).accepted for command in commands)


def _answers(snapshot: Snapshot) -> tuple[AnswerReview, ...]:
    now_ms = snapshot.fleet.at_ms
    return tuple(
        AnswerReview(
            uuid.uuid4().hex,
            review.review_id,
            ReviewAnswer.REJECT if review.abstain in REJECTED else ReviewAnswer.ACCEPT,
            "simulated answer",
        )
        for review in snapshot.reviews
        if review.answer is None and now_ms - review.asked_ms >= ANSWER_AFTER_MS
    )


def _releases(snapshot: Snapshot) -> tuple[ReleaseHold, ...]:
    return tuple(
        ReleaseHold(uuid.uuid4().hex, robot.robot_id, "simulated answer: look again")
        for robot in snapshot.robots
        if robot.holds and all(_only_unanswered(h, snapshot.fleet.at_ms) for h in robot.holds)
    )


def _only_unanswered(hold: HoldView, now_ms: int) -> bool:
    waited = now_ms - hold.since_ms >= ANSWER_AFTER_MS
    return hold.reason is HoldReason.NO_RECOGNITION and waited
