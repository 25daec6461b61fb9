"""A robot is told to charge when it may be, and until it does."""

from dataclasses import replace
from pathlib import Path

import pytest
from floor_players import BOSS_NOTE, SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.fleet.order import Purpose
from fleetapp.terms.modes import EmergencyStop

SMALL = Path(__file__).parents[2] / "maps" / "small"
R4 = "sim/r04"


def at_its_charger():
    """A robot that needs charge, at the end of its order to a charger; it has not said so."""
    game = Game(SMALL, 4)
    for gone in (r for r in game.players if r != R4):  # they stand at the chargers
        game.command(asked.RemoveRobot(game.command_id(), gone), SUPERVISOR)
    game.tick()
    game.inbox.append(says(game))
    for _ in range(6_000):
        game.inbox = [m for m in game.inbox if not isinstance(m, seen.OrderFinished)]
        game.tick()
        order = game.state.orders.get(game.state.robots[R4].order_id)
        if order is not None and order.passed == len(order.nodes) - 1:
            assert order.purpose is Purpose.CHARGE
            game.inbox = [says(game)]
            return game, order
    raise AssertionError("it did not arrive")


def says(game, **changes):
    return replace(game.report(game.players[R4]), battery_permille=250, **changes)


def told_to_charge(game):
    return [
        row.message.start
        for row in game.rows
        if isinstance(row.message, made.ChargingAsked) and row.message.robot_id == R4
    ]


STOPS = (asked.StopAll("s"), asked.ReleaseAll("r", BOSS_NOTE))
JOURNAL = (own.JournalUnavailable(0, "full"), own.JournalRecovered(0))
HALTS = (own.RecordDoubted(0, "proof", 9, 8, "row 9 is gone"), "end the halt")
HOLDS = (asked.HoldRobot("h", R4), asked.ReleaseHold("r", R4, BOSS_NOTE))
EMERGENCY = ("emergency stop", "no emergency stop")


def give(game, what):
    match what:
        case "end the halt":
            (halt_id,) = game.state.halts
            game.command(asked.EndHalt("e", halt_id, BOSS_NOTE), SUPERVISOR)
        case "emergency stop":
            game.inbox.append(says(game, emergency_stop=EmergencyStop.AUTO_ACKNOWLEDGE))
        case "no emergency stop":
            game.inbox.append(says(game))
        case asked.StopAll() | asked.ReleaseAll() | asked.HoldRobot() | asked.ReleaseHold():
            game.command(what, SUPERVISOR)
        case _:
            game.inbox.append(what)
    game.tick()


@pytest.mark.parametrize(("begins", "ends"), [STOPS, JOURNAL, HALTS, HOLDS, EMERGENCY], ids=str)
def test_who_arrives_at_its_charger_and_may_be_given_nothing_is_told_to_charge_later(begins, ends):
    game, order = at_its_charger()
    give(game, begins)

    game.inbox.append(seen.OrderFinished(R4, 0, order.order_id))
    game.tick()
    meanwhile = told_to_charge(game)
    give(game, ends)

    assert game.state.robots[R4].order_id is None
    assert meanwhile == []
    assert told_to_charge(game) == [True]


def told_once():
    """At its charger, told to charge, and no report shows that it does."""
    game, order = at_its_charger()
    game.inbox.append(seen.OrderFinished(R4, 0, order.order_id))
    game.tick()
    assert told_to_charge(game) == [True]
    return game


def starts_anew(game):
    site = game.floor.site
    game.inbox.append(own.EngineStarted(0, "boot", "1", site.site_id, site.digest, "", ""))
    game.tick()


@pytest.mark.parametrize(("charging", "words"), [(False, [True, True]), (True, [True])])
def test_after_a_start_only_a_report_proves_that_a_robot_charges_as_it_was_told(charging, words):
    game = told_once()
    starts_anew(game)

    for _ in range(3):
        game.inbox.append(says(game, charging=charging))
        game.tick()

    assert told_to_charge(game) == words
    assert game.state.robots[R4].charge_asked


def test_after_a_start_a_full_robot_is_not_told_to_charge():
    game = told_once()
    starts_anew(game)

    game.inbox.append(replace(says(game), battery_permille=1_000))
    game.tick()

    assert told_to_charge(game) == [True]
    assert not game.state.robots[R4].charge_asked


def test_a_robot_whose_session_failed_is_told_again_to_charge_when_it_is_released():
    game = told_once()
    game.inbox.append(own.PartBroke(R4, 0, "session:state", "ValueError"))
    game.tick()
    assert told_to_charge(game) == [True]

    give(game, asked.ReleaseHold("r", R4, BOSS_NOTE))

    assert told_to_charge(game) == [True, True]
