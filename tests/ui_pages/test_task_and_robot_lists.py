"""Which rows a list shows, in which order, in which words."""

import dataclasses

import pytest
from prompt_engine import tell
from shown_fleet import NOW, fleet_snapshot, robot, shown_tasks, task

from fleetapp.api.commands import CancelTask
from fleetapp.api.views import Delta
from fleetapp.terms.modes import RobotState, TaskState
from ui.models.robot_rows import RobotListModel
from ui.models.table import Group
from ui.models.task_rows import found, grouped, state_words, views_of
from ui.views.robot_list import RobotList
from ui.views.robots import RobotsPage
from ui.views.tasks import TasksPage

ROBOTS = {r.robot_id: r for r in fleet_snapshot().robots}


def names_of(model):
    return [model.index(n).data(0x0100).name for n in range(model.rowCount())]


def test_robots_that_need_a_person_come_first_then_the_others_by_name(qtbot, context):
    model = RobotListModel(context.store)

    model.refresh()

    assert names_of(model)[:4] == ["r23", "r31", "r09", "r17"]
    assert names_of(model)[-3:] == ["r14", "r15", "r16"]


def test_a_robot_that_is_held_moves_up_when_the_engine_says_so(qtbot, context):
    model = RobotListModel(context.store)
    model.refresh()
    held = dataclasses.replace(robot("r02"), state=RobotState.STOPPED, why=ROBOTS["halden/r31"].why)

    model.take(context.store.model.apply(Delta(2, NOW, robots=(held,))))

    assert names_of(model)[0] == "r02"


def test_the_robots_list_finds_by_place_and_by_name(qtbot, context):
    shown = RobotList(context)
    qtbot.addWidget(shown)

    shown.open_search()
    shown._find.setText("a09-28")

    assert names_of(shown._model) == ["r23"]


def test_tasks_stand_under_those_that_need_a_person_under_way_and_queued():
    rows = grouped([t for t in shown_tasks() if "open" in views_of(t, ROBOTS)], ROBOTS)

    titles = [(row.title, row.count) for row in rows if isinstance(row, Group)]

    assert titles == [("Need you", 1), ("Under way", 8), ("Queued", 4)]


def test_a_queued_task_that_only_a_person_can_send_on_stands_under_need_you():
    alone = task(20941, TaskState.QUEUED, robot_id=None, after_task_id="T-1", may_go_alone=True)

    head, row = grouped([alone], ROBOTS)

    assert (head.title, row) == ("Need you", alone)
    assert views_of(alone, ROBOTS) == ("open", "need")
    assert state_words(alone, ROBOTS, None) == "Waits for you"


def test_a_task_of_a_waiting_robot_says_so():
    assert state_words(task(20917, TaskState.CARRYING), ROBOTS, None) == "Waiting"
    assert state_words(task(20923, TaskState.IN_REVIEW), ROBOTS, None) == "In review"


def test_a_task_is_found_by_its_station_and_its_robot_together():
    carried = task(20917, TaskState.CARRYING)

    assert found(carried, f"r17 {carried.to_station.lower()}", ROBOTS)
    assert not found(carried, "r18", ROBOTS)


def test_cancelling_shows_what_happens_to_the_load_before_anything_is_sent(
    qtbot, context, connection
):
    page = TasksPage(context)
    qtbot.addWidget(page)
    sheets = []
    context.open_sheet = sheets.append
    page.refresh()
    page.choose("T-20917")

    page.cancel()

    assert connection.sent == []
    sheets[0].do_it()
    assert isinstance(connection.sent[0], CancelTask)
    assert connection.sent[0].task_id == "T-20917"


def test_noticed_robots_are_cards_and_only_sound_ones_can_be_admitted(qtbot, context):
    page = RobotsPage(context)
    qtbot.addWidget(page)
    sheets = []
    context.open_sheet = sheets.append

    page.refresh()

    assert page._second.text() == "2 noticed, 1 of them can be admitted"
    assert page._model.rowCount() == 18


@pytest.fixture
def robots_page(qtbot, context):
    page = RobotsPage(context)
    qtbot.addWidget(page)
    page.refresh()
    return page


def chosen_row(page):
    rows = page._table.selectionModel().selectedRows()
    return page._model.row(rows[0].row()).robot_id if rows else None


def test_the_table_marks_the_robot_that_was_chosen_elsewhere(robots_page, context):
    context.hub.robot_selected.emit("halden/r17")

    assert chosen_row(robots_page) == "halden/r17"


def test_the_chosen_robot_stays_chosen_when_rows_change_places(robots_page, context):
    told = []
    context.hub.robot_selected.emit("halden/r05")
    context.hub.robot_selected.connect(told.append)
    why = context.store.model.robots["halden/r17"].why
    moved = dataclasses.replace(
        context.store.model.robots["halden/r05"], why=why, state=RobotState.WAITING
    )

    tell(context, Delta(2, NOW, robots=(moved,)))
    robots_page.refresh()

    assert chosen_row(robots_page) == "halden/r05"
    assert told == []


def test_a_robot_that_stands_says_why_in_the_table(robots_page):
    texts = {
        robots_page._model.row(number).robot_id: robots_page._model.column(3).text(
            robots_page._model.row(number)
        )
        for number in range(robots_page._model.rowCount())
    }

    assert texts["halden/r17"].startswith("Waiting · ")
    assert "·" not in texts["halden/r05"]
