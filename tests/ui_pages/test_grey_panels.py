"""A part of the window that breaks is a grey panel; all others and the stop go on."""

import logging
import sys
from pathlib import Path

import pytest
from prompt_engine import tell
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from shown_fleet import NOW, fleet_view, robot

from fleetapp.api.commands import AcknowledgeAlarm, StopAll
from fleetapp.api.site_drawing import layout_of
from fleetapp.api.views import Delta, HaltView
from fleetapp.layout import load_site
from fleetapp.terms.reasons import HaltReason
from ui.faults import TOLD, Faults
from ui.log import begin_log
from ui.views.alarm_rows import AlarmRows
from ui.views.alarms import AlarmsPage
from ui.views.audit import AuditPage
from ui.views.cover import Broken, Cover
from ui.views.door_sheets import CloseSheet, SignInSheet
from ui.views.first_run import FirstRun
from ui.views.inspector import RobotInspector
from ui.views.reviews import ReviewsPage
from ui.views.robots import RobotsPage
from ui.views.tasks import TasksPage
from ui.window.main_window import MainWindow
from ui.window.top_bar import TopBar

# The offscreen screen has no window manager, which Qt tells as a warning; a row that breaks
# leaves its painter's state, which Qt tells too and mends.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "saved states")
ROOT = Path(__file__).parents[2]
PAGES = ("Map", "Tasks", "Robots", "Reviews", "Alarms", "Audit")


@pytest.fixture
def window(qtbot, context, monkeypatch):
    made = MainWindow(context, FirstRun(context, ""), "dark")
    qtbot.addWidget(made)
    faults = Faults(made.toast)
    monkeypatch.setattr(sys, "excepthook", faults.take)
    for timers in made.findChildren(Cover):
        timers._retry.setInterval(30)
        timers._quiet.setInterval(200)
    made.resize(1600, 1000)
    made.show()
    made.show_page("Map")
    yield made
    QApplication.instance().removeEventFilter(made.top.stop)


def broken(self=None, *_arguments, **_words):
    raise KeyError("a word that nobody wrote")


def cover_of(part):
    return next(child for child in part.children() if isinstance(child, Cover))


def page_of(window, name):
    return window._pages._named[name]


def news(context, number=2):
    """What the engine tells each half second."""
    tell(context, Delta(number, NOW, fleet=fleet_view(at_ms=NOW + 500 * number),
                        robots=(robot("r01", doing=f"Carrying to P{number}"),),
                        alarms=tuple(context.store.model.alarms.values())))  # fmt: skip


def test_all_parts_are_whole_while_nothing_breaks(qtbot, window, context):
    for name in PAGES:
        window.show_page(name)
        news(context)

    covers = window.findChildren(Cover)
    assert covers
    assert all(cover.isHidden() for cover in covers)


def test_a_page_whose_update_breaks_is_grey_and_says_so(
    qtbot, window, context, monkeypatch, caplog
):
    window.show_page("Alarms")
    monkeypatch.setattr(AlarmsPage, "_tell", broken)

    news(context)

    cover = cover_of(page_of(window, "Alarms"))
    qtbot.waitUntil(cover.isVisible)
    assert "Alarms cannot be shown." in cover.accessibleName()
    assert cover.geometry() == page_of(window, "Alarms").rect()


def test_a_grey_panel_promises_nothing_of_robots_that_may_be_stopped_or_halted(
    qtbot, window, context
):
    closing = CloseSheet(context, window.leave, window.leave)
    qtbot.addWidget(closing)

    broke = [*(cover.accessibleName() for cover in window.findChildren(Cover)), TOLD]
    closes = [part.text() for kind in (QLabel, QPushButton) for part in closing.findChildren(kind)]

    assert all("robots and the stop do not depend on it" in words for words in broke)
    assert not [words for words in (*broke, *closes) if "go on" in words or "running" in words]


def test_a_sheet_that_breaks_says_that_esc_closes_it_and_esc_does(
    qtbot, window, context, monkeypatch, caplog
):
    window.activateWindow()
    monkeypatch.setattr(SignInSheet, "sign_in", broken)
    window.show_sign_in()
    sheet = window._sheet
    sheet.act.click()

    assert cover_of(sheet).accessibleName().endswith("Esc closes it.")
    assert cover_of(sheet).isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window._sheet is None


def test_what_broke_is_logged_once_with_its_traceback(qtbot, window, context, monkeypatch, caplog):
    window.show_page("Alarms")
    monkeypatch.setattr(AlarmsPage, "_tell", broken)
    counted = []
    real = AlarmsPage.refresh
    monkeypatch.setattr(AlarmsPage, "refresh", lambda self: (counted.append(1), real(self)))

    for number in range(2, 5):
        before = len(counted)
        news(context, number)
        qtbot.waitUntil(lambda so_far=before: len(counted) > so_far)

    (record,) = [r for r in caplog.records if r.name == "ui.faults"]
    assert record.exc_info[0] is KeyError


def test_a_page_is_shown_again_once_its_data_can_be(qtbot, window, context, monkeypatch, caplog):
    window.show_page("Alarms")
    cover = cover_of(page_of(window, "Alarms"))
    with monkeypatch.context() as patched:
        patched.setattr(AlarmsPage, "_tell", broken)
        news(context)
        qtbot.waitUntil(cover.isVisible)

    assert not page_of(window, "Alarms").isEnabled()
    news(context, 3)

    qtbot.waitUntil(cover.isHidden)
    assert page_of(window, "Alarms").isEnabled()


def test_a_page_stays_grey_while_it_breaks_each_time(qtbot, window, context, monkeypatch, caplog):
    window.show_page("Alarms")
    cover = cover_of(page_of(window, "Alarms"))
    tried = []

    def breaks(_page, alarms):
        tried.append(alarms)
        broken()

    monkeypatch.setattr(AlarmsPage, "_tell", breaks)
    news(context)
    qtbot.waitUntil(cover.isVisible)
    hidden = []
    monkeypatch.setattr(cover, "hide", lambda: hidden.append(1))

    for number in range(3, 8):
        before = len(tried)
        news(context, number)
        qtbot.waitUntil(lambda so_far=before: len(tried) > so_far)

    assert not hidden
    assert cover.isVisible()


def test_all_other_pages_go_on_beside_a_broken_one(qtbot, window, context, monkeypatch, caplog):
    window.show_page("Alarms")
    monkeypatch.setattr(AlarmsPage, "_tell", broken)
    news(context)
    qtbot.waitUntil(cover_of(page_of(window, "Alarms")).isVisible)

    for name in PAGES:
        window.show_page(name)
        news(context)
        assert window.page == name

    broken_parts = {c.parent() for c in window.findChildren(Cover) if not c.isHidden()}
    assert broken_parts == {page_of(window, "Alarms")}


def test_a_page_that_breaks_while_it_opens_is_grey_and_is_left_again(
    qtbot, window, context, monkeypatch, caplog
):
    monkeypatch.setattr(AlarmsPage, "showEvent", broken)

    window.show_page("Alarms")

    assert window.page == "Alarms"
    assert not cover_of(page_of(window, "Alarms")).isHidden()
    window.show_page("Tasks")
    assert window.page == "Tasks"


def test_rows_that_break_while_they_are_painted_make_their_page_grey(
    qtbot, window, context, monkeypatch, caplog
):
    window.show_page("Alarms")
    monkeypatch.setattr(AlarmRows, "paintEvent", broken)

    page_of(window, "Alarms")._rows.viewport().update()

    qtbot.waitUntil(cover_of(page_of(window, "Alarms")).isVisible)


@pytest.mark.parametrize("words", ["open_halts", "halt_words"])
def test_a_halt_that_cannot_be_put_in_words_is_a_grey_bar_not_none(
    qtbot, window, context, monkeypatch, caplog, words
):
    halt = HaltView("record", HaltReason.RECORD_DOUBTED, whole=True, sentence="", since_ms=NOW)
    with monkeypatch.context() as patched:
        patched.setattr(f"ui.window.halt_bar.{words}", broken)
        tell(context, Delta(2, NOW, fleet=fleet_view(halts=(halt,))))
        bar = window._halt_bar
        qtbot.waitUntil(bar.isVisible)
        assert cover_of(bar).isVisible()

    tell(context, Delta(3, NOW, fleet=fleet_view(at_ms=NOW + 500, halts=(halt,))))

    qtbot.waitUntil(cover_of(bar).isHidden)
    assert bar.words.endswith("Stops and holds work.")


def test_keys_do_not_act_on_what_cannot_be_seen(
    qtbot, window, context, connection, monkeypatch, caplog
):
    window.show_page("Alarms")
    window.activateWindow()
    monkeypatch.setattr(AlarmsPage, "_tell", broken)
    news(context)
    qtbot.waitUntil(cover_of(page_of(window, "Alarms")).isVisible)

    qtbot.keyClick(window, Qt.Key.Key_Space)

    assert not [sent for sent in connection.sent if isinstance(sent, AcknowledgeAlarm)]


def test_the_inspector_may_break_alone(qtbot, window, context, monkeypatch, caplog):
    monkeypatch.setattr(RobotInspector, "_show_facts", broken)

    context.hub.robot_selected.emit("halden/r17")

    cover = cover_of(window.inspector)
    qtbot.waitUntil(cover.isVisible)
    assert cover_of(window.map_page).isHidden()
    assert window.chosen_robot == "halden/r17"


@pytest.mark.parametrize("kind", [TasksPage, RobotsPage, ReviewsPage, AlarmsPage, AuditPage])
def test_a_page_that_cannot_be_made_is_grey_and_made_when_it_is_opened_again(
    qtbot, context, monkeypatch, caplog, kind
):
    name = kind.__name__.removesuffix("Page")
    with monkeypatch.context() as patched:
        patched.setattr(kind, "__init__", broken)
        window = MainWindow(context, FirstRun(context, ""), "dark")
        qtbot.addWidget(window)
        window.show()
        window.show_page(name)
        assert window.page == name
        assert cover_of(page_of(window, name)).isVisible()
        assert "cannot be made" in caplog.text
        window.show_page("Map")

    window.show_page(name)

    QApplication.instance().removeEventFilter(window.top.stop)
    assert isinstance(page_of(window, name), kind)
    assert window._pages.currentWidget() is page_of(window, name)


@pytest.mark.parametrize("kind", ["MapView", "TaskLine", "Legend", "LayerBar", "ListButton"])
def test_a_map_that_cannot_be_made_is_grey_in_a_window_that_works(
    qtbot, context, connection, monkeypatch, caplog, kind
):
    with monkeypatch.context() as patched:
        patched.setattr(f"ui.window.map_page.{kind}", broken)
        window = MainWindow(context, FirstRun(context, ""), "dark")
        qtbot.addWidget(window)
        window.resize(1600, 1000)
        window.show()
        window.set_layout(layout_of(load_site(ROOT / "maps" / "small")))
        window.show_page("Map")
        context.hub.robot_selected.emit("halden/r17")
        news(context)
        grey = next(c for c in window.map_page.findChildren(Broken) if c.isVisible())
        assert grey.geometry() == window.map_page.rect()
        window.grab()
        assert "the page Map cannot be made" in caplog.text
        window.top.stop.stop()
        qtbot.waitUntil(lambda: bool([s for s in connection.sent if isinstance(s, StopAll)]))
        for key in ("Tasks", "Alarms"):
            window.show_page(key)
            assert window.page == key

    window.show_page("Map")

    QApplication.instance().removeEventFilter(window.top.stop)
    page = window.map_page
    assert not [c for c in page.findChildren(Broken) if c.isVisible()]
    assert page.map.isVisible()
    assert page.map.selected == "halden/r17"
    assert page.task_line.acts
    assert page.task_line.isVisible()
    window.toggle_list()
    page.list_button.click()
    assert window.robots.isVisible()


BREAKS = (
    (AlarmsPage, "_tell"),
    (AlarmsPage, "refresh"),
    (AlarmRows, "paintEvent"),
    (AlarmsPage, "showEvent"),
    (TopBar, "_take"),
    (TopBar, "_tick"),
    (MainWindow, "_take"),
    (MainWindow, "_show_side"),
    (MainWindow, "show_page"),
)


@pytest.mark.parametrize(("kind", "method"), BREAKS, ids=str)
def test_the_stop_works_whatever_else_breaks(
    qtbot, window, context, connection, monkeypatch, caplog, kind, method
):
    monkeypatch.setattr(kind, method, broken)
    window.rail.page_chosen.emit("Alarms")
    news(context)

    for key in (Qt.Key.Key_F12, Qt.Key.Key_Pause):
        QApplication.sendEvent(
            window, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        )

    qtbot.waitUntil(lambda: len([s for s in connection.sent if isinstance(s, StopAll)]) == 2)
    qtbot.waitUntil(lambda: window.top.stop.word == "Told")
    assert window.top.stop.isVisible()
    assert window.top.stop.isEnabled()


def test_broken_figures_are_covered_beside_the_stop_not_over_it(
    qtbot, window, context, monkeypatch, caplog
):
    monkeypatch.setattr(window.top._rate, "put", broken)
    tell(context, Delta(3, NOW, fleet=fleet_view(at_ms=NOW + 1_000)))

    cover = cover_of(window.top)
    qtbot.waitUntil(cover.isVisible)
    stop = window.top.stop
    assert not cover.geometry().intersects(stop.geometry())
    assert stop.isEnabled()
    qtbot.mousePress(stop, Qt.MouseButton.LeftButton)
    word = stop.word
    qtbot.mouseRelease(stop, Qt.MouseButton.LeftButton)
    assert word == "Sending"


def test_what_breaks_in_no_part_is_told_in_words(qtbot, window, context, monkeypatch, caplog):
    monkeypatch.setattr(window.rail.buttons["Alarms"], "set_badge", broken)

    news(context)

    qtbot.waitUntil(window._toast.isVisible)
    assert "broke" in window._toast.text()


def test_what_broke_stands_in_the_log_of_the_window(tmp_path):
    root = logging.getLogger()
    before = root.handlers[:]
    for handler in before:
        root.removeHandler(handler)

    begin_log(tmp_path)
    logging.getLogger("ui.faults").error("broke in alarms.py:7")
    for handler in root.handlers[:]:
        handler.close()
        root.removeHandler(handler)
    for handler in before:
        root.addHandler(handler)

    path = tmp_path / "logs" / "desktop.log"
    assert "broke in alarms.py:7" in path.read_text("utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
