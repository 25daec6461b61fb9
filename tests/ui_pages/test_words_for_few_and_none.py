"""Sentences at the edges: no robot, one robot, nothing listed above, no room."""

from dataclasses import replace

import pytest
from prompt_engine import tell
from PySide6.QtWidgets import QLabel
from shown_fleet import NOW, fleet_snapshot, fleet_view

from fleetapp.api.views import HoldView, StopView
from fleetapp.client.live import LinkState
from fleetapp.terms.modes import TaskState
from fleetapp.terms.reasons import HoldReason
from ui.figures import clock, short
from ui.views.sheets import ReleaseSheet, after_release, hold_words
from ui.views.task_panel import Steps, Weighed
from ui.window.banner import stop_words
from ui.window.stop_panel import StopPanel
from ui.window.top_bar import TopBar


def said_of(context, standing, sent=(), times=()):
    panel = StopPanel(context)
    stop = StopView(True, NOW - 9_000, "mara", 12, standing, sent, (), times)
    tell(context, replace(fleet_snapshot(), fleet=fleet_view(stop=stop)))
    return panel._said.text(), stop_words(stop)


def test_a_stop_of_no_robot_counts_none(context):
    said, banner = said_of(context, ())

    assert said == "No robot is admitted: there is nobody to stand still."
    assert "0 of 0" not in banner


def test_a_stop_of_one_robot_speaks_of_one(context):
    assert said_of(context, ("halden/r01",))[0] == "r01 stands still by its own report."
    assert (
        said_of(context, ("halden/r01",), times=(("halden/r01", 400),))[0]
        == "r01 stands still, after 0.4\u00a0s. It is the only robot."
    )
    assert (
        said_of(context, (), sent=("halden/r01",))[0]
        == "0 of 1 robot stands still by its own report."
    )


@pytest.mark.parametrize(
    ("free", "held", "words"),
    [
        (20, 0, "20 may move at once"),
        (19, 1, "19 may move at once, 1 stays held for reasons of its own"),
        (0, 2, "none may move at once, 2 stay held for reasons of their own"),
        (0, 0, "no robot is admitted, none moves"),
    ],
)
def test_a_release_of_all_says_only_what_there_is(free, held, words):
    assert after_release(free=free, held=held) == words


@pytest.mark.parametrize(
    ("reason", "by", "words"),
    [
        (HoldReason.BY_PERSON, "mara", "by mara"),
        (HoldReason.BY_PERSON, "local", "by someone at this computer"),
        (HoldReason.NOT_SURE, "system", "for “not sure”"),
    ],
)
def test_a_hold_says_who_holds_the_robot(reason, by, words):
    hold = HoldView(reason, NOW, by, "wheel noise", confirmed=True)

    assert hold_words(hold) == f"{words} since {clock(NOW)}: wheel noise"


def test_the_sheet_that_releases_a_robot_names_who_holds_it(qtbot, context):
    sheet = ReleaseSheet(context, context.store.model.robots["halden/r31"])
    qtbot.addWidget(sheet)

    words = [part.text() for part in sheet.findChildren(QLabel)]
    assert any(text.startswith("held by mara since ") for text in words)


def test_what_is_cut_is_cut_with_dots():
    assert short("no engine runs", 28) == "no engine runs"
    assert short("no engine runs on /tmp/fleet/data", 28) == "no engine runs on /tmp/flee…"


def test_why_the_connection_is_lost_can_be_read_whole(qtbot, context):
    bar = TopBar(context)
    qtbot.addWidget(bar)
    why = "no engine runs on /srv/fleetapp/halden/data"
    context.store.link = LinkState(connected=False, detail=why)

    bar._tick()

    assert bar._link._second.text().endswith("…")
    assert bar._link._second.toolTip() == why


def test_a_count_of_those_that_are_out_stands_below_others_only_where_there_are_some(
    qtbot, context
):
    one = context.store.model.tasks["T-20917"]
    shown = Weighed(context)
    qtbot.addWidget(shown)

    shown.show_task(replace(one, candidates=()))

    words = [part.text() for part in shown.findChildren(QLabel)]
    assert words == ["Out: 17 have a task."]


@pytest.mark.parametrize(
    ("changes", "now"),
    [
        ({}, "Carry"),
        ({"state": TaskState.QUEUED, "robot_id": None, "step": 0}, ""),
        ({"state": TaskState.CANCELLED, "step": 2}, ""),
        ({"state": TaskState.DONE, "step": 5}, ""),
    ],
)
def test_a_step_is_lit_only_while_a_robot_does_it(qtbot, context, changes, now):
    steps = Steps(context)
    qtbot.addWidget(steps)

    steps.show_task(replace(context.store.model.tasks["T-20917"], **changes))

    assert steps.now == now
    assert (", Carry now" in steps.accessibleName()) is bool(now)
