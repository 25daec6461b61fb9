"""Whether anybody notices a mistake: the tests of its lines, in a process of their own.

This process loads the large libraries and no module of the program; each mutant is a
fork of it, which gets the mistake instead of the file's text when it imports the module.
So a mutant costs its tests and nothing else, and nothing of it is left behind. A test
that fails counts only if it passes without the mistake and fails with it once more: one
that fails now and then has noticed nothing.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import runpy
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from mutation_fork import in_a_fork
from mutation_lines import Chosen
from mutation_map import KEPT
from mutation_sites import Mutation

HEAVY = (
    "numpy",
    "scipy.optimize",
    "scipy.sparse.csgraph",
    "shapely",
    "msgspec",
    "sqlite_utils",
    "fastapi",
    "uvicorn",
    "httpx",
    "hypothesis",
    "pytest",
    "PySide6.QtWidgets",
    "PySide6.QtTest",
)
ENDURANCE = "fleetapp.simulation.endure"
FIRST_BATCH_S = 3.0  # one start of pytest for the fast tests, which catch most, one for the rest
SLOWER = 8.0  # on a busy machine than when the map was made
START_S = 60.0
SEED_S = 15.0
NO_TESTS = 5  # pytest's answer where all were renamed since the map was made
EARLY = "ignore:Module already imported:pytest.PytestAssertRewriteWarning"


class Verdict(StrEnum):
    """What became of a mutant."""

    CAUGHT = "caught"
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and its evidence."""

    verdict: Verdict
    by: str  # the test or run that noticed, "" if none did
    tests: tuple[str, ...]  # that were run, or would have been
    not_run: int  # tests for which there was no time
    seconds: float


@dataclass(frozen=True, slots=True)
class Court:
    """How much is done for one mutant."""

    root: Path
    budget_s: float
    seeds: int = 0  # runs of the endurance machine, where there is one
    first_seed: int = 1

    @property
    def has_endurance(self) -> bool:
        """Whether this tree has the machine that tries to break the fleet."""
        path = Path(*ENDURANCE.split("."))
        return any((self.root / path).with_suffix(end).exists() for end in (".py", "")) and bool(
            self.seeds
        )


def prepare(root: Path) -> None:
    """Load what is large; refuse to begin where the program is loaded already."""
    os.chdir(root)
    os.environ.update(QT_QPA_PLATFORM="offscreen", OMP_NUM_THREADS="1")
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(root / KEPT / "pyc")
    sys.path.insert(0, str(root))
    for name in HEAVY:
        with suppress(ImportError):
            importlib.import_module(name)
    loaded = [name for name in sys.modules if name.split(".")[0] == "fleetapp"]
    if loaded:
        raise RuntimeError(f"{loaded[0]} is loaded already: a mistake would not be seen")


def judge(court: Court, mutant: Mutation, chosen: Sequence[Chosen]) -> Judgement:
    """Ask the tests, then the endurance machine, until one notices."""
    begun = time.monotonic()
    batches, left = _batches(chosen, court.budget_s)
    by = ""
    for batch in batches:
        by = by or _asked(court, mutant, batch)
    if not by and court.has_endurance:
        by = _endured(court, mutant)
    asked = tuple(test.nodeid for batch in batches for test in batch)
    verdict = Verdict.CAUGHT if by else Verdict.SURVIVED
    return Judgement(verdict, by, asked, left, round(time.monotonic() - begun, 1))


def _batches(chosen: Sequence[Chosen], budget_s: float) -> tuple[list[tuple[Chosen, ...]], int]:
    """The fast ones, the others up to the budget, and how many are left out."""
    sums = [sum(test.seconds for test in chosen[: i + 1]) for i in range(len(chosen))]
    fast = max(1, sum(1 for total in sums if total <= FIRST_BATCH_S))
    within = max(fast, sum(1 for total in sums if total <= budget_s))
    batches = [tuple(chosen[:fast]), tuple(chosen[fast:within])]
    return [batch for batch in batches if batch], len(chosen) - min(within, len(chosen))


def _asked(court: Court, mutant: Mutation, batch: tuple[Chosen, ...]) -> str:
    """Who noticed; one that also fails without the mistake, or not again, is left out."""
    text = mutant.made_in((court.root / mutant.file).read_text("utf-8"))
    found = in_a_fork(lambda: _tests(court, batch, (mutant, text)), _limit_s(batch))
    by = found.get("by", "")
    if not by:
        return ""
    blamed = tuple(test for test in batch if _is_of(test, found)) or batch
    if in_a_fork(lambda: _tests(court, blamed, None), _limit_s(blamed)):
        if "test" not in found:
            raise RuntimeError(f"{by}, also without the mistake: see `pytest {batch[0].nodeid}`")
    elif in_a_fork(lambda: _tests(court, blamed, (mutant, text)), _limit_s(blamed)):
        return by
    rest = tuple(test for test in batch if test not in blamed)
    return _asked(court, mutant, rest) if rest else ""


def _is_of(test: Chosen, found: dict[str, str]) -> bool:
    """Whether it is the test that failed, or of the file that could not be loaded."""
    return found.get("test") in (test.nodeid, test.nodeid.partition("::")[0])


def _limit_s(batch: tuple[Chosen, ...]) -> float:
    return START_S + SLOWER * sum(test.seconds for test in batch)


def _endured(court: Court, mutant: Mutation) -> str:
    if not _endures(court):
        return ""
    text = mutant.made_in((court.root / mutant.file).read_text("utf-8"))
    found = in_a_fork(lambda: _seeds(court, (mutant, text)), _seeds_limit_s(court))
    return str(found.get("by", ""))


@cache
def _endures(court: Court) -> bool:
    """Whether these runs find nothing without a mistake; else they can judge none."""
    found = in_a_fork(lambda: _seeds(court, None), _seeds_limit_s(court))
    if found:
        print(f"endurance runs judge nothing, they break as it is: {found['by']}", file=sys.stderr)
    return not found


def _seeds_limit_s(court: Court) -> float:
    return START_S + SLOWER * SEED_S * court.seeds


# --- In the fork -----------------------------------------------------------


class _Mutated(importlib.machinery.SourceFileLoader):
    """Reads the mistake instead of the file."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._text, self.get_filename(fullname), "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds one module; all others are found as ever."""

    def __init__(self, root: Path, mutant: Mutation, text: str) -> None:
        self._name = mutant.module
        self._path = str(root / mutant.file)
        self._text = text

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        loader = _Mutated(fullname, self._path, self._text)
        return importlib.util.spec_from_file_location(fullname, self._path, loader=loader)


class _Watcher:
    """A plugin of pytest: runs the chosen tests in their order and notes the first failure."""

    def __init__(self, batch: Sequence[Chosen], note: Callable[[dict[str, str]], None]) -> None:
        self._batch = {test.nodeid: test for test in batch}
        self._note = note

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        import pytest  # noqa: PLC0415 - in the fork

        known = {item.nodeid: item for item in items}
        items[:] = [known[nodeid] for nodeid in self._batch if nodeid in known]
        for item in items:
            limit_s = 5 + SLOWER * self._batch[item.nodeid].seconds
            item.add_marker(pytest.mark.timeout(limit_s))

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self._note({"by": f"loading {report.nodeid}", "test": report.nodeid})

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self._note({"by": report.nodeid, "test": report.nodeid})


def _tests(
    court: Court, batch: Sequence[Chosen], mistake: tuple[Mutation, str] | None
) -> dict[str, str]:
    import pytest  # noqa: PLC0415 - loaded before the fork

    found: dict[str, str] = {}
    watcher = _Watcher(batch, lambda note: found.update({**note, **found}))
    named = dict.fromkeys(test.nodeid.partition("::")[0] for test in batch)
    files = [file for file in named if (court.root / file).exists()]  # the map may be older
    if not files:
        return found
    _lay_in(court.root, mistake)
    options = ["-x", "-q", "-p", "no:cacheprovider", "-W", EARLY]
    status = pytest.main([*options, *files], plugins=[watcher])
    if not found and status not in {0, 1, NO_TESTS}:
        found["by"] = f"pytest ended with {int(status)}"
    return found


def _seeds(court: Court, mistake: tuple[Mutation, str] | None) -> dict[str, str]:
    _lay_in(court.root, mistake)
    sys.argv = ["endure", "--seeds", str(court.seeds), "--first", str(court.first_seed)]
    try:
        runpy.run_module(ENDURANCE, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if ended.code in {None, 0}:
            return {}
        if ended.code == 2:
            raise RuntimeError(f"{ENDURANCE} did not understand {sys.argv[1:]}") from None
        return {"by": " ".join(sys.argv)}
    except Exception as error:  # noqa: BLE001 - what breaks off has noticed
        return {"by": f"{' '.join(sys.argv)}: {error!r}"}
    return {}


def _lay_in(root: Path, mistake: tuple[Mutation, str] | None) -> None:
    if mistake is not None:
        sys.meta_path.insert(0, _Finder(root, *mistake))
