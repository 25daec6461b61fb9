"""How soon each letter of a typed line is answered, on a large site.

    python -m ui.bench_line --layout FILE

Types a whole line letter by letter against all stations of the layout and a thousand
tasks, and times what each letter asks for: rows to choose from, marks, meaning. Prints
one JSON object; the target is 30 ms a letter.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from fleetapp.api.codec import decode
from fleetapp.api.layout import Layout
from fleetapp.api.views import TaskView
from fleetapp.terms.modes import Priority, StationKind, TaskState

from .bench import figures
from .models.line_hints import marks
from .models.line_offers import Known, offers
from .models.line_words import Names
from .models.task_line import parse

TASKS = 1000
ROUNDS = 20


def task_of(number: int, source: str, target: str) -> TaskView:
    """A made-up task that waits."""
    return TaskView(
        task_id=f"T-{number}",
        state=TaskState.QUEUED,
        sku=f"4006381-{number:05d}",
        label_code=None,
        count=1,
        from_station=source,
        to_station=target,
        priority=Priority.NORMAL,
        due_ms=None,
        after_task_id=None,
        created_ms=0,
        created_by="bench",
        assigned_ms=None,
        ended_ms=None,
        robot_id=None,
        step=0,
        sentence="",
        load_is="",
        verification=None,
        candidates=(),
        candidates_out=(),
    )


def known_of(layout: Layout) -> Known:
    """All stations of a layout and a thousand tasks between them."""
    sources = sorted(s.station_id for s in layout.stations if s.kind is StationKind.PICK)
    targets = sorted(s.station_id for s in layout.stations if s.kind is not StationKind.PICK)
    tasks = tuple(
        task_of(n, sources[n % len(sources)], targets[n % len(targets)]) for n in range(TASKS)
    )
    names = frozenset(task.task_id for task in tasks)
    known = Names(frozenset(sources), frozenset(targets), {}, names, names)
    return Known(known, {s.station_id: s for s in layout.stations}, (), tasks)


def measure(known: Known) -> dict[str, float]:
    """Milliseconds a letter."""
    source, target = min(known.names.sources), max(known.names.targets)
    whole = f"pick 2 4006381-33 from {source} to {target} priority high after T-99"
    taken = []
    for _ in range(ROUNDS):
        for end in range(1, len(whole) + 1):
            text = whole[:end]
            began = time.perf_counter()
            offers(text, known)
            marks(text, known.names, len(text))
            parse(text, known.names, "bench")
            taken.append((time.perf_counter() - began) * 1000)
    return figures(taken)


def main() -> int:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="ui.bench_line")
    parser.add_argument("--layout", type=Path, required=True)
    options = parser.parse_args()
    layout = decode(options.layout.read_bytes(), Layout)
    result = {"stations": len(layout.stations), "tasks": TASKS, **measure(known_of(layout))}
    print(json.dumps(result))  # noqa: T201 - a program's answer
    return 0


if __name__ == "__main__":
    sys.exit(main())
