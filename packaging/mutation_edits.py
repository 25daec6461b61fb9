"""The mistakes: what one node of a program can be turned into.

A whole number up to 16 is off by one; a larger one (a time, a limit) is doubled, for
one millisecond more is nothing that a rule speaks of.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

SMALL = 16
COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
}
# Turned round by their comparison already: a negation would be the same mutant twice.
TURNED = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
CHANGES = re.compile(r"replace|change_\w+")
DROPPED = (
    ast.Expr,
    ast.Assign,
    ast.AnnAssign,
    ast.AugAssign,
    ast.Return,
    ast.Raise,
    ast.Continue,
    ast.Break,
    ast.Delete,
)


class Operator(StrEnum):
    """The kinds of mistake."""

    COMPARE = "compare"
    NEGATE = "negate"
    DROP_STATEMENT = "drop statement"
    OFF_BY_ONE = "off by one"
    AND_OR = "and/or"
    TRUE_FALSE = "true/false"
    DROP_CHANGE = "drop change"


@dataclass(frozen=True, slots=True)
class Edit:
    """The text from `start` to `end` becomes `instead`."""

    operator: Operator
    start: int
    end: int
    instead: str


class Source:
    """A file's text, and where in it each node stands."""

    def __init__(self, text: str) -> None:
        """Read the text once."""
        self.text = text
        self.tree = ast.parse(text)
        self._lines = text.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def start(self, node: ast.AST) -> int:
        """Characters before a node."""
        return self._offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        """Characters up to the end of a node."""
        return self._offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def of(self, node: ast.AST) -> str:
        """The text of a node."""
        return self.text[self.start(node) : self.end(node)]

    def _offset(self, line: int, column: int) -> int:
        """Columns of `ast` count bytes of UTF-8."""
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())


def edits_at(source: Source, node: ast.AST) -> Iterator[Edit]:
    """All mistakes at this very node, without those of its parts."""
    match node:
        case ast.Compare():
            yield from _compared(source, node)
        case ast.BoolOp():
            yield from _swapped(source, node)
        case ast.If() | ast.IfExp() | ast.While():
            yield from _turned_round(source, node.test)
        case ast.comprehension():
            for test in node.ifs:
                yield from _turned_round(source, test)
        case ast.UnaryOp(op=ast.Not()):
            yield from _without_not(source, node)
        case ast.Constant():
            yield from _other_constant(source, node)
        case ast.Call():
            yield from _without_change(source, node)
        case _:
            yield from _dropped(source, node)


def _compared(source: Source, node: ast.Compare) -> Iterator[Edit]:
    left: ast.expr = node.left
    for kind, right in zip(node.ops, node.comparators, strict=True):
        written, instead = COMPARISONS[type(kind)]
        if found := _between(source, (left, right), written):
            yield Edit(Operator.COMPARE, *found, instead)
        left = right


def _swapped(source: Source, node: ast.BoolOp) -> Iterator[Edit]:
    written, instead = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    for pair in pairwise(node.values):
        if found := _between(source, pair, written):
            yield Edit(Operator.AND_OR, *found, instead)


def _between(
    source: Source, pair: tuple[ast.expr, ast.expr], written: str
) -> tuple[int, int] | None:
    """Where an operator stands: only brackets and blanks stand there beside it."""
    begin = source.end(pair[0])
    gap = source.text[begin : source.start(pair[1])]
    pattern = written if re.match(r"[<>=!]", written) else rf"\b{written}\b"
    found = re.search(pattern, gap)
    return (begin + found.start(), begin + found.end()) if found else None


def _turned_round(source: Source, test: ast.expr) -> Iterator[Edit]:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return  # its `not` is dropped
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], TURNED):
        return
    if isinstance(test, ast.Constant):
        return
    text = f"(not ({source.of(test)}))"
    yield Edit(Operator.NEGATE, source.start(test), source.end(test), text)


def _without_not(source: Source, node: ast.UnaryOp) -> Iterator[Edit]:
    start = source.start(node)
    written = re.match(r"not\s*", source.text[start:])
    if written:
        yield Edit(Operator.NEGATE, start, start + written.end(), "")


def _dropped(source: Source, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, DROPPED):
        yield Edit(Operator.DROP_STATEMENT, source.start(node), source.end(node), "pass")


def _other_constant(source: Source, node: ast.Constant) -> Iterator[Edit]:
    start, end = source.start(node), source.end(node)
    if isinstance(node.value, bool):
        yield Edit(Operator.TRUE_FALSE, start, end, str(not node.value))
        return
    if not isinstance(node.value, int):
        return
    others = (node.value + 1, node.value - 1) if node.value <= SMALL else (node.value * 2,)
    for other in others:
        yield Edit(Operator.OFF_BY_ONE, start, end, f"{other:_}")


def _without_change(source: Source, node: ast.Call) -> Iterator[Edit]:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else source.of(node.func)
    if not CHANGES.fullmatch(called):
        return
    parts: list[ast.AST] = sorted([*node.args, *node.keywords], key=source.start)
    for before, part in pairwise(parts):
        if isinstance(part, ast.keyword) and part.arg is not None:
            yield Edit(Operator.DROP_CHANGE, source.end(before), source.end(part), "")
