"""The engine is gone: of no robot is it known that it stands, and every place says so."""

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "ui_pages"))

from prompt_engine import FakeConnection, context_of
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from shown_fleet import NOW, fleet_snapshot, fleet_view

from fleetapp.api.model import FleetModel
from fleetapp.api.site_drawing import layout_of
from fleetapp.api.views import Delta, StopView, Why
from fleetapp.client.live import LinkState
from fleetapp.layout import load_site
from fleetapp.terms.modes import RobotState
from fleetapp.terms.reasons import HoldReason
from ui.figures import clock
from ui.models.robot_look import robot_look
from ui.models.robot_rows import RobotListModel
from ui.models.store import Word
from ui.window.foot import Foot
from ui.window.map_page import MapPage
from ui.window.stop_panel import StopPanel
from ui.window.top_bar import TopBar

ROOT = Path(__file__).parents[2]
IDS = tuple(robot.robot_id for robot in fleet_snapshot().robots if robot.admitted)
LOST = LinkState(connected=False, detail="no engine runs")
BACK = LinkState(connected=True, detail="port 1")
WHY = Why("Stopped with the whole fleet.", HoldReason.FLEET_STOP.value, NOW, "", "", None, None)


def stopped_fleet():
    """All stand by their own reports."""
    times = tuple((name, 400) for name in IDS)
    stop = StopView(True, NOW - 9_000, "mara", 12, IDS, (), (), times)
    base = fleet_snapshot()
    robots = tuple(
        replace(robot, state=RobotState.STOPPED, why=WHY) if robot.admitted else robot
        for robot in base.robots
    )
    return replace(base, fleet=fleet_view(stop=stop), robots=robots)


def hear(context, *messages):
    """What the feed's thread brings, in the order in which it does."""
    for message in messages:
        context.store._messages.put(message)
    context.store.take_messages()


class Shown:
    """The places that speak of the stop."""

    def __init__(self, context):
        self.bar, self.page = TopBar(context), MapPage(context)
        self.panel, self.foot = StopPanel(context), Foot(context)
        self.rows, self.context = RobotListModel(context.store), context
        self.widgets = (self.bar, self.page, self.panel, self.foot)

    def banner(self):
        return "" if self.page._banner.isHidden() else self.page._banner._words

    def parts(self):
        return self.panel._ring._parts

    def row(self):
        self.rows.refresh()
        spoken = self.rows.index(self.rows.row_of(IDS[0])).data(Qt.ItemDataRole.AccessibleTextRole)
        robot = self.context.store.model.robots[IDS[0]]
        return spoken, robot_look(robot, self.context.store).hollow


@pytest.fixture
def context(qtbot):
    made = context_of(FakeConnection(), "dark")
    made.layout = layout_of(load_site(ROOT / "maps" / "demo"))
    return made


@pytest.fixture
def shown(qtbot, context):
    made = Shown(context)
    for widget in made.widgets:
        qtbot.addWidget(widget)
    hear(context, BACK, stopped_fleet())
    assert made.bar.stop.word == "Stopped"
    assert made.banner().startswith("Fleet stopped by mara")
    yield made
    QApplication.instance().removeEventFilter(made.bar.stop)


def lose_the_link(context):
    hear(context, LOST)


def hear_nothing(context):
    context.store.heard_s = time.monotonic() - 3.1
    hear(context)


@pytest.mark.parametrize("lose", [lose_the_link, hear_nothing])
def test_every_place_says_that_nobody_is_reached_once_the_engine_is_gone(shown, context, lose):
    lose(context)

    assert shown.bar.stop.word == shown.panel._pill._word.text() == "Not reached"
    assert shown.bar.stop.accessibleName() == "Stop all robots: not reached"
    assert "no word of the engine" in shown.bar.stop.toolTip()
    assert shown.panel._pill._mark.hollow
    assert not shown.page._banner._full
    assert shown.parts() == (0, 0, len(IDS))
    spoken, hollow = shown.row()
    assert ", No answer," in spoken
    assert hollow


def test_banner_and_panel_say_since_when_and_how_many_stood_then(shown, context):
    hear(context, LOST)

    last = f"Not reached, engine gone since {clock(NOW)}. {len(IDS)} of {len(IDS)} stood then."
    assert shown.banner() == last
    assert shown.panel._said.text().startswith(last)


def test_a_connection_without_a_picture_yet_takes_nothing_of_that_back(shown, context):
    hear(context, LOST)

    hear(context, BACK)

    assert shown.bar.stop.word == "Not reached"
    assert shown.banner().startswith("Not reached, engine gone")
    assert shown.page.task_line.isHidden()


@pytest.mark.parametrize("word", [stopped_fleet(), Delta(2, NOW + 50)])
def test_the_next_word_of_the_engine_brings_the_picture_back(shown, context, word):
    hear(context, LOST)

    hear(context, BACK, word)

    assert shown.bar.stop.word == "Stopped"
    assert shown.banner().startswith("Fleet stopped by mara")
    assert shown.parts() == (len(IDS), 0, 0)
    assert shown.panel._pill._word.text().startswith("Stopped ")


def test_a_stop_that_was_answered_and_not_shown_yet_is_not_told_by_a_lost_engine(
    qtbot, shown, context
):
    hear(context, fleet_snapshot())
    context.commands.stop_all()
    qtbot.waitUntil(lambda: shown.bar.stop.word == "Told")

    hear(context, LOST)

    assert shown.bar.stop.word == "Not reached"


def test_a_lost_engine_without_a_stop_leaves_the_stop_to_be_pressed(shown, context):
    hear(context, fleet_snapshot())

    hear(context, LOST)

    assert shown.bar.stop.word == "Stop all"
    assert shown.banner() == (f"No word of the engine since {clock(NOW)}: what is shown is old.")


def test_foot_and_top_bar_call_what_is_shown_alike(qtbot, shown, context, monkeypatch):
    painted = []
    monkeypatch.setattr(
        "ui.window.foot.QPainter.drawText", lambda _painter, *what: painted.append(what[-1])
    )
    for word, tell in ((Word.LIVE, None), (Word.QUIET, hear_nothing), (Word.LOST, lose_the_link)):
        if tell is not None:
            tell(context)
        shown.bar._tick()
        painted.clear()

        shown.foot.grab()

        assert shown.bar._link._value.text() == word
        assert painted[-1] == word


def test_all_robots_on_the_map_are_hollow_while_the_engine_is_gone(qtbot, shown, context):
    page = shown.page
    page.map.set_layout(context.layout)
    page.resize(1000, 700)
    overlay = page.map._overlay

    def states():
        page.map.grab()
        return {robot.state for robot in overlay._order if robot.admitted}

    assert states() == {RobotState.STOPPED}
    hear(context, LOST)
    assert states() == {RobotState.SILENT}
    hear(context, BACK, Delta(2, NOW + 50))
    assert states() == {RobotState.STOPPED}


def test_a_model_that_lost_its_engine_twice_keeps_the_last_word():
    model = FleetModel()
    model.apply(stopped_fleet())
    model.lose()

    assert not model.lose().everything

    assert model.lost.stop.standing == IDS
    assert model.fleet.stop.no_answer == IDS
