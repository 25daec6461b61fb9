"""How long the window's thread is held, while a fleet runs and pages are looked at.

    python -m ui.holds --data DIR --assets DIR --seconds 5

A heartbeat wants to run each millisecond; what it comes late by is how long something
else held the thread, or the machine did not run it. Both are told apart by the
thread's own processor time. That grows too where other work takes the caches and the
other half of a core: a control, the same sum every 100 ms, tells by how much. A watcher
notes where the thread was during long holds. Prints one JSON object.
"""

import argparse
import collections
import json
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from .app import Desktop, options_of, prepared_application

BEAT_MS = 1
HELD_S = 0.010
SETTLING_S = 6.0  # window built, first deltas taken
CONTROL_MS = 100
CONTROL_STEPS = 100_000  # about two milliseconds
PAGES = ("Map", "Robots", "Tasks", "Reviews", "Alarms", "Audit")


@dataclass(slots=True)
class Holds:
    """Heartbeats of one page: gaps on the clock, and the processor time within, seconds."""

    gaps: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """Percentiles in milliseconds; `held` counts processor time over 10 ms."""
        return {
            "beats": len(self.gaps),
            "gap_p99_ms": _part(self.gaps, 0.99),
            "gap_max_ms": _part(self.gaps, 1.0),
            "busy_p99_ms": _part(self.busy, 0.99),
            "busy_max_ms": _part(self.busy, 1.0),
            "held": sum(busy > HELD_S for busy in self.busy),
        }


class Heartbeat(QObject):
    """Looks at one page after the other and measures each."""

    def __init__(self, desktop: Desktop, seconds: float) -> None:
        """Starts once the window has settled."""
        super().__init__()
        self._desktop = desktop
        self.pages = {page: Holds() for page in PAGES}
        self.control: list[float] = []
        self.places: collections.Counter[str] = collections.Counter()
        self._page = ""
        self._beat_s, self._busy_s = time.perf_counter(), time.thread_time()
        self._main = threading.get_ident()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._sums = QTimer(self)
        self._sums.setInterval(CONTROL_MS)
        self._sums.timeout.connect(self._sum)
        for number, page in enumerate((*PAGES, "")):
            begin = round((SETTLING_S + number * seconds) * 1000)
            QTimer.singleShot(begin, lambda page=page: self._look_at(page))
        threading.Thread(target=self._watch, daemon=True).start()

    def _look_at(self, page: str) -> None:
        """The change of the page itself is not steady operation: it is not counted."""
        self._page = ""
        if not page:
            self._desktop.window.leave()
            QApplication.quit()
            return
        self._desktop.window.show_page(page)
        QTimer.singleShot(500, lambda: self._measure(page))

    def _measure(self, page: str) -> None:
        self._beat_s, self._busy_s = time.perf_counter(), time.thread_time()
        self._page = page
        self._timer.start()
        self._sums.start()

    def _beat(self) -> None:
        now, busy = time.perf_counter(), time.thread_time()
        if self._page:
            holds = self.pages[self._page]
            holds.gaps.append(max(0.0, now - self._beat_s - BEAT_MS / 1000))
            holds.busy.append(busy - self._busy_s)
        self._beat_s, self._busy_s = now, busy

    def _sum(self) -> None:
        """The control; what it takes does not count as a hold."""
        begun = time.thread_time()
        sum(range(CONTROL_STEPS))
        took = time.thread_time() - begun
        self.control.append(took)
        self._busy_s += took
        self._beat_s += took

    def _watch(self) -> None:
        """Note the innermost lines of this program that the thread is in when it is late."""
        while True:
            time.sleep(0.002)
            late = time.perf_counter() - self._beat_s
            if self._page and late > HELD_S:
                frames = traceback.extract_stack(sys._current_frames()[self._main])  # noqa: SLF001 - its documented use
                inner = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames[-3:]]
                self.places[" < ".join(reversed(inner))] += 1


def _part(values: list[float], part: float) -> float:
    ordered = sorted(values) or [0.0]
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000, 2)


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(prog="ui.holds")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--assets", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=8.0, help="on each page")
    options = parser.parse_args()
    desktop_options = options_of(["--data", str(options.data), "--assets", str(options.assets)])
    application = prepared_application(desktop_options)
    desktop = Desktop(desktop_options, application)
    desktop.begin()
    heart = Heartbeat(desktop, options.seconds)
    application.exec()
    desktop.end()
    result = {page: holds.figures() for page, holds in heart.pages.items()}
    parts = {"p50_ms": 0.5, "p99_ms": 0.99, "max_ms": 1.0}
    control = {name: _part(heart.control, part) for name, part in parts.items()}
    late = dict(heart.places.most_common(12))
    print(json.dumps({"pages": result, "control": control, "late_in": late}))  # noqa: T201 - a program's answer
    return 0


if __name__ == "__main__":
    sys.exit(main())
