"""What broke half-way is made again with the same data: nothing half made counts as shown."""

import pytest
from shown_fleet import shown_alarms, task

from fleetapp.terms.modes import TaskState
from ui.views.alarm_panel import AlarmPanel
from ui.views.inspector import RobotInspector
from ui.views.review_dock import ReviewDock
from ui.views.robots import RobotsPage
from ui.views.task_panel import Weighed

TASK = task(20917, TaskState.CARRYING)


def alarm(context):
    panel, shown = AlarmPanel(context), shown_alarms()[0]
    return panel, lambda: panel.show_alarm(shown, "", ["r09"]), lambda: len(panel._steps)


def weighed(context):
    part = Weighed(context)
    return part, lambda: part.show_task(TASK), part._grid.count


def story(context):
    part = RobotInspector(context)
    part._robot_id = "halden/r01"
    return part, part._refresh, part._story.count


def noticed(context):
    page = RobotsPage(context)
    robots = [r for r in context.store.model.robots.values() if not r.admitted]
    return page, lambda: page._show_cards(robots), page._cards.count


def waiting(context):
    dock = ReviewDock(context)
    return dock, lambda: dock.refresh(""), dock.queue.count


PARTS = {
    "the steps of an alarm": (alarm, "ui.views.alarm_panel.Step"),
    "why this robot": (weighed, "ui.views.task_panel.duration"),
    "the story of a robot": (story, "ui.views.inspector.glued"),
    "noticed robots": (noticed, "ui.views.robots.NoticedCard"),
    "reviews that wait": (waiting, "ui.views.review_dock.add_review"),
}


def broken(*_arguments, **_words):
    raise KeyError("a word that nobody wrote")


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_broke_half_way_is_made_again_with_the_same_data(
    qtbot, context, monkeypatch, name
):
    make, what = PARTS[name]
    part, show, count = make(context)
    qtbot.addWidget(part)
    with monkeypatch.context() as patched:
        patched.setattr(what, broken)
        for _try in range(2):
            with pytest.raises(KeyError, match="nobody wrote"):
                show()

    show()

    assert count() > 0
