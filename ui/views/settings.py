"""The few settings that exist: theme, people, versions."""

from PySide6.QtWidgets import QComboBox

from fleetapp.api.views import PersonView
from fleetapp.terms.modes import Role

from ..context import Context
from .panel import button, label, line
from .sheets import Sheet


class SettingsSheet(Sheet):
    """Theme, people, versions."""

    def __init__(self, context: Context, theme: str) -> None:
        """`theme` is the present choice."""
        super().__init__(context, "Settings", "What can be chosen in this release.")
        self._choice = QComboBox()
        self._choice.setAccessibleName("Theme")
        self._choice.addItems(("dark", "light", "system"))
        self._choice.setCurrentText(theme)
        self._choice.currentTextChanged.connect(context.hub.theme_wanted)
        self.body.addWidget(label("Theme", "label"))
        self.body.addWidget(self._choice)
        self.body.addWidget(line())
        self._people = label("…", wrap=True)
        self.body.addWidget(label("People", "section"))
        self.body.addWidget(self._people)
        self._name = self.field("New person")
        self._password = self.field("Password (at least 6 characters)", secret=True)
        self._role = QComboBox()
        self._role.addItems([role.value for role in Role])
        self.body.addWidget(self._role)
        add = button("Add (a signed-in supervisor)")
        add.clicked.connect(self._add)
        self.body.addWidget(add)
        self.body.addWidget(line())
        fleet = context.store.model.fleet
        processes = fleet.processes if fleet is not None else ()
        lines = [f"{p.name}: {p.detail}" for p in processes]
        if fleet is not None:
            lines.append(f"layout {fleet.layout_version}")
        self.body.addWidget(label("Versions and processes", "section"))
        self.body.addWidget(label("\n".join(lines) or "–", "second", wrap=True))
        self.act.hide()
        self.cancel.setText("Close   Esc")
        self._list()

    def _list(self) -> None:
        connection = self.context.commands.connection
        self.context.commands.call(connection.users, self._show)

    def _show(self, people: object) -> None:
        if not isinstance(people, tuple):
            self._people.setText(str(people))
            return
        names = [f"{p.name} ({p.role.value})" for p in people if isinstance(p, PersonView)]
        self._people.setText(", ".join(names) or "Nobody yet: sign in to be the first.")

    def _add(self) -> None:
        connection = self.context.commands.connection
        name, password = self._name.text().strip(), self._password.text()
        role = Role(self._role.currentText())
        self.context.commands.call(lambda: connection.add_user(name, role, password), self._added)

    def _added(self, answer: object) -> None:
        if isinstance(answer, PersonView):
            self.said.setText("")
            self._list()
            return
        self.said.setText(str(answer))
