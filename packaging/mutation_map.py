"""Which tests may notice a mistake in a line: found by one run of all tests, then kept.

Kept under `.mutants/` by a digest of program and tests. A map of an older tree can be
taken as well: only test files that have changed since are run, and lines are found again by
their text. Too many or too few tests are asked then, but what they answer is true.

Not asked are tests that start processes (a mistake that is laid into this process is not
seen there), tests of what stands outside of the judged files (screens, recogniser,
packaging), and tests that do not pass anyway.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mutation_lines import LineMap, Trace

KEPT = ".mutants"
LEFT_OUT = frozenset({"ui_pages", "ui_shell", "commands", "foreign", "packaging", "vision", "mqtt"})


def line_map(root: Path, watched: tuple[str, ...], *, older: bool) -> LineMap:
    """The kept map, or a new one; with `older` the newest that is kept, mended.

    Raises:
        RuntimeError: if the run of the tests gave no map.
    """
    folder = root / KEPT
    folder.mkdir(exist_ok=True)
    path = folder / f"map-{digest(root, ('fleetapp', 'tests'))}.json"
    kept = sorted(folder.glob("map-*.json"), key=lambda one: one.stat().st_mtime)
    if older and kept and not path.exists():
        return _mended(root, watched, json.loads(kept[-1].read_text("utf-8")))
    noted = _noted(root, watched, path, sorted(_asked_files(root)))
    return LineMap([Trace(root, noted, frozenset())])


def _mended(root: Path, watched: tuple[str, ...], noted: dict[str, Any]) -> LineMap:
    """The older map, and traces of the test files that are new or have changed since."""
    today, then = _asked_files(root), noted["files"]
    missing = {file: mark for file, mark in today.items() if then.get(file) != mark}
    traces = [Trace(root, noted, frozenset(missing))]
    for path in sorted((root / KEPT).glob("more-*.json")):
        more = json.loads(path.read_text("utf-8"))
        known = {file for file, mark in more["files"].items() if missing.get(file) == mark}
        traces.append(Trace(root, more, frozenset(more["files"].keys() - known)))
        missing = {file: mark for file, mark in missing.items() if file not in known}
    if missing:
        named = hashlib.sha256(json.dumps(missing, sort_keys=True).encode()).hexdigest()[:16]
        path = root / KEPT / f"more-{named}.json"
        new = _noted(root, watched, path, sorted(missing))
        traces.append(Trace(root, new, frozenset()))
    return LineMap(traces)


def digest(root: Path, folders: Iterable[str]) -> str:
    """Of everything that decides what the tests run."""
    found = hashlib.sha256()
    for path in sorted(path for folder in folders for path in (root / folder).rglob("*.py")):
        found.update(path.relative_to(root).as_posix().encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _asked_files(root: Path) -> dict[str, str]:
    """The test files that can be asked, with a digest of each."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in (root / "tests").rglob("test_*.py")
        if path.relative_to(root).parts[1] not in LEFT_OUT
    }


def _noted(root: Path, watched: tuple[str, ...], path: Path, files: list[str]) -> dict[str, Any]:
    """What a run of these test files notes, from the file where it is kept."""
    if not path.exists():
        digests = _asked_files(root)
        texts = {file: (root / file).read_text("utf-8") for file in watched}
        noted = _trace(root, watched, path.with_suffix(".new"), files)
        whole = {**noted, "files": {file: digests[file] for file in files}, "texts": texts}
        path.write_text(json.dumps(whole), "utf-8")
    answer: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return answer


def _trace(root: Path, watched: tuple[str, ...], path: Path, files: list[str]) -> dict[str, Any]:
    environment = {
        **os.environ,
        "FLEETAPP_TRACE": str(path),
        "FLEETAPP_WATCHED": "\n".join(str(root / file) for file in watched),
        "PYTHONPATH": os.pathsep.join([str(root), str(root / "packaging"), *_python_path()]),
        "QT_QPA_PLATFORM": "offscreen",
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    options = ["-q", "-p", "no:cacheprovider", "-p", "mutation_trace", "-o", "timeout=600"]
    print(f"finding out which test of {len(files)} files runs which line ...", file=sys.stderr)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *files],
        cwd=root,
        env=environment,
        stdout=sys.stderr,
        check=False,
    )
    if not path.exists():
        raise RuntimeError(f"the tests ended with {done.returncode} and left no map, see above")
    noted: dict[str, Any] = json.loads(path.read_text("utf-8"))
    path.unlink()
    return noted


def _python_path() -> list[str]:
    given = os.environ.get("PYTHONPATH", "")
    return [given] if given else []
