"""Which mutants are judged: drawn by number, over files that are named here.

The mutant of a number is the one whose digest together with that number is the lowest.
So a change of one function leaves the draw of all others as it is, and what was found
under a number stands under it tomorrow.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from mutation_sites import Mutation, mutations

NAMED_FILE = "packaging/mutants.toml"
TARGETS = (
    "fleetapp/core/**/*.py",
    "fleetapp/traffic/**/*.py",
    "fleetapp/safety/**/*.py",
    "fleetapp/dispatch/**/*.py",
    "fleetapp/fleet/**/*.py",
    "fleetapp/tasks/**/*.py",
    "fleetapp/perception/**/*.py",
    "fleetapp/access/**/*.py",
    "fleetapp/engine/outbox.py",
    "fleetapp/engine/loop.py",
    "fleetapp/engine/sessions.py",
    "fleetapp/vda5050/session.py",
    "fleetapp/vda5050/commanding.py",
    "fleetapp/vda5050/following.py",
    "fleetapp/vda5050/freshness.py",
    "fleetapp/vda5050/reporting.py",
    "fleetapp/vda5050/ordering.py",
    "fleetapp/vda5050/pausing.py",
    "fleetapp/vda5050/resuming.py",
    "fleetapp/vda5050/sending.py",
    "fleetapp/vda5050/straying.py",
    "fleetapp/audit/writer.py",
    "fleetapp/audit/chain.py",
    "fleetapp/audit/verify.py",
    "fleetapp/audit/ring*.py",
    "fleetapp/audit/anchor*.py",
    "fleetapp/audit/heads.py",
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A mutant and what drew it: a number, or a name of the list that is always judged."""

    name: str
    mutant: Mutation


def target_files(root: Path) -> tuple[str, ...]:
    """The files over which mutants are drawn."""
    found = {path.relative_to(root).as_posix() for glob in TARGETS for path in root.glob(glob)}
    return tuple(sorted(found))


def watched_files(root: Path) -> tuple[str, ...]:
    """The same, and those that the named mutants change."""
    return tuple(sorted({*target_files(root), *(one.mutant.file for one in named(root))}))


def all_mutations(root: Path, files: tuple[str, ...]) -> tuple[Mutation, ...]:
    """Every mistake that could be drawn."""
    return tuple(
        mutant for file in files for mutant in mutations(file, (root / file).read_text("utf-8"))
    )


def draw(root: Path, pool: tuple[Mutation, ...], numbers: range) -> tuple[Drawn, ...]:
    """One mutant a number; one that Python refuses, or that is drawn already, is drawn anew."""
    taken: set[str] = set()
    drawn = []
    for number in numbers:
        for mutant in _in_order(pool, number):
            text = (root / mutant.file).read_text("utf-8")
            if mutant.key not in taken and mutant.is_a_program(text):
                taken.add(mutant.key)
                drawn.append(Drawn(str(number), mutant))
                break
    return tuple(drawn)


def _in_order(pool: tuple[Mutation, ...], number: int) -> Iterator[Mutation]:
    salt = number.to_bytes(8, "big")
    lots = [
        (blake2b(mutant.key.encode(), salt=salt, digest_size=8).digest(), index)
        for index, mutant in enumerate(pool)
    ]
    yield from (pool[index] for _, index in sorted(lots)[:50])


def named(root: Path) -> tuple[Drawn, ...]:
    """The mutants that are always judged: each was found alive once.

    Raises:
        ValueError: if the text that one changes is not, or not once, in its file.
    """
    table = tomllib.loads((root / NAMED_FILE).read_text("utf-8"))
    return tuple(_named(root, entry) for entry in table.get("named", ()))


def _named(root: Path, entry: dict[str, str]) -> Drawn:
    text = (root / entry["file"]).read_text("utf-8")
    before, name = entry["before"], entry["name"]
    if text.count(before) != 1:
        raise ValueError(
            f"mutant {name!r}: {before!r} is {text.count(before)} times in {entry['file']}, not "
            f"once: write its text in {NAMED_FILE} as the file has it now"
        )
    start = text.index(before)
    line = text.count("\n", 0, start) + 1
    return Drawn(
        name,
        Mutation(
            file=entry["file"],
            function=entry["function"],
            operator="named",
            line=line,
            first_line=line,
            last_line=line + before.count("\n"),
            start=start,
            end=start + len(before),
            instead=entry["after"],
            before=" ".join(before.split()),
            after=" ".join(entry["after"].split()),
        ),
    )
