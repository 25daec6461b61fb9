"""The few settings that exist: theme, people, versions."""

from PySide6.QtWidgets import QGridLayout, QWidget

from fleetapp.api.views import FleetView, PersonView
from fleetapp.terms.modes import Role

from ..context import Context
from .panel import Chooser, Facts, KeyButton, button, clear, label, line, row
from .sheets import Sheet

SIGN_IN_FIRST = "A signed-in supervisor sees everybody, others see themselves."
THEMES = (("Dark", "dark"), ("Light", "light"), ("As the system", "system"))


class SettingsSheet(Sheet):
    """Theme, people, versions."""

    def __init__(self, context: Context, theme: str) -> None:
        """`theme` is the present choice."""
        super().__init__(context, "Settings", "", "settings")
        chips = row(spacing=6)
        for text, value in THEMES:
            chip = button(text, "", "chip")
            chip.setCheckable(True)
            chip.setChecked(value == theme)
            chip.clicked.connect(lambda _on=False, v=value: context.hub.theme_wanted.emit(v))
            chips.addWidget(chip)
        chips.addStretch(1)
        self.extent.addWidget(label("Theme", "section"))
        self.extent.addLayout(chips)
        self.body.addWidget(label("People", "section"))
        self._people = QGridLayout()
        self._people.setColumnStretch(0, 1)
        self.body.addLayout(self._people)
        self._add_person_fields()
        self.body.addWidget(line())
        self.body.addWidget(label("Versions and processes", "section"))
        self.body.addWidget(_versions(context.store.model.fleet))
        self.act.hide()
        self.cancel.setText("Close")
        self._list()

    def _add_person_fields(self) -> None:
        self._name = self.field("New person, or one whose password changes")
        self._password = self.field("Password (at least 6 characters)", secret=True)
        self._role = Chooser("Role")
        self._role.addItems([role.value for role in Role])
        add = button("Add")
        add.clicked.connect(self.add_person)
        change = button("New password")
        change.clicked.connect(self.change_password)
        self.body.addLayout(row(self._role, add, change, None))
        note = "A signed-in supervisor manages people; each changes their own password."
        self.body.addWidget(label(note, "third", wrap=True))

    def _list(self) -> None:
        self.context.commands.call(self.context.commands.connection.users, self._show)

    def _show(self, people: object) -> None:
        clear(self._people)
        if not isinstance(people, tuple):
            self._people.addWidget(label(str(people), "second", wrap=True), 0, 0)
            return
        known = [person for person in people if isinstance(person, PersonView)]
        for number, person in enumerate(known):
            self._people.addWidget(label(person.name, "strong"), number, 0)
            self._people.addWidget(label(person.role.value, "second"), number, 1)
            self._people.addWidget(self._remover(person.name), number, 2)
        if not known:
            fleet = self.context.store.model.fleet
            nobody_yet = fleet is not None and fleet.first_user_needed
            text = "Nobody yet: sign in to be the first." if nobody_yet else SIGN_IN_FIRST
            self._people.addWidget(label(text, "second", wrap=True), 0, 0)

    def _remover(self, name: str) -> QWidget:
        """Removes at the second press: it cannot be undone."""
        made = button("Remove", "", "link")
        made.setAccessibleName(f"Remove {name}")
        signed_in = self.context.person
        mine = signed_in is not None and signed_in.name == name
        if signed_in is None or signed_in.role is not Role.SUPERVISOR or mine:
            made.hide()
        made.clicked.connect(lambda: self._remove(made, name))
        return made

    def _remove(self, pressed: KeyButton, name: str) -> None:
        if pressed.text() == "Remove":
            pressed.setText(f"Remove {name} for good?")
            pressed.setAccessibleName(pressed.text())
            return
        connection = self.context.commands.connection
        self.context.commands.call(lambda: connection.remove_user(name), self._changed)

    def add_person(self) -> None:
        """Add someone with the chosen role."""
        connection = self.context.commands.connection
        name, password = self._name.text().strip(), self._password.text()
        role = Role(self._role.currentText())
        self.context.commands.call(lambda: connection.add_user(name, role, password), self._changed)

    def change_password(self) -> None:
        """A new password for the named person."""
        connection = self.context.commands.connection
        name, password = self._name.text().strip(), self._password.text()
        self.context.commands.call(
            lambda: connection.change_password(name, password), self._changed
        )

    def _changed(self, answer: object) -> None:
        self._password.clear()
        if isinstance(answer, Exception):
            self.said.setText(str(answer))
            return
        self.said.setText("")
        self._name.clear()
        self._list()


def _versions(fleet: FleetView | None) -> QWidget:
    if fleet is None:
        return label("–", "second")
    made = Facts("Site", "Layout", *(p.name.capitalize() for p in fleet.processes))
    made.put("Site", fleet.site_name)
    made.put("Layout", fleet.layout_version)
    for process in fleet.processes:
        made.put(process.name.capitalize(), process.detail if process.ok else "not running")
    return made
