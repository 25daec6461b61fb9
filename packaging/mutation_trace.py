"""A plugin of pytest: which lines of the watched files each test runs, and how long it takes.

What tests share (a fixture of a module, a run kept by `functools.cache`) is noted by
itself and counted for every test that uses it, not only for the first one. A test that
starts a process is marked: a mistake that is laid into this process is not seen there.
Loaded with `-p mutation_trace`; FLEETAPP_TRACE names the file for the answer and
FLEETAPP_WATCHED the files to watch, one a line.
"""

import functools
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import coverage
import pytest

STARTS_PROCESS = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn"})
IN_A_ROW = 3
ROOT = Path.cwd()


class Recorder:
    """Who runs now, what it took, what it used that others use as well."""

    def __init__(self, watched: list[str]) -> None:
        """Begin outside of any test."""
        self.coverage = coverage.Coverage(data_file=None, config_file=False, include=watched)
        self.running = [""]
        self.seconds: dict[str, float] = defaultdict(float)
        self.used: dict[str, set[str]] = defaultdict(set)
        self.starts_process: set[str] = set()
        self.not_passed: set[str] = set()
        self.in_a_row: dict[str, int] = defaultdict(int)  # such tests, by file

    @contextmanager
    def within(self, name: str) -> Iterator[None]:
        """Count lines and time for this name."""
        self.running.append(name)
        self.coverage.switch_context(name)
        begun = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - begun
            self.running.pop()
            self.seconds[name] += spent
            self.seconds[self.running[-1]] -= spent
            self.coverage.switch_context(self.running[-1])

    def uses(self, name: str) -> None:
        """The one that runs needs what is known under this name."""
        self.used[self.running[-1]].add(name)

    def audit(self, event: str, _arguments: object) -> None:
        """Called by Python itself; a test that starts a process is over here, to save its time."""
        if event in STARTS_PROCESS and self.running[-1]:
            self.starts_process.add(self.running[-1])
            raise pytest.skip.Exception("starts a process")

    def answer(self) -> dict[str, Any]:
        """All of it, in values that JSON takes."""
        data = self.coverage.get_data()
        names = sorted({"", *self.seconds})
        number = {name: index for index, name in enumerate(names)}
        lines = {
            Path(file).relative_to(ROOT).as_posix(): {
                line: sorted(number[name] for name in set(contexts) if name in number)
                for line, contexts in data.contexts_by_lineno(file).items()
            }
            for file in sorted(data.measured_files())
        }
        return {
            "names": names,
            "seconds": [round(self.seconds.get(name, 0.0), 4) for name in names],
            "used": [sorted(number[n] for n in self.used[name] if n in number) for name in names],
            "starts_process": sorted(number[name] for name in self.starts_process),
            "not_passed": sorted(number[name] for name in self.not_passed if name in number),
            "lines": lines,
        }


RECORDER = Recorder(os.environ["FLEETAPP_WATCHED"].splitlines())
plain_cache = functools.cache


def _recording_cache(function: Callable[..., Any]) -> Callable[..., Any]:
    if not Path(function.__code__.co_filename).is_relative_to(ROOT / "tests"):
        return plain_cache(function)
    names: dict[object, str] = {}

    def name_of(arguments: tuple[Any, ...], named: dict[str, Any]) -> str:
        key = (arguments, tuple(sorted(named.items())))
        prefix = f"cache:{function.__code__.co_filename}:{function.__qualname__}"
        return names.setdefault(key, f"{prefix}#{len(names)}")

    def compute(*arguments: Any, **named: Any) -> Any:
        with RECORDER.within(name_of(arguments, named)):
            return function(*arguments, **named)

    kept = plain_cache(compute)

    @functools.wraps(function)
    def answer(*arguments: Any, **named: Any) -> Any:
        RECORDER.uses(name_of(arguments, named))
        return kept(*arguments, **named)

    answer.cache_clear = kept.cache_clear  # type: ignore[attr-defined]
    return answer


functools.cache = _recording_cache  # type: ignore[assignment]
sys.addaudithook(RECORDER.audit)
RECORDER.coverage.start()
RECORDER.coverage.switch_context("")


def _shared_name(fixture: pytest.FixtureDef[Any]) -> str:
    return f"fixture:{fixture.baseid}:{fixture.argname}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Each test is a name."""
    with RECORDER.within(item.nodeid):
        fixtures = getattr(item, "_fixtureinfo").name2fixturedefs  # noqa: B009 - pytest has no other way
        for definitions in fixtures.values():
            if definitions[-1].scope != "function":
                RECORDER.uses(_shared_name(definitions[-1]))
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
    """What a whole module uses is a name too."""
    if fixturedef.scope == "function":
        return (yield)
    with RECORDER.within(_shared_name(fixturedef)):
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A file about processes is left out after its first tests: each would wait for one."""
    if RECORDER.in_a_row[item.location[0]] >= IN_A_ROW:
        pytest.skip("a file about processes")


def pytest_runtest_logfinish(nodeid: str, location: tuple[str, int | None, str]) -> None:
    """Count the tests of a file that start processes, one after another."""
    count = RECORDER.in_a_row[location[0]] + 1
    kept = count > IN_A_ROW or nodeid in RECORDER.starts_process
    RECORDER.in_a_row[location[0]] = count if kept else 0


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A test that fails or is skipped without any mistake proves nothing."""
    if report.outcome != "passed":
        RECORDER.not_passed.add(report.nodeid)


def pytest_sessionfinish() -> None:
    """Write the answer."""
    RECORDER.coverage.stop()
    Path(os.environ["FLEETAPP_TRACE"]).write_text(json.dumps(RECORDER.answer()), "utf-8")
