"""Which tests may notice a mistake in a line: found by one run of all tests, then kept.

Kept under `.mutants/` by a digest of program and tests. Not asked are tests that start
processes (a mistake that is laid into this process is not seen there), tests of what
stands outside of the judged files (screens, recogniser, packaging), and tests that do
not pass anyway.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mutation_sites import Mutation

KEPT = ".mutants"
LEFT_OUT = frozenset({"ui_pages", "ui_shell", "commands", "foreign", "packaging", "vision", "mqtt"})
OWN_FIRST = 4  # a test of the same room may take that many times as long and still comes first


@dataclass(frozen=True, slots=True)
class Chosen:
    """A test that may notice, and how long it takes at most."""

    nodeid: str
    seconds: float


class LineMap:
    """Lines to tests."""

    def __init__(self, root: Path, trace: dict[str, Any]) -> None:
        """Count what tests share for each that uses it."""
        self._root = root
        self._lines: dict[str, dict[str, list[int]]] = trace["lines"]
        self._names: list[str] = trace["names"]
        needs = [_closure(index, trace["used"]) for index in range(len(self._names))]
        own = trace["seconds"]
        self._seconds = [sum(own[part] for part in parts) for parts in needs]
        broken = {*trace["starts_process"], *trace["not_passed"]}
        self._tests_of: dict[int, set[int]] = defaultdict(set)
        for index, parts in enumerate(needs):
            if self._is_test(index) and not broken & parts:
                for part in parts:
                    self._tests_of[part].add(index)

    def tests_for(self, mutant: Mutation) -> tuple[Chosen, ...]:
        """Tests of the same room first, then the fastest first."""
        lines = range(mutant.first_line, mutant.last_line + 1)
        found = self._running(mutant.file, map(str, lines))
        if not found:  # run when its module is loaded: whoever uses the module
            found = self._running(mutant.file, self._lines.get(mutant.file, ()))
        for file in () if found else self._importers(mutant.module):
            found |= self._running(file, self._lines[file])
        room = f"tests/{Path(mutant.file).parts[1]}/"

        def rank(index: int) -> tuple[float, str]:
            is_own = self._names[index].startswith(room)
            return self._seconds[index] / (OWN_FIRST if is_own else 1), self._names[index]

        return tuple(
            Chosen(self._names[index], self._seconds[index]) for index in sorted(found, key=rank)
        )

    def _is_test(self, index: int) -> bool:
        return self._names[index].startswith("tests/")

    def _running(self, file: str, lines: Iterable[str]) -> set[int]:
        known = self._lines.get(file, {})
        return {
            test
            for line in lines
            for name in known.get(line, ())
            if self._names[name]  # without a name: loading
            for test in self._tests_of[name]
        }

    def _importers(self, module: str) -> list[str]:
        return [
            file
            for file in self._lines
            if f"from {module} import" in (self._root / file).read_text("utf-8")
        ]


def _closure(index: int, used: list[list[int]]) -> set[int]:
    found: set[int] = set()
    open_ones = [index]
    while open_ones:
        one = open_ones.pop()
        if one not in found:
            found.add(one)
            open_ones += used[one]
    return found


def line_map(root: Path, watched: tuple[str, ...], *, older: bool) -> LineMap:
    """The kept map, or a new one; with `older` the newest that is kept, whatever has changed.

    Raises:
        RuntimeError: if the run of the tests gave no map.
    """
    folder = root / KEPT
    folder.mkdir(exist_ok=True)
    path = folder / f"map-{digest(root)}.json"
    kept = sorted(folder.glob("map-*.json"), key=lambda one: one.stat().st_mtime)
    if older and kept and not path.exists():
        path = kept[-1]
    if not path.exists():
        _trace(root, watched, path)
    return LineMap(root, json.loads(path.read_text("utf-8")))


def digest(root: Path) -> str:
    """Of everything that decides what the tests run."""
    found = hashlib.sha256()
    paths = [*(root / "fleetapp").rglob("*.py"), *(root / "tests").rglob("*.py")]
    for path in sorted(paths):
        found.update(path.relative_to(root).as_posix().encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def folders_asked(root: Path) -> list[str]:
    """Where the tests are that can be asked."""
    folders = sorted(path for path in (root / "tests").iterdir() if path.is_dir())
    return [f"tests/{path.name}" for path in folders if _is_asked(path)]


def _is_asked(folder: Path) -> bool:
    return folder.name not in LEFT_OUT and any(folder.glob("test_*.py"))


def _trace(root: Path, watched: tuple[str, ...], path: Path) -> None:
    unfinished = path.with_suffix(".new")
    environment = {
        **os.environ,
        "FLEETAPP_TRACE": str(unfinished),
        "FLEETAPP_WATCHED": "\n".join(str(root / file) for file in watched),
        "PYTHONPATH": os.pathsep.join([str(root), str(root / "packaging"), *_python_path()]),
        "QT_QPA_PLATFORM": "offscreen",
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    options = ["-q", "-p", "no:cacheprovider", "-p", "mutation_trace", "-o", "timeout=600"]
    print("finding out which test runs which line (some minutes) ...", file=sys.stderr)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *folders_asked(root)],
        cwd=root,
        env=environment,
        stdout=sys.stderr,
        check=False,
    )
    if not unfinished.exists():
        raise RuntimeError(f"the tests ended with {done.returncode} and left no map, see above")
    unfinished.rename(path)


def _python_path() -> list[str]:
    given = os.environ.get("PYTHONPATH", "")
    return [given] if given else []
