"""Sheets: acts that need a reason and a signature. No modal windows."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from fleetapp.api.commands import AdmitRobot, Command, ReleaseAll, ReleaseHold
from fleetapp.api.views import RobotView
from fleetapp.client.connection import Signature
from fleetapp.terms.modes import Role

from ..commands import new_id
from ..context import Context
from .panel import button, column, label, line, row
from .robot_list import str_of

LEAST_NOTE = 10


class Sheet(QWidget):
    """A sheet over the inspector: title, what changes, content, two buttons."""

    def __init__(self, context: Context, title: str, explanation: str) -> None:
        """Head and explanation; subclasses add fields."""
        super().__init__()
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.context = context
        self.said = label("", "bad", wrap=True)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        self.act = button("", "", "critical")
        self.cancel = button("Cancel", "Esc", "critical")
        self.cancel.clicked.connect(context.close_sheet)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(column(label(title, "title", wrap=True), label(explanation, wrap=True)))
        box.addWidget(line())
        box.addLayout(column(self.body, self.said, row(self.act, self.cancel)))
        box.addStretch(1)

    def field(self, name: str, *, secret: bool = False) -> QLineEdit:
        """A field with its name above."""
        self.body.addWidget(label(name, "label"))
        made = QLineEdit()
        made.setAccessibleName(name)
        if secret:
            made.setEchoMode(QLineEdit.EchoMode.Password)
        self.body.addWidget(made)
        return made


class SignedSheet(Sheet):
    """An override: reason and note, name and password of a supervisor."""

    def __init__(
        self, context: Context, title: str, explanation: str, act: str, meaning: str
    ) -> None:
        """`meaning` is the sentence that is signed."""
        super().__init__(context, title, explanation)
        self.note = self.field(f"Reason (at least {LEAST_NOTE} characters)")
        self.name = self.field("Supervisor")
        if context.person is not None and context.person.role is Role.SUPERVISOR:
            self.name.setText(context.person.name)
        self.password = self.field("Password or PIN", secret=True)
        self.body.addWidget(label(meaning, "second", wrap=True))
        self.act.setText(act)
        self.act.clicked.connect(self.sign)
        self.password.returnPressed.connect(self.sign)

    def command(self) -> Command:
        """The command that is signed."""
        raise TypeError("a signed sheet names its command")

    def sign(self) -> None:
        """Send it; a refusal stands in the sheet."""
        note = self.note.text().strip()
        if len(note) < LEAST_NOTE:
            self.said.setText(f"Say why in at least {LEAST_NOTE} characters.")
            self.note.setFocus()
            return
        signature = Signature(self.name.text().strip(), self.password.text())
        self.act.setEnabled(False)
        self.context.commands.send(self.command(), self._answered, signature)

    def _answered(self, answer: object) -> None:
        self.act.setEnabled(True)
        if getattr(answer, "accepted", False):
            self.context.toast(str_of(answer))
            self.context.close_sheet()
            return
        self.said.setText(str_of(answer))


class ReleaseSheet(SignedSheet):
    """Release the holds of one robot."""

    def __init__(self, context: Context, robot: RobotView) -> None:
        """For one robot."""
        holds = "; ".join(h.note or h.reason.value.replace("_", " ") for h in robot.holds)
        super().__init__(
            context,
            f"Release {robot.name}",
            f"It is held: {holds}. Released, it goes on with what it was doing.",
            "Release",
            f"I release {robot.name}; I know that it may move at once.",
        )
        self._robot_id = robot.robot_id

    def command(self) -> Command:
        """The release."""
        return ReleaseHold(new_id(), self._robot_id, self.note.text().strip())


class ReleaseAllSheet(SignedSheet):
    """End the fleet stop."""

    def __init__(self, context: Context) -> None:
        """For the whole fleet."""
        count = sum(1 for r in context.store.model.robots.values() if r.admitted and not r.holds)
        super().__init__(
            context,
            "Release all robots",
            f"{count} robots go on at once. Robots held for reasons of their own stay held.",
            "Release all",
            "I release the fleet; I know that robots may move at once.",
        )

    def command(self) -> Command:
        """The release."""
        return ReleaseAll(new_id(), self.note.text().strip())


class AdmitSheet(SignedSheet):
    """Let a noticed robot join."""

    def __init__(self, context: Context, robot: RobotView) -> None:
        """For one robot."""
        super().__init__(
            context,
            f"Admit {robot.serial}",
            f"{robot.robot_id} speaks VDA 5050 {robot.protocol}. Admitted, it gets tasks.",
            "Admit",
            f"I admit {robot.robot_id} to this site.",
        )
        self._robot_id = robot.robot_id
        self._kind = QComboBox()
        types = context.layout.robot_types if context.layout is not None else ()
        for kind in types:
            self._kind.addItem(kind.type_id)
        self.body.insertWidget(0, label("Type", "label"))
        self.body.insertWidget(1, self._kind)
        self._name = QLineEdit(robot.serial)
        self.body.insertWidget(2, label("Name", "label"))
        self.body.insertWidget(3, self._name)

    def command(self) -> Command:
        """The admission."""
        return AdmitRobot(
            new_id(), self._robot_id, self._kind.currentText(), self._name.text().strip()
        )


class SignInSheet(Sheet):
    """Sign in; the first person of a data folder is made here."""

    def __init__(self, context: Context) -> None:
        """Sign in, or make the first supervisor."""
        fleet = context.store.model.fleet
        self._first = fleet is not None and fleet.first_user_needed
        title = "Your password" if self._first else "Sign in"
        text = (
            "Nobody is known here yet. The first person is a supervisor."
            if self._first
            else "Signed in, what you do carries your name."
        )
        super().__init__(context, title, text)
        self._name = self.field("Name")
        self._password = self.field("Password or PIN", secret=True)
        self.act.setText("Begin" if self._first else "Sign in")
        self.act.clicked.connect(self.sign_in)
        self._password.returnPressed.connect(self.sign_in)

    def sign_in(self) -> None:
        """Ask the engine."""
        name, password = self._name.text().strip(), self._password.text()
        connection = self.context.commands.connection

        def act() -> object:
            if self._first:
                connection.add_user(name, Role.SUPERVISOR, password)
            return connection.sign_in(name, password)

        self.context.commands.call(act, self._answered)

    def _answered(self, answer: object) -> None:
        if hasattr(answer, "role"):
            self.context.hub.person_changed.emit(answer)
            self.context.close_sheet()
            return
        self.said.setText(str(answer))


class CloseSheet(Sheet):
    """Closing the window: leave the fleet running, or stop it first."""

    def __init__(
        self, context: Context, leave: Callable[[], None], stop: Callable[[], None]
    ) -> None:
        """`leave` closes the window; `stop` stops the fleet first."""
        super().__init__(
            context,
            "Close the window",
            "The engine and the robots go on without it. Opened again, it shows the present.",
        )
        self.act.setText("Leave the fleet running")
        self.act.clicked.connect(leave)
        stopping = button("Stop all first, then close", "", "critical")
        stopping.clicked.connect(stop)
        self.body.addWidget(stopping)
