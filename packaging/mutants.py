"""Would anybody notice? Small mistakes, drawn by number, laid into the program one by one.

    packaging/run endure --mutants K [--first S] [--jobs J] [--json] [--list]

Each is judged by the tests that run its lines (and by runs of the endurance machine),
until the first that fails. One that nobody notices is a test that is missing, or a line
that is not needed, or it changes nothing that anybody could see: then
`packaging/mutants.toml` says why, under `[[explained]]`. The list `[[named]]` there is
judged in every run: each of them was alive once, and must be caught.

Exit status: 0 if all were caught or explained, 1 if not, 2 for wrong usage.
"""

import argparse
import difflib
import json
import multiprocessing
import os
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mutation_draw import NAMED_FILE, Drawn, all_mutations, draw, named, target_files, watched_files
from mutation_judge import Court, Judgement, Verdict, judge, prepare
from mutation_lines import Chosen
from mutation_map import line_map
from mutation_sites import Mutation

ROOT = Path(__file__).resolve().parents[1]
LEAST = 0.95
EXPLAINED = "explained"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A mutant with its verdict; `reason` says why one that survived does no harm."""

    drawn: Drawn
    judgement: Judgement
    reason: str

    @property
    def verdict(self) -> str:
        """caught, survived or explained."""
        return EXPLAINED if self.reason else self.judgement.verdict.value


def reasons(root: Path) -> dict[tuple[str, str, str, str], str]:
    """Why a survivor does no harm, by file, function and text."""
    table = tomllib.loads((root / NAMED_FILE).read_text("utf-8"))
    return {
        (entry["file"], entry["function"], entry["before"], entry["after"]): entry["reason"]
        for entry in table.get(EXPLAINED, ())
    }


def matched_by(mutant: Mutation) -> tuple[str, str, str, str]:
    """What an explanation names; lines move, texts do not."""
    return mutant.file, mutant.function, mutant.before, mutant.after


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="endure", description=__doc__)
    parser.add_argument("--mutants", type=int, required=True, metavar="K", help="how many")
    parser.add_argument("--first", type=int, default=1, metavar="S", help="the first number")
    parser.add_argument("--jobs", type=int, default=1, metavar="J", help="processes")
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    parser.add_argument("--list", action="store_true", help="only say which they are")
    parser.add_argument("--only", default="", metavar="TEXT", help="only files with this in them")
    parser.add_argument("--unnamed", action="store_true", help="without the list of named ones")
    parser.add_argument("--seeds", type=int, default=3, help="endurance runs for each")
    parser.add_argument("--budget", type=float, default=90.0, help="seconds of tests for each")
    parser.add_argument("--older-map", action="store_true", help="take a map of another tree")
    return parser.parse_args()


def main() -> int:
    """Draw, judge, say."""
    wanted = _arguments()
    files = tuple(file for file in target_files(ROOT) if wanted.only in file)
    numbers = range(wanted.first, wanted.first + wanted.mutants)
    drawn = draw(ROOT, all_mutations(ROOT, files), numbers)
    if not wanted.unnamed:
        drawn += named(ROOT)
    if wanted.list:
        _say_list(drawn, as_json=wanted.json)
        return 0
    known = reasons(ROOT)
    outcomes = []
    for one, judgement in _judged(wanted, drawn):
        survived = judgement.verdict is Verdict.SURVIVED
        reason = known.get(matched_by(one.mutant), "") if survived else ""
        outcomes.append(Outcome(one, judgement, reason))
        print(_line(outcomes[-1]), file=sys.stderr, flush=True)
    return _say_answer(outcomes, as_json=wanted.json)


def _judged(
    wanted: argparse.Namespace, drawn: tuple[Drawn, ...]
) -> Iterator[tuple[Drawn, Judgement]]:
    tests = line_map(ROOT, watched_files(ROOT), older=wanted.older_map)
    court = Court(ROOT, wanted.budget, wanted.seeds)
    cases = [(one.mutant, tests.tests_for(one.mutant)) for one in drawn]
    context = multiprocessing.get_context("fork")
    with context.Pool(wanted.jobs, initializer=prepare, initargs=(ROOT,)) as pool:
        yield from zip(drawn, pool.imap(partial(_case, court), cases), strict=True)


def _case(court: Court, case: tuple[Mutation, tuple[Chosen, ...]]) -> Judgement:
    return judge(court, *case)


def diff(mutant: Mutation) -> str:
    """The mistake as a diff."""
    text = (ROOT / mutant.file).read_text("utf-8")
    lines = difflib.unified_diff(
        text.splitlines(), mutant.made_in(text).splitlines(), mutant.file, "mutant", "", "", 1, ""
    )
    return "\n".join(lines)


def _line(outcome: Outcome) -> str:
    mutant, judgement = outcome.drawn.mutant, outcome.judgement
    place = f"{mutant.file}:{mutant.line}"
    by = judgement.by or f"{len(judgement.tests)} tests"
    return f"{outcome.drawn.name} {outcome.verdict} {place} {mutant.operator} | {by}"


def _say_list(drawn: tuple[Drawn, ...], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([_as_json(one) for one in drawn], indent=1))
        return
    for one in drawn:
        mutant = one.mutant
        print(f"{one.name} {mutant.file}:{mutant.line} {mutant.operator}")
        print(f"    {mutant.before}\n    {mutant.after}")


def _as_json(one: Drawn) -> dict[str, Any]:
    mutant = one.mutant
    return {
        "name": one.name,
        "file": mutant.file,
        "line": mutant.line,
        "function": mutant.function,
        "operator": mutant.operator,
        "before": mutant.before,
        "after": mutant.after,
    }


def _say_answer(outcomes: list[Outcome], *, as_json: bool) -> int:
    count = Counter(outcome.verdict for outcome in outcomes)
    ratio = (len(outcomes) - count["survived"]) / max(1, len(outcomes))
    figures = {
        "drawn": len(outcomes),
        "caught": count["caught"],
        EXPLAINED: count[EXPLAINED],
        "survived": count["survived"],
        "ratio": round(ratio, 3),
    }
    named_alive = [o for o in outcomes if not o.drawn.name.isdigit() and o.verdict != "caught"]
    if as_json:
        print(json.dumps({**figures, "mutants": [_with_verdict(o) for o in outcomes]}, indent=1))
    else:
        for outcome in outcomes:
            if outcome.verdict != "caught":
                _say_survivor(outcome)
        print(", ".join(f"{name} {figure}" for name, figure in figures.items()))
    return 1 if count["survived"] or named_alive or ratio < LEAST else 0


def _with_verdict(outcome: Outcome) -> dict[str, Any]:
    judgement = outcome.judgement
    return {
        **_as_json(outcome.drawn),
        "verdict": outcome.verdict,
        "by": judgement.by,
        "reason": outcome.reason,
        "tests": len(judgement.tests),
        "tests_not_run": judgement.not_run,
        "seconds": judgement.seconds,
    }


def _say_survivor(outcome: Outcome) -> None:
    mutant, judgement = outcome.drawn.mutant, outcome.judgement
    print(f"{outcome.drawn.name} {outcome.verdict}: {mutant.file}:{mutant.line} {mutant.function}")
    print(diff(mutant))
    if outcome.reason:
        print(f"  {outcome.reason}")
    shown = judgement.tests[:5]
    print(f"  {len(judgement.tests)} tests ran, {judgement.not_run} more had no time")
    print("".join(f"    {nodeid}\n" for nodeid in shown))


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.exit(main())
