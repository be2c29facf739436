"""Collects from the program's source what the details of audit entries are called."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import signatures

RECORDS = re.compile(r"\bauditing\b|\brecord\(|\brecorded\(")
HOLDS_DETAILS = re.compile(r"details|facts")


def every_key() -> set[str]:
    """Return the keys of details that anything in the program records."""
    files = [path for path in Path(signatures.__file__).parent.rglob("*.py") if "migrations" not in path.parts]
    texts = [path.read_text(encoding="utf-8") for path in files]
    # A module may import a constant from another.
    everywhere = {name: text for source in texts for name, text in _constants_of(ast.parse(source)).items()}
    trees = [ast.parse(text) for text in texts if RECORDS.search(text)]
    return {key for tree in trees for key in _keys_of(tree, everywhere | _constants_of(tree))}


def _constants_of(tree: ast.Module) -> dict[str, str]:
    """Return the texts that have a name in a module."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _keys_of(tree: ast.Module, constants: dict[str, str]) -> Iterator[str]:
    for given in filter(None, (one for node in ast.walk(tree) for one in _given(node))):
        for key in (key for one in ast.walk(given) if isinstance(one, ast.Dict) for key in one.keys):
            yield from _texts(key, constants)
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and _is_called_so(node.value):
            yield from _texts(node.slice, constants)


def _given(node: ast.AST) -> list[ast.expr | None]:
    """Return the expressions that become details: arguments, values of variables, and what functions return."""
    if isinstance(node, ast.keyword) and node.arg == "details":
        return [node.value]
    if isinstance(node, ast.Assign) and any(map(_is_called_so, node.targets)):
        return [node.value]
    if isinstance(node, ast.AnnAssign | ast.AugAssign) and _is_called_so(node.target):
        return [node.value]
    if isinstance(node, ast.FunctionDef) and HOLDS_DETAILS.search(node.name):
        return [one.value for one in ast.walk(node) if isinstance(one, ast.Return)]
    return []


def _is_called_so(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and bool(HOLDS_DETAILS.search(target.id))


def _texts(key: ast.expr | None, constants: dict[str, str]) -> Iterator[str]:
    if isinstance(key, ast.Constant):
        yield str(key.value)
    elif isinstance(key, ast.Name):
        yield constants[key.id]
