"""What a person's answer to a question about a package leads to, and that it counts once."""

import pytest
from floor_players import BOSS_NOTE, SUPERVISOR
from test_looks import CODE, ROBOT, arrive, open_questions, with_camera

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.terms.modes import ReviewAnswer, TaskState
from fleetapp.terms.reasons import Refusal


@pytest.fixture
def question():
    """A robot at its package: the label says something else, and a person is asked."""
    look = with_camera()
    arrive(look)
    look.send_frame("f1", look.robot.look.action_id)
    look.answer("f1", code="ANOTHER")
    (review_id,) = open_questions(look)
    assert look.robot.held
    return look, review_id


def answered(question, answer, code=None):
    """What is decided when it is answered so."""
    look, review_id = question
    before = len(look.game.rows)
    look.game.command(
        asked.AnswerReview(look.game.command_id(), review_id, answer, BOSS_NOTE, code), SUPERVISOR
    )
    look.game.tick()
    return [row.message for row in look.game.rows[before:]]


AGREES = [
    (ReviewAnswer.ACCEPT, None, True),
    (ReviewAnswer.CORRECT, CODE, True),
    (ReviewAnswer.CORRECT, "S", True),  # the SKU that the task wants
    (ReviewAnswer.CORRECT, "ANOTHER", False),
    (ReviewAnswer.CORRECT, None, False),
    (ReviewAnswer.REJECT, None, False),
    (ReviewAnswer.REJECT, CODE, False),
]


@pytest.mark.parametrize(("answer", "code", "agrees"), AGREES)
def test_only_a_person_who_sees_what_the_task_wants_lets_it_be_picked(
    question, answer, code, agrees
):
    look, review_id = question

    said = answered(question, answer, code)

    (closed,) = [m for m in said if isinstance(m, made.ReviewClosed)]
    assert (closed.review_id, closed.answer, closed.by) == (review_id, answer, SUPERVISOR.name)
    assert not look.robot.held
    assert (look.task.state is TaskState.FAILED) is not agrees
    for _ in range(600):
        look.game.tick()
    assert bool(look.task.pick_published) is agrees


@pytest.mark.parametrize("second", [ReviewAnswer.ACCEPT, ReviewAnswer.REJECT])
def test_the_second_answer_to_a_question_does_nothing(question, second):
    answered(question, ReviewAnswer.REJECT)

    said = answered(question, second)

    assert [m.refusal for m in said if isinstance(m, made.CommandRefused)] == [Refusal.STALE_REVIEW]
    assert not [m for m in said if isinstance(m, made.ReviewClosed | made.TaskMoved)]


def test_the_answer_to_a_question_whose_robot_was_removed_does_nothing(question):
    look, _ = question
    look.game.command(asked.RemoveRobot(look.game.command_id(), ROBOT, BOSS_NOTE), SUPERVISOR)
    look.game.tick()
    assert ROBOT not in look.game.state.robots

    said = answered(question, ReviewAnswer.ACCEPT)

    assert [m.refusal for m in said if isinstance(m, made.CommandRefused)] == [Refusal.STALE_REVIEW]
    assert not [m for m in said if isinstance(m, made.RuleBroke | made.AlarmRaised)]
