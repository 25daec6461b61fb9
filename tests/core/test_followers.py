"""A follower runs only after its predecessor is done; else a person decides."""

from dataclasses import replace
from pathlib import Path

import pytest
from floor_players import LOCAL, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core.follow import fold
from fleetapp.core.state import ENDED_TASKS_KEPT, Rules, State
from fleetapp.core.step import step
from fleetapp.engine.views.tasks import sentence, task_view
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import Refusal

SMALL = Path(__file__).parents[2] / "maps" / "small"


@pytest.fixture
def game():
    """Two idle robots, a task FIRST and a task SECOND that comes after it."""
    game = Game(SMALL, 2)
    order(game, "FIRST")
    order(game, "SECOND", after_task_id="FIRST")
    game.tick()
    return game


def order(game, task_id, **wishes):
    game.command(replace(game.pick_task(), task_id=task_id, **wishes))


def state_of(game, task_id):
    return game.state.tasks[task_id].state


def said(game, task_id):
    return sentence(game.state, game.state.tasks[task_id])


def run_until(game, condition, ticks=6_000):
    for _ in range(ticks):
        if condition():
            return
        game.tick()
    raise AssertionError("it did not happen within ten minutes")


def fail(game, task_id):
    """The pick fails at the robot, and a person takes it off the task: nothing is loaded."""
    task = game.state.tasks[task_id]
    moved = made.TaskMoved(
        game.now_ms, task_id, TaskState.FAILED, "the item is not there", task.robot_id
    )
    row = replace(game.rows[-1], seq=game.state.seq + 1, message=moved, cause=None)
    game.state = fold(game.state, [row])


def requeue(game, task_id):
    game.command(asked.RequeueTask(game.command_id(), task_id, "go on"))
    game.tick()


def test_a_follower_starts_once_its_predecessor_is_done_and_not_before(game):
    assert state_of(game, "FIRST") is TaskState.ASSIGNED
    assert said(game, "SECOND") == "Waits for FIRST, which comes first."

    run_until(game, lambda: state_of(game, "SECOND") is not TaskState.QUEUED)

    assert state_of(game, "FIRST") is TaskState.DONE


def test_a_follower_of_a_cancelled_task_waits_for_a_person_although_robots_are_idle(game):
    game.command(asked.CancelTask(game.command_id(), "FIRST", "not needed"))

    for _ in range(1_000):
        game.tick()

    assert state_of(game, "SECOND") is TaskState.QUEUED
    assert said(game, "SECOND").startswith(
        "Waits for a person: FIRST, which comes first, was cancelled."
    )
    assert task_view(game.state, game.state.tasks["SECOND"]).may_go_alone


def test_a_follower_of_a_failed_task_waits_for_a_person_and_waits_again_once_that_is_queued(game):
    fail(game, "FIRST")
    for _ in range(1_000):
        game.tick()
    stood, words = state_of(game, "SECOND"), said(game, "SECOND")

    requeue(game, "FIRST")

    assert stood is TaskState.QUEUED
    assert words.startswith("Waits for a person: FIRST, which comes first, failed.")
    assert said(game, "SECOND") == "Waits for FIRST, which comes first."
    run_until(game, lambda: state_of(game, "SECOND") is TaskState.DONE)
    assert state_of(game, "FIRST") is TaskState.DONE


def test_a_person_sends_a_follower_on_without_the_failed_task(game):
    fail(game, "FIRST")
    game.tick()

    requeue(game, "SECOND")

    (freed,) = [r.message for r in game.rows if isinstance(r.message, made.TaskFreed)]
    assert (freed.task_id, freed.after_task_id, freed.by) == ("SECOND", "FIRST", LOCAL.name)
    assert freed.note == "go on"
    assert state_of(game, "SECOND") is TaskState.ASSIGNED
    assert not task_view(game.state, game.state.tasks["SECOND"]).may_go_alone


def test_of_a_task_that_one_was_sent_on_without_nobody_says_that_it_is_done(game):
    fail(game, "FIRST")
    game.tick()
    requeue(game, "SECOND")
    run_until(game, lambda: state_of(game, "SECOND") is TaskState.ASSIGNED)

    assert game.state.tasks["SECOND"].after_state is None


def test_of_a_task_that_one_came_after_it_is_known_that_it_is_done(game):
    run_until(game, lambda: state_of(game, "SECOND") is TaskState.ASSIGNED)

    assert game.state.tasks["SECOND"].after_state is TaskState.DONE


def test_a_follower_is_not_sent_on_while_its_predecessor_is_under_way(game):
    requeue(game, "SECOND")

    (refused,) = [r.message for r in game.rows if isinstance(r.message, made.CommandRefused)]
    assert refused.refusal is Refusal.ALREADY_ENDED
    assert state_of(game, "SECOND") is TaskState.QUEUED


def test_a_predecessor_is_kept_while_a_follower_needs_it_however_many_tasks_end(game):
    fail(game, "FIRST")
    for _ in range(14):
        end_fifty(game)

    requeue(game, "FIRST")

    assert len(game.state.tasks) <= ENDED_TASKS_KEPT + 2
    run_until(game, lambda: state_of(game, "SECOND") is TaskState.DONE)


def test_a_follower_that_is_queued_again_after_its_predecessor_was_forgotten_runs(game):
    run_until(game, lambda: state_of(game, "SECOND") is not TaskState.QUEUED)
    for _ in range(14):
        end_fifty(game)
    assert "FIRST" not in game.state.tasks

    requeue(game, "SECOND")

    run_until(game, lambda: state_of(game, "SECOND") is TaskState.DONE, ticks=12_000)


def test_a_follower_whose_predecessor_nobody_knows_any_more_waits_for_a_person(game):
    tasks = {"SECOND": game.state.tasks["SECOND"]}
    robots = {r: replace(robot, task_id=None) for r, robot in game.state.robots.items()}
    idle = replace(game.state, tasks=tasks, robots=robots, dispatch_due=True)

    after, _ = step(idle, [seen.Heartbeat("sim/r01", game.now_ms)])

    assert after.tasks["SECOND"].state is TaskState.QUEUED
    assert sentence(after, after.tasks["SECOND"]).startswith(
        "Waits for a person: what became of FIRST, which comes first, is not known."
    )


def test_the_rows_of_a_follower_that_was_sent_on_fold_to_the_same_state():
    game = Game(SMALL, 1)
    order(game, "FIRST")
    order(game, "SECOND", after_task_id="FIRST")
    game.tick()
    game.command(asked.CancelTask(game.command_id(), "FIRST", "not needed"))
    game.tick()
    requeue(game, "SECOND")

    folded = fold(State(game.floor, Rules(confidence_permille=600)), game.rows)

    assert folded.tasks == game.state.tasks
    assert folded.tasks["SECOND"].freed


def end_fifty(game):
    """Fifty tasks are ordered and cancelled."""
    names = [f"X-{game.commands}-{number}" for number in range(50)]
    for name in names:
        order(game, name, robot_id="sim/r02")
    game.tick()
    for name in names:
        game.command(asked.CancelTask(game.command_id(), name, "enough"))
    game.tick()
