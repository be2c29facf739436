"""The verification against OWASP ASVS has correct totals, and every file and test it names exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from tests.unit.test_threat_model import REFERENCE, ROOT, names_in

DOCUMENT = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?P<numbers>\d[\d., ]*) \| (?P<state>[^|]+) \| (?P<where>.+) \|$", re.MULTILINE)
PLACE = re.compile(r"`([\w/-]+(?:/[\w.-]+)|SECURITY\.md|requirements\.txt)(?:::\w+)?`")
STATES = ("met", "not applicable", "**not met**")
# Number of requirements of levels 1 and 2 in each section of version 5.0.0, in order.
REQUIREMENTS = {
    1: [2, 9, 11, 3, 2],
    2: [3, 3, 4, 1],
    3: [0, 2, 4, 6, 5, 0, 2],
    4: [3, 1, 2, 4],
    5: [1, 3, 2, 3],
    6: [3, 12, 4, 4, 5, 3, 0, 4],
    7: [3, 4, 2, 5, 2, 2],
    8: [2, 3, 1, 1],
    9: [3, 4],
    10: [2, 2, 4, 11, 5, 2, 3],
    11: [2, 3, 3, 4, 1, 1],
    12: [3, 2, 4],
    13: [1, 5, 2, 5],
    14: [2, 4, 3],
    15: [3, 3, 7],
    16: [1, 5, 4, 3, 3],
    17: [1, 4, 2],
}


def test_every_requirement_has_one_row_and_the_totals_are_right() -> None:
    found = [(number, row["state"]) for row in ROW.finditer(DOCUMENT) for number in row["numbers"].split(", ")]
    expected = [
        f"{chapter}.{section}.{number}"
        for chapter, sections in REQUIREMENTS.items()
        for section, amount in enumerate(sections, start=1)
        for number in range(1, amount + 1)
    ]
    assert sorted(number for number, _ in found) == sorted(expected)
    counted = Counter(state for _, state in found)
    assert set(counted) == set(STATES)
    for state in STATES:
        assert f"| {state} | {counted[state]} |" in DOCUMENT


def test_every_file_and_test_it_names_exists() -> None:
    places = PLACE.findall(DOCUMENT)
    assert len(places) > 100
    assert [place for place in places if not place.startswith("/admin") and not (ROOT / Path(place)).exists()] == []
    assert [f"{path}::{name}" for path, name in REFERENCE.findall(DOCUMENT) if name not in names_in(path)] == []
