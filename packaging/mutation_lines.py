"""Lines to tests: reads what a run of the tests noted about who runs which line."""

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mutation_sites import Mutation

OWN_FIRST = 4  # a test of the same room may take that many times as long and still comes first


@dataclass(frozen=True, slots=True)
class Chosen:
    """A test that may notice, and how long it takes at most."""

    nodeid: str
    seconds: float


class Trace:
    """What one run of tests noted; its lines may have moved since."""

    def __init__(self, root: Path, noted: dict[str, Any], without: frozenset[str]) -> None:
        """Count what tests share for each that uses it; leave out the tests of some files."""
        self._root = root
        self._lines: dict[str, dict[str, list[int]]] = noted["lines"]
        self._texts: dict[str, str] = noted["texts"]
        self._names: list[str] = noted["names"]
        self._moved: dict[str, dict[int, int]] = {}
        needs = [_closure(index, noted["used"]) for index in range(len(self._names))]
        own = noted["seconds"]
        self._seconds = [sum(own[part] for part in parts) for parts in needs]
        broken = {*noted["starts_process"], *noted["not_passed"]}
        self._tests_of: dict[int, set[int]] = defaultdict(set)
        self._asked: list[int] = []
        for index, parts in enumerate(needs):
            if self._is_asked(index, without) and not broken & parts:
                self._asked.append(index)
                for part in parts:
                    self._tests_of[part].add(index)

    def running(self, file: str, lines: Iterable[int] | None = None) -> dict[str, float]:
        """Tests that run any of these lines of today's file, or any line of it."""
        known = self._lines.get(file, {})
        moved = self._moved_lines(file)
        wanted = known if lines is None else {str(moved[n]) for n in lines if n in moved}
        found = {
            test
            for line in wanted
            for name in known.get(line, ())
            if self._names[name]  # without a name: loading
            for test in self._tests_of[name]
        }
        return {self._names[index]: self._seconds[index] for index in found}

    def naming(self, module: str) -> dict[str, float]:
        """Tests of the files that take something from a module, whatever they run of it."""
        taken = f"from {module} import"
        named = {file for file in self._files_asked() if taken in self._text_of_tests(file)}
        return {
            self._names[index]: self._seconds[index]
            for index in self._asked
            if self._names[index].partition("::")[0] in named
        }

    def _files_asked(self) -> set[str]:
        return {self._names[index].partition("::")[0] for index in self._asked}

    def _text_of_tests(self, file: str) -> str:
        path = self._root / file
        return path.read_text("utf-8") if path.exists() else ""

    def importers(self, module: str) -> list[str]:
        """Watched files that use a module."""
        return [file for file, text in self._texts.items() if f"from {module} import" in text]

    def _is_asked(self, index: int, without: frozenset[str]) -> bool:
        file = self._names[index].partition("::")[0]
        return file.startswith("tests/") and file not in without

    def _moved_lines(self, file: str) -> dict[int, int]:
        """Today's line to the line of the run."""
        if file not in self._moved:
            before = self._texts.get(file, "").splitlines()
            today = (self._root / file).read_text("utf-8").splitlines()
            match = difflib.SequenceMatcher(None, before, today, autojunk=False)
            self._moved[file] = {
                block.b + n + 1: block.a + n + 1
                for block in match.get_matching_blocks()
                for n in range(block.size)
            }
        return self._moved[file]


class LineMap:
    """Several traces as one."""

    def __init__(self, traces: Iterable[Trace]) -> None:
        """Keep them."""
        self._traces = tuple(traces)

    def tests_for(self, mutant: Mutation) -> tuple[Chosen, ...]:
        """Tests of the same room first, then the fastest first.

        A line that no test runs by itself is run when its module is loaded, or is new:
        then whoever runs anything of the file or names it, or else of the files that use it.
        """
        lines = range(mutant.first_line, mutant.last_line + 1)
        found: dict[str, float] = {}
        for trace in self._traces:
            found |= trace.running(mutant.file, lines)
        for trace in () if found else self._traces:
            found |= trace.running(mutant.file) | trace.naming(mutant.module)
        for trace in () if found else self._traces:
            for file in trace.importers(mutant.module):
                found |= trace.running(file)
        return tuple(
            Chosen(nodeid, found[nodeid]) for nodeid in sorted(found, key=_rank(mutant, found))
        )


def _rank(mutant: Mutation, seconds: dict[str, float]) -> Callable[[str], tuple[float, str]]:
    room = f"tests/{Path(mutant.file).parts[1]}/"

    def rank(nodeid: str) -> tuple[float, str]:
        return seconds[nodeid] / (OWN_FIRST if nodeid.startswith(room) else 1), nodeid

    return rank


def _closure(index: int, used: list[list[int]]) -> set[int]:
    found: set[int] = set()
    open_ones = [index]
    while open_ones:
        one = open_ones.pop()
        if one not in found:
            found.add(one)
            open_ones += used[one]
    return found
