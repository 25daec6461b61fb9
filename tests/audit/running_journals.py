"""Rows for a journal, journals that run, and waiting for what they say."""

import threading
import time

from fleetapp.audit.writer import JournalWriter
from fleetapp.core.rows import Entry

PATIENCE_S = 15


def entry(seq, body=b"{}"):
    return Entry(seq, seq, "input", "Heartbeat", 1, "system", "m/r", None, None, None, None, body)


def until(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


class Told:
    """What the journal's callbacks said, with a way to wait for it."""

    def __init__(self):
        self.seq = 0
        self.troubles = []
        self.recovered = 0
        self.changed = threading.Condition()

    def durable(self, seq):
        with self.changed:
            self.seq = seq
            self.changed.notify_all()

    def trouble(self, why):
        with self.changed:
            self.troubles.append(why)
            self.changed.notify_all()

    def back(self):
        with self.changed:
            self.recovered += 1
            self.changed.notify_all()

    def until(self, true):
        with self.changed:
            assert self.changed.wait_for(true, timeout=PATIENCE_S), (self.seq, self.troubles)


def journal(path, told, clock=None):
    return JournalWriter(
        path,
        "boot",
        on_durable=told.durable,
        on_trouble=told.trouble,
        on_recovered=told.back,
        clock=clock,
    )
