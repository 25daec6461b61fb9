"""The stop on its way to the engine: what is known of it, and trying until it is answered.

Each press has a thread of its own, so that it waits behind nothing, not even behind an
earlier press that hangs; when very many hang, the first that comes back takes the newest
over. The newest press is tried again with growing gaps until the engine
answers, the engine's picture shows the stop, a person releases the fleet, or the window
ends. Nothing here says that a robot stands: only its own report does.
"""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from PySide6.QtCore import QObject, QTimer, Signal

from fleetapp.api.commands import Outcome, StopAll
from fleetapp.client.connection import ClientError, Connection

log = logging.getLogger(__name__)

GAPS_S = (0.1, 0.3, 0.6, 1.0, 1.5)  # between tries; the last one repeats
FAILED_TRIES = 3  # then it is said, some 0.4 s after the press
SILENT_MS = 3_000  # an answer that takes longer counts as none
PICTURE_S = 3.0  # how much older than an answer the engine's picture may be
MOST_THREADS = 8


class StopPhase(StrEnum):
    """What is known of the stop."""

    NONE = "none"
    SENDING = "sending"
    IN_FORCE = "in_force"  # the engine answered, or its picture says so
    NOT_REACHED = "not_reached"  # no answer; it is tried again
    REFUSED = "refused"


PENDING = frozenset({StopPhase.SENDING, StopPhase.NOT_REACHED})


@dataclass(frozen=True, slots=True)
class _Press:
    """One press, and what wakes its thread from the gap between two tries."""

    number: int
    command: StopAll
    wake: threading.Event = field(default_factory=threading.Event)


class StopCall(QObject):
    """One record of the stop for the button, the palette and the closing window."""

    changed = Signal()
    told = Signal(str)  # a sentence for the person
    answered = Signal(int, object)  # number of a press; what came, Outcome or ClientError
    _came = Signal(int, object)  # number of the press; Outcome or ClientError

    def __init__(
        self, connection: Connection, new_id: Callable[[], str], parent: QObject | None = None
    ) -> None:
        """Nothing pressed yet."""
        super().__init__(parent)
        self.phase = StopPhase.NONE
        self.reason = ""  # why it was not reached or refused
        self._connection = connection
        self._new_id = new_id
        self._newest = _Press(0, StopAll(""))
        self._lock = threading.Lock()  # over the next two
        self._due: _Press | None = None  # the newest, until a thread takes it
        self._running = 0  # threads
        self._trying = False  # whether the newest press is tried again if it fails
        self._released = 0  # presses up to this one were ended by a release
        self._failed = 0
        self._fleet_stopped = False
        self._shown_by_engine = False  # its picture has shown the stop in force
        self._since_s = 0.0  # of the phase
        self._came.connect(self._take)
        self._silence = QTimer(self)
        self._silence.setSingleShot(True)
        self._silence.setInterval(SILENT_MS)
        self._silence.timeout.connect(self._nobody_answers)

    @property
    def under_way(self) -> bool:
        """Whether a thread still tries or waits for an answer."""
        return self._running > 0

    def press(self) -> int:
        """Send the stop now; pressing again sends it again. The number of this press."""
        self._trying = True
        before = self._newest
        self._newest = _Press(before.number + 1, StopAll(self._new_id(), ""))
        with self._lock:
            self._due = self._newest
            begins = self._running < MOST_THREADS
            if begins:
                self._running += 1
        before.wake.set()  # the newest press takes over from one that waits for its next try
        if begins:
            threading.Thread(target=self._run, name="stop", daemon=True).start()
        self._failed = 0
        self._show(StopPhase.SENDING)
        self._silence.start()
        return self._newest.number

    def give_up(self) -> None:
        """A person releases the fleet: what is still tried must not stop it again."""
        self._released = self._newest.number
        self._end_tries()
        if self.phase in PENDING:
            self._show(StopPhase.IN_FORCE if self._fleet_stopped else StopPhase.NONE)

    def take_fleet(self, *, stopped: bool) -> None:
        """What the engine's newest picture says."""
        newly, self._fleet_stopped = stopped and not self._fleet_stopped, stopped
        if stopped and (newly or self.phase not in PENDING):
            self._shown_by_engine = True
            self._end_tries()
            self._show(StopPhase.IN_FORCE)
            return
        settled = self._shown_by_engine or time.monotonic() - self._since_s > PICTURE_S
        if not stopped and settled and self.phase not in PENDING:
            self._show(StopPhase.NONE)

    def finish(self) -> None:
        """The window ends: no more tries."""
        self._end_tries()

    # --- on the threads of the presses ------------------------------------------
    def _run(self) -> None:
        while (press := self._next()) is not None:
            self._try(press)

    def _next(self) -> _Press | None:
        """The newest press if no thread has it; else this thread ends."""
        with self._lock:
            due, self._due = self._due, None
            if due is None:
                self._running -= 1
        return due

    def _try(self, press: _Press) -> None:
        for gap_s in _gaps():
            if press.number <= self._released:
                return
            answer = self._answer(press.command)
            if not self._tell(press, answer) or not isinstance(answer, ClientError):
                return
            if not self._tries(press):
                return
            press.wake.wait(gap_s)
            if not self._tries(press):
                self._tell(press, answer)  # ended in the gap: no other answer will come
                return

    def _tell(self, press: _Press, answer: Outcome | ClientError) -> bool:
        """What came, on the screen's thread; False if the window is gone."""
        try:
            self._came.emit(press.number, answer)
        except RuntimeError:
            return False
        return True

    def _tries(self, press: _Press) -> bool:
        return self._trying and press is self._newest

    def _answer(self, command: StopAll) -> Outcome | ClientError:
        try:
            return self._connection.submit(command)
        except ClientError as error:
            return error
        except Exception as error:  # whatever broke: the stop is tried again
            log.exception("the stop could not be sent")
            return ClientError(f"this window could not send it ({type(error).__name__})")

    # --- on the screen's thread -------------------------------------------------
    def _take(self, press: int, answer: Outcome | ClientError) -> None:
        self._note(press, answer)
        if press > self._released:
            self.answered.emit(press, answer)

    def _note(self, press: int, answer: Outcome | ClientError) -> None:
        if isinstance(answer, ClientError):
            self._failed += press == self._newest.number
            if press == self._newest.number and self._failed >= FAILED_TRIES:
                self._not_reached(str(answer))
            return
        if press <= self._released or (not answer.accepted and press != self._newest.number):
            return
        # What the button says is not said twice.
        if not (answer.accepted and answer.recorded and self.phase is not StopPhase.NOT_REACHED):
            self.told.emit(answer.message)
        if self.phase not in PENDING:
            return  # the engine's picture has shown it already
        self._shown_by_engine = self._fleet_stopped
        phase = StopPhase.IN_FORCE if answer.accepted else StopPhase.REFUSED
        self._silence.stop()
        self._show(phase, "" if answer.accepted else answer.message)

    def _nobody_answers(self) -> None:
        self._not_reached(f"no answer for {SILENT_MS // 1000} s")

    def _not_reached(self, reason: str) -> None:
        if self.phase not in PENDING:
            return
        self._silence.stop()
        reason = reason.rstrip(".?! ")  # it is a part of sentences here
        news = self.phase is not StopPhase.NOT_REACHED
        self._show(StopPhase.NOT_REACHED, reason)
        if news:
            self.told.emit(
                f"The stop has not reached the engine: {reason}. It is tried again. "
                "In danger use the emergency stop on the robot or the wall."
            )

    def _end_tries(self) -> None:
        self._trying = False
        with self._lock:
            self._due = None
        self._newest.wake.set()
        self._silence.stop()

    def _show(self, phase: StopPhase, reason: str = "") -> None:
        if (phase, reason) == (self.phase, self.reason):
            return
        if phase is StopPhase.SENDING:
            self._shown_by_engine = False
        self.phase, self.reason = phase, reason
        self._since_s = time.monotonic()
        self.changed.emit()


def _gaps() -> Iterator[float]:
    return itertools.chain(GAPS_S, itertools.repeat(GAPS_S[-1]))
