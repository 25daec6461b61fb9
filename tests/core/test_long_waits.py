"""A queue of robots is one alarm about the robot at its head, and ends with the queue."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from floor_players import Game

from fleetapp.api.commands import StopAll
from fleetapp.core.answer_faults import next_deadline
from fleetapp.core.long_waits import head_of, judge_long_waits, long_waits
from fleetapp.core.state import Rules
from fleetapp.core.turn import Turn
from fleetapp.engine.views.alarms import alarm_view
from fleetapp.engine.views.guarded import ViewGuard
from fleetapp.engine.views.publisher import Publisher
from fleetapp.fleet.robot import Robot, Wait
from fleetapp.terms.reasons import AlarmKind, WaitCause

SMALL = Path(__file__).parents[2] / "maps" / "small"
RULES = Rules(confidence_permille=600)
LIMIT_MS = RULES.long_wait_ms


def waits_for(blocker, since_ms=0):
    return Wait(WaitCause.TRAFFIC, since_ms, f"Waits for {blocker}.", "", "", blocker)


def robots(**waits):
    """Robots with a task; each with the one it waits for, or None."""
    return {
        name: Robot(name, "sim", name, name=name, task_id=f"T-{name}",
                    wait=None if ahead is None else waits_for(ahead))
        for name, ahead in waits.items()
    }  # fmt: skip


@pytest.mark.parametrize(
    ("start", "head"),
    [("r4", "r1"), ("r2", "r1"), ("r1", "r1"), ("r7", "r5"), ("r8", "r8")],
)
def test_the_head_of_a_queue_is_whom_all_wait_for(start, head):
    fleet = robots(r1=None, r2="r1", r3="r2", r4="r3", r5="r6", r6="r5", r7="r6", r8="gone")

    assert head_of(fleet, start) == head


def test_only_long_waits_of_robots_with_a_task_count():
    fleet = robots(r1=None, r2="r1", r3="r2")
    fleet["r4"] = Robot("r4", "sim", "r4", wait=waits_for("r1"))
    fleet["r5"] = Robot("r5", "sim", "r5", task_id="T", wait=waits_for("r1", LIMIT_MS - 1))

    assert long_waits(fleet, LIMIT_MS, RULES) == {"r1": ("r2", "r3")}


@pytest.mark.parametrize(("permille", "missed"), [(299, True), (300, False)])
def test_one_on_its_way_that_must_charge_by_the_rules_counts_too(game, permille, missed):
    rules = replace(game.state.rules, battery_low_permille=300)
    turn = Turn(replace(game.state, rules=rules))
    queue_up(turn, "sim/r01", "sim/r02")
    turn.draft.change_robot("sim/r02", task_id=None, order_id="o", battery_permille=permille)

    judge_long_waits(turn)
    turn.draft.now_ms -= 1  # it becomes a long one now

    assert raised(turn) == ({"sim/r01"} if missed else set())
    assert (next_deadline(turn.draft.freeze()) == turn.now_ms + 1) is missed


@pytest.fixture
def game():
    made = Game(SMALL, 4)
    made.tick()
    return made


def queue_up(turn, *names):
    """The second waits for the first, the third for the second; all have waited long."""
    since = turn.now_ms - turn.draft.rules.long_wait_ms
    for ahead, name in pairwise(names):
        turn.draft.change_robot(name, wait=waits_for(ahead, since), task_id="T-1")


def raised(turn):
    return {a.raised.robot_id for a in turn.draft.alarms.values() if a.gone_ms is None}


def test_a_queue_is_one_alarm_and_it_ends_when_nobody_waits(game):
    turn = Turn(game.state)
    queue_up(turn, "sim/r01", "sim/r02", "sim/r03", "sim/r04")

    judge_long_waits(turn)
    judge_long_waits(turn)
    assert raised(turn) == {"sim/r01"}
    assert len(turn.rows) == 1

    for name in ("sim/r02", "sim/r03", "sim/r04"):
        turn.draft.change_robot(name, wait=None)
    judge_long_waits(turn)
    assert raised(turn) == set()


def test_while_the_fleet_is_stopped_nobody_is_said_to_hold_others_up(game):
    game.command(StopAll("c-stop", ""))
    game.tick()
    assert game.state.stop is not None
    turn = Turn(game.state)
    queue_up(turn, "sim/r01", "sim/r02")

    judge_long_waits(turn)

    assert raised(turn) == set()


def test_the_alarm_names_the_head_why_it_stands_and_who_waits(game):
    turn = Turn(game.state)
    queue_up(turn, "sim/r01", "sim/r02", "sim/r03")
    judge_long_waits(turn)
    state = turn.draft.freeze()

    view = alarm_view(state, next(iter(state.alarms.values())))

    assert view.kind is AlarmKind.LONG_WAIT
    assert view.title == "r01 holds up 2 robots"
    assert view.effect == "r02, r03 wait; their tasks are late."
    assert view.robot_ids == ("sim/r01", "sim/r02", "sim/r03")


def test_clients_are_told_when_another_robot_joins_the_queue(game):
    publisher = Publisher(ViewGuard())
    turn = Turn(game.state)
    queue_up(turn, "sim/r01", "sim/r02")
    judge_long_waits(turn)
    first = publisher._changed_alarms(game.state, turn.draft.freeze())
    before = turn.draft.freeze()
    assert publisher._changed_alarms(before, before) == ()

    turn = Turn(before)
    queue_up(turn, "sim/r02", "sim/r03")
    joined = publisher._changed_alarms(before, turn.draft.freeze())

    assert [view.title for view in first] == ["r01 holds up r02"]
    assert [view.title for view in joined] == ["r01 holds up 2 robots"]
