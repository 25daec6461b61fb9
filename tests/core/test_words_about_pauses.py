"""What the core believes of a pause: only what is about the wish that stands now."""

from dataclasses import replace
from pathlib import Path

import pytest
from floor_players import SUPERVISOR, Game

from fleetapp.api import commands as asked
from fleetapp.core import observations as seen
from fleetapp.core import observations_engine as own
from fleetapp.core.step import step

SMALL = Path(__file__).parents[2] / "maps" / "small"
R1 = "sim/r01"


class Core:
    """The core alone, with one robot; nobody plays it."""

    def __init__(self):
        self.state = Game(SMALL, 1).state
        self.commands = 0

    def hears(self, message):
        self.state, _ = step(self.state, [replace(message, at_ms=self.state.now_ms + 100)])
        return self.state.robots[R1]

    def commanded(self, kind, *words):
        self.commands += 1
        command = kind(f"c{self.commands}", *words)
        return self.hears(seen.CommandGiven(0, command, SUPERVISOR))


@pytest.fixture
def core():
    """A robot that was just told to stand still with the whole fleet."""
    core = Core()
    core.commanded(asked.StopAll)
    return core


def hears(core, kind, **fields):
    return core.hears(kind(R1, 0, **fields))


def release(core):
    core.commanded(asked.ReleaseAll, "looked, all free")


def alarms(core):
    on = (a for a in core.state.alarms.values() if a.gone_ms is None)
    return {a.raised.kind.value for a in on} & {"stop_unconfirmed", "hold_unconfirmed"}


def test_a_late_word_that_it_goes_on_takes_no_pause_back(core):
    assert hears(core, seen.PauseConfirmed, paused=True).pause_confirmed

    assert hears(core, seen.PauseConfirmed, paused=False).pause_confirmed


def test_a_late_word_that_it_stands_is_none_once_it_was_released(core):
    release(core)

    robot = hears(core, seen.PauseConfirmed, paused=True)
    stood = hears(core, seen.StandstillSeen)

    assert not robot.pause_confirmed
    assert not stood.stands_paused
    assert robot.resume_wanted


def test_a_late_word_that_it_does_not_stand_is_no_alarm_once_it_was_released(core):
    release(core)

    robot = hears(core, seen.PauseUnconfirmed, paused=True)
    hears(core, seen.PauseContradicted, times=3)

    assert not robot.pause_failed
    assert alarms(core) == set()


def test_one_that_is_told_to_stand_again_is_not_to_go_on(core):
    release(core)
    assert core.state.robots[R1].resume_wanted

    robot = core.commanded(asked.StopAll)

    assert (robot.pause_wanted, robot.resume_wanted, robot.pause_confirmed) == (True, False, False)


def test_a_standstill_counts_as_standing_and_is_not_called_confirmed(core):
    robot = hears(core, seen.StandstillSeen)

    assert robot.stands_paused
    assert not robot.pause_confirmed


@pytest.mark.parametrize("fields", [{"paused": True}, {"times": 3}], ids=["late", "contradicted"])
def test_what_was_proved_is_taken_back_with_an_alarm_until_it_is_proved_again(core, fields):
    hears(core, seen.PauseConfirmed, paused=True)
    kind = seen.PauseUnconfirmed if "paused" in fields else seen.PauseContradicted

    robot = hears(core, kind, **fields)
    raised = alarms(core)
    again = hears(core, seen.PauseConfirmed, paused=True)

    assert not robot.stands_paused
    assert raised == {"stop_unconfirmed"}
    assert again.stands_paused
    assert alarms(core) == set()


def test_after_a_start_no_pause_is_proved_before_a_report_says_so(core):
    hears(core, seen.PauseConfirmed, paused=True)

    robot = core.hears(own.EngineStarted(0, "boot", "0.1.0", "small", "", "", "", ""))

    assert robot.pause_wanted
    assert not robot.stands_paused
