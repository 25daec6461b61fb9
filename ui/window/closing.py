"""Closing the window: leave the fleet running, or stop it first and leave when that stands.

Whoever stops the fleet and leaves sees no later word of it. So the window goes only when
the engine has answered that the stop is in force and recorded; a picture that shows the
stop is no answer. Otherwise it stays, and the sheet says why. A sheet that is put away
takes the wish to close along.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from fleetapp.api.commands import Outcome

from ..commands import words_of
from ..context import Context
from ..stop_call import PENDING, StopPhase
from ..views.door_sheets import CloseSheet

WAITS = "The window closes when the engine has answered that the stop is in force and recorded."
PENDING_STOP = "The stop has not been answered yet: without this window it is not tried again."
LOST = "A crash of the engine now would lose the stop."
NO_ANSWER = "The engine shows the stop, but did not say whether it is recorded"
RELEASED = "The fleet was released meanwhile."


class Closing(QObject):
    """One question at the door, and what became of its stop."""

    def __init__(
        self,
        context: Context,
        show: Callable[[QWidget], None],
        shown: Callable[[], QWidget | None],
        leave: Callable[[], None],
        parent: QObject,
    ) -> None:
        """`show` opens a sheet, `shown` is the open one, `leave` closes the window."""
        super().__init__(parent)
        self._context = context
        self._call = context.commands.stop_call
        self._show, self._shown = show, shown
        self._leave = leave
        self._sheet: CloseSheet | None = None
        self._press = 0  # the stop whose answer is waited for, 0: none
        self._call.answered.connect(self._answered)
        self._call.changed.connect(self._changed)

    @property
    def is_due(self) -> bool:
        """Whether closing would end something that a person should decide about."""
        return self._context.store.link.connected or self._call.phase in PENDING

    def ask(self) -> None:
        """Open the sheet."""
        self._press = 0
        sheet = CloseSheet(self._context, self._leave, self._stop_first)
        if self._call.phase in PENDING:
            sheet.said.setText(PENDING_STOP)
        self._show(sheet)
        self._sheet = sheet

    def _stop_first(self) -> None:
        self._say(WAITS)
        self._press = self._context.commands.stop_all()

    def _answered(self, press: int, answer: object) -> None:
        if not self._waits() or press < self._press:
            return
        if isinstance(answer, Outcome) and answer.accepted and answer.recorded:
            self._leave()
        elif isinstance(answer, Outcome):
            self._stay(f"{answer.message} {LOST}" if answer.accepted else answer.message)
        elif self._call.phase is StopPhase.IN_FORCE:
            self._stay(f"{NO_ANSWER}: {words_of(answer)}")

    def _waits(self) -> bool:
        """Whether a stop is waited for, and the sheet that says so is there."""
        if self._sheet is None or self._shown() is not self._sheet:
            self._sheet, self._press = None, 0
        return self._press > 0

    def _changed(self) -> None:
        if not self._waits():
            return
        if self._call.phase is StopPhase.NOT_REACHED:
            self._stay(f"the stop has not reached the engine: {self._call.reason}.")
        elif self._call.phase is StopPhase.NONE:
            self._stay(RELEASED)

    def _stay(self, why: str) -> None:
        self._press = 0
        self._say(f"The window stays open. {why[:1].upper()}{why[1:]}")

    def _say(self, words: str) -> None:
        if self._sheet is not None:
            self._sheet.said.setText(words)
