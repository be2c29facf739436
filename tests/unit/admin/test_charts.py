"""How numbers become bars."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies

from signatures.admin.charts import LARGEST, STEP, share, shares, signed, strip_of

STYLESHEET = Path(__file__).resolve().parents[3] / "static/css/dashboard.css"
NOON = datetime(2011, 1, 1, 12, tzinfo=UTC)


@given(strategies.lists(strategies.integers(-(10**7), 10**7), min_size=1, max_size=48))
def test_the_highest_bar_is_full_any_change_can_be_seen_and_each_height_is_drawn(amounts: list[int]) -> None:
    strip = strip_of([(NOON + timedelta(hours=n), amount) for n, amount in enumerate(amounts)], str)
    drawn = {int(height) for height in re.findall(r"\.h-(\d+) ", STYLESHEET.read_text(encoding="utf-8"))} | {0}
    assert {bar.height for bar in strip.bars} <= drawn == set(range(0, 101, STEP))
    assert [bool(bar.height) for bar in strip.bars] == [bool(amount) for amount in amounts]
    assert [bar.is_down for bar in strip.bars] == [amount < 0 for amount in amounts]
    assert max(bar.height for bar in strip.bars) == (100 if any(amounts) else 0)
    assert strip.is_flat is not any(amounts)
    assert strip.largest.change == signed(max(amounts))


@pytest.mark.parametrize(
    ("amount", "written"), [(0, "0"), (1, "+1"), (-1, "−1"), (12345, "+12,345"), (-1000, "−1,000")]
)
def test_a_change_is_written_with_its_sign(amount: int, written: str) -> None:
    assert signed(amount) == written


def test_the_largest_stand_alone_and_the_others_together() -> None:
    amounts = {f"C{n}": 20 - n for n in range(LARGEST + 3)}
    found = shares(amounts, {"C0": "First"}, "All others")
    assert [one.name for one in found] == ["First", *(f"C{n}" for n in range(1, LARGEST)), "All others"]
    assert sum(one.amount for one in found) == sum(amounts.values())
    assert found[-1].amount == 10 + 9 + 8
    assert len(shares(amounts, {})) == LARGEST + 3
    assert shares({}, {}, "All others") == []


@pytest.mark.parametrize(("amount", "whole", "percent"), [(1, 3, 33), (5, 0, 0), (-2, 10, 0), (12, 10, 100)])
def test_a_share_is_between_nothing_and_the_whole(amount: int, whole: int, percent: int) -> None:
    assert share("", amount, whole).percent == percent
    assert share("", amount, whole).in_percent == f"{percent}%"
