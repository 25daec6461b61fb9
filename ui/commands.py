"""Calls to the engine off the screen's thread; answers come back on it.

The stop has threads of its own (`stop_call`), and what else takes something from robots has
threads that nothing else may use, so that it never waits behind a slow call. The
connection is made anew for each call, so that nothing waits there either.
"""

import uuid
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from fleetapp.api.commands import RESTRICTIVE, Command, Outcome, ReleaseAll
from fleetapp.client.connection import ClientError, Connection, Signature

from .stop_call import StopCall

MOST_CALLS = 4
# As many holds as a person can press while an engine hangs; more wait for these, each of
# which ends by the connection's timeout.
MOST_RESTRICTIVE = 16
FINISH_MS = 2_000
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

    _answered = Signal(object, object)  # who asked, what came

    def __init__(self, connection: Connection, parent: QObject | None = None) -> None:
        """For one engine."""
        super().__init__(parent)
        self.connection = connection
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(MOST_CALLS)
        self._restrictive = QThreadPool(self)
        self._restrictive.setMaxThreadCount(MOST_RESTRICTIVE)
        self.stop_call = StopCall(connection, new_id, self)
        # A bound method, not a closure: Qt then brings the answer to this object's thread.
        self._answered.connect(self._deliver)

    def call(self, act: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Run `act` off the screen's thread; `done` gets its result or a ClientError."""
        self._pool.start(self._made(act, done))

    def _made(self, act: Callable[[], Any], done: Callable[[Any], None]) -> _Call:
        return _Call(act, lambda result: self._answered.emit(done, result))

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
        """Give a command; one that takes something from robots waits behind nothing else."""
        if isinstance(command, ReleaseAll):
            self.stop_call.give_up()

        def act() -> Outcome:
            return self.connection.submit(command, signature)

        if isinstance(command, RESTRICTIVE):
            self._restrictive.start(self._made(act, done))
            return
        self.call(act, done)

    def stop_all(self) -> int:
        """The stop: at once, on a way of its own, until it is answered; the number of the press."""
        return self.stop_call.press()

    def finish(self) -> None:
        """End the tries of the stop; wait a moment for calls under way."""
        self.stop_call.finish()
        for pool in (self._restrictive, self._pool):
            pool.waitForDone(FINISH_MS)


def new_id() -> str:
    """An id for a command."""
    return uuid.uuid4().hex


def words_of(answer: object) -> str:
    """The words of an outcome or error."""
    return str(getattr(answer, "message", answer))
