"""Lend a bare environment what a wheel asks for, and nothing else.

Usage: python lend.py WHEEL SITE_PACKAGES, run by the environment that lends. What the
wheel needs, directly or by others, is linked file tree by file tree: installing it
again would take minutes. A package that the program uses and does not ask for (one
of the tests', say) is not there, as on a stranger's machine.
"""

import sys
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement


def wanted_by(wheel: Path) -> list[Requirement]:
    """What the wheel's metadata ask for."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        text = archive.read(name).decode("utf-8")
    return [Requirement(line) for line in Parser().parsestr(text).get_all("Requires-Dist", [])]


def needed(wanted: list[Requirement]) -> dict[str, metadata.Distribution]:
    """All distributions that are needed here, by name."""
    found: dict[str, metadata.Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(one, "") for one in wanted]
    while waiting:
        one, extra = waiting.pop()
        if one.marker is not None and not one.marker.evaluate({"extra": extra}):
            continue
        distribution = metadata.distribution(one.name)
        name = str(distribution.metadata["Name"])
        found[name] = distribution
        for asked in {"", *one.extras} - {e for n, e in seen if n == name}:
            seen.add((name, asked))
            waiting += [(Requirement(line), asked) for line in distribution.requires or ()]
    return found


def tops(distribution: metadata.Distribution) -> Iterator[Path]:
    """The folders and files of a distribution right under site-packages."""
    names = {path.parts[0] for path in distribution.files or () if ".." not in path.parts}
    for name in sorted(names - {"__pycache__"}):
        yield Path(str(distribution.locate_file(name)))


def lend(wheel: Path, site_packages: Path) -> list[str]:
    """Link everything that is needed; the names of what was lent."""
    distributions = needed(wanted_by(wheel))
    for distribution in distributions.values():
        for source in tops(distribution):
            target = site_packages / source.name
            if not target.exists():
                target.symlink_to(source)
    return sorted(distributions, key=str.lower)


if __name__ == "__main__":
    print("lent:", ", ".join(lend(Path(sys.argv[1]), Path(sys.argv[2]))))
