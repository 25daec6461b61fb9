"""The one file that pins every package, held against what is installed here."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
# What installs and builds everything else (`packaging/run`).
TOOLS = ("pip", "setuptools", "packaging")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pinned() -> dict[str, str]:
    lines = (ROOT / "packaging" / "constraints.txt").read_text("utf-8").splitlines()
    pairs = [line.partition("==") for line in lines if not line.startswith("#")]
    return {_plain(name): version for name, _, version in pairs}


def _wanted() -> list[Requirement]:
    project = PROJECT["project"]
    lines = [*project["dependencies"], *PROJECT["build-system"]["requires"], *TOOLS]
    for extra in project["optional-dependencies"].values():
        lines += extra
    return [Requirement(line) for line in lines]


def _all_needed() -> set[str]:
    """Names of all packages that are needed here, directly or by others."""
    open_ones, seen = [(wanted, "") for wanted in _wanted()], set()
    needed = set()
    while open_ones:
        wanted, extra = open_ones.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra}):
            continue
        needed.add(_plain(wanted.name))
        for asked in ("", *wanted.extras):
            if (key := (_plain(wanted.name), asked)) not in seen:
                seen.add(key)
                open_ones += [(Requirement(line), asked) for line in _needs_of(wanted.name)]
    return needed


def _needs_of(name: str) -> list[str]:
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:  # only for training, which is no part of the checks
        return []


def test_every_package_that_is_needed_is_pinned():
    assert sorted(_all_needed() - set(_pinned())) == []


def test_nothing_is_pinned_that_nobody_needs():
    assert sorted(set(_pinned()) - _all_needed()) == []


def test_pinned_versions_are_those_that_the_project_asks_for():
    pinned = _pinned()

    wrong = [
        f"{wanted} but {pinned[_plain(wanted.name)]}"
        for wanted in _wanted()
        if not wanted.specifier.contains(pinned[_plain(wanted.name)])
    ]

    assert wrong == []
