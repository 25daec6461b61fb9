"""Commands for the emergency ring, and rings that end with the test that opened them."""

import queue

from fleetapp.api.commands import CancelTask, Person, StopAll
from fleetapp.audit.heads import Head
from fleetapp.audit.ring import Ring, Told
from fleetapp.core.observations import CommandGiven
from fleetapp.terms.modes import Role

PATIENCE_S = 10
IDA = Person("Ida", Role.OPERATOR, signed_in=True)
HEAD = Head(41, "ab" * 32)


def given(command):
    return CommandGiven(1_700_000_000_000, command, IDA)


def stop(n, reason="a pallet fell"):
    return given(StopAll(f"stop-{n}", reason))


def cancel(n):
    return given(CancelTask(f"cancel-{n}", f"T-{n}"))


def nothing_is_held(_promise):
    return False


class Rings:
    """The rings of one test, one after the other on one file, and what they told."""

    def __init__(self, folder):
        self.path = folder / "ring"
        self._opened = []
        self._said = queue.SimpleQueue()
        self._told = Told(
            lambda seq: self._said.put(("kept", seq)),
            lambda seq, why: self._said.put(("not kept", seq, why)),
            lambda why: self._said.put(("taken", why)),
        )

    def said(self):
        """The next that one of them told."""
        return self._said.get(timeout=PATIENCE_S)

    def read(self, path=None, **more):
        """A ring that has read what is there and is not started."""
        ring = Ring(path or self.path, "boot-1", lambda: HEAD, self._told, **more)
        self._opened.append(ring)
        return ring

    def running(self, *stops):
        """A ring that was started and has kept these stops, in rows from 51 on."""
        ring = self.read()
        ring.start()
        for n in stops:
            ring.keep(50 + n, stop(n))
            assert self.said() == ("kept", 50 + n)
        return ring

    def left(self, *stops):
        """The same, ended in order."""
        self.running(*stops).stop()

    def end(self):
        for ring in self._opened:
            ring.stop()
