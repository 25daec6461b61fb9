"""Sheets and the stop in the smallest window: nothing is squeezed, what decides is in sight."""

import pytest
from prompt_engine import tell
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from shown_fleet import NOW, fleet_view
from whole import in_sight, over_another, squeezed

from fleetapp.api.views import Delta, HaltView, StopView
from fleetapp.client.live import LinkState
from fleetapp.terms.reasons import HaltReason
from ui.models.journal_pages import Filter
from ui.theme.style import style_sheet
from ui.views.door_sheets import CloseSheet, SignInSheet
from ui.views.export_sheet import ExportSheet
from ui.views.first_run import FirstRun
from ui.views.halts import EndHaltSheet
from ui.views.import_sheet import ImportSheet
from ui.views.panel import Chooser
from ui.views.settings import SettingsSheet
from ui.views.sheets import AdmitSheet, CancelSheet, ReleaseAllSheet, ReleaseSheet, RemoveSheet
from ui.window.main_window import MainWindow
from ui.window.stop_panel import NOTE

HALT = HaltView(
    "record", HaltReason.RECORD_DOUBTED, True,
    "Nothing is allowed to any robot until a supervisor decides: the journal ends at row 900, "
    "it had 1,100.", NOW - 60_000,
)  # fmt: skip
SHEETS = {
    "go on": lambda c: EndHaltSheet(c, HALT),
    "release all": ReleaseAllSheet,
    "release": lambda c: ReleaseSheet(c, c.store.model.robots["halden/r31"]),
    "admit": lambda c: AdmitSheet(c, c.store.model.robots["halden/r49"]),
    "remove": lambda c: RemoveSheet(c, c.store.model.robots["halden/r31"]),
    "cancel": lambda c: CancelSheet(c, c.store.model.tasks["T-20917"], lambda _task_id: None),
    "sign in": SignInSheet,
    "close": lambda c: CloseSheet(c, lambda: None, lambda: None),
    "settings": lambda c: SettingsSheet(c, "dark"),
    "import": lambda c: ImportSheet(c, lambda _checked: None),
    "export": lambda c: ExportSheet(c, Filter(), c.assets),
}


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
    yield made
    QApplication.instance().removeEventFilter(made.top.stop)


@pytest.mark.parametrize("name", SHEETS)
def test_the_buttons_of_a_sheet_are_announced_as_they_read(qtbot, window, context, name):
    sheet = SHEETS[name](context)
    context.open_sheet(sheet)

    shown = [b for b in sheet.findChildren(QPushButton) if b.isVisible() and b.text()]
    assert shown
    assert [b.text() for b in shown if b.text() not in b.accessibleName()] == []


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_scrolls_in_a_low_window_and_its_refusal_and_buttons_do_not(
    qtbot, window, context, name
):
    sheet = SHEETS[name](context)
    context.open_sheet(sheet)
    sheet.said.setText("Only a supervisor may do this. Ask one to sign with name and password.")
    QApplication.processEvents()

    assert squeezed(sheet) == []
    assert in_sight(sheet.said, window)
    assert sheet.act.isHidden() or in_sight(sheet.act, window)
    assert in_sight(sheet.cancel, window)


def test_the_stop_scrolls_in_a_low_window_and_its_warning_and_way_out_do_not(
    qtbot, window, context
):
    ids = tuple(robot_id for robot_id, r in context.store.model.robots.items() if r.admitted)
    stop = StopView(True, NOW - 9_000, "mara", 12, ids[:11], ids[11:16], ids[16:], ())
    tell(context, Delta(3, NOW, fleet=fleet_view(halts=(HALT,), stop=stop)))
    QApplication.processEvents()

    stopped = window._stop_panel
    note = next(part for part in stopped.findChildren(QLabel) if part.text() == NOTE)
    assert squeezed(stopped) == []
    assert over_another(stopped._ring, stopped._said) == []
    assert in_sight(note, window)
    assert in_sight(stopped._release, window)


def test_who_does_not_stand_yet_is_in_sight_in_a_low_window(qtbot, window, context):
    ids = tuple(robot_id for robot_id, r in context.store.model.robots.items() if r.admitted)
    stop = StopView(True, NOW - 9_000, "mara", 12, ids[:1], ids[1:12], ids[12:], ())
    tell(context, Delta(3, NOW, fleet=fleet_view(halts=(HALT,), stop=stop)))
    QApplication.processEvents()

    assert "and 5 more" in window._stop_panel._missing.text()
    assert in_sight(window._stop_panel._missing_head, window)
    assert in_sight(window._stop_panel._missing, window)


def test_the_wheel_that_scrolls_a_sheet_changes_no_choice_in_it(qtbot, window, context):
    sheet = SHEETS["admit"](context)
    context.open_sheet(sheet)
    chooser = sheet.findChild(Chooser)
    chooser.addItems(["picker", "tugger"])
    chooser.setCurrentIndex(0)

    QApplication.sendEvent(
        chooser,
        QWheelEvent(
            QPointF(5, 5), QPointF(5, 5), QPoint(0, -120), QPoint(0, -120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        ),
    )  # fmt: skip

    assert chooser.currentIndex() == 0
