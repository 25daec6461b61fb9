"""Calls to the engine off the screen's thread; answers come back on it.

The stop has a thread of its own, so that it never waits behind anything.
"""

import threading
import uuid
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from fleetapp.api.commands import Command, Outcome, StopAll
from fleetapp.client.connection import ClientError, Connection, Signature

GONE = "already deleted"  # shiboken's words for an object whose Qt half is gone


class _Call(QRunnable):
    """One call; its answer or error is told to the screen's thread."""

    def __init__(self, act: Callable[[], Any], tell: Callable[[Any], None]) -> None:
        super().__init__()
        self._act = act
        self._tell = tell

    def run(self) -> None:
        """Call and tell."""
        try:
            result = self._act()
        except ClientError as error:
            result = error
        try:
            self._tell(result)
        except RuntimeError:
            return  # the window is gone


class Commands(QObject):
    """What the screen asks of the engine."""

    stop_unrecorded = Signal(str)  # a stop is in force that a crash would lose: the words
    _answered = Signal(object, object)  # who asked, what came

    def __init__(self, connection: Connection, parent: QObject | None = None) -> None:
        """For one engine."""
        super().__init__(parent)
        self.connection = connection
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(4)
        # A bound method, not a closure: Qt then brings the answer to this object's thread.
        self._answered.connect(self._deliver)

    def call(self, act: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Run `act` off the screen's thread; `done` gets its result or a ClientError."""
        self._pool.start(_Call(act, lambda result: self._answered.emit(done, result)))

    def _deliver(self, done: Callable[[Any], None], result: object) -> None:
        try:
            done(result)
        except RuntimeError as error:
            # A sheet may close, and a theme change replace the window, before its answer
            # comes; Qt's objects are gone then, and nobody waits for it any more.
            if GONE not in str(error):
                raise

    def send(
        self,
        command: Command,
        done: Callable[[Outcome | ClientError], None],
        signature: Signature | None = None,
    ) -> None:
        """Give a command."""
        self.call(lambda: self.connection.submit(command, signature), done)

    def stop_all(self) -> None:
        """The stop: at once, on a thread of its own."""
        command = StopAll(new_id(), "")
        threading.Thread(target=self._stop, args=(command,), daemon=True).start()

    def _stop(self, command: StopAll) -> None:
        for _ in range(5):
            try:
                outcome = self.connection.submit(command)
            except ClientError:
                continue
            if not outcome.recorded:
                self.stop_unrecorded.emit(outcome.message)
            return

    def finish(self) -> None:
        """Wait a moment for calls under way."""
        self._pool.waitForDone(2000)


def new_id() -> str:
    """An id for a command."""
    return uuid.uuid4().hex


def words_of(answer: object) -> str:
    """The words of an outcome or error."""
    return str(getattr(answer, "message", answer))
