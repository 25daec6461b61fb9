"""The journal page by page; alarms by priority; sheets that refuse short notes."""

import pytest
from prompt_engine import FakeConnection, context_of
from shown_fleet import journal_row

from fleetapp.api.commands import AcknowledgeAlarm, AdmitRobot, ReleaseHold
from fleetapp.api.views import ProofView
from ui.models.journal_pages import PAGE_ROWS, Filter, Pages
from ui.theme.style import style_sheet
from ui.views.alarms import AlarmsPage
from ui.views.audit import AuditPage
from ui.views.door_sheets import SignInSheet
from ui.views.export_sheet import ExportSheet
from ui.views.first_run import FirstRun
from ui.views.inspector import RobotInspector
from ui.views.settings import SettingsSheet
from ui.views.sheets import AdmitSheet, ReleaseSheet, next_name


@pytest.fixture
def release(qtbot, context):
    made = ReleaseSheet(context, context.store.model.robots["halden/r31"])
    qtbot.addWidget(made)
    return made


SIGNED_WITH = "secret 1"


def fill(sheet, *, note="Strap removed from the wheel", password=SIGNED_WITH):
    sheet._codes.button(0).setChecked(True)
    sheet.note.setPlainText(note)
    sheet.name.setText("mara")
    sheet.password.setText(password)


def test_the_journal_is_read_page_by_page_by_number():
    rows = tuple(journal_row(n) for n in range(1000, 1000 - PAGE_ROWS, -1))

    pages = Pages(Filter()).first(rows, durable_seq=1_005)

    assert pages.next_query().before_seq == 1000 - PAGE_ROWS + 1
    assert pages.older((journal_row(3), journal_row(2))).next_query() is None


def test_a_page_that_does_not_follow_is_ignored():
    rows = tuple(journal_row(n) for n in range(1000, 1000 - PAGE_ROWS, -1))
    pages = Pages(Filter()).first(rows, durable_seq=1_000)

    assert pages.older((journal_row(999),)).rows == rows


def test_newer_rows_are_counted_and_not_pushed_in():
    pages = Pages(Filter()).first((journal_row(1_000),), durable_seq=1_005)

    assert pages.held_back(1_005) == 0
    assert pages.held_back(1_013) == 8


def test_the_audit_page_shows_the_newest_rows_and_the_proof(qtbot, context, connection):
    page = AuditPage(context)
    qtbot.addWidget(page)

    page.ask()

    assert page._model.rowCount() == PAGE_ROWS
    assert page._proof.text() == "Verified up to 1,228, 12\u00a0s ago"
    assert connection.queries[0].kind == "decision"


def test_a_proof_that_is_old_says_so_and_names_no_row(qtbot, context, connection, monkeypatch):
    words = "12 rows verified; nothing was verified for 90 s"
    monkeypatch.setattr(connection, "proof", lambda: ProofView(12, 1, False, None, words))
    page = AuditPage(context)
    qtbot.addWidget(page)

    page.ask()

    assert page._proof.text() == words
    assert page._proof.property("role") == "bad"


def test_the_left_arrow_goes_to_the_cause_of_a_row(qtbot, context):
    page = AuditPage(context)
    qtbot.addWidget(page)
    page.ask()
    page.choose(1_229)

    page.to_cause()

    assert page._chosen == 1_227


def test_an_export_asks_for_the_filters_robot_and_writes_the_files(
    qtbot, context, connection, tmp_path
):
    sheet = ExportSheet(context, Filter(robot_id="halden/r12"), tmp_path / "out")
    qtbot.addWidget(sheet)
    sheet._formats["jsonl"].setChecked(True)

    sheet.export()

    assert connection.exports[0].format == "jsonl"
    assert connection.exports[0].robot_id == "halden/r12"
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "journal.jsonl",
        "manifest.json",
    ]


@pytest.mark.parametrize(
    ("note", "password", "lacks"),
    [("too short", "secret 1", "at least 10"), ("Strap removed", "", "name and password")],
)
def test_an_override_without_note_or_password_is_not_sent(
    release, connection, note, password, lacks
):
    fill(release, note=note, password=password)

    release.sign()

    assert lacks in release.said.text()
    assert connection.sent == []


def test_an_override_without_a_reason_code_is_not_sent(release, connection):
    fill(release)
    release._codes.setExclusive(False)
    release._codes.button(0).setChecked(False)

    release.sign()

    assert connection.sent == []


def test_a_signed_override_carries_code_note_and_signature(release, connection):
    fill(release)

    release.sign()

    assert isinstance(connection.sent[0], ReleaseHold)
    assert connection.sent[0].reason == "Fault repaired: Strap removed from the wheel"
    assert connection.signatures[0].name == "mara"


def test_a_refusal_stays_in_the_sheet_and_the_password_is_gone(release, connection):
    connection.refuse = "Only a supervisor releases holds."
    fill(release)

    release.sign()

    assert release.said.text() == "Only a supervisor releases holds."
    assert not release.password.text()


def test_a_noticed_robot_is_admitted_under_the_next_free_name(qtbot, context, connection):
    sheet = AdmitSheet(context, context.store.model.robots["halden/r49"])
    qtbot.addWidget(sheet)
    fill(sheet)

    sheet.sign()

    assert isinstance(connection.sent[0], AdmitRobot)
    assert connection.sent[0].name == next_name(context) == "r32"


def test_a_wrong_password_is_said_in_the_sign_in_sheet(qtbot, context):
    sheet = SignInSheet(context)
    qtbot.addWidget(sheet)
    sheet._name.setText("mara")
    sheet._password.setText("wrong")

    sheet.sign_in()

    assert "wrong" in sheet.said.text()
    assert context.person is None


def test_alarms_stand_by_priority_and_space_acknowledges_the_chosen(qtbot, context, connection):
    page = AlarmsPage(context)
    qtbot.addWidget(page)
    page.refresh()
    assert page._model.ids == ("a1", "a2", "a3")

    page.move_on(1)
    page.acknowledge_chosen()

    assert isinstance(connection.sent[0], AcknowledgeAlarm)
    assert connection.sent[0].alarm_id == "a2"


def test_the_cure_of_an_unsure_robot_is_its_review(qtbot, context):
    page = AlarmsPage(context)
    qtbot.addWidget(page)
    pages = []
    context.hub.page_wanted.connect(pages.append)
    page.refresh()
    page.choose("a2")

    page.cure_chosen()

    assert pages == ["Reviews"]


def test_a_site_with_errors_cannot_be_opened(qtbot, context, tmp_path):
    page = FirstRun(context, "")
    qtbot.addWidget(page)

    page.check_folder(str(tmp_path))

    assert not page._check._open.isEnabled()
    assert "errors" in page._check._counts.text()


def test_while_the_demo_starts_the_first_page_says_so_and_takes_nothing_else(qtbot, context):
    page = FirstRun(context, "")
    qtbot.addWidget(page)
    wanted = []
    page.demo_wanted.connect(lambda: wanted.append("demo"))

    page.show_start(under_way=True)
    page._try.click()
    assert wanted == []
    assert page._try.text().startswith("Starting")

    page.show_start(under_way=False)
    page._try.click()
    assert wanted == ["demo"]


def test_a_broker_of_ones_own_needs_an_address(qtbot, context):
    page = FirstRun(context, "")
    qtbot.addWidget(page)
    wanted = []
    page.site_wanted.connect(lambda *what: wanted.append(what))
    page._own_broker.setChecked(True)

    page._accept("site")
    page._url.setText("mqtt://fleet@broker:1883")
    page._accept("site")

    assert wanted == [("site", "mqtt://fleet@broker:1883", "")]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_page_and_sheet_is_drawn_in_both_themes(qtbot, theme):
    context = context_of(FakeConnection(), theme)
    inspector = RobotInspector(context)
    inspector.show_robot("halden/r17")
    shown = [inspector, SettingsSheet(context, theme), AlarmsPage(context), AuditPage(context)]

    for widget in shown:
        qtbot.addWidget(widget)
        widget.setStyleSheet(style_sheet(context.theme))
        widget.resize(1200, 800)
        assert not widget.grab().isNull()
