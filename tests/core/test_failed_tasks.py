"""A failed task is an alarm, one for each, until it is queued again, cancelled or forgotten."""

from dataclasses import replace
from pathlib import Path

import pytest
from floor_players import SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.engine.views.alarms import alarm_view
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import AlarmKind

SMALL = Path(__file__).parents[2] / "maps" / "small"
ALARM = f"{AlarmKind.TASK_FAILED.value}:T-A"


@pytest.fixture
def game():
    """One robot; it carried task T-A, was held and looked at, and the item is gone."""
    game = Game(SMALL, 1)
    game.command(replace(game.pick_task(), task_id="T-A"))
    for _ in range(6_000):
        game.tick()
        if game.state.tasks["T-A"].state is TaskState.CARRYING:
            break
    lose_the_item(game)
    return game


def lose_the_item(game):
    """Its order is gone and nothing is on board: it is held, and a person looks."""
    (player,) = game.players.values()
    order_id = game.state.robots[player.robot_id].order_id
    player.loaded, player.order, player.finished = False, None, True
    game.inbox.append(game.report(player))
    game.inbox.append(seen.OrderGone(player.robot_id, game.now_ms, order_id, ""))
    game.tick()
    game.command(asked.ReleaseHold(game.command_id(), player.robot_id, "looked"), SUPERVISOR)
    game.tick()


def alarms(game):
    return [a for a in game.state.alarms.values() if a.raised.kind is AlarmKind.TASK_FAILED]


def kinds(game, kind):
    return [r.message for r in game.rows if isinstance(r.message, kind)]


def test_a_task_that_fails_raises_one_alarm_with_its_reason_and_its_name(game):
    (alarm,) = alarms(game)
    view = alarm_view(game.state, alarm)

    assert game.state.tasks["T-A"].state is TaskState.FAILED
    assert (alarm.raised.alarm_id, alarm.raised.task_id) == (ALARM, "T-A")
    assert alarm.raised.cause == "a person looked: the item is no longer on board"
    assert view.title == "T-A failed"
    assert view.cause == alarm.raised.cause


def test_the_alarm_names_the_row_in_which_the_task_failed_as_its_cause(game):
    raised = next(r for r in game.rows if getattr(r.message, "alarm_id", "") == ALARM)
    failed = next(r for r in game.rows if getattr(r.message, "state", None) is TaskState.FAILED)

    assert raised.cause == failed.seq


def test_the_alarm_ends_when_the_task_is_queued_again_and_comes_back_if_it_fails_again(game):
    game.command(asked.RequeueTask(game.command_id(), "T-A", "found it"))
    game.tick()
    between = [a.gone_ms is None for a in alarms(game)]
    for _ in range(6_000):
        game.tick()
        if game.state.tasks["T-A"].state is TaskState.CARRYING:
            break

    lose_the_item(game)

    assert between == [False]  # over, and not yet acknowledged
    (again,) = alarms(game)
    assert again.gone_ms is None
    assert again.count == 2


def test_an_acknowledged_alarm_of_a_failed_task_stays_until_its_cause_ends(game):
    game.command(asked.AcknowledgeAlarm(game.command_id(), ALARM), SUPERVISOR)
    game.tick()
    seen_by = [a.acknowledged_by for a in alarms(game)]
    game.command(asked.RequeueTask(game.command_id(), "T-A", "found it"))
    game.tick()

    assert seen_by == [SUPERVISOR.name]
    assert alarms(game) == []


def test_a_failed_task_and_its_alarm_stay_until_a_person_settles_it(game):
    for _ in range(13):
        names = [f"X-{game.commands}-{number}" for number in range(50)]
        for name in names:
            game.command(replace(game.pick_task(), task_id=name))
        game.tick()
        for name in names:
            game.command(asked.CancelTask(game.command_id(), name, "enough"))
        game.tick()

    assert game.state.tasks["T-A"].state is TaskState.FAILED
    assert [a.gone_ms for a in alarms(game)] == [None]
    game.command(asked.CancelTask(game.command_id(), "T-A", "picked by hand"))
    game.tick()
    assert any(m.alarm_id == ALARM for m in kinds(game, made.AlarmEnded))


def test_a_fleet_whose_tasks_are_done_has_no_such_alarm():
    game = Game(SMALL, 2)
    for _ in range(4):
        game.command(game.pick_task())
    for _ in range(6_000):
        game.tick()
        if game.state.done_count == 4:
            break

    assert game.state.done_count == 4
    raised = [m.kind for m in kinds(game, made.AlarmRaised)]
    assert AlarmKind.TASK_FAILED not in raised
