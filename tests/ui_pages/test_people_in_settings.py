"""People in the settings: only a signed-in supervisor removes others, at the second press."""

import pytest
from PySide6.QtWidgets import QPushButton

from fleetapp.api.views import PersonView
from fleetapp.terms.modes import Role
from ui.views.settings import SettingsSheet


def remover(sheet, name):
    wanted = f"Remove {name}"
    named = {b.accessibleName(): b for b in sheet.findChildren(QPushButton)}
    return named.get(wanted) or named[f"{wanted} for good?"]


@pytest.fixture
def sheet(qtbot, context):
    context.person = PersonView("mara", Role.SUPERVISOR)
    made = SettingsSheet(context, "dark")
    qtbot.addWidget(made)
    return made


def test_a_person_goes_at_the_second_press(sheet, connection):
    remover(sheet, "leo").click()
    assert [person.name for person in connection.people] == ["mara", "leo"]
    assert remover(sheet, "leo").text() == "Remove leo for good?"

    remover(sheet, "leo").click()

    assert [person.name for person in connection.people] == ["mara"]


def test_nobody_removes_themselves(sheet):
    assert remover(sheet, "mara").isHidden()


def test_an_operator_sees_no_way_to_remove(qtbot, context):
    context.person = PersonView("leo", Role.OPERATOR)
    made = SettingsSheet(context, "dark")
    qtbot.addWidget(made)

    assert remover(made, "mara").isHidden()
