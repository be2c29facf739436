"""Common blocks of two sequences are found within the allowed number of comparisons."""

from __future__ import annotations

from difflib import SequenceMatcher

from hypothesis import given
from hypothesis import strategies as st

from signatures.texts.matching import Steps, common_blocks

UNITS = st.lists(st.integers(0, 3), max_size=40)


class Counted(int):
    """A unit that counts comparisons."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        """Compare and count."""
        Counted.compared += 1
        return int(self) == other

    __hash__ = int.__hash__


@given(old=UNITS, new=UNITS)
def test_blocks_occur_in_both_sequences_in_order(old: list[int], new: list[int]) -> None:
    blocks = common_blocks(old, new, Steps(10_000), most=10_000)
    assert blocks is not None
    at_old = at_new = 0
    for block in blocks:
        assert block.old >= at_old
        assert block.new >= at_new
        assert block.length > 0
        at_old, at_new = block.old + block.length, block.new + block.length
        assert old[block.old : at_old] == new[block.new : at_new]
    assert at_old <= len(old)
    assert at_new <= len(new)


@given(old=UNITS, new=UNITS)
def test_no_other_matching_keeps_more(old: list[int], new: list[int]) -> None:
    blocks = common_blocks(old, new, Steps(10_000), most=10_000) or []
    longest = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for row, one in enumerate(old, 1):
        for column, other in enumerate(new, 1):
            beside = max(longest[row - 1][column], longest[row][column - 1])
            longest[row][column] = longest[row - 1][column - 1] + 1 if one == other else beside
    assert sum(block.length for block in blocks) == longest[-1][-1]
    found = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    assert sum(block.length for block in blocks) >= sum(block.size for block in found)


@given(
    old=st.lists(st.integers(0, 2), max_size=300),
    new=st.lists(st.integers(0, 2), max_size=300),
    most=st.integers(0, 500),
)
def test_no_more_is_compared_than_is_allowed(old: list[int], new: list[int], most: int) -> None:
    Counted.compared = 0
    steps = Steps(1000)
    common_blocks([Counted(unit) for unit in old], [Counted(unit) for unit in new], steps, most=most)
    # One comparison for each unit from either end, one run along a diagonal started in time, one miss for each step.
    shorter = min(len(old), len(new))
    assert Counted.compared <= 2 * most + 2 * shorter + 4
    assert steps.left >= 0
