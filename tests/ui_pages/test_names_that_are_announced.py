"""What a screen reader says of a button is what stands on it, also after its words changed."""

from dataclasses import replace

import pytest
from prompt_engine import tell
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton
from shown_fleet import NOW

from fleetapp.api.views import Delta, PersonView
from fleetapp.client.live import LinkState
from fleetapp.terms.modes import Role
from ui.views.first_run import FirstRun
from ui.views.panel import button
from ui.views.settings import SettingsSheet
from ui.window.main_window import MainWindow
from ui.window.rail import Rail

PAGES = ("Map", "Tasks", "Robots", "Reviews", "Alarms", "Audit")


@pytest.fixture
def window(qtbot, context):
    made = MainWindow(context, FirstRun(context, ""), "dark")
    qtbot.addWidget(made)
    context.store.link = LinkState(connected=True, detail="")
    made.resize(1280, 720)
    made.show()
    made.show_page("Map")
    yield made
    QApplication.instance().removeEventFilter(made.top.stop)


def announced_otherwise(part):
    """Words and name of the shown buttons of which one is not in the other."""
    shown = [b for b in part.findChildren(QAbstractButton) if b.isVisible() and b.text()]
    pairs = [(b.text(), b.accessibleName() or b.text()) for b in shown]
    assert pairs
    return [
        (words, name)
        for words, name in pairs
        if words.lower() not in name.lower()
        and name.lower() not in words.lower()
        # Opens the list: its words say what for.
        and not words.startswith(("Robots, ", "Ctrl K"))
    ]


def test_words_that_change_change_the_name_unless_it_is_one_of_its_own(qtbot):
    plain, named = button("Cancel"), button("Go on …")
    named.setAccessibleName("Let the fleet go on")

    plain.setText("Keep it")
    named.setText("Go on")

    assert plain.accessibleName() == "Keep it"
    assert named.accessibleName() == "Let the fleet go on"


@pytest.mark.parametrize("page", PAGES)
def test_no_button_of_a_page_is_announced_as_another(qtbot, window, context, page):
    sent_on = replace(
        context.store.model.tasks["T-20942"], may_go_alone=True, after_task_id="T-20941"
    )
    tell(context, Delta(2, NOW, tasks=(sent_on,)))
    if page == "Tasks":
        context.hub.task_selected.emit("T-20942")

    window.show_page(page)
    QApplication.processEvents()

    assert announced_otherwise(window) == []


def test_a_person_who_is_removed_for_good_is_announced_so(qtbot, window, context):
    context.person = PersonView("mara", Role.SUPERVISOR)
    sheet = SettingsSheet(context, "dark")
    context.open_sheet(sheet)
    remover = next(b for b in sheet.findChildren(QPushButton) if b.accessibleName() == "Remove leo")

    remover.click()

    assert remover.accessibleName() == "Remove leo for good?"


def test_a_page_says_how_many_need_a_person(qtbot, context):
    rail = Rail(context, lambda: None, lambda: None, lambda: None)
    qtbot.addWidget(rail)

    rail.buttons["Reviews"].set_badge(2)
    assert rail.buttons["Reviews"].accessibleName() == "Reviews page, 2 need you"
    rail.buttons["Reviews"].set_badge(0)

    assert rail.buttons["Reviews"].accessibleName() == "Reviews page"
