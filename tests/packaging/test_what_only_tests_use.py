"""Nothing in the package `fleetapp` is there for its tests alone."""

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = [path for name in ("fleetapp", "ui", "packaging") for path in (ROOT / name).rglob("*.py")]


def used_in(tree):
    """The names that a module reads or imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def defined_in(tree):
    """The functions, classes and constants of a module."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def test_each_function_class_and_constant_is_used_by_the_program():
    trees = {path: ast.parse(path.read_text("utf-8")) for path in PROGRAM}
    used = Counter(name for tree in trees.values() for name in used_in(tree))
    names = [
        f"{path.relative_to(ROOT)}: {name}"
        for path, tree in trees.items()
        for name in defined_in(tree)
        if path.is_relative_to(ROOT / "fleetapp") and not used[name] and name != "__all__"
    ]

    assert names == []
