"""Closing the window: leave the fleet running, or stop it first and leave when that stands.

Whoever stops the fleet and leaves sees no later word of it. So the window goes only when
the engine has answered that the stop is in force and recorded; a picture that shows the
stop is no answer. Otherwise it stays, and the sheet says why, and what comes of the stop while it
is open. A sheet that is put away takes the wish to close along. One that cannot be made
keeps nobody in: it is said, and who closes once more leaves.
"""

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from fleetapp.api.commands import Outcome

from ..commands import words_of
from ..context import Context
from ..stop_call import PENDING, StopPhase
from ..views.door_sheets import CloseSheet

WAITS = "The window closes when the engine has answered that the stop is in force and recorded."
ONLY_HERE = "It is tried again, but only by this window."
PENDING_STOP = f"The stop has not been answered yet. {ONLY_HERE}"
RECORDED = "The stop is in force and recorded."
LOST = "A crash of the engine now would lose the stop."
NO_ANSWER = "The engine shows the stop, but did not say whether it is recorded"
RELEASED = "The fleet was released meanwhile."
NOT_ASKED = (
    "What is asked before closing cannot be shown. Close the window once more to leave the "
    "fleet as it is."
)

log = logging.getLogger(__name__)


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
        self._failed = False  # the sheet could not be made the last time
        self._call.answered.connect(self._answered)
        self._call.changed.connect(self._changed)

    @property
    def is_due(self) -> bool:
        """Whether closing would end something that a person should decide about."""
        return self._context.store.link.connected or self._call.phase in PENDING

    def ask(self) -> bool:
        """Open the sheet, if none waits already; whether the window is to stay."""
        if self._waits():
            return True
        failed_before, self._failed = self._failed, False
        try:
            sheet = CloseSheet(self._context, self._leave, self._stop_first)
            if self._call.phase in PENDING:
                sheet.said.setText(self._of_the_stop())
            self._show(sheet)
        except Exception:
            log.exception("the sheet before closing cannot be made")
            return self._ask_without_sheet(again=failed_before)
        self._sheet = sheet
        return True

    def _ask_without_sheet(self, *, again: bool) -> bool:
        self._failed = True
        pending = f" {PENDING_STOP}" if self._call.phase in PENDING else ""
        if not again:
            self._context.toast(f"{NOT_ASKED}{pending}")
        return not again

    def _stop_first(self) -> None:
        self._press = self._context.commands.stop_all()
        self._say(WAITS)

    def _answered(self, press: int, answer: object) -> None:
        if not self._waits():
            if isinstance(answer, Outcome) and answer.accepted:
                self._say(RECORDED if answer.recorded else f"{answer.message} {LOST}")
            return
        if press < self._press:
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
            self._tell_change()
        elif self._call.phase in (StopPhase.NOT_REACHED, StopPhase.NONE):
            self._stay(self._of_the_stop())

    def _tell_change(self) -> None:
        """A stop of which nothing was said here is news only while it is not in force."""
        news = self._call.phase in PENDING or self._call.phase is StopPhase.REFUSED
        if self._sheet is not None and (news or self._sheet.said.text()):
            self._say(self._of_the_stop())

    def _of_the_stop(self) -> str:
        """What is known of the stop now."""
        reason = self._call.reason
        return {
            StopPhase.NONE: RELEASED,
            StopPhase.SENDING: PENDING_STOP,
            StopPhase.NOT_REACHED: f"The stop has not reached the engine: {reason}. {ONLY_HERE}",
            StopPhase.IN_FORCE: f"{NO_ANSWER}.",
            StopPhase.REFUSED: reason,
        }[self._call.phase]

    def _stay(self, why: str) -> None:
        self._press = 0
        self._say(f"The window stays open. {why}")

    def _say(self, words: str) -> None:
        if self._sheet is not None:
            self._sheet.said.setText(words)
