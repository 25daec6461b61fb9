"""What a robot does at the end of each kind of order; what was sent before stays in front."""

from dataclasses import replace

import pytest
from driving_fleet import D, given, task_id

from fleetapp.core.decisions import PlanRequested
from fleetapp.core.order_actions import actions_for
from fleetapp.core.turn import Turn
from fleetapp.fleet.order import ActionKind, OrderAction, Purpose
from fleetapp.terms.modes import TaskState

SENT = (OrderAction("o-look", ActionKind.DETECT, 2, "A", None, "S", ended=True),)


def ordered(purpose, *, state=TaskState.PICKING, robot_type="carrier", sent=(), with_task=True):
    fleet = given()
    task = replace(fleet.tasks[task_id()], state=state)
    draft = Turn(replace(fleet, tasks={**fleet.tasks, task_id(): task})).draft
    problem = PlanRequested(
        1, "p", D, robot_type, purpose, task_id() if with_task else None, "BACK", 0, 5, (), (), None
    )
    actions = actions_for(draft, problem, "o1", 7, sent)
    assert actions[: len(sent)] == sent
    return [(a.kind, a.action_id, a.node_index, a.station_id) for a in actions[len(sent) :]], task


@pytest.mark.parametrize("purpose", [Purpose.TO_PICK, Purpose.LOOK])
@pytest.mark.parametrize("sent", [(), SENT])
def test_a_robot_with_a_camera_looks_where_it_arrives_and_one_without_does_not(purpose, sent):
    with_camera, task = ordered(purpose, sent=sent)
    without, _ = ordered(purpose, robot_type="plain", sent=sent)

    assert with_camera == [(ActionKind.DETECT, "o1-look", 7, task.from_station)]
    assert without == []


def test_what_is_not_on_board_yet_is_picked_before_it_is_carried():
    picked, task = ordered(Purpose.CARRY)

    pick = (ActionKind.PICK, "o1-pick", 0, task.from_station)
    drop = (ActionKind.DROP, "o1-drop", 7, task.to_station)
    assert picked == [pick, drop]
    assert ordered(Purpose.CARRY, sent=SENT)[0] == [drop]
    for state in (TaskState.CARRYING, TaskState.DROPPING):
        assert ordered(Purpose.CARRY, state=state)[0] == [drop]


def test_a_load_that_goes_back_is_put_down_there():
    assert ordered(Purpose.TO_RETURN, sent=SENT)[0] == [(ActionKind.DROP, "o1-back", 7, "BACK")]


@pytest.mark.parametrize("purpose", [Purpose.CHARGE, Purpose.PARK, Purpose.MOVE_ASIDE])
@pytest.mark.parametrize("sent", [(), SENT])
def test_who_makes_way_or_charges_does_nothing_more(purpose, sent):
    assert ordered(purpose, sent=sent)[0] == []


@pytest.mark.parametrize("purpose", list(Purpose))
def test_an_order_without_a_task_has_only_what_was_sent(purpose):
    assert ordered(purpose, sent=SENT, with_task=False)[0] == []
