"""Sheets at the door: who sits here, and what becomes of the fleet when the window closes."""

from collections.abc import Callable

from fleetapp.terms.modes import Role

from ..context import Context
from .panel import button
from .sheets import Sheet


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
        self.add_demo_hint()
        self.act.setText("Begin" if self._first else "Sign in")
        self.act.setIcon(context.icons.icon("log-in", "text-1"))
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
            "What the engine has taken stays so without it. Opened again, it shows the present.",
        )
        self.act.setText("Leave the fleet as it is")
        self.act.clicked.connect(leave)
        stopping = button("Stop all first, then close", "", "critical")
        stopping.clicked.connect(stop)
        self.body.addWidget(stopping)
