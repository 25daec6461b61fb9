"""A whole shift is judged to its end: what is not done, not so or not known is told."""

from dataclasses import replace

import pytest
from shift_under_way import R1, R2, a_shift_to_the_end, breaks, with_robot

from fleetapp.api import commands as asked
from fleetapp.api.commands import Person
from fleetapp.core import decisions as made
from fleetapp.core import observations as seen
from fleetapp.core.state import FleetStop
from fleetapp.core.turn import Row
from fleetapp.fleet.robot import Hold
from fleetapp.simulation.endure.breaks import Break, Breaks
from fleetapp.simulation.endure.known import known_breaks
from fleetapp.simulation.endure.shrinking import is_again
from fleetapp.simulation.whole.system import START_MS
from fleetapp.terms.modes import Role, TaskState
from fleetapp.terms.reasons import HoldReason

I6 = "I6 stands after a stop"
OLGA = Person("Olga", Role.OPERATOR, signed_in=True)


def kept_for(shift, robot_id, kept_ms, *, by):
    """As if it had been told to stand so long ago."""
    system = shift.stage.system
    since_ms = system.now_ms - kept_ms
    if by == "stop":
        return replace(system.state, stop=FleetStop(since_ms, "x", "", ()))
    return with_robot(
        system.state, robot_id, holds=(Hold(HoldReason.BY_PERSON, since_ms, "x", ""),)
    )


@pytest.mark.parametrize("by", ["stop", "hold"])
@pytest.mark.parametrize(("kept_ms", "told"), [(8_000, set()), (10_000, {I6})])
def test_a_robot_that_truly_drives_long_after_it_was_told_to_stand_is_told(by, kept_ms, told):
    shift = a_shift_to_the_end()
    system = shift.stage.system
    robot_id = next(name for name, robot in system.robots.items() if robot.body.moving)
    system.loop.state = kept_for(shift, robot_id, kept_ms, by=by)

    shift.witness._look_for_stopped()

    assert breaks(shift) == told


def test_a_task_that_is_open_when_the_calm_is_over_is_told():
    shift = a_shift_to_the_end()

    shift.witness.calm_is_over()

    assert breaks(shift) == {"I9 all ends"}


def with_task(shift, **changes):
    """As if one task had ended so; the calm is over then."""
    system = shift.stage.system
    task = next(iter(system.state.tasks.values()))
    system.loop.state = replace(
        system.state, tasks={**system.state.tasks, task.task_id: replace(task, **changes)}
    )
    shift.witness.all_ended()
    return breaks(shift)


def test_a_task_that_failed_in_the_calm_is_told_unless_its_station_is_gone():
    failed = with_task(a_shift_to_the_end(), state=TaskState.FAILED)
    gone = with_task(a_shift_to_the_end(), state=TaskState.FAILED, from_station="gone")

    assert failed == {"I9 all ends"}
    assert gone == set()


def test_a_task_that_was_cancelled_is_told_unless_somebody_asked_for_it():
    asked_for = a_shift_to_the_end()
    task_id = next(iter(asked_for.stage.system.state.tasks))
    given = seen.CommandGiven(0, asked.CancelTask("c1", task_id), OLGA)
    asked_for.witness.decided(asked_for.stage.system.state, (Row(1, given, None),))

    assert with_task(asked_for, state=TaskState.CANCELLED) == set()
    assert with_task(a_shift_to_the_end(), state=TaskState.CANCELLED) == {"I9 all ends"}


def test_robots_that_do_not_finish_their_tasks_are_told():
    shift = a_shift_to_the_end()

    shift.witness.are_idle([R1])

    assert breaks(shift) == {"I9 all ends"}


def test_a_known_break_hides_no_other_of_the_same_robots():
    found = Breaks()
    for story, capability in (("set down", "some day"), ("drove", ""), ("drove", "")):
        found.note("I2 no overlap", f"{R1}+{R2}", START_MS, story, capability)

    assert [one.story for one in found.found.values()] == ["set down", "drove"]


@pytest.mark.parametrize(
    ("invariant", "subject", "story", "again"),
    [
        ("I2 no overlap", "another pair", "drove", True),
        ("I2 no overlap", "the pair", "drove [ignores_base 2 s ago]", False),  # known
        ("I9 all ends", "the pair", "drove", False),
    ],
)
def test_a_script_is_cut_down_to_the_break_it_had_and_not_to_a_known_one(
    invariant, subject, story, again
):
    found = Break("I2 no overlap", "the pair", 0, "drove")

    assert is_again(Break(invariant, subject, 0, story), found, known_breaks()) is again


def test_a_script_is_cut_down_to_the_exception_it_had():
    found = Break("no exception", "KeyError in step", 0, "")

    assert not is_again(Break("no exception", "KeyError in plan", 0, ""), found, ())
    assert is_again(found, found, ())


def test_an_exception_and_a_rule_that_was_undone_are_told():
    shift = a_shift_to_the_end()
    shift.witness.decided(
        shift.stage.system.state,
        (Row(1, made.RuleBroke(0, "RobotReported", "KeyError", ()), None),),
    )
    shift.witness.decided(None, ())  # what it looks at is not there
    shift.witness.run(20)

    assert breaks(shift) == {"no rule breaks", "no exception"}
    assert shift.witness.over


def test_robots_that_touch_are_told_also_when_one_is_in_no_book():
    shift = a_shift_to_the_end()
    system = shift.stage.system
    one, other, *_ = system.robots.values()
    other.set_down(one.body.x_m, one.body.y_m, 0.0, "")
    robots = {k: v for k, v in system.state.robots.items() if k != other.robot_id}
    system.loop.state = replace(system.state, robots=robots)

    shift.witness.moved()

    assert "I2 no overlap" in breaks(shift)
