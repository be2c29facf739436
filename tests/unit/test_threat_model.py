"""Every test that the threat model names exists, and every promise has one."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODEL = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
REFERENCE = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROW = re.compile(r"^\| (?P<promise>.+?) \| (?P<held>.+) \|$", re.MULTILINE)
ATTACKER = re.compile(r"^### (.+)$", re.MULTILINE)


@cache
def names_in(path: str) -> set[str]:
    """Return the names of the tests of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_test_it_names_exists() -> None:
    references = REFERENCE.findall(MODEL)
    assert len(references) > 50
    missing = [
        f"{path}::{name}" for path, name in references if not (ROOT / path).is_file() or name not in names_in(path)
    ]
    assert missing == []
    # Nothing that looks like a test is referred to in another way.
    assert MODEL.count("tests/") == len(references) + MODEL.count("`tests/unit/test_threat_model.py`")


def test_every_promise_is_held_by_a_test_or_to_come() -> None:
    sections = ATTACKER.split(MODEL.partition("## What is not protected")[0])[1:]
    attackers = dict(zip(sections[::2], sections[1::2], strict=True))
    assert len(attackers) == 11
    for attacker, text in attackers.items():
        rows = [row for row in ROW.finditer(text) if row["promise"] not in {"promise", "---"}]
        assert rows, attacker
        for row in rows:
            assert REFERENCE.search(row["held"]) or row["held"] == "to come", row["promise"]
