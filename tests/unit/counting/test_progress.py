"""The next goal rises in round steps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signatures.counting.progress import next_goal


@pytest.mark.parametrize(
    ("count", "wish", "goal"),
    [
        (0, None, 100),
        (99, None, 100),
        (100, None, 250),
        (499, None, 500),
        (500, None, 1000),
        (1000, None, 2500),
        (5214, None, 10_000),
        (999_999, None, 1_000_000),
        (0, 60, 60),
        (60, 60, 100),
        (70, 100_000, 100),
        (5214, 6000, 6000),
    ],
)
def test_the_goal_is_the_next_round_number_or_the_organisers_own(count: int, wish: int | None, goal: int) -> None:
    assert next_goal(count, wish) == goal


@given(count=st.integers(0, 10**12), wish=st.none() | st.integers(1, 10**12))
def test_the_goal_is_above_the_count_and_not_far_off(count: int, wish: int | None) -> None:
    goal = next_goal(count, wish)
    assert count < goal <= max(100, count * 2.5)
