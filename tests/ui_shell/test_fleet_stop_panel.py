"""The fleet stop on the screen: who stands by its own report, how soon, who is missing."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "ui_pages"))

from prompt_engine import FakeConnection, context_of, tell
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication
from shown_fleet import NOW, fleet_snapshot, fleet_view

from fleetapp.api.site_drawing import layout_of
from fleetapp.api.views import NOT_STOPPED, Delta, StopView, Why
from fleetapp.client.live import LinkState
from fleetapp.layout import load_site
from fleetapp.terms.modes import RobotState
from fleetapp.terms.reasons import HoldReason
from ui.map.sprites import Sprites
from ui.models.robot_look import robot_look
from ui.models.robot_rows import RobotListModel
from ui.theme.style import font
from ui.views.inspector import RobotInspector
from ui.views.line_sources import LineSources
from ui.views.panel import Facts
from ui.views.robot_list import RobotList
from ui.views.robots import RobotsPage
from ui.views.sheets import CancelSheet, ReleaseAllSheet
from ui.views.task_columns import TaskColumns
from ui.views.tasks import TasksPage
from ui.window.banner import stop_words
from ui.window.map_page import MapPage
from ui.window.stop import KEY_PX, WORD_AT_PX, WORD_PX, fitted
from ui.window.stop_panel import StopPanel, segments
from ui.window.top_bar import TopBar


@pytest.fixture
def context(qtbot):
    return context_of(FakeConnection(), "dark")


def stop_of(standing, sent=(), no_answer=(), by="mara"):
    times = tuple((name, 400 + 100 * number) for number, name in enumerate(standing))
    return StopView(True, NOW - 9_000, by, 12, standing, sent, no_answer, times)


def stopped_fleet(stop):
    why = Why(
        "Stopped with the whole fleet.", HoldReason.FLEET_STOP.value, NOW - 9_000,
        "a supervisor releases the fleet", "", None, None,
    )  # fmt: skip
    base = fleet_snapshot()
    robots = tuple(
        replace(robot, state=RobotState.STOPPED, why=why) if robot.admitted else robot
        for robot in base.robots
    )
    return replace(base, fleet=fleet_view(stop=stop), robots=robots)


def test_the_ring_has_a_segment_for_each_robot_standing_first():
    assert segments(2, 1, 1) == ("ok-fill", "ok-fill", "text-3", "p1-fill")


def test_the_ring_of_a_large_fleet_never_rounds_a_missing_robot_away():
    ring = segments(998, 1, 1)

    assert len(ring) == 100
    assert (ring.count("ok-fill"), ring.count("text-3"), ring.count("p1-fill")) == (98, 1, 1)


def test_the_panel_names_the_slowest_once_all_stand(qtbot, context):
    panel = StopPanel(context)
    qtbot.addWidget(panel)

    tell(context, stopped_fleet(stop_of(("halden/r01", "halden/r02"))))

    assert panel._said.text() == (
        "All 2 robots stand still. The slowest was r02, after 0.5\u00a0s."
    )
    assert panel._missing.isHidden()


def test_the_panel_names_who_is_missing_first_those_without_an_answer(qtbot, context):
    panel = StopPanel(context)
    qtbot.addWidget(panel)

    stop = stop_of(("halden/r01",), sent=("halden/r02",), no_answer=("halden/r09",))
    tell(context, stopped_fleet(stop))

    assert panel._said.text() == "1 of 3 robots stand still by their own reports."
    assert panel._missing.text() == "r09, r02"


def test_who_is_not_signed_in_is_someone_at_this_computer(qtbot, context):
    panel = StopPanel(context)
    qtbot.addWidget(panel)

    tell(context, stopped_fleet(stop_of(("halden/r01",), by="local")))

    assert panel._facts._values["Pressed by"].text().startswith("someone at this computer, ")


@pytest.fixture
def bar(qtbot, context):
    made = TopBar(context)
    qtbot.addWidget(made)
    yield made
    QApplication.instance().removeEventFilter(made.stop)


@pytest.mark.parametrize("missing", ["sent", "no_answer"])
def test_the_button_says_stopped_only_once_all_stand_by_their_own_reports(context, bar, missing):
    ids = tuple(robot_id for robot_id in context.store.model.robots if "r0" in robot_id)
    first, *others = ids

    tell(context, stopped_fleet(stop_of((first,), **{missing: tuple(others)})))
    assert bar.stop.word == f"Told 1 of {len(ids)}"
    assert bar.stop.accessibleName() == f"Stop all robots: told 1 of {len(ids)}"

    tell(context, stopped_fleet(stop_of(ids)))
    assert bar.stop.word == "Stopped"


def test_the_panel_and_the_banner_say_what_the_button_says(qtbot, context, bar):
    page = MapPage(context)
    qtbot.addWidget(page)
    panel = StopPanel(context)
    qtbot.addWidget(panel)

    tell(context, stopped_fleet(stop_of(("halden/r01",), sent=("halden/r02",))))
    assert panel._pill._word.text() == bar.stop.word == "Told 1 of 2"
    assert panel._pill._mark.hollow
    assert not page._banner._full

    tell(context, stopped_fleet(stop_of(("halden/r01", "halden/r02"))))
    assert panel._pill._word.text().startswith("Stopped ")
    assert not panel._pill._mark.hollow
    assert page._banner._full


def test_a_robot_is_called_stopped_only_once_it_reports_that_it_stands(qtbot, context):
    inspector, table = RobotInspector(context), RobotsPage(context)
    rows = RobotListModel(context.store)
    for part in (inspector, table):
        qtbot.addWidget(part)
    stop = stop_of(("halden/r01",), sent=("halden/r02",), no_answer=("halden/r03",))
    tell(context, stopped_fleet(stop))
    rows.refresh()

    said = {}
    for robot_id, name in (("halden/r01", "r01"), ("halden/r02", "r02"), ("halden/r03", "r03")):
        robot = context.store.model.robots[robot_id]
        inspector.show_robot(robot_id)
        spoken = rows.index(rows.row_of(robot_id)).data(Qt.ItemDataRole.AccessibleTextRole)
        pill = inspector._state._word.text()
        said[name] = (table._state(robot).split(" ·")[0], inspector._state._mark.hollow)
        assert said[name][0] in spoken
        assert pill.startswith(said[name][0])
        assert robot_look(robot, context.store).hollow is said[name][1]

    assert said == {
        "r01": ("Stopped", False), "r02": ("Told to stop", True), "r03": ("No answer", True),
    }  # fmt: skip


# The offscreen screen has no window manager, which Qt tells as a warning.
@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_a_task_says_of_its_robot_no_more_than_the_robot_reported(qtbot, context):
    tasks, table = TasksPage(context), TaskColumns(context)
    qtbot.addWidget(tasks)
    tasks.show()
    ids = tuple(robot.robot_id for robot in fleet_snapshot().robots if robot.admitted)
    task = next(t for t in fleet_snapshot().tasks if t.robot_id == "halden/r17")

    def said(stop):
        tell(context, stopped_fleet(stop))
        tasks.choose(task.task_id)
        sheet = CancelSheet(context, task, print)
        qtbot.addWidget(sheet)
        cell = QImage(24, 24, QImage.Format.Format_RGB32)
        cell.fill(0)
        painter = QPainter(cell)
        table._paint_sign(painter, QRectF(0, 0, 24, 24), task)
        painter.end()
        words = (
            table._state(task), tasks._panel._state.text(),
            sheet.findChild(Facts)._values["State"].text(),
        )  # fmt: skip
        assert len(set(words)) == 1
        return words[0], bytes(cell.constBits())

    others = tuple(robot_id for robot_id in ids if robot_id != "halden/r17")
    told, told_sign = said(stop_of(others, sent=("halden/r17",)))
    silent, silent_sign = said(stop_of(others, no_answer=("halden/r17",)))
    stands, full_sign = said(stop_of(ids))

    assert (told, silent, stands) == ("Told to stop", "No answer", "Robot stopped")
    assert told_sign == silent_sign != full_sign


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_table_of_tasks_follows_who_stands_while_nothing_else_changes(qtbot, context):
    tasks = TasksPage(context)
    qtbot.addWidget(tasks)
    tasks.show()
    ids = tuple(robot.robot_id for robot in fleet_snapshot().robots if robot.admitted)
    tell(context, stopped_fleet(stop_of((), sent=ids)))
    tasks.refresh()
    tasks.choose("T-20917")
    qtbot.waitUntil(lambda: tasks._panel._state.text() == "Told to stop")
    painted = []
    tasks._model.dataChanged.connect(lambda first, _last, _roles: painted.append(first.column()))

    tell(context, Delta(2, NOW + 50, fleet=fleet_view(stop=stop_of(ids))))

    assert 0 in painted
    qtbot.waitUntil(lambda: tasks._panel._state.text() == "Robot stopped")


def test_the_map_and_its_legend_show_who_stands_and_who_is_only_told(qtbot, context):
    page = MapPage(context)
    qtbot.addWidget(page)
    page.resize(1200, 800)
    page.map.set_layout(layout_of(load_site(Path(__file__).parents[2] / "maps" / "demo")))
    ids = tuple(robot.robot_id for robot in fleet_snapshot().robots if robot.admitted)
    looks = {}

    for standing in (0, 5, len(ids)):
        page.map.set_theme(context.theme)  # forgets the pictures of before
        tell(context, stopped_fleet(stop_of(ids[:standing], sent=ids[standing:])))
        page.map.grab()
        sheets = page.map._sprites._sheets.values()
        seen = {look for sheet in sheets for look in sheet.kept}
        looks[standing] = {told for state, _, _, told in seen if state is RobotState.STOPPED}
        legend = {told for state, told in page._legend._states if state is RobotState.STOPPED}
        assert legend == looks[standing]

    assert looks == {0: {True}, 5: {True, False}, len(ids): {False}}


def test_the_badge_of_a_robot_that_is_only_told_is_hollow(qtbot, context):
    sheet = Sprites(context.theme, 1.0).sheet("picker", 12, 9, 13)

    pictures = [
        sheet.sprite(RobotState.STOPPED, 0.0, loaded=False, told=told)[0].toImage()
        for told in (True, False)
    ]

    assert pictures[0] != pictures[1]


def test_the_legend_of_a_lost_engine_names_what_its_map_shows(qtbot, context):
    page = MapPage(context)
    qtbot.addWidget(page)
    tell(context, stopped_fleet(stop_of(("halden/r01",), sent=("halden/r02",))))

    context.store.link_changed.emit(LinkState(connected=False, detail="gone"))

    marks = [state for state, _told in page._legend._states]
    assert marks == [RobotState.SILENT, RobotState.NOTICED]


@pytest.mark.parametrize(
    ("stop", "sentence"),
    [
        ({"sent": ("halden/r02",)}, "Told to stop with the whole fleet; not reported yet"),
        ({"no_answer": ("halden/r02",)}, "No answer to the fleet stop: it may still drive."),
    ],
)
def test_no_sentence_says_stopped_of_a_robot_that_has_not_reported_it(
    qtbot, context, stop, sentence
):
    inspector, table = RobotInspector(context), RobotsPage(context)
    for part in (inspector, table):
        qtbot.addWidget(part)
    tell(context, stopped_fleet(stop_of(("halden/r01",), **stop)))
    inspector.show_robot("halden/r02")
    robot = context.store.model.robots["halden/r02"]
    offered = {r.name: r for r in LineSources(context).known().robots}["r02"]

    for words in (inspector._why.text(), table._state(robot), offered.why.sentence):
        assert sentence in words.replace("\u00a0", " ")
        assert "Stopped" not in words


@pytest.mark.parametrize("word", ["Told 11 of 18", "Told 118 of 240", "Not reached", "Stop all"])
def test_no_word_of_the_button_is_cut(qtbot, word):
    words, size = fitted(word)

    metrics = QFontMetricsF(font(size, 600, tabular=True))
    assert WORD_AT_PX + WORD_PX < 164 - KEY_PX
    assert all(metrics.horizontalAdvance(line) <= WORD_PX for line in words.split("\n"))
    assert metrics.lineSpacing() * len(words.split("\n")) <= 40


def test_the_sheet_that_releases_all_does_not_say_that_all_stand(qtbot, context):
    tell(context, stopped_fleet(stop_of(("halden/r01",), sent=("halden/r02",))))

    sheet = ReleaseAllSheet(context)
    qtbot.addWidget(sheet)

    assert sheet._facts._values["Now"].text() == "18 robots under the fleet stop"


def test_the_banner_counts_and_is_silent_while_nothing_is_stopped():
    words = stop_words(stop_of(("a", "b"), sent=("c",)))

    assert words.startswith("Fleet stop by mara at ")
    assert words.endswith("2 of 3 stand still. New tasks wait.")
    assert stop_words(stop_of(("a", "b"))).startswith("Fleet stopped by mara at ")
    assert stop_words(NOT_STOPPED) == ""


# The offscreen screen has no window manager, which Qt tells as a warning.
@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_list_asks_who_still_moves_while_the_fleet_is_stopped(qtbot, context):
    robots = RobotList(context)
    qtbot.addWidget(robots)
    robots.show()

    stop = stop_of(("halden/r01",), sent=("halden/r02", "halden/r03"))
    tell(context, stopped_fleet(stop))
    qtbot.waitUntil(lambda: not robots._chips["moving"].isHidden())
    robots._chips["moving"].click()

    shown = {key for key, chip in robots._chips.items() if not chip.isHidden()}
    assert shown == {"all", "moving", "silent"}
    assert robots._chips["moving"].text() == "Still moving 2"
    assert robots._model.rowCount() == 2

    tell(context, fleet_snapshot())
    qtbot.waitUntil(robots._chips["moving"].isHidden)
    shown = {key for key, chip in robots._chips.items() if not chip.isHidden()}
    assert shown == {"all", "need", "waiting", "working"}
    assert robots._model.rowCount() > 2
