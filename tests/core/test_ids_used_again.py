"""The same id again: the same is done once and told, another one is refused by name."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from floor_players import LOCAL, SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core.codec import decode, encode
from fleetapp.core.known import USE_WORDS, Known, UsedId, digest_of, use_of
from fleetapp.core.observations import CommandGiven
from fleetapp.core.state import COMMANDS_KEPT, State
from fleetapp.core.step import step
from fleetapp.terms.modes import Priority, TaskState
from fleetapp.terms.reasons import HoldReason, Refusal

SMALL = Path(__file__).parents[2] / "maps" / "small"


@pytest.fixture
def game():
    """One robot that has begun task T-A, ordered by command c-A."""
    game = Game(SMALL, 1)
    game.first = replace(game.pick_task(), command_id="c-A", task_id="T-A", count=2)
    give(game, game.first)
    return game


def give(game, command, known=None, person=LOCAL):
    game.inbox.append(CommandGiven(game.now_ms, command, person, known))
    return answer_of(game.tick())


def answer_of(rows):
    answers = (made.CommandAccepted, made.CommandRefused)
    return next(r.message for r in rows if isinstance(r.message, answers))


def accepted(game):
    return [r.message.task_id for r in game.rows if isinstance(r.message, made.TaskAccepted)]


def until_done(game):
    for _ in range(6_000):
        game.tick()
        if game.state.tasks["T-A"].state is TaskState.DONE:
            return
    raise AssertionError("not done in ten minutes")


def forgetful(game):
    """The state remembers neither tasks nor commands; only the journal does."""
    done = game.state.tasks["T-A"]
    robots = {r: replace(robot, task_id=None) for r, robot in game.state.robots.items()}
    game.state = replace(game.state, tasks={}, commands={}, robots=robots)
    return Known(use_of(game.first, "T-A"), done)


def test_the_same_command_again_is_done_once_and_told_what_became_of_it(game):
    under_way = give(game, game.first)
    until_done(game)
    done = give(game, game.first)

    assert under_way.message == "Task T-A was taken before: it is under way."
    assert done.message == "Task T-A was taken before: it is done (delivered)."
    assert (done.task_id, accepted(game)) == ("T-A", ["T-A"])


def test_another_task_under_a_used_command_id_is_refused_and_told_what_the_id_was_for(game):
    answer = give(game, replace(game.first, task_id="T-B"))

    assert answer.refusal is Refusal.DUPLICATE_COMMAND
    assert "c-A was used before for ordering task T-A" in answer.message
    assert accepted(game) == ["T-A"]


def test_another_kind_of_command_under_a_used_id_is_refused_and_does_nothing(game):
    give(game, asked.HoldRobot("c-H", "sim/r01", "broken"), person=SUPERVISOR)
    answer = give(game, asked.ReleaseHold("c-H", "sim/r01", "looked"), person=SUPERVISOR)

    assert answer.refusal is Refusal.DUPLICATE_COMMAND
    assert "used before for holding sim/r01" in answer.message
    assert game.state.robots["sim/r01"].held


@pytest.mark.parametrize(
    "restrictive",
    [
        asked.StopAll("c-A", "fire"),
        asked.HoldRobot("c-A", "sim/r01", "broken"),
        asked.CancelTask("c-A", "T-A", "enough"),
    ],
)
def test_what_restricts_acts_although_its_id_was_used_for_something_else(game, restrictive):
    answer = give(game, restrictive)

    assert isinstance(answer, made.CommandAccepted)
    robot, task = game.state.robots["sim/r01"], game.state.tasks["T-A"]
    reasons = [hold.reason for hold in robot.holds]
    acted = game.state.stop, HoldReason.BY_PERSON in reasons, task.state is TaskState.CANCELLED
    assert sum(bool(a) for a in acted) == 1


def test_after_a_stop_under_a_used_id_the_first_command_is_still_known_by_it(game):
    give(game, asked.StopAll("c-A", "fire"))

    answer = give(game, game.first)

    assert answer.message.startswith("Task T-A was taken before")
    assert accepted(game) == ["T-A"]


def test_the_same_task_under_another_command_id_is_not_picked_twice(game):
    answer = give(game, replace(game.first, command_id="c-B"))

    assert isinstance(answer, made.CommandAccepted)
    assert answer.message == "Task T-A was taken before: it is under way."
    assert accepted(game) == ["T-A"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"count": 3}, "its count is 2, not 3"),
        ({"priority": Priority.HIGH}, "its priority is normal, not high"),
        ({"sku": "SKU-2"}, "its SKU is SKU-1, not SKU-2"),
        ({"robot_id": "sim/r01"}, "its robot is none, not sim/r01"),
    ],
)
def test_another_task_under_a_used_task_id_is_refused_with_the_difference(game, change, words):
    answer = give(game, replace(game.first, command_id="c-B", **change))

    assert answer.refusal is Refusal.DUPLICATE_TASK
    assert f"Task T-A exists already and is another one: {words}." in answer.message
    assert accepted(game) == ["T-A"]


def test_a_refused_command_used_its_id_up_for_nothing(game):
    wrong = replace(game.first, command_id="c-B", task_id="T-B", to_station="nowhere")

    refused = give(game, wrong)
    mended = give(game, replace(wrong, to_station=game.first.to_station))

    assert refused.refusal is Refusal.UNKNOWN_STATION
    assert mended.message == "Task T-B is queued."


def test_what_only_the_journal_knows_is_not_done_again(game):
    until_done(game)
    known = forgetful(game)

    same = give(game, game.first, known)
    other_id = give(game, replace(game.first, command_id="c-B"), replace(known, used=None))

    assert same.message == "Task T-A was taken before: it is done (delivered)."
    assert other_id.message == "Task T-A was taken before: it is done (delivered)."
    assert accepted(game) == ["T-A"]


def test_what_only_the_journal_knows_is_not_mistaken_for_another(game):
    until_done(game)
    known = forgetful(game)

    under_its_id = give(game, replace(game.first, count=9), known)
    of_its_id = give(
        game, replace(game.first, command_id="c-B", count=9), replace(known, used=None)
    )

    assert under_its_id.refusal is Refusal.DUPLICATE_COMMAND
    assert of_its_id.refusal is Refusal.DUPLICATE_TASK
    assert accepted(game) == ["T-A"]


@pytest.mark.parametrize(
    ("before", "state"),
    [(TaskState.DONE, TaskState.ASSIGNED), (TaskState.CANCELLED, TaskState.QUEUED)],
)
def test_a_follower_of_a_task_that_only_the_journal_knows_follows_how_that_one_ended(before, state):
    game = Game(SMALL, 1)
    follower = replace(game.pick_task(), task_id="T-B", after_task_id="T-OLD")

    give(game, follower, Known(before=before))

    assert game.state.tasks["T-B"].state is state


def test_a_follower_of_a_task_that_nobody_knows_is_refused():
    game = Game(SMALL, 1)
    follower = replace(game.pick_task(), task_id="T-B", after_task_id="T-OLD")

    assert give(game, follower).refusal is Refusal.UNKNOWN_DEPENDENCY


def test_while_the_journal_cannot_be_read_a_command_is_refused_and_nothing_is_done(game):
    unread = Known(readable=False)
    order = replace(game.pick_task(), task_id="T-B")
    give(game, asked.HoldRobot("c-H", "sim/r01", "broken"), person=SUPERVISOR)

    refused = give(game, order, unread)
    kept = give(game, asked.ReleaseHold("c-R", "sim/r01", "looked"), unread, SUPERVISOR)
    again = give(game, order)

    assert refused.refusal is kept.refusal is Refusal.JOURNAL_UNAVAILABLE
    assert game.state.robots["sim/r01"].held
    assert again.message == "Task T-B is queued."


def test_an_id_of_our_own_making_is_never_that_of_an_open_task(game):
    seq = game.state.seq + 1
    give(game, replace(game.pick_task(), task_id=f"T-{seq + 4}"))
    for _ in range(20):
        give(game, game.pick_task())

    ids = accepted(game)
    assert len(ids) == len(set(ids)) == 22


def test_ids_are_remembered_by_the_state_for_a_bounded_number_of_commands(game):
    for number in range(COMMANDS_KEPT + 50):
        game.inbox.append(
            CommandGiven(game.now_ms, asked.AcknowledgeAlarm(f"c-{number}", "none"), LOCAL)
        )
        stop = asked.StopAll(f"s-{number}", "again")
        game.inbox.append(CommandGiven(game.now_ms, stop, LOCAL))
    game.tick()

    assert len(game.state.commands) == COMMANDS_KEPT
    assert "c-A" not in game.state.commands


def test_what_is_known_is_part_of_the_recorded_command_and_decides_the_same_in_a_replay(game):
    until_done(game)
    known = forgetful(game)
    message = CommandGiven(game.now_ms + 100, game.first, LOCAL, known)

    read = decode("input", "CommandGiven", 1, encode(message))
    first, again = step(game.state, [message]), step(game.state, [read])

    assert read == message
    assert [r.message for r in first[1]] == [r.message for r in again[1]]


def test_journals_from_before_it_was_noted_are_read_as_they_were(game):
    old = CommandGiven(5, game.first, LOCAL)
    body = encode(old)

    assert b'"known"' not in body
    assert decode("input", "CommandGiven", 1, body) == old
    before = b'{"command_id":"c1","message":"Task T-1 is queued.","task_id":"T-1"}'
    assert decode("decision", "CommandAccepted", 1, before).used is None


def test_a_command_of_an_old_journal_is_known_without_its_content():
    game = Game(SMALL, 1)
    state = replace(game.state, commands={"c-A": UsedId("", "", "T-1")})
    order = replace(game.pick_task(), command_id="c-A")

    after, rows = step(state, [CommandGiven(game.now_ms + 100, order, LOCAL)])

    assert isinstance(after, State)
    assert answer_of(rows).message == "This command was taken before; nothing was done twice."
    assert answer_of(rows).task_id == "T-1"


def test_the_digest_is_of_kind_and_content_and_not_of_the_id():
    cancel = asked.CancelTask("c1", "T-1", "why")

    assert digest_of(cancel) == digest_of(replace(cancel, command_id="c2"))
    assert digest_of(cancel) != digest_of(replace(cancel, reason=""))
    assert digest_of(cancel) != digest_of(asked.RequeueTask("c1", "T-1", "why"))


def test_every_kind_of_command_has_words_for_what_its_id_was_used_for():
    assert USE_WORDS.keys() == {kind.__name__ for kind in get_args(asked.Command)}
