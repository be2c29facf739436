"""Repeatedly published numbers: no number and no difference stands for one to nine people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from signatures.counting.figures import (
    OTHERS,
    published_cells,
)
from signatures.counting.rule_of_ten import Split, may_follow, next_step
from tests.support.releases import is_quiet

PLACES = ("BY", "PL", "LT", "DE")
FIRST = Split(0)


def followed(before: Split, total: int, truth: Mapping[str, int]) -> Split:
    """Return the next split without names; there always is one."""
    step = next_step(before, total, truth)
    assert step is not None
    return step.split


def changes() -> st.SearchStrategy[list[dict[str, int]]]:
    """Generate campaigns: the change of each country's number between two looks."""
    change = st.sampled_from([-14, -9, -3, -1, 0, 0, 1, 2, 5, 9, 10, 11, 27, 60])
    return st.lists(st.dictionaries(st.sampled_from(PLACES), change), min_size=1, max_size=12)


def test_a_cell_is_published_from_ten_on_and_so_is_the_rest() -> None:
    split = followed(FIRST, 40, {"BY": 21, "PL": 10, "LT": 9})
    # The rest would be nine.
    assert published_cells(split) == {"BY": 21, OTHERS: 19}
    assert published_cells(followed(FIRST, 41, {"BY": 21, "PL": 10, "LT": 10})) == {
        "BY": 21,
        "LT": 10,
        "PL": 10,
    }


def test_a_cell_stays_until_it_changed_by_ten_and_the_rest_absorbs_smaller_changes() -> None:
    before = Split(40, {"BY": 20, "PL": 20})
    after = followed(before, 50, {"BY": 25, "PL": 25})
    assert (after.cells, after.rest) == ({"BY": 20, "PL": 20}, 10)
    later = followed(after, 60, {"BY": 30, "PL": 30})
    assert (later.cells, later.rest) == ({"BY": 30, "PL": 30}, 0)


def test_a_cell_that_reappears_does_not_reveal_a_few_people_since_it_vanished() -> None:
    gone = Split(30, {}, {"BY": 20})
    again = followed(gone, 40, {"BY": 23, "PL": 17})
    assert "BY" not in again.cells
    assert may_follow(gone, again)


def test_subtracting_public_names_never_leaves_a_few_people() -> None:
    step = next_step(FIRST, 40, {"BY": 20, "PL": 20}, {}, {"BY": 19, "PL": 20})
    assert step is not None
    # Twenty minus nineteen names would reveal one who is hidden.
    assert step.names == {"BY": 10, "PL": 20}
    later = next_step(step.split, 51, {"BY": 31, "PL": 20}, {"BY": 10, "PL": 20}, {"BY": 11})
    assert later is not None
    assert later.names == {"BY": 11}


@given(changes())
@settings(max_examples=400)
@example([{"BY": 60}, {"BY": -14, "PL": 10}, {"PL": -9}, {"BY": -14, "LT": 10}])
def test_no_cell_rest_or_complement_ever_changes_by_a_few(steps: list[dict[str, int]]) -> None:
    truth: Counter[str] = Counter()
    before = FIRST
    for step in steps:
        for place, change in step.items():
            truth[place] = max(0, truth[place] + change)
        total = truth.total() if truth.total() >= 10 else 0
        if not is_quiet(total - before.total):
            continue
        after = followed(before, total, truth)
        cells = published_cells(after)
        assert all(amount >= 10 for amount in cells.values())
        assert not cells or sum(cells.values()) == total
        if after.cells:
            stayed = before.cells.keys() & after.cells.keys()
            together = sum(after.cells[name] - before.cells[name] for name in stayed)
            assert is_quiet(total - before.total - together), "the rest and what became part of it"
        if before.cells and after.cells:
            old = published_cells(before)
            for name in cells:
                difference = cells.get(name, 0) - old.get(name, 0)
                assert is_quiet(difference), name
                if name != OTHERS and name in old and difference:
                    assert is_quiet(total - before.total - difference), f"complement of {name}"
        before = after


def test_a_rest_that_reappears_does_not_reveal_a_few_people_since_it_vanished() -> None:
    gone = Split(30, {}, {"": 10, "BY": 20})
    assert not may_follow(gone, Split(45, {"BY": 30}, {}))
    assert may_follow(gone, Split(50, {"BY": 30}, {}))


def test_a_rest_does_not_reveal_a_few_people_together_with_a_cell_merged_into_it() -> None:
    before = Split(80, {"BY": 20, "LT": 20, "PL": 20})
    assert not may_follow(before, Split(105, {"BY": 30, "LT": 30}))
    assert may_follow(before, Split(110, {"BY": 30, "LT": 30}))
    # Nor if five names were shown among them meanwhile, who may or may not be these five.
    with_names = replace(before, known={"DE": 10}, seen={"DE": 10})
    assert not may_follow(with_names, Split(105, {"BY": 30, "LT": 30}, {}, {"DE": 15}, {"DE": 15}))


def test_an_unchanged_cell_stays_published_though_names_have_left_it() -> None:
    before = Split(60, {"BY": 30, "PL": 30}, {}, {"BY": 20}, {"BY": 20})
    step = next_step(before, 75, {"BY": 30, "PL": 45}, {"BY": 15})
    assert step is not None
    assert step.split.cells == {"BY": 30, "PL": 45}


def test_a_changed_rest_is_safe_beside_the_current_public_names() -> None:
    before = Split(60, {"BY": 30}, {}, {"DE": 20}, {"DE": 20})
    # Twenty minus the fifteen remaining names would be five.
    step = next_step(before, 70, {"BY": 50, "DE": 20}, {"DE": 15})
    assert step is not None
    assert not step.split.cells or is_quiet(step.split.rest - 15)


def test_an_equal_number_of_other_people_is_not_mistaken_for_the_previous_one() -> None:
    step = next_step(Split(14, {}, {}, {"PL": 4}, {"PL": 4}), 24, {"PL": 14, "BY": 10}, {"PL": 2}, {"PL": 10, "BY": 10})
    assert step is not None
    if "PL" in step.split.cells:
        assert is_quiet(step.split.cells["PL"] - 2 - step.names.get("PL", 0))
