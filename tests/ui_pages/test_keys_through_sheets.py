"""The keyboard in sheets: Tab goes as one reads, and what has the focus is in sight."""

from itertools import pairwise

import pytest
from prompt_engine import tell
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QWidget,
)
from shown_fleet import NOW, fleet_view
from test_sheets_in_low_windows import HALT, SHEETS
from whole import in_sight

from fleetapp.api.views import Delta
from fleetapp.client.live import LinkState
from ui.theme.style import style_sheet
from ui.views.first_run import FirstRun
from ui.window.main_window import MainWindow

REFUSED = "Only a supervisor may do this. Ask one to sign with name and password."
SAME_ROW_PX = 6
SIGNED = ("go on", "release all", "release", "admit", "remove")


@pytest.fixture
def window(qtbot, context):
    made = MainWindow(context, FirstRun(context, ""), "dark")
    qtbot.addWidget(made)
    made.setStyleSheet(style_sheet(context.theme))
    context.store.link = LinkState(connected=True, detail="")
    made.resize(1280, 720)
    made.show()
    made.show_page("Map")
    tell(context, Delta(2, NOW, fleet=fleet_view(halts=(HALT,))))
    made.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is made)
    yield made
    QApplication.instance().removeEventFilter(made.top.stop)


def opened(window, context, name):
    sheet = SHEETS[name](context)
    context.open_sheet(sheet)
    QApplication.processEvents()
    return sheet


def walked(window, sheet):
    """What has the focus from press to press of Tab, until it leaves the sheet."""
    on_the_way = []
    while sheet.isAncestorOf(focused := window.focusWidget()) and focused not in on_the_way:
        on_the_way.append(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    return on_the_way


@pytest.mark.parametrize("name", SHEETS)
def test_tab_goes_through_a_sheet_from_its_top_to_its_act_and_its_way_out(window, context, name):
    sheet = opened(window, context, name)
    if window.focusWidget() is sheet:
        QTest.keyClick(sheet, Qt.Key.Key_Tab)

    on_the_way = walked(window, sheet)

    assert on_the_way[-1] is sheet.cancel
    assert sheet.act.isHidden() or not sheet.act.isEnabled() or on_the_way[-2] is sheet.act
    content = [part for part in on_the_way if part not in {sheet.act, sheet.cancel}]
    heights = [part.mapTo(sheet.content, part.rect().center()).y() for part in content]
    assert all(one <= after + SAME_ROW_PX for one, after in pairwise(heights))


@pytest.mark.parametrize("name", SIGNED)
def test_the_key_after_the_password_leads_to_the_signature_and_not_to_the_stop(
    window, context, name
):
    sheet = opened(window, context, name)
    sheet.password.setFocus()

    QTest.keyClick(sheet.password, Qt.Key.Key_Tab)

    assert window.focusWidget() is sheet.act


@pytest.mark.parametrize("name", [name for name in SIGNED if name != "admit"])
def test_a_signed_sheet_begins_with_its_reason(window, context, name):
    sheet = opened(window, context, name)

    assert window.focusWidget() is sheet.findChildren(QRadioButton)[0]


def test_closing_offers_the_stop_before_it_offers_to_leave(window, context):
    opened(window, context, "close")

    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)

    assert window.focusWidget().text() == "Stop all first, then close"


@pytest.mark.parametrize("name", SIGNED)
def test_what_has_the_focus_and_what_is_signed_are_in_sight_beside_a_refusal(
    qtbot, window, context, name
):
    sheet = opened(window, context, name)

    for field in (*sheet.findChildren(QLineEdit), sheet.note):
        field.setFocus()
        sheet.said.setText(REFUSED)
        QApplication.processEvents()
        meant = next(part for part in sheet.findChildren(QLabel) if part.text()[:1] == "“")

        qtbot.waitUntil(lambda field=field: in_sight(field, window))
        assert in_sight(meant, window)
        sheet.said.setText("")


def test_a_refusal_leaves_what_is_being_typed_in_sight(qtbot, window, context):
    sheet = opened(window, context, "go on")
    sheet.password.setFocus()
    QApplication.processEvents()

    sheet.said.setText(REFUSED)
    QApplication.processEvents()

    qtbot.waitUntil(lambda: in_sight(sheet.password, window))


@pytest.mark.parametrize("kind", [QRadioButton, QCheckBox, QLineEdit, QPlainTextEdit, QPushButton])
def test_whatever_has_the_focus_has_a_ring(qtbot, context, kind):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(300, 200)
    made = kind(window)
    made.setGeometry(20, 20, 200, 60)
    window.setStyleSheet(style_sheet(context.theme))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)

    made.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(made.hasFocus)

    edge = made.grab().toImage().pixelColor(made.width() // 2, 1)
    assert edge == context.theme.colour("accent")


def test_tab_goes_through_the_window_as_it_is_read(window, context):
    window.select("halden/r31")
    window.top.stop.setFocus()
    areas = (window.top, window._halt_bar, window.rail, window._pages, window._side)

    seen = []
    while (focused := window.focusWidget()) is not window.top.stop or not seen:
        seen.append(next((n for n, part in enumerate(areas) if part.isAncestorOf(focused)), 9))
        QTest.keyClick(focused, Qt.Key.Key_Tab)

    assert seen == sorted(seen)
    assert set(range(5)) <= set(seen)
