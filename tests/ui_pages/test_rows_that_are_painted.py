"""The list of robots paints the rows that changed, and ages as time goes on."""

from dataclasses import replace

import pytest
from prompt_engine import tell
from shown_fleet import NOW, fleet_view

from fleetapp.api.views import Delta
from ui.models.robot_rows import RobotListModel


@pytest.fixture
def listed(qtbot, context):
    model, painted = RobotListModel(context.store), []
    context.store.changed.connect(model.take)
    model.refresh()
    model.dataChanged.connect(
        lambda first, last, *_: painted.extend(range(first.row(), last.row() + 1))
    )
    return context, model, painted


def test_a_robot_that_changed_is_painted_alone(listed):
    context, model, painted = listed
    robot = context.store.model.robots["halden/r05"]

    tell(context, Delta(2, NOW, robots=(replace(robot, battery_fraction=0.11),)))

    assert painted == [model.row_of("halden/r05")]


def test_as_time_goes_on_only_rows_that_show_an_age_are_painted(listed):
    context, model, painted = listed

    tell(context, Delta(2, NOW, fleet=fleet_view(at_ms=NOW + 500)))

    assert painted == sorted(model.row_of(name) for name in ("halden/r09", "halden/r17"))
