"""Each doubt about the journal halts the fleet for itself, until a supervisor ends that one."""

from pathlib import Path

from floor_players import BOSS_NOTE, SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.effects import Reply, effects_of
from fleetapp.core.follow import fold
from fleetapp.core.state import State
from fleetapp.terms.reasons import AlarmKind

SMALL = Path(__file__).parents[2] / "maps" / "small"
CUT = own.RecordDoubted(0, "anchor", 300, 100, "audit.db ends at row 100, it held row 300")
ALTERED = own.RecordDoubted(0, "proof", 42, 41, "row 42 does not match its hash")
ALTERED_TOO = own.RecordDoubted(0, "proof", 42, 41, "row 42 does not follow row 41")
PERMITS = made.BaseExtended | made.OrderIssued | made.TaskAssigned


def driving():
    """Robots that drive for their tasks."""
    game = Game(SMALL, 3)
    for _ in range(6):
        game.command(game.pick_task())
    for _ in range(600):
        game.tick()
        passed = {r.message.robot_id for r in game.rows if isinstance(r.message, seen.NodePassed)}
        if passed == set(game.players):
            return game
    raise AssertionError("not in time")


def doubt(game, *doubts):
    game.inbox.extend(doubts)
    game.tick()


def end(game, halt_id):
    """A supervisor's decision, and what is answered."""
    game.command(asked.EndHalt(game.command_id(), halt_id, BOSS_NOTE), SUPERVISOR)
    rows = game.tick()
    (reply,) = [d.effect for d in effects_of(game.state, rows) if isinstance(d.effect, Reply)]
    return reply


def permitted(game, ticks=600):
    before = len(game.rows)
    for _ in range(ticks):
        game.tick()
    return [row for row in game.rows[before:] if isinstance(row.message, PERMITS)]


def alarms(game):
    return {
        alarm.raised.cause
        for alarm in game.state.alarms.values()
        if alarm.raised.kind is AlarmKind.RECORD_DOUBTED and alarm.gone_ms is None
    }


def test_a_second_doubt_is_a_halt_of_its_own_that_the_end_of_the_first_leaves():
    game = driving()
    doubt(game, CUT)
    doubt(game, ALTERED)
    assert set(game.state.halts) == {"record", "record:proof:42"}
    assert alarms(game) == {CUT.text, ALTERED.text}

    reply = end(game, "record")

    assert reply.message == ("This halt has ended; the fleet is still halted: record:proof:42.")
    assert set(game.state.halts) == {"record:proof:42"}
    assert alarms(game) == {ALTERED.text}
    assert permitted(game) == []


def test_when_every_doubt_was_decided_upon_the_fleet_goes_on():
    game = driving()
    doubt(game, CUT, ALTERED, ALTERED_TOO)
    assert set(game.state.halts) == {"record", "record:proof:42", "record:proof:42:2"}

    for halt_id in ("record:proof:42:2", "record:proof:42", "record"):
        assert permitted(game, 20) == []
        assert end(game, halt_id).accepted

    assert not game.state.halts
    assert alarms(game) == set()
    assert permitted(game)


def test_the_same_doubt_at_the_next_start_is_no_second_halt():
    game = driving()
    doubt(game, CUT, ALTERED)

    doubt(game, CUT, ALTERED)

    assert set(game.state.halts) == {"record", "record:proof:42"}


def test_a_doubt_that_comes_back_after_the_decision_halts_again():
    game = driving()
    doubt(game, CUT)
    end(game, "record")

    doubt(game, CUT)

    assert set(game.state.halts) == {"record"}
    assert alarms(game) == {CUT.text}
    assert permitted(game) == []


def test_doubts_come_back_from_the_journal_as_they_were():
    game = driving()
    doubt(game, CUT, ALTERED)
    end(game, "record")

    again = fold(State(game.state.floor, game.state.rules), game.rows)

    assert again.halts == game.state.halts
    assert dict(again.alarms) == dict(game.state.alarms)
