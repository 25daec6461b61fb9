"""Checks the documents: links lead somewhere, commands exist, nothing is left undone.

Every `fleetapp COMMAND` that README or docs name must be a command of the
program, every command must be in the user guide, every relative link and every
path of the checkout that is named must exist.
"""

import re
import sys
from pathlib import Path

from fleetapp.cli.main import parser

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
PATH = re.compile(
    r"`((?:fleetapp|ui|tests|packaging|docs|maps|assets)/[A-Za-z0-9_./-]*[A-Za-z0-9_/])`"
)
NAMED = re.compile(r"`(?:packaging/run )?fleetapp ([a-z][a-z-]*)")


def commands() -> set[str]:
    """The commands that the program has."""
    actions = [a for a in parser()._actions if a.dest == "command"]  # noqa: SLF001 - argparse has no other way
    return set(actions[0].choices or ())


def problems() -> list[str]:
    """What is wrong, one line each."""
    found: list[str] = []
    known = commands()
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    named: set[str] = set()
    for page in pages:
        text = page.read_text(encoding="utf-8")
        named |= set(NAMED.findall(text))
        found += [
            f"{page.relative_to(ROOT)}: link to {target} leads nowhere"
            for target in LINK.findall(text)
            if "://" not in target and not (page.parent / target).exists()
        ]
        found += [
            f"{page.relative_to(ROOT)}: there is no {path}"
            for path in PATH.findall(text)
            if not (ROOT / path).exists()
        ]
    found += [f"documents name `fleetapp {name}`, which does not exist" for name in named - known]
    found += [f"`fleetapp {name}` is in no document: add it" for name in known - named]
    readme = pages[0].read_text(encoding="utf-8")
    for line in ("packaging/run demo", "packaging/run test"):
        if line not in readme:
            found.append(f"README.md does not show `{line}`")
    return sorted(found)


if __name__ == "__main__":
    lines = problems()
    print("\n".join(lines) or "documents are whole")
    sys.exit(1 if lines else 0)
