"""The simulated supervisor of a headless demo: what it answers, and what it leaves."""

import pytest

from fleetapp.api.commands import AnswerReview, Outcome, ReleaseHold
from fleetapp.api.views import NOT_STOPPED, FleetView, HoldView, ReviewView, RobotView, Snapshot
from fleetapp.cli.demo_supervisor import ANSWER_AFTER_MS, answer_what_waits
from fleetapp.terms.modes import LoadState, OperatingMode, ReviewAnswer, RobotState
from fleetapp.terms.reasons import Abstain, HoldReason

NOW_MS = 100_000
LONG_AGO_MS = NOW_MS - ANSWER_AFTER_MS


def fleet(*parts: RobotView | ReviewView) -> Snapshot:
    figures = FleetView(
        "s", "S", "1", NOW_MS, 0, NOT_STOPPED, (), 0, 0, 0, 0, 0, 0, (), 0, 0, 0, 0, 0, 0, 0,
        first_user_needed=False,
    )  # fmt: skip
    robots = tuple(part for part in parts if isinstance(part, RobotView))
    reviews = tuple(part for part in parts if isinstance(part, ReviewView))
    return Snapshot(1, NOW_MS, figures, robots, (), (), reviews)


def robot(*reasons: HoldReason, since_ms: int = LONG_AGO_MS) -> RobotView:
    holds = tuple(HoldView(reason, since_ms, "system", "", confirmed=True) for reason in reasons)
    return RobotView(
        "m/r1", "r1", "carrier", "m", "r1", True, RobotState.HELD, 0, "", "", 0.0, 0.0, 0.0, 1.0,
        False, LoadState.EMPTY, OperatingMode.AUTOMATIC, None, None, None, holds, (), (), "", 0,
        "2.1",
    )  # fmt: skip


def review(abstain: Abstain, *, asked_ms: int = LONG_AGO_MS) -> ReviewView:
    return ReviewView(
        "rv", "m/r1", "T1", "f1", "P1", asked_ms, abstain, "", "", "S", "L", 1280, 960, 1.0, (),
        0.9, 0.5, 0.5, "b", "d",
    )  # fmt: skip


def given(snapshot: Snapshot) -> list[object]:
    commands: list[object] = []

    def submit(command: object) -> Outcome:
        commands.append(command)
        return Outcome("c", True, "", "")

    answer_what_waits(snapshot, submit)
    return commands


@pytest.mark.parametrize(
    ("abstain", "answer"),
    [
        (Abstain.CODE_MISMATCH, ReviewAnswer.REJECT),
        (Abstain.NO_PACKAGE, ReviewAnswer.REJECT),
        (Abstain.LOW_CONFIDENCE, ReviewAnswer.ACCEPT),
        (Abstain.CODE_UNREAD, ReviewAnswer.ACCEPT),
    ],
)
def test_a_review_is_answered_by_what_the_frame_showed(abstain: Abstain, answer: ReviewAnswer):
    (command,) = given(fleet(review(abstain)))

    assert isinstance(command, AnswerReview)
    assert command.answer is answer


def test_nothing_is_answered_before_its_time():
    soon_ms = LONG_AGO_MS + 1

    waiting = fleet(
        review(Abstain.BLURRED, asked_ms=soon_ms),
        robot(HoldReason.NO_RECOGNITION, since_ms=soon_ms),
    )

    assert given(waiting) == []


def test_a_robot_whose_frame_had_no_answer_looks_again():
    (command,) = given(fleet(robot(HoldReason.NO_RECOGNITION)))

    assert isinstance(command, ReleaseHold)
    assert command.robot_id == "m/r1"


@pytest.mark.parametrize("reason", [r for r in HoldReason if r is not HoldReason.NO_RECOGNITION])
def test_every_other_hold_is_left_to_people(reason: HoldReason):
    assert given(fleet(robot(reason))) == []
    assert given(fleet(robot(reason, HoldReason.NO_RECOGNITION))) == []
