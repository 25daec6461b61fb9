"""A halt of the fleet is told over all pages, and a supervisor lets it go on from there."""

from dataclasses import replace

import pytest
from prompt_engine import tell
from PySide6.QtWidgets import QApplication
from shown_fleet import NOW, fleet_snapshot, fleet_view, shown_alarms

from fleetapp.api.commands import EndHalt
from fleetapp.api.views import AlarmView, Delta, HaltView
from fleetapp.terms.reasons import AlarmKind, HaltReason
from ui.views.first_run import FirstRun
from ui.views.halts import EndHaltSheet, halt_of
from ui.window.acts import acts_of
from ui.window.main_window import MainWindow

RECORD = HaltView(
    "record", HaltReason.RECORD_DOUBTED, True,
    "Nothing is allowed to any robot until a supervisor decides: the journal ends at row 900, "
    "it had 1,100.", NOW - 60_000,
)  # fmt: skip
RULE = HaltView(
    "rule:match_tasks", HaltReason.RULE_BROKEN, False,
    "No task is given to a robot until a supervisor decides: the rule match_tasks failed.", NOW - 90_000,
)  # fmt: skip
DOUBT = AlarmView(
    "d1", AlarmKind.RECORD_DOUBTED, 1, "The journal is not the one that was left", "Rows are cut.",
    "Nothing is allowed.", ("Look where robots stand.",), (), NOW - 60_000, None, None, 1,
)  # fmt: skip
BROKEN = replace(DOUBT, alarm_id="d2", kind=AlarmKind.RULE_BROKEN, title="A rule failed")
PAGES = ("Map", "Tasks", "Robots", "Reviews", "Alarms", "Audit")


@pytest.fixture
def window(qtbot, context):
    made = MainWindow(context, FirstRun(context, ""), "dark")
    qtbot.addWidget(made)
    made.resize(1600, 1000)
    made.show()
    made.show_page("Map")
    yield made
    QApplication.instance().removeEventFilter(made.top.stop)


def halted(context, *halts, alarms=()):
    context.store.model.apply(fleet_snapshot(alarms=(*shown_alarms(), *alarms)))
    tell(context, Delta(2, NOW, fleet=fleet_view(halts=halts), alarms=alarms))


def sign(sheet):
    sheet._codes.button(0).setChecked(True)
    sheet.note.setPlainText("all robots stand where the map shows them")
    sheet.name.setText("mara")
    sheet.password.setText("right password")
    sheet.act.click()


@pytest.mark.parametrize("page", PAGES)
def test_a_halt_stands_over_every_page_and_says_what_still_works(qtbot, window, context, page):
    window.show_page(page)
    assert window._halt_bar.isHidden()

    halted(context, RECORD)

    bar = window._halt_bar
    assert bar.isVisible()
    assert bar.words.startswith("Nothing is allowed to any robot until a supervisor decides")
    assert bar.words.endswith("Stops and holds work.")


def test_the_halt_of_everything_comes_before_that_of_a_rule(qtbot, window, context):
    halted(context, RULE, RECORD)

    assert window._halt_bar.words.startswith("Nothing is allowed")
    assert window._halt_bar.words.endswith("1 more halt follows.")


def test_a_supervisor_lets_the_fleet_go_on_with_reason_and_signature(
    qtbot, window, context, connection
):
    halted(context, RECORD)
    window.show_page("Tasks")

    window._halt_bar.go_on.click()
    sheet = window._sheet
    sheet.sign()
    unsigned = tuple(connection.sent)
    sign(sheet)

    (command,) = connection.sent
    assert unsigned == ()
    assert isinstance(command, EndHalt)
    assert command.halt_id == "record"
    assert command.reason.endswith("all robots stand where the map shows them")
    assert connection.signatures[0].name == "mara"


def test_a_refusal_stays_in_the_sheet(qtbot, window, context, connection):
    halted(context, RECORD)
    connection.refuse = "Only a supervisor may do this."

    window._halt_bar.go_on.click()
    sign(window._sheet)

    assert window._sheet.said.text() == "Only a supervisor may do this."
    assert window._halt_bar.isVisible()


def test_the_bar_goes_when_the_halt_is_over_and_not_before(qtbot, window, context):
    halted(context, RECORD)
    tell(context, Delta(3, NOW, fleet=fleet_view(at_ms=NOW + 500, halts=(RECORD,))))
    assert window._halt_bar.isVisible()

    tell(context, Delta(4, NOW, fleet=fleet_view(at_ms=NOW + 1_000)))

    assert window._halt_bar.isHidden()


@pytest.mark.parametrize(("alarm", "halt_id"), [(DOUBT, "record"), (BROKEN, "rule:match_tasks")])
def test_the_alarm_of_a_halt_offers_to_go_on(qtbot, window, context, alarm, halt_id):
    halted(context, RECORD, RULE, alarms=(alarm,))
    window.show_page("Alarms")
    page = window._pages._named["Alarms"]
    page.refresh()

    page.choose(alarm.alarm_id)
    assert page._panel._cure.text() == "Go on …"
    page.cure_chosen()

    assert isinstance(window._sheet, EndHaltSheet)
    assert window._sheet.command().halt_id == halt_id


def test_each_doubt_about_the_journal_offers_to_end_its_own_halt(qtbot, window, context):
    second = replace(RECORD, halt_id="record:proof:42", since_ms=NOW - 90_000)
    alarms = (
        replace(DOUBT, alarm_id="record_doubted"),
        replace(DOUBT, alarm_id="record_doubted:proof:42"),
    )
    halted(context, RECORD, second, alarms=alarms)

    halts = [halt_of(context.store.model, alarm) for alarm in alarms]

    assert [halt.halt_id for halt in halts] == ["record", "record:proof:42"]


def test_an_alarm_whose_halt_is_over_offers_nothing_to_go_on_with(qtbot, window, context):
    halted(context, alarms=(DOUBT,))
    window.show_page("Alarms")
    page = window._pages._named["Alarms"]
    page.refresh()

    page.choose(DOUBT.alarm_id)

    assert page._panel._cure.isHidden()


def test_the_palette_offers_it_only_while_something_is_halted(qtbot, window, context):
    act = next(a for a in acts_of(window, context) if a.name.startswith("Let the halted fleet"))
    assert act.refused() == "the fleet is not halted"

    halted(context, RECORD)
    act.run()

    assert act.refused() == ""
    assert isinstance(window._sheet, EndHaltSheet)
