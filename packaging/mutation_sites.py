"""Where a source file can be changed by one small mistake, and what the mistake looks like.

A `Mutation` is one edit of the text, so that its diff reads as a person would have
written it. Left out is what no test can be asked to notice: docstrings, type hints,
`__all__`, log lines, texts of errors, decorators, lines that are never reached
(`assert_never`), and the only value of a name. Which mistakes there are: `mutation_edits`.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TypeGuard

from mutation_edits import Edit, Source, edits_at

NAMES_OF_ALL = frozenset({"__all__"})
LOGS = frozenset({"log", "logger", "logging", "LOG", "_log", "_LOG"})
NO_ANSWERS = frozenset({"None", "False"})
NEVER_REACHED = frozenset({"assert_never"})
SAME_LENGTH = "strict"  # of zip: no answer depends on it while the lengths are equal
BLOCKS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Mutation:
    """One mistake: the text from `start` to `end` becomes `instead`.

    `first_line` to `last_line` are those of the statement that holds it: a test that
    runs any of them may notice. `before` and `after` are the lines of the edit in one.
    `nth` counts equal mistakes in one function.
    """

    file: str
    function: str
    operator: str
    line: int
    first_line: int
    last_line: int
    start: int
    end: int
    instead: str
    before: str
    after: str
    nth: int = 0

    @property
    def key(self) -> str:
        """What tells it from all others, also after other lines of the file have moved."""
        parts = (self.file, self.function, self.operator, self.before, self.after)
        return "\x1f".join((*parts, str(self.nth)))

    @property
    def module(self) -> str:
        """The name by which the program imports the file."""
        parts = PurePath(self.file).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def made_in(self, text: str) -> str:
        """The file's text with the mistake in it."""
        return text[: self.start] + self.instead + text[self.end :]

    def is_a_program(self, text: str) -> bool:
        """Whether Python takes it."""
        try:
            compile(self.made_in(text), self.file, "exec")
        except SyntaxError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the file the walk is: blocks around it, lines of the statement."""

    names: tuple[str, ...] = ()
    first_line: int = 0
    last_line: int = 0
    in_function: bool = False
    bound_again: frozenset[str] = frozenset()  # names with more than one value in the function
    at_end: ast.stmt | None = None  # the function's last statement


def mutations(file: str, text: str) -> tuple[Mutation, ...]:
    """All mistakes that can be made in a file, in the order of its text."""
    source = Source(text)
    counted: dict[str, int] = {}
    found = []
    for place, edit in _body(source, source.tree.body, _Place()):
        mutant = _mutation(file, source, place, edit)
        nth = counted.get(mutant.key, 0)
        counted[mutant.key] = nth + 1
        found.append(replace(mutant, nth=nth))
    return tuple(sorted(found, key=lambda mutant: (mutant.start, mutant.end, mutant.instead)))


def _mutation(file: str, source: Source, place: _Place, edit: Edit) -> Mutation:
    text = source.text
    begin = text.rfind("\n", 0, edit.start) + 1
    finish = edit.end + len(text[edit.end :].partition("\n")[0])
    after = text[begin : edit.start] + edit.instead + text[edit.end : finish]
    return Mutation(
        file=file,
        function=".".join(place.names) or "<module>",
        operator=edit.operator.value,
        line=text.count("\n", 0, edit.start) + 1,
        first_line=place.first_line,
        last_line=place.last_line,
        start=edit.start,
        end=edit.end,
        instead=edit.instead,
        before=_one_line(text[begin:finish]),
        after=_one_line(after),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _body(source: Source, body: list[ast.stmt], place: _Place) -> Iterator[tuple[_Place, Edit]]:
    for statement in body:
        if _cannot_matter(statement):
            continue
        yield from _statement(source, statement, place)


def _statement(
    source: Source, statement: ast.stmt, around: _Place
) -> Iterator[tuple[_Place, Edit]]:
    blocks = _blocks_of(statement)
    last = blocks[0][0].lineno - 1 if blocks and blocks[0] else statement.end_lineno
    first = statement.lineno
    place = replace(around, first_line=first, last_line=max(first, last or first))
    if place.in_function and not _stays(statement, place):
        yield from ((place, edit) for edit in edits_at(source, statement))
    for node in _own_expressions(statement):
        yield from _expression(source, node, place)
    inner = place
    if isinstance(statement, BLOCKS):
        is_function = not isinstance(statement, ast.ClassDef)
        names = (*place.names, statement.name)
        again = _bound_again(statement) if is_function else frozenset()
        inner = replace(place, names=names, in_function=is_function, bound_again=again)
        inner = replace(inner, at_end=statement.body[-1])
    for block in blocks:
        yield from _body(source, block, inner)


def _expression(source: Source, node: ast.AST, place: _Place) -> Iterator[tuple[_Place, Edit]]:
    if isinstance(node, ast.JoinedStr | ast.arg):  # a text; a name with its type hint
        return
    if isinstance(node, ast.keyword) and node.arg == SAME_LENGTH:
        return
    yield from ((place, edit) for edit in edits_at(source, node))
    for child in ast.iter_child_nodes(node):
        yield from _expression(source, child, place)


def _blocks_of(statement: ast.stmt) -> list[list[ast.stmt]]:
    """The blocks of statements in it, in the order of the text."""
    blocks = [getattr(statement, "body", [])]
    blocks += [handler.body for handler in getattr(statement, "handlers", [])]
    blocks += [case.body for case in getattr(statement, "cases", [])]
    blocks += [getattr(statement, name, []) for name in ("orelse", "finalbody")]
    return [block for block in blocks if block]


def _own_expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """What stands in the statement itself: no blocks, type hints or decorators."""
    if isinstance(statement, ast.Raise | ast.Import | ast.ImportFrom):
        return  # the text of an error
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        yield statement.args
        return
    if isinstance(statement, ast.ClassDef):
        return
    for case in getattr(statement, "cases", []):
        yield from (node for node in (case.pattern, case.guard) if node is not None)
    hint = getattr(statement, "annotation", None)
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr | ast.withitem) and child is not hint:
            yield child


def _stays(statement: ast.stmt, place: _Place) -> bool:
    """Whether dropping it is no mistake that anybody would commit, or none at all.

    Without its only value a name is unknown; at its end a function answers None anyway,
    which is as false as False.
    """
    if statement is place.at_end and isinstance(statement, ast.Return):
        return statement.value is None or ast.unparse(statement.value) in NO_ANSWERS
    if not isinstance(statement, ast.Assign | ast.AnnAssign):
        return False
    names = {node.id for node in ast.walk(statement) if _is_bound(node)}
    return bool(names) and not names & place.bound_again


def _bound_again(block: ast.AST) -> frozenset[str]:
    names = Counter(node.id for node in ast.walk(block) if _is_bound(node))
    names.update(node.arg for node in ast.walk(block) if isinstance(node, ast.arg))
    return frozenset(name for name, count in names.items() if count > 1)


def _is_bound(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _cannot_matter(statement: ast.stmt) -> bool:
    """Docstrings of values, log lines, `__all__`, what runs for type checkers only."""
    if _is_text(statement):
        return True
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = ast.unparse(statement.value.func)
        return called.split(".")[0] in LOGS or called in NEVER_REACHED
    if isinstance(statement, ast.Assign):
        return any(isinstance(t, ast.Name) and t.id in NAMES_OF_ALL for t in statement.targets)
    return isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING"
