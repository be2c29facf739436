"""Small cells are merged, so that no number stands for a few people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.counting.merging import CELL_MIN, OTHERS, merge_small

CELLS = st.dictionaries(st.text("ABCDEFGH", min_size=2, max_size=2), st.integers(0, 40), max_size=20)


@pytest.mark.parametrize(
    ("cells", "merged"),
    [
        ({}, {}),
        ({"BY": 9}, {}),
        ({"BY": 10}, {"BY": 10}),
        ({"BY": 30, "PL": 20}, {"BY": 30, "PL": 20}),
        ({"BY": 30, "PL": 6, "LT": 4}, {"BY": 30, OTHERS: 10}),
        # One more cell goes, or the merged one would be a handful.
        ({"BY": 30, "PL": 20, "LT": 1}, {"BY": 30, OTHERS: 21}),
        ({"BY": 12, "LT": 9}, {OTHERS: 21}),
        ({"BY": 12, "LT": 0}, {"BY": 12}),
    ],
)
def test_cells_are_merged_until_each_stands_for_ten(cells: dict[str, int], merged: dict[str, int]) -> None:
    assert merge_small(cells) == merged


@given(CELLS)
def test_no_cell_stands_for_fewer_than_ten_and_nobody_is_lost(cells: dict[str, int]) -> None:
    merged = merge_small(cells)
    assert all(amount >= CELL_MIN for amount in merged.values())
    total = sum(cells.values())
    assert sum(merged.values()) == (total if total >= CELL_MIN else 0)
    assert all(merged[key] == cells[key] for key in merged if key != OTHERS)
