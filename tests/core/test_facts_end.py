"""Facts that outlive their subject: none of yesterday decides today."""

from dataclasses import replace
from pathlib import Path

import pytest
from floor_players import BOSS_NOTE, SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import effects as due
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.effects import effects_of
from fleetapp.core.step import step
from fleetapp.terms.reasons import AlarmKind, HoldReason

SMALL = Path(__file__).parents[2] / "maps" / "small"
R1, R2 = "sim/r01", "sim/r02"


def driving(robots=2):
    game = Game(SMALL, robots)
    for _ in range(robots):
        game.command(game.pick_task())
    for _ in range(900):
        game.tick()
        passed = {r.message.robot_id for r in game.rows if isinstance(r.message, seen.NodePassed)}
        if passed == set(game.players):
            return game
    raise AssertionError("not in time")


def started(game):
    site = game.floor.site
    return own.EngineStarted(0, "boot", "1", site.site_id, site.digest, "", "")


def change(game, robot_id, **fields):
    robot = replace(game.state.robots[robot_id], **fields)
    game.state = replace(game.state, robots={**game.state.robots, robot_id: robot})


def open_alarms(game):
    return {a.raised.kind for a in game.state.alarms.values() if a.gone_ms is None}


def test_a_journal_that_could_not_be_written_is_forgotten_with_the_engine_that_could_not():
    game = driving()
    game.inbox.append(own.JournalUnavailable(0, "locked"))
    game.tick()
    assert AlarmKind.JOURNAL_UNAVAILABLE in open_alarms(game)

    game.inbox.append(started(game))
    game.inbox.extend(game.report(player) for player in game.players.values())
    for _ in range(3_000):
        game.tick()

    assert game.state.journal_ok
    assert AlarmKind.JOURNAL_UNAVAILABLE not in open_alarms(game)
    assert game.state.done_count == 2


def test_the_alarm_about_silence_ends_when_the_robot_is_heard_by_another_engine():
    game = driving()
    game.players[R1].beat_ms = 10**15
    game.players[R1].free_at_ms = 10**15
    for _ in range(600):
        game.tick()
    assert AlarmKind.ROBOT_SILENT in open_alarms(game)

    game.inbox.append(started(game))
    game.tick()
    game.inbox.append(game.report(game.players[R1]))
    game.tick()

    assert AlarmKind.ROBOT_SILENT not in open_alarms(game)


def test_a_robot_that_stops_charging_at_its_charger_is_told_again():
    game = Game(SMALL, 1)
    player = game.players[R1]
    low = replace(game.report(player), battery_permille=150)
    for report in (low, replace(low, charging=True), low):
        game.inbox.append(report)
        for _ in range(5):
            game.tick()

    told = [r.message for r in game.rows if isinstance(r.message, made.ChargingAsked)]
    assert [t.start for t in told] == [True, True]


@pytest.mark.parametrize("by", ["review or release", "release of all", "the stray was found"])
def test_no_release_of_ours_ends_a_pause_that_somebody_put_on_at_the_robot(by):
    game = driving()
    paused = replace(game.report(game.players[R1]), paused=True)
    game.inbox.append(paused)
    game.tick()
    game.players[R1].free_at_ms = 10**15
    if by == "release of all":
        game.command(asked.StopAll("s"), SUPERVISOR)
    elif by == "the stray was found":
        change(game, R1, stray_id="sim/gone", pause_wanted=False)
    else:
        game.command(asked.HoldRobot("h", R1, "looks odd"), SUPERVISOR)
    effects = [d.effect for d in effects_of(game.state, game.tick())]
    if by == "release of all":
        game.command(asked.ReleaseAll("r", BOSS_NOTE), SUPERVISOR)
    elif by != "the stray was found":
        game.command(asked.ReleaseHold("r", R1, BOSS_NOTE), SUPERVISOR)
    for _ in range(20):
        effects += [d.effect for d in effects_of(game.state, game.tick())]

    assert due.Resume(R1) not in effects
    assert not game.state.robots[R1].held
    assert not game.state.robots[R1].pause_wanted
    assert game.state.robots[R1].wait is not None


def test_an_order_that_was_replaced_does_not_end_by_the_end_of_its_old_route():
    game = driving()
    order = game.state.orders[game.state.robots[R1].order_id]
    longer = replace(order, released_to=len(order.nodes) - 1, update_id=order.update_id + 1)
    game.state = replace(game.state, orders={**game.state.orders, order.order_id: longer})

    state, rows = step(game.state, [seen.OrderFinished(R1, game.now_ms + 1, order.order_id)])

    assert not [r for r in rows if isinstance(r.message, made.OrderEnded)]
    assert order.order_id in state.orders


def test_a_hold_repeated_for_a_robot_that_drives_by_now_tells_it_to_stand():
    game = Game(SMALL, 1)
    game.command(asked.HoldRobot("h1", R1, "wait"))
    game.tick()
    assert not game.state.robots[R1].pause_wanted

    game.inbox.append(replace(game.report(game.players[R1]), driving=True))
    rows = game.tick()

    assert due.Pause(R1) in [d.effect for d in effects_of(game.state, rows)]
    assert [h.reason for h in game.state.robots[R1].holds] == [HoldReason.BY_PERSON]


def test_the_alarm_about_a_stop_that_was_not_confirmed_stays_for_who_stays_held():
    game = driving()
    game.command(asked.HoldRobot("h", R1, "odd noise"), SUPERVISOR)
    game.command(asked.StopAll("s"), SUPERVISOR)
    game.tick()
    game.inbox.append(seen.PauseUnconfirmed(R1, 0, paused=True))
    game.inbox.append(seen.PauseUnconfirmed(R2, 0, paused=True))
    game.tick()

    game.command(asked.ReleaseAll("r", BOSS_NOTE), SUPERVISOR)
    game.tick()

    on = {
        a.raised.robot_id
        for a in game.state.alarms.values()
        if a.raised.kind is AlarmKind.STOP_UNCONFIRMED and a.gone_ms is None
    }
    assert on == {R1}


@pytest.mark.parametrize("by", ["a hold", "the fleet stop"])
def test_an_alarm_that_a_pause_was_not_confirmed_ends_with_the_wish_for_that_pause(by):
    game = driving()
    game.players[R1].free_at_ms = 10**15
    game.inbox.append(replace(game.report(game.players[R1]), paused=True))  # by hand, at its panel
    game.tick()
    game._carry_out = lambda _effect: None  # nothing reaches it any more
    stop = by == "the fleet stop"
    game.command(asked.StopAll("s") if stop else asked.HoldRobot("s", R1, "odd"), SUPERVISOR)
    game.tick()
    game.inbox.append(seen.PauseUnconfirmed(R1, 0, paused=True))
    game.tick()
    kind = AlarmKind.STOP_UNCONFIRMED if stop else AlarmKind.HOLD_UNCONFIRMED
    assert kind in open_alarms(game)

    release = asked.ReleaseAll("r", BOSS_NOTE) if stop else asked.ReleaseHold("r", R1, BOSS_NOTE)
    game.command(release, SUPERVISOR)
    game.tick()

    assert not game.state.robots[R1].pause_wanted
    assert kind not in open_alarms(game)


@pytest.mark.parametrize("wrong", [{"edges": (-1,)}, {"edges": (10**6,)}, {"nodes": (0, 10**6)}])
def test_a_planner_that_names_floor_there_is_not_is_not_believed(wrong):
    game = Game(SMALL, 1)
    game.command(game.pick_task())
    while not game.state.plans:
        game.tick()
    game.inbox = [m for m in game.inbox if not isinstance(m, seen.PlanProposed)]
    (problem,) = game.state.plans.values()
    answer = seen.PlanProposed(problem.problem_id, R1, 0, (problem.start, problem.goal), (0,), 1, 1)
    game.inbox.append(replace(answer, **wrong))
    game.tick()

    assert [r.message.reason for r in game.rows if isinstance(r.message, made.PlanDropped)]
    assert not [r for r in game.rows if isinstance(r.message, made.RuleBroke)]


def test_a_robot_near_two_strays_waits_for_both():
    game = driving()
    for robot_id, other in ((R2, "sim/none"),):
        hold = made.RobotHeld(1, robot_id, HoldReason.LEFT_BASE, "system", "", "", pause=True)
        from fleetapp.core.turn import Turn

        turn = Turn(game.state)
        turn.decide(hold)
        turn.decide(made.RobotPaused(1, R1, other))
        game.state = turn.draft.freeze()

    game.tick()
    rows = game.rows[-20:]

    assert game.state.robots[R1].stray_id == R2
    assert not [r for r in rows if isinstance(r.message, made.RobotResumed)]


def test_a_release_while_the_robot_still_reports_its_fatal_fault_is_refused_with_the_remedy():
    game = driving()
    fault = seen.ErrorSeen("motorFault", "FATAL", "left wheel")
    game.inbox.append(replace(game.report(game.players[R1]), errors=(fault,)))
    game.tick()

    game.command(asked.ReleaseHold("r", R1, BOSS_NOTE), SUPERVISOR)
    rows = game.tick()

    (refused,) = [r.message for r in rows if isinstance(r.message, made.CommandRefused)]
    assert "Clear it at the robot" in refused.message
    assert game.state.robots[R1].held


def test_a_robot_that_strayed_and_has_an_order_again_owns_the_floor_that_it_is_given():
    game = Game(SMALL, 1)
    every = tuple(range(game.floor.masks.node_count, game.floor.masks.node_count + 200))
    change(game, R1, doubted=(*range(60), *every))
    game.command(game.pick_task())
    for _ in range(100):
        game.tick()

    given = [r.message for r in game.rows if isinstance(r.message, made.BaseExtended)]
    assert given
    assert all(extended.resources for extended in given)
    assert game.state.robots[R1].doubted == ()
