"""Which camera frames count, and what a look without an answer leads to."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from driving_fleet import after
from floor_players import SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.fleet.look import Look as Seen
from fleetapp.fleet.order import ActionKind, Purpose
from fleetapp.terms.modes import ReviewAnswer, TaskState, Verification
from fleetapp.terms.reasons import HoldReason

SMALL = Path(__file__).parents[2] / "maps" / "small"
ROBOT = "sim/r01"
CODE = "L1"


@dataclass
class Look:
    """A game with one robot that has a camera, played up to a moment of its task."""

    game: Game

    @property
    def robot(self):
        return self.game.state.robots[ROBOT]

    @property
    def task(self):
        return next(iter(self.game.state.tasks.values()))

    def until(self, true, seconds=300):
        for _ in range(seconds * 10):
            if true():
                return
            self.game.tick()
        raise AssertionError("not in time")

    def send_frame(self, frame_id, action_id):
        self.game.inbox.append(seen.FrameReceived(ROBOT, 0, frame_id, action_id, "n", "00"))
        self.game.tick()

    def answer(self, frame_id, *, error="", code=CODE, sha256="00"):
        box = seen.SeenBox(400, 300, 480, 360, "box", 950, (code,))
        boxes = () if error else (box,)
        self.game.inbox.append(
            seen.PackageRecognised(
                ROBOT, 0, frame_id, sha256, "b", "d", 1280, 960, 500, 900, 0, None, boxes, 80, error
            )
        )
        self.game.tick()

    def made(self, kind):
        return [row.message for row in self.game.rows if isinstance(row.message, kind)]


def with_camera():
    """One robot, and a task whose package it must see."""
    game = Game(SMALL, 1, kind="carrier")
    sites = game.floor.site.stations
    game.command(
        asked.SubmitTask(
            game.command_id(),
            next(s.station_id for s in sites if s.kind.value == "pick"),
            next(s.station_id for s in sites if s.kind.value == "pack"),
            sku="S",
            label_code=CODE,
        )
    )
    look = Look(game)
    look.until(lambda: game.state.tasks)
    return look


@pytest.fixture
def look():
    return with_camera()


def drive(look):
    look.until(lambda: look.task.state is TaskState.DRIVING_TO_PICK)


def arrive(look):
    look.until(lambda: look.task.state is TaskState.LOOKING and look.robot.order_id is None)


def test_the_frame_of_the_ordered_look_is_judged(look):
    arrive(look)

    look.send_frame("f1", look.robot.look.action_id)
    look.answer("f1")

    assert [judged.sure for judged in look.made(made.RecognitionJudged)] == [True]


def test_the_answer_to_an_older_frame_of_the_same_name_is_not_taken(look):
    arrive(look)
    look.send_frame("f1", look.robot.look.action_id)

    look.answer("f1", sha256="of other bytes")

    assert look.made(made.RecognitionJudged) == []


@pytest.mark.parametrize("action_id", ["", "r01-1-look", "another"])
def test_a_frame_of_another_look_or_of_none_is_not_judged(look, action_id):
    arrive(look)

    look.send_frame("f1", action_id)
    look.answer("f1")

    assert look.made(made.RecognitionJudged) == []


def test_a_frame_that_nobody_ordered_does_not_end_the_drive_to_the_package(look):
    drive(look)

    look.send_frame("f1", "the look of its last task")
    look.answer("f1")

    assert look.task.state is TaskState.DRIVING_TO_PICK
    assert look.made(made.RecognitionJudged) == []


def test_a_frame_that_comes_when_the_carry_is_ordered_says_nothing(look):
    arrive(look)
    action = look.robot.look.action_id
    look.send_frame("f1", action)
    look.answer("f1")
    look.until(lambda: look.robot.order_id is not None)

    look.send_frame("f2", action)
    look.answer("f2", code="ANOTHER")

    assert len(look.made(made.RecognitionJudged)) == 1
    assert not look.robot.held


def test_more_frames_of_one_look_do_not_put_off_the_hold(look):
    arrive(look)
    action, began_ms = look.robot.look.action_id, look.game.now_ms

    number = 0
    while not look.robot.held and look.game.now_ms < began_ms + 60_000:
        number += 1
        look.send_frame(f"f{number}", action)

    held = look.made(made.RobotHeld)[-1]
    assert held.reason is HoldReason.NO_RECOGNITION
    assert held.at_ms - began_ms <= look.game.state.rules.recognition_timeout_ms + 200


def test_a_frame_that_cannot_be_judged_holds_at_once_and_says_why(look):
    arrive(look)

    look.send_frame("f1", look.robot.look.action_id)
    look.answer("f1", error="the image has no bytes: send a whole JPEG or PNG")

    held = look.made(made.RobotHeld)[-1]
    assert (held.reason, held.evidence) == (HoldReason.NO_RECOGNITION, "f1")
    assert "the image has no bytes" in held.note


def test_a_robot_whose_frame_could_not_be_judged_looks_again_once_released(look):
    arrive(look)
    first = look.robot.look.action_id
    look.send_frame("f1", first)
    look.answer("f1", error="no image")

    look.game.command(
        asked.ReleaseHold(look.game.command_id(), ROBOT, "lens wiped"), person=SUPERVISOR
    )
    look.until(lambda: look.robot.order_id is not None)

    order = look.game.state.orders[look.robot.order_id]
    assert order.purpose is Purpose.LOOK
    assert [action.kind for action in order.actions] == [ActionKind.DETECT]
    assert look.robot.look.action_id != first


def test_after_a_restart_of_the_engine_the_robot_looks_again_and_is_not_held(look):
    arrive(look)
    look.send_frame("f1", look.robot.look.action_id)
    site = look.game.floor.site

    look.game.now_ms += 60_000
    look.game.inbox.append(
        own.EngineStarted(0, "boot", "1", site.site_id, site.digest, "bundle", "digest")
    )
    look.game.tick()
    look.game.inbox.append(look.game.report(look.game.players[ROBOT]))
    look.until(lambda: look.robot.order_id is not None)

    assert look.game.state.orders[look.robot.order_id].purpose is Purpose.LOOK
    assert look.made(made.RobotHeld) == []


def before_it_shows_its_order(look):
    """The robot has its order, and no report of it was heard yet."""
    look.until(lambda: look.robot.order_id is not None)
    player = look.game.players[ROBOT]
    player.free_at_ms = 10**12
    player.shown = (player.order.order_id, player.order.update_id) if player.order else player.shown
    look.game.inbox = [m for m in look.game.inbox if not isinstance(m, seen.OrderAcknowledged)]
    assert look.task.state is TaskState.ASSIGNED


@pytest.mark.parametrize("code", [CODE, "ANOTHER"])
def test_a_frame_that_overtakes_the_report_of_its_order_is_judged_as_any_other(look, code):
    before_it_shows_its_order(look)

    look.send_frame("f1", look.robot.look.action_id)
    order_id = look.robot.order_id
    look.game.inbox.append(seen.OrderAcknowledged(ROBOT, 0, order_id, 0))
    look.game.tick()
    look.answer("f1", code=code)

    assert [judged.sure for judged in look.made(made.RecognitionJudged)] == [code == CODE]
    assert look.task.state is (TaskState.LOOKING if code == CODE else TaskState.IN_REVIEW)
    assert look.made(made.RuleBroke) == []


def test_a_second_frame_of_a_look_that_has_its_verdict_changes_nothing(look):
    arrive(look)
    action = look.robot.look.action_id
    look.send_frame("f1", action)
    look.answer("f1", code="ANOTHER")
    assert look.task.state is TaskState.IN_REVIEW

    look.send_frame("f2", action)
    look.answer("f2")

    assert [judged.sure for judged in look.made(made.RecognitionJudged)] == [False]
    assert look.task.state is TaskState.IN_REVIEW


def open_questions(look):
    return [key for key, review in look.game.state.reviews.items() if review.closed is None]


@pytest.mark.parametrize(
    "end",
    [
        lambda look: asked.RemoveRobot(look.game.command_id(), ROBOT, "broken"),
        lambda look: asked.CancelTask(look.game.command_id(), look.task.task_id, "not needed"),
        lambda look: asked.RequeueTask(look.game.command_id(), look.task.task_id, "again"),
        lambda look: asked.ReleaseHold(look.game.command_id(), ROBOT, "let it look again"),
    ],
    ids=["robot removed", "task cancelled", "task queued again", "hold released"],
)
def test_a_question_ends_with_whatever_it_was_about(look, end):
    arrive(look)
    look.send_frame("f1", look.robot.look.action_id)
    look.answer("f1", code="ANOTHER")
    assert len(open_questions(look)) == 1

    look.game.command(end(look), SUPERVISOR)
    look.game.tick()

    assert open_questions(look) == []


def test_a_removed_robot_that_is_admitted_again_remembers_nothing_of_its_look(look):
    arrive(look)
    look.send_frame("f1", look.robot.look.action_id)
    look.answer("f1")

    look.game.command(asked.RemoveRobot(look.game.command_id(), ROBOT, "swapped"), SUPERVISOR)
    look.game.inbox.append(seen.RobotAppeared(ROBOT, 0, "sim", "r01", "2.1"))
    look.game.tick()

    assert look.robot.look is None
    assert look.robot.task_id is None
    assert not look.robot.reported


def look_again(look):
    """Its frame could not be judged; released it is told to look again, and has done so."""
    arrive(look)
    look.send_frame("f1", look.robot.look.action_id)
    look.answer("f1", error="no image")
    look.game.command(
        asked.ReleaseHold(look.game.command_id(), ROBOT, "lens wiped"), person=SUPERVISOR
    )
    look.until(lambda: look.robot.order_id is not None)
    look.until(lambda: look.robot.order_id is None)


def test_a_second_look_whose_frame_comes_after_the_report_is_awaited_and_judged(look):
    look_again(look)
    for _ in range(20):
        look.game.tick()

    look.send_frame("f2", look.robot.look.action_id)
    look.answer("f2")

    assert [judged.sure for judged in look.made(made.RecognitionJudged)] == [True]
    assert look.task.looks == 2


def test_a_second_look_without_a_frame_holds_after_ten_seconds_and_is_not_ordered_again(look):
    look_again(look)
    for _ in range(1_000):
        look.game.tick()

    assert look.task.looks == 2
    assert [h.reason for h in look.robot.holds] == [HoldReason.NO_RECOGNITION]


def test_what_a_look_verified_is_said_no_more_once_another_look_is_wanted(look):
    arrive(look)
    look.game.inbox.append(own.JournalUnavailable(0, "locked"))  # so that it does not pick yet
    look.send_frame("f1", look.robot.look.action_id)
    look.answer("f1")
    assert look.task.verification is Verification.VERIFIED

    look.game.inbox.append(own.JournalRecovered(0))
    look.game.command(asked.RequeueTask("again", look.task.task_id, "another robot"), SUPERVISOR)
    look.game.tick()
    assert TaskState.QUEUED in [moved.state for moved in look.made(made.TaskMoved)]
    assert look.task.verification is None

    arrive(look)
    look.send_frame("f2", look.robot.look.action_id)
    look.answer("f2", code="WRONG")
    assert (look.task.state, look.task.verification) == (TaskState.IN_REVIEW, None)

    (question,) = open_questions(look)
    rejected = asked.AnswerReview("no", question, ReviewAnswer.REJECT, "another carton", None)
    look.game.command(rejected, SUPERVISOR)
    look.game.tick()
    assert (look.task.state, look.task.verification) == (TaskState.FAILED, None)


def test_a_verdict_is_taken_back_by_a_doubt_and_by_the_order_to_look_again(look):
    arrive(look)
    task_id = look.task.task_id
    sure = made.RecognitionJudged(
        0, ROBOT, task_id, "f", "m", "d", True, None, Verification.VERIFIED, "", 900, 0
    )
    doubt = replace(sure, sure=False, verification=None)
    again = made.OrderIssued(0, "o", ROBOT, task_id, Purpose.LOOK, "A", (1,), (), (), "p")

    said = [after(look.game.state, sure, row).tasks[task_id] for row in (doubt, again)]

    assert [task.verification for task in said] == [None, None]


def test_a_question_about_a_frame_of_the_same_name_is_another_question(look):
    arrive(look)
    look.send_frame("f1", look.robot.look.action_id)
    look.answer("f1", code="WRONG-A")
    (first,) = open_questions(look)
    look.game.command(asked.ReleaseHold(look.game.command_id(), ROBOT, "again"), SUPERVISOR)
    look.until(lambda: look.robot.order_id is not None)
    look.until(lambda: look.robot.order_id is None)
    look.send_frame("f1", look.robot.look.action_id)
    look.answer("f1", code="WRONG-B")

    (second,) = open_questions(look)
    assert second != first


def test_a_robot_that_reports_a_load_before_it_has_picked_is_held_not_told_to_pick(look):
    arrive(look)
    look.game.players[ROBOT].loaded = True
    look.game.inbox.append(look.game.report(look.game.players[ROBOT]))
    look.send_frame("f1", look.robot.look.action_id)
    look.answer("f1")
    for _ in range(50):
        look.game.tick()

    assert [h.reason for h in look.robot.holds] == [HoldReason.LOAD_UNKNOWN]
    picks = [o for o in look.made(made.OrderIssued) if o.purpose is Purpose.CARRY]
    assert picks == []


def test_a_task_taken_back_and_given_to_the_same_robot_on_its_way_keeps_the_ordered_look(look):
    drive(look)
    action = look.robot.look.action_id
    look.game.command(asked.RequeueTask(look.game.command_id(), look.task.task_id, "again"))
    look.until(lambda: look.task.state is not TaskState.QUEUED)

    assert look.robot.look is not None
    assert look.robot.look.action_id == action


@pytest.mark.parametrize(
    ("sure", "task_id", "node", "lets_pick"),
    [
        (True, "t", 3, True),
        (True, "t", 4, False),
        (True, "other", 3, False),
        (False, "t", 3, False),
        (None, "t", 3, False),
    ],
)
def test_a_verdict_lets_pick_only_if_sure_for_its_task_and_where_it_was_given(
    sure, task_id, node, lets_pick
):
    assert Seen("t", 3, "a", sure=sure).is_sure_of(task_id, node) is lets_pick


def test_a_route_asked_for_before_a_task_was_given_back_orders_no_pick():
    game = Game(SMALL, 1)
    game.command(replace(game.pick_task(), task_id="T"))
    kept = []
    while not kept:
        asked_for = [r.message for r in game.tick() if isinstance(r.message, made.PlanRequested)]
        if any(plan.purpose is Purpose.CARRY for plan in asked_for):
            kept = [m for m in game.inbox if isinstance(m, seen.PlanProposed)]
            game.inbox = [m for m in game.inbox if not isinstance(m, seen.PlanProposed)]
    game.command(asked.RequeueTask(game.command_id(), "T", "wrong shelf"), SUPERVISOR)
    game.tick()
    assert game.state.robots["sim/r01"].task_id == "T"  # there is no other

    game.inbox += kept
    ordered = [r.message for r in game.tick() if isinstance(r.message, made.OrderIssued)]
    while "T" in game.state.tasks and game.state.tasks["T"].state is not TaskState.DONE:
        game.tick()

    assert [order.purpose for order in ordered if order.purpose is Purpose.CARRY] == []
    looked = [r for r in game.rows if isinstance(r.message, made.RecognitionJudged)]
    assert len(looked) == 2
