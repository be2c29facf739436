"""All decisions of protection levels are in one table, and nothing else compares levels."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from signatures.models.protection import RULES, Protection, ProtectionRules

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "signatures" / "models" / "protection.py"
SOURCES = sorted(
    path
    for name in ("signatures", "petition_site", "tryout", "opener")
    for path in (ROOT / name).rglob("*.py")
    if path != TABLE
)
LEVELS = {level.value for level in Protection}
COMPARED_IN_TEMPLATE = re.compile(r"{%[^%]*\bprotection\b\s*(?:==|!=|<|>|in\b)|[\"'](?:GUARDED|ORDINARY)[\"']")


def names_a_level(node: ast.AST) -> bool:
    """Return whether an expression is or contains a level."""
    return any(
        (isinstance(one, ast.Attribute) and one.attr in LEVELS)
        or (isinstance(one, ast.Name) and one.id in LEVELS)
        or (isinstance(one, ast.Constant) and one.value in LEVELS)
        for one in ast.walk(node)
    )


def comparisons(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that compare a level directly."""
    for node in ast.walk(tree):
        compared = node if isinstance(node, (ast.Compare, ast.match_case)) else None
        looked_up = node.keys if isinstance(node, ast.Dict) else [node.slice] if isinstance(node, ast.Subscript) else []
        filtered = (
            [word.value for word in node.keywords if word.arg and "protection" in word.arg]
            if isinstance(node, ast.Call)
            else []
        )
        found = [compared, *looked_up, *filtered]
        if any(one is not None and names_a_level(one) for one in found):
            yield getattr(node, "lineno", 0)


@pytest.mark.parametrize(
    "source",
    [
        "if version.protection == Protection.GUARDED: pass",
        "if version.protection != 'ORDINARY': pass",
        "if GUARDED is level: pass",
        "x = level in (Protection.GUARDED,)",
        "match level:\n    case Protection.GUARDED: pass",
        "x = {Protection.GUARDED: 1}",
        "x = {'ORDINARY': 1}[level]",
        "x = Petition.objects.filter(protection='GUARDED')",
        "x = TextVersion.objects.exclude(protection__in=[Protection.ORDINARY])",
    ],
)
def test_a_comparison_of_levels_is_found(source: str) -> None:
    assert list(comparisons(ast.parse(source)))


def test_nothing_but_the_table_compares_levels() -> None:
    assert len(SOURCES) > 100
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in SOURCES
        for line in comparisons(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []
    templates = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    assert len(templates) > 50
    assert [path.name for path in templates if COMPARED_IN_TEMPLATE.search(path.read_text(encoding="utf-8"))] == []


def test_each_level_decides_everything_and_is_explained_to_signers_in_its_own_words() -> None:
    assert list(RULES) == list(Protection)
    names = [field.name for field in fields(ProtectionRules) if field.type == "bool"]
    assert len(names) >= 4
    for rules in RULES.values():
        assert {type(getattr(rules, name)) for name in names} == {bool}
    told = [str(rules.told_to_signers) for rules in RULES.values()]
    assert len(set(told)) == len(told)
    # One sentence each.
    assert all(re.fullmatch(r"[^.]+\.", sentence) for sentence in told)


def test_levels_are_in_ascending_order() -> None:
    assert Protection.ORDINARY.is_below(Protection.GUARDED)
    assert not Protection.GUARDED.is_below(Protection.ORDINARY)
    assert not any(level.is_below(level) for level in Protection)
